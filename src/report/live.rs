//! What a run shows while it goes on: one line that is written over on a terminal, lines one below the other elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossterm::terminal::{self, ClearType};
use crossterm::{QueueableCommand, cursor};

use super::effort::thousands;
use crate::check::{Options, Progress};
use crate::program::{BETWEEN, Program};
use crate::snapshot::{Doing, Life, Snapshot};

/// How often the line is written anew on a terminal, and how often a plain line is added.
const REFRESH: Duration = Duration::from_millis(100);
const PLAIN_EVERY: Duration = Duration::from_secs(1);

/// Writes a line that changes to standard error.
#[derive(Debug)]
pub struct Status {
    mode: Mode,
    last: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
enum Mode {
    /// One line, written over.
    Line,
    /// A line now and then.
    Append,
    /// Nothing.
    Silent,
}

impl Status {
    /// `plain` asks for lines below each other; without a terminal and without asking, nothing is shown.
    pub fn new(plain: bool) -> Status {
        let mode = match (plain, io::stderr().is_terminal()) {
            (true, _) => Mode::Append,
            (false, true) => Mode::Line,
            (false, false) => Mode::Silent,
        };
        Status { mode, last: None }
    }

    /// Shows a text, if it is time to.
    pub fn show(&mut self, text: impl FnOnce() -> String) {
        let every = if self.mode == Mode::Line { REFRESH } else { PLAIN_EVERY };
        if self.mode == Mode::Silent || self.last.is_some_and(|last| last.elapsed() < every) {
            return;
        }
        self.last = Some(Instant::now());
        let text = text();
        let _ = match self.mode {
            Mode::Line => overwrite(&text),
            _ => writeln!(io::stderr(), "{text}"),
        };
    }

    /// Adds a line of its own, such as what an actor printed.
    pub fn say(&mut self, text: &str) {
        self.end();
        eprintln!("{text}");
        self.last = None;
    }

    /// Removes the live line.
    pub fn end(&mut self) {
        if self.mode == Mode::Line && self.last.is_some() {
            let _ = overwrite("");
        }
    }
}

fn overwrite(text: &str) -> io::Result<()> {
    let width = terminal::size().map_or(80, |(columns, _)| usize::from(columns));
    let shown: String = text.chars().take(width.saturating_sub(1)).collect();
    let mut out = io::stderr().lock();
    out.queue(cursor::MoveToColumn(0))?.queue(terminal::Clear(ClearType::UntilNewLine))?;
    write!(out, "{shown}")?;
    out.flush()
}

/// A run in one line: time, how many actors are in which state, how many wait.
pub fn line(program: &Program, snapshot: &Snapshot) -> String {
    let seconds = snapshot.elapsed.as_secs_f64();
    let sign = if snapshot.paused { "⏸" } else { "▶" };
    let mut parts = vec![format!("{sign} {:02}:{:04.1}", seconds as u64 / 60, seconds % 60.0)];
    for role in &program.roles {
        let first = role.base.index();
        let actors = &snapshot.actors[first..first + role.count as usize];
        let mut states: Vec<String> = Vec::new();
        for (at, state) in role.states.iter().enumerate() {
            let count = actors.iter().filter(|a| usize::from(a.state) == at && !a.life.is_over()).count();
            if count > 0 {
                states.push(format!("{count} {}", state.name));
            }
        }
        let between = actors.iter().filter(|a| a.state == BETWEEN && !a.life.is_over()).count();
        if between > 0 {
            states.push(format!("{between} between"));
        }
        let over = actors.iter().filter(|a| a.life.is_over()).count();
        if over > 0 {
            states.push(format!("{over} ended"));
        }
        let name = if role.count == 1 { role.name.clone() } else { role.plural() };
        parts.push(format!("{name}: {}", states.join(", ")));
    }
    let living = |a: &&crate::snapshot::ActorView| a.life == Life::Running;
    let waiting = snapshot.actors.iter().filter(living);
    let waiting =
        waiting.filter(|a| matches!(a.doing, Doing::Blocked(_) | Doing::BlockedFor(_) | Doing::Spinning));
    parts.push(format!("{} waiting", waiting.count()));
    let steps: u64 = snapshot.actors.iter().map(|a| a.steps).sum();
    parts.push(format!("{steps} steps"));
    parts.join("  ")
}

/// A check in one line: how many states, how deep, what is left, how fast, how much memory.
pub fn progress_line(progress: &Progress, elapsed: Duration, options: &Options) -> String {
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (states, transitions) = (read(&progress.states), read(&progress.transitions));
    match read(&progress.phase) {
        0 => {}
        1 => {
            return format!(
                "⠿ all {} states seen; looking for cycles that never get anywhere",
                thousands(states)
            );
        }
        _ => return format!("⠿ {} states seen; looking for who can never move again", thousands(states)),
    }
    let seconds = elapsed.as_secs_f64().max(1e-3);
    let limit = if options.states == usize::MAX {
        String::new()
    } else {
        format!(" of {}", thousands(options.states as u64))
    };
    let speed = states as f64 / seconds;
    let frontier = read(&progress.frontier);
    let left = match left(frontier, read(&progress.before)) {
        None => "still growing".to_string(),
        Some(left) => {
            let time = Duration::try_from_secs_f64(left as f64 / speed.max(1.0)).unwrap_or(Duration::MAX);
            format!("shrinking: about {} and {} left", thousands(left), super::time(time))
        }
    };
    format!(
        "⠿ {} states{limit} · {} steps deep · {} here, {left} · {:.2} M states/s · {:.1} M transitions/s · {} MiB",
        thousands(states),
        read(&progress.depth),
        thousands(frontier),
        speed / 1e6,
        transitions as f64 / seconds / 1e6,
        read(&progress.bytes) >> 20,
    )
}

/// States that are still to be looked at, if levels go on shrinking as the present one did from the one before it: a
/// geometric series. None if it did not shrink; then nobody knows.
fn left(frontier: u64, before: u64) -> Option<u64> {
    let shrunk = before.checked_sub(frontier).filter(|shrunk| *shrunk > 0)?;
    Some((frontier as f64 * before as f64 / shrunk as f64).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Memory, Reduction};

    fn line(frontier: u64, before: u64, states: usize) -> String {
        let progress = Progress::default();
        for (counter, value) in [
            (&progress.states, 3_000_000),
            (&progress.transitions, 12_000_000),
            (&progress.depth, 40),
            (&progress.frontier, frontier),
            (&progress.before, before),
            (&progress.bytes, 96 << 20),
        ] {
            counter.store(value, Ordering::Relaxed);
        }
        let options = Options {
            memory: Memory::Sc,
            threads: 2,
            progress: true,
            states,
            bytes: 1 << 30,
            time: None,
            after_fault: 0,
            kept: 0,
            reduction: Reduction::default(),
        };
        progress_line(&progress, Duration::from_secs(2), &options)
    }

    #[test]
    fn a_check_says_how_fast_it_is_and_what_is_left() {
        let ends = " · 1.50 M states/s · 6.0 M transitions/s · 96 MiB";
        let growing = "⠿ 3,000,000 states · 40 steps deep · 90,000 here, still growing";
        assert_eq!(line(90_000, 60_000, usize::MAX), format!("{growing}{ends}"));
        assert_eq!(line(90_000, 90_000, usize::MAX), format!("{growing}{ends}"));
        // Each level has two thirds of the one before: 60,000 + 40,000 + … = 180,000, at 1.5 million a second.
        let shrinking = "40 steps deep · 60,000 here, shrinking: about 180,000 and 120.0 ms left";
        assert_eq!(
            line(60_000, 90_000, 5_000_000),
            format!("⠿ 3,000,000 states of 5,000,000 · {shrinking}{ends}")
        );
        assert!(line(1, 0, usize::MAX).contains("1 here, still growing"));
    }
}
