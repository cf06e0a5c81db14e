//! What a run shows while it goes on: one line that is written over on a terminal, lines one below the other elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::Ordering;
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
        let plural = if role.count == 1 { "" } else { "s" };
        parts.push(format!("{}{plural}: {}", role.name, states.join(", ")));
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

/// A check in one line: how many states, how deep, how fast, how much memory.
pub fn progress_line(progress: &Progress, elapsed: Duration, options: &Options) -> String {
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
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
    format!(
        "⠿ {} states{limit} · {} steps deep · {} to look at here · {:.1} M transitions/s · {} MiB",
        thousands(states),
        read(&progress.depth),
        thousands(read(&progress.frontier)),
        transitions as f64 / seconds / 1e6,
        read(&progress.bytes) >> 20,
    )
}
