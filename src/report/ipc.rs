//! What mechanisms cost and what they can do, as tables that a person reads.

use std::fmt::Write;

use super::cost::{Bars, ROUTES, Shown, is_disturbed, longest, processors, reach, route, size};
use super::style::Style;
use crate::ipc::{Figures, MESSAGES_LIMIT, ROUNDS, Results, Row, Step, is_read_and_written};
use crate::mechanism::Mechanism;

/// How long the longest bar is, in characters.
const BAR: usize = 20;
/// The column of names.
const NAME: usize = 11;

/// The whole report.
pub fn report(results: &Results, style: Style, bars: Bars) -> String {
    let mut out = String::new();
    let title = "What passing messages costs here";
    let _ = writeln!(
        out,
        "{}: two processes on {}, medians of {ROUNDS} rounds",
        style.bold(title),
        processors(results.cores)
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
    let shown = Shown::of(figures);
    let bar = match bars {
        Bars::None => String::new(),
        bars => format!(" {}", bars.draw(figures.one_way.per_s / fastest, BAR)),
    };
    format!(
        "{:>9}{bar}{:>7}{:>10}{:>9}{:>9}{:>10}{:>8}",
        shown.per_s,
        shown.calls,
        shown.switches,
        shown.p50,
        shown.p99,
        shown.trip_switches,
        mechanism.abilities().kernel_copies,
    )
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
            reach(row.mechanism),
            word(abilities.boundaries),
            word(abilities.priorities),
            longest(row.mechanism),
            row.mechanism.man_page()
        );
    }
    let _ = writeln!(out, "  whole: a message arrives as one piece; urgent: one message can overtake others");
}

/// What is being measured, in a line.
pub fn measuring(step: Step) -> String {
    format!("measuring {}, {}: {} of {}", step.mechanism.title(), size(step.bytes), step.done + 1, step.all)
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
}
