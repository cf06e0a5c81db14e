//! What a mechanism costs, in the words and numbers that both tables show: the report's and the screens'.

use std::fmt::Write;

use crate::inspect;
use crate::ipc::Figures;
use crate::mechanism::{Limit, Mechanism, Reach};

/// All mechanisms, by the way that their messages take.
pub fn by_route() -> [Mechanism; Mechanism::ALL.len()] {
    let mut all = Mechanism::ALL;
    all.sort_by_key(|mechanism| route(*mechanism));
    all
}

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
    /// A bar of a share from 0 to 1, in so many columns, of which the rest is blank.
    pub fn draw(self, share: f64, width: usize) -> String {
        const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let bar = match self {
            Bars::None => return String::new(),
            Bars::Ascii => "#".repeat((share * width as f64).round().max(1.0) as usize),
            Bars::Blocks => {
                let eighths = (share * (8 * width) as f64).round().max(1.0) as usize;
                let mut bar = "█".repeat(eighths / 8);
                if !eighths.is_multiple_of(8) {
                    bar.push(EIGHTHS[eighths % 8]);
                }
                bar
            }
        };
        format!("{bar:<width$}")
    }
}

/// The ways that messages take: what explains most of the differences.
pub const ROUTES: [&str; 3] = [
    "through memory that both processes map",
    "through the kernel, as a stream of bytes",
    "through the kernel, message by message",
];

/// The way that a mechanism's messages take, as an index into [`ROUTES`].
pub fn route(mechanism: Mechanism) -> usize {
    match mechanism.abilities() {
        abilities if abilities.kernel_copies == 0 => 0,
        abilities if abilities.limit == Limit::Stream => 1,
        _ => 2,
    }
}

/// The figures of one mechanism and one size, as they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Messages a second, one way; with `~` before it if the rounds differ too much.
    pub per_s: String,
    /// System calls for a message.
    pub calls: String,
    /// Context switches for a message.
    pub switches: String,
    /// Half of the round trips took no longer, in microseconds.
    pub p50: String,
    /// All but one in a hundred took no longer, in microseconds.
    pub p99: String,
    /// Context switches for a round trip.
    pub trip_switches: String,
}

impl Shown {
    /// Rounds figures.
    pub fn of(figures: &Figures) -> Shown {
        let (one_way, round_trip) = (&figures.one_way, &figures.round_trip);
        let sign = if is_disturbed(figures) { "~" } else { "" };
        let each = |number: Option<f64>| number.map_or("–".to_string(), |number| format!("{number:.2}"));
        Shown {
            per_s: format!("{sign}{}", rate(one_way.per_s)),
            calls: each(one_way.each.calls),
            switches: each(one_way.each.switches),
            p50: micros(round_trip.times.p50),
            p99: micros(round_trip.times.p99),
            trip_switches: each(round_trip.each.switches),
        }
    }
}

/// Whether its rounds differ so much that something else must have had its hand in.
pub fn is_disturbed(figures: &Figures) -> bool {
    const FACTOR: f64 = 2.0;
    figures.one_way.highest > FACTOR * figures.one_way.lowest
}

/// The processors that two processes are bound to.
pub fn processors(cores: [usize; 2]) -> String {
    match cores {
        [a, b] if a == b => format!("processor {a}, both"),
        [a, b] => format!("processors {a} and {b}"),
    }
}

/// Why a mechanism costs what it costs, in sentences; beside another one that takes another way, where both were measured.
pub fn why(mechanism: Mechanism, figures: Option<&Figures>, other: Option<(Mechanism, &Figures)>) -> String {
    let calls = |figures: &Figures| figures.one_way.each.calls.map(|calls| format!("{calls:.2} calls"));
    let own = figures.and_then(calls);
    let mut text = match (mechanism.abilities().kernel_copies, own) {
        (0, None) => "No kernel on the way: sender and receiver copy each message themselves.".to_string(),
        (0, Some(own)) => format!(
            "No kernel on the way: sender and receiver copy each message themselves. They call the kernel only to \
             sleep and to wake: {own} a message."
        ),
        (copies, None) => format!("Each message goes into the kernel and out again: {copies} copies."),
        (copies, Some(own)) => {
            format!("Each message goes into the kernel and out again: {own} and {copies} copies.")
        }
    };
    if let Some((figures, (other, others))) = figures.zip(other) {
        let times = figures.one_way.per_s / others.one_way.per_s.max(f64::MIN_POSITIVE);
        let needs = match (other.abilities().kernel_copies, calls(others)) {
            (0, Some(calls)) => format!(", with {calls} and no copy by the kernel,"),
            (copies, Some(calls)) => format!(", with {calls} and {copies} copies,"),
            _ => String::new(),
        };
        // Whichever carries more is the one that the sentence is about.
        let _ = match times {
            0.95..1.05 => write!(text, " Here {other}{needs} carries about as many a second."),
            _ if times < 1.0 => {
                write!(text, " Here {other}{needs} carries {:.1} times as many a second.", 1.0 / times)
            }
            _ => {
                let needs = needs.trim_end_matches(',');
                write!(text, " Here it carries {times:.1} times as many a second as {other}{needs}.")
            }
        };
    }
    text
}

/// Who can meet over a mechanism.
pub fn reach(mechanism: Mechanism) -> &'static str {
    match mechanism.abilities().reach {
        Reach::Related => "parent and child",
        Reach::Machine => "on one machine",
        Reach::Machines => "on any machines",
    }
}

/// How long a message may be here.
pub fn longest(mechanism: Mechanism) -> String {
    match mechanism.abilities().limit {
        Limit::Stream => "only bytes".into(),
        Limit::Fixed(bytes) => format!("{bytes} B"),
        Limit::Chosen => "as chosen".into(),
        Limit::Tunable(path) => {
            inspect::setting(path).map_or_else(|| "unknown".into(), |bytes| format!("{bytes} B here"))
        }
    }
}

/// A size as people write it.
pub fn size(bytes: usize) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::{Each, OneWay, RoundTrip, Times};

    fn figures(per_s: f64, calls: f64) -> Figures {
        let each = Each { calls: Some(calls), switches: Some(0.0) };
        Figures {
            one_way: OneWay { per_s, lowest: per_s, highest: per_s, each },
            round_trip: RoundTrip { times: Times { p50: 1e3, p99: 2e3, mean: 1e3 }, each },
        }
    }

    #[test]
    fn why_one_is_faster_is_told_by_calls_and_copies() {
        let (pipe, shm) = (figures(1e6, 2.0), figures(2.5e6, 0.2));
        let text = why(Mechanism::Shm, Some(&shm), Some((Mechanism::Pipe, &pipe)));
        assert!(text.contains("No kernel on the way") && text.contains("0.20 calls a message"), "{text}");
        assert!(
            text.contains("it carries 2.5 times as many a second as pipe, with 2.00 calls and 2 copies."),
            "{text}"
        );
        let text = why(Mechanism::Pipe, Some(&pipe), Some((Mechanism::Shm, &shm)));
        assert!(
            text.contains(
                "Here shm, with 0.20 calls and no copy by the kernel, carries 2.5 times as many a second."
            ),
            "{text}"
        );
        let text = why(Mechanism::Pipe, Some(&pipe), Some((Mechanism::Shm, &pipe)));
        assert!(text.contains("and no copy by the kernel, carries about as many"), "{text}");
        assert_eq!(
            why(Mechanism::Tcp, None, None),
            "Each message goes into the kernel and out again: 2 copies."
        );
    }

    #[test]
    fn numbers_keep_three_figures() {
        let rates = [9_999_999.0, 999_600.0, 999_400.0, 999.4, 0.4];
        assert_eq!(rates.map(rate), ["10.0 M", "1.00 M", "999 k", "999", "0"]);
        assert_eq!([8, 1000, 1024, 1 << 20, 1025].map(size), ["8 B", "1000 B", "1 KiB", "1 MiB", "1025 B"]);
        assert_eq!([99.0, 1_549.0, 2e6].map(micros), ["0.1", "1.5", "2000"]);
    }
}
