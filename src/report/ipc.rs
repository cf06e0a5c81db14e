//! What mechanisms cost and what they can do, as tables that a person reads.

use std::fmt::Write;

use super::style::Style;
use crate::inspect;
use crate::ipc::{Figures, MESSAGES_LIMIT, ROUNDS, Results, Row, Step, is_read_and_written};
use crate::mechanism::{Limit, Mechanism, Reach};

/// How long the longest bar is, in characters.
const BAR: usize = 20;
/// The column of names.
const NAME: usize = 11;

/// How bars are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bars {
    /// Blocks of an eighth of a character.
    Blocks,
    /// Signs of ASCII.
    Ascii,
    /// Not at all.
    None,
}

impl Bars {
    /// A bar of a share from 0 to 1, as wide as the longest one.
    fn draw(self, share: f64) -> String {
        const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let bar = match self {
            Bars::None => return String::new(),
            Bars::Ascii => "#".repeat((share * BAR as f64).round().max(1.0) as usize),
            Bars::Blocks => {
                let eighths = (share * (8 * BAR) as f64).round().max(1.0) as usize;
                let mut bar = "█".repeat(eighths / 8);
                if !eighths.is_multiple_of(8) {
                    bar.push(EIGHTHS[eighths % 8]);
                }
                bar
            }
        };
        format!(" {bar:<BAR$}")
    }
}

/// The ways that messages take: what explains most of the differences.
const ROUTES: [&str; 3] = [
    "through memory that both processes map",
    "through the kernel, as a stream of bytes",
    "through the kernel, message by message",
];

/// The way that a mechanism's messages take, as an index into [`ROUTES`].
fn route(mechanism: Mechanism) -> usize {
    match mechanism.abilities() {
        abilities if abilities.kernel_copies == 0 => 0,
        abilities if abilities.limit == Limit::Stream => 1,
        _ => 2,
    }
}

/// The whole report.
pub fn report(results: &Results, style: Style, bars: Bars) -> String {
    let mut out = String::new();
    let title = "What passing messages costs here";
    let _ = writeln!(
        out,
        "{}: two processes on {}, medians of {ROUNDS} rounds",
        style.bold(title),
        match results.cores {
            [a, b] if a == b => format!("processor {a}, both"),
            [a, b] => format!("processors {a} and {b}"),
        }
    );
    for at in 0..results.sizes.len() {
        let _ = writeln!(out);
        table(&mut out, results, at, style, bars);
    }
    let _ = writeln!(out);
    notes(&mut out, results);
    let _ = writeln!(out);
    abilities(&mut out, results, style);
    out
}

/// The table of one size.
fn table(out: &mut String, results: &Results, at: usize, style: Style, bars: Bars) {
    let rates = results.rows.iter().filter_map(|row| Some(row.cells[at].as_ref().ok()?.one_way.per_s));
    let fastest = rates.fold(0.0, f64::max);
    let bar = if bars == Bars::None { 0 } else { BAR + 1 };
    let size = size(results.sizes[at]);
    let name = NAME + 2;
    let _ = writeln!(
        out,
        "{}{}",
        style.bold(&format!("{size:<name$}")),
        style.dim(&format!("{:<w$}{:<30}", "   one way", "round trip", w = 9 + bar + 7 + 10 + 3))
    );
    let head = format!(
        "{:name$}{:>9}{:bar$}{:>7}{:>10}{:>9}{:>9}{:>10}{:>8}",
        "", "msg/s", "", "calls", "switches", "p50 µs", "p99 µs", "switches", "copies"
    );
    let _ = writeln!(out, "{}", style.dim(&head));
    for (number, words) in ROUTES.iter().enumerate() {
        let mut rows = results.rows.iter().filter(|row| route(row.mechanism) == number).peekable();
        if rows.peek().is_some() {
            let _ = writeln!(out, "{}", style.dim(words));
        }
        for row in rows {
            let name = format!("  {:<NAME$}", row.mechanism.name());
            let line = match &row.cells[at] {
                Ok(figures) => cells(row.mechanism, figures, fastest, bars),
                Err(why) => format!("{:>9}  {why}", "–"),
            };
            let _ = writeln!(out, "{name}{line}");
        }
    }
}

fn cells(mechanism: Mechanism, figures: &Figures, fastest: f64, bars: Bars) -> String {
    let (one_way, round_trip) = (&figures.one_way, &figures.round_trip);
    let sign = if is_disturbed(figures) { "~" } else { "" };
    let each = |number: Option<f64>| number.map_or("–".to_string(), |number| format!("{number:.2}"));
    format!(
        "{:>9}{}{:>7}{:>10}{:>9}{:>9}{:>10}{:>8}",
        format!("{sign}{}", rate(one_way.per_s)),
        bars.draw(one_way.per_s / fastest),
        each(one_way.each.calls),
        each(one_way.each.switches),
        micros(round_trip.times.p50),
        micros(round_trip.times.p99),
        each(round_trip.each.switches),
        mechanism.abilities().kernel_copies,
    )
}

/// Whether its rounds differ so much that something else must have had its hand in.
fn is_disturbed(figures: &Figures) -> bool {
    const FACTOR: f64 = 2.0;
    figures.one_way.highest > FACTOR * figures.one_way.lowest
}

fn notes(out: &mut String, results: &Results) {
    let mechanisms = || results.rows.iter().map(|row| row.mechanism);
    let by_kernel: Vec<&str> = mechanisms()
        .filter(|m| results.kernel_counts && is_read_and_written(*m))
        .map(Mechanism::name)
        .collect();
    let mut lines = vec!["calls     system calls for a message, of sender and receiver together".to_string()];
    if !by_kernel.is_empty() {
        lines.push(format!("          (counted by the kernel, /proc/PID/io, for {};", by_kernel.join(", ")));
        lines.push("          elsewhere by the caller, where they are made)".into());
    }
    lines.push("switches  context switches of both processes, for a message and for a round trip".into());
    lines.push("copies    how often the kernel copies a message: known, not measured".into());
    if mechanisms().any(|m| route(m) == 0) {
        lines
            .push("          (0: sender and receiver copy it themselves, into and out of the memory)".into());
    }
    if results.rows.iter().flat_map(|row| &row.cells).flatten().any(is_disturbed) {
        lines.push(
            "~         the rounds differ more than twofold: something else keeps this machine busy".into(),
        );
    }
    let depths: Vec<String> = results.rows.iter().filter_map(depth).collect();
    if !depths.is_empty() {
        lines.push(format!("room for  {};", depths.join(", ")));
        lines.push("          elsewhere for as many as the kernel is set to".into());
    }
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}

fn depth(row: &Row) -> Option<String> {
    let limit = match row.mechanism {
        Mechanism::Mqueue => format!(" ({})", MESSAGES_LIMIT),
        _ => String::new(),
    };
    Some(format!("{} messages{limit} in {}", row.depth?, row.mechanism))
}

fn abilities(out: &mut String, results: &Results, style: Style) {
    let _ = writeln!(out, "{}", style.bold("What each can and cannot do"));
    let name = NAME + 2;
    let head = format!(
        "{:name$}{:<23}{:<17}{:<7}{:<8}{:<17}{}",
        "", "", "who can meet", "whole", "urgent", "longest message", "read"
    );
    let _ = writeln!(out, "{}", style.dim(&head));
    for row in &results.rows {
        let abilities = row.mechanism.abilities();
        let word = |can: bool| if can { "yes" } else { "no" };
        let _ = writeln!(
            out,
            "  {:<NAME$}{:<23}{:<17}{:<7}{:<8}{:<17}{}",
            row.mechanism.name(),
            row.mechanism.title(),
            reach(abilities.reach),
            word(abilities.boundaries),
            word(abilities.priorities),
            longest(abilities.limit),
            row.mechanism.man_page()
        );
    }
    let _ = writeln!(out, "  whole: a message arrives as one piece; urgent: one message can overtake others");
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Related => "parent and child",
        Reach::Machine => "on one machine",
        Reach::Machines => "on any machines",
    }
}

fn longest(limit: Limit) -> String {
    match limit {
        Limit::Stream => "only bytes".into(),
        Limit::Fixed(bytes) => format!("{bytes} B"),
        Limit::Chosen => "as chosen".into(),
        Limit::Tunable(path) => {
            inspect::setting(path).map_or_else(|| "unknown".into(), |bytes| format!("{bytes} B here"))
        }
    }
}

/// What is being measured, in a line.
pub fn measuring(step: Step) -> String {
    format!("measuring {}, {}: {} of {}", step.mechanism.title(), size(step.bytes), step.done + 1, step.all)
}

/// A size as people write it.
fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} B"),
    }
}

/// A rate with three figures.
fn rate(per_s: f64) -> String {
    match per_s {
        x if x >= 9.995e6 => format!("{:.1} M", x / 1e6),
        x if x >= 999.5e3 => format!("{:.2} M", x / 1e6),
        x if x >= 999.5 => format!("{:.0} k", x / 1e3),
        x => format!("{x:.0}"),
    }
}

/// Nanoseconds as microseconds.
fn micros(nanos: f64) -> String {
    let micros = nanos / 1e3;
    if micros >= 1000.0 { format!("{micros:.0}") } else { format!("{micros:.1}") }
}

/// A report in ASCII.
pub fn to_ascii(text: &str) -> String {
    text.replace('µ', "u").replace('–', "-")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ipc::{Each, OneWay, RoundTrip, Times};

    fn figures(per_s: f64, nanos: f64, calls: Option<f64>) -> Figures {
        let each = Each { calls, switches: Some(0.016) };
        Figures {
            one_way: OneWay { per_s, lowest: per_s * 0.9, highest: per_s * 1.1, each },
            round_trip: RoundTrip {
                times: Times { p50: nanos, p99: 300.0 * nanos, mean: 2.0 * nanos },
                each: Each { calls, switches: Some(2.0) },
            },
        }
    }

    fn results() -> Results {
        let row = |mechanism, depth, cells| Row { mechanism, depth, cells };
        Results {
            sizes: vec![8, 1024],
            rows: vec![
                row(
                    Mechanism::Pipe,
                    None,
                    vec![Ok(figures(1.25e6, 9_730.0, Some(2.0))), Ok(figures(999.0, 1.0, None))],
                ),
                row(
                    Mechanism::Shm,
                    Some(64),
                    vec![Ok(figures(5e6, 9_000.0, Some(0.25))), Ok(figures(999.0, 1.0, None))],
                ),
                row(
                    Mechanism::Signal,
                    None,
                    vec![Ok(figures(47_000.0, 1e6, Some(2.0))), Err("at most 8 B in a message".into())],
                ),
            ],
            cores: [0, 3],
            kernel_counts: true,
            elapsed: Duration::from_secs(1),
            interrupted: false,
        }
    }

    #[test]
    fn the_table_is_aligned() {
        let mut out = String::new();
        table(&mut out, &results(), 0, Style::PLAIN, Bars::Blocks);
        let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
        let expected = [
            "8 B             one way                                        round trip",
            "                 msg/s                       calls  switches   p50 µs   p99 µs  switches  copies",
            "through memory that both processes map",
            "  shm           5.00 M ████████████████████   0.25      0.02      9.0     2700      2.00       0",
            "through the kernel, as a stream of bytes",
            "  pipe          1.25 M █████                  2.00      0.02      9.7     2919      2.00       2",
            "through the kernel, message by message",
            "  signal          47 k ▎                      2.00      0.02     1000   300000      2.00       2",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn bars_can_be_ascii_or_left_out() {
        let mut out = String::new();
        table(&mut out, &results(), 0, Style::PLAIN, Bars::Ascii);
        assert!(out.contains("pipe          1.25 M #####                  2.00"), "{out}");
        let mut out = String::new();
        table(&mut out, &results(), 0, Style::PLAIN, Bars::None);
        assert!(out.contains("pipe          1.25 M   2.00      0.02"), "{out}");
    }

    #[test]
    fn what_was_not_measured_says_why() {
        let mut out = String::new();
        table(&mut out, &results(), 1, Style::PLAIN, Bars::None);
        assert!(out.contains("  signal             –  at most 8 B in a message"), "{out}");
        assert!(out.contains("  pipe             999      –      0.02"), "{out}");
        let mut results = results();
        results.rows.iter_mut().for_each(|row| row.cells = vec![Err("interrupted".into()); 2]);
        assert!(report(&results, Style::PLAIN, Bars::Blocks).contains("–  interrupted"));
    }

    #[test]
    fn notes_say_only_what_concerns_what_was_measured() {
        let mut results = results();
        let text = report(&results, Style::PLAIN, Bars::Blocks);
        assert!(text.starts_with("What passing messages costs here: two processes on processors 0 and 3"));
        assert!(text.contains("/proc/PID/io, for pipe;") && text.contains("room for  64 messages in shm;"));
        assert!(text.contains("0: sender and receiver copy it") && !text.contains("~ "), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(to_ascii(&report(&results, Style::PLAIN, Bars::Ascii)).is_ascii());
        if let Ok(figures) = &mut results.rows[0].cells[0] {
            figures.one_way.highest = 3.0 * figures.one_way.lowest;
        }
        results.rows.truncate(1);
        results.kernel_counts = false;
        results.cores = [1, 1];
        let text = report(&results, Style::PLAIN, Bars::Blocks);
        assert!(text.contains("~1.25 M") && text.contains("differ more than twofold"), "{text}");
        assert!(
            !text.contains("PID/io") && !text.contains("room for") && !text.contains("copy it themselves")
        );
        assert!(text.contains("processor 1, both"));
    }

    #[test]
    fn numbers_keep_three_figures() {
        let rates = [9_999_999.0, 999_600.0, 999_400.0, 999.4, 0.4];
        assert_eq!(rates.map(rate), ["10.0 M", "1.00 M", "999 k", "999", "0"]);
        assert_eq!([8, 1000, 1024, 1 << 20, 1025].map(size), ["8 B", "1000 B", "1 KiB", "1 MiB", "1025 B"]);
        assert_eq!([99.0, 1_549.0, 2e6].map(micros), ["0.1", "1.5", "2000"]);
    }
}
