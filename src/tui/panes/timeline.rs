//! The timeline: a lane for each actor, its states as bars, and where a release woke somebody up. Of many actors: how many
//! were in which state.

use std::time::Duration;

use super::{View, window};
use crate::board::Speed;
use crate::lab::{MAX_LANES, Mode, Show};
use crate::program::{ActorId, BETWEEN, Instruction, SyncOp};
use crate::tui::brush::Brush;
use crate::tui::face::{LEAVING, face_of};
use crate::tui::theme::Tone;

/// Time that a column shows at human speed, and at the highest.
const COLUMN: Duration = Duration::from_millis(100);
const COLUMN_AT_MAX: Duration = Duration::from_millis(20);
/// Columns between two marks of the axis.
const MARK_EVERY: i32 = 20;

/// Draws the lanes, and below them the axis.
pub fn draw(view: &View<'_>, brush: &mut Brush<'_>) {
    let names = names(view).min(brush.width() / 3);
    let column = column(view.experiment.speed);
    let columns = brush.width() - names;
    if columns < 4 || brush.height() < 2 {
        return;
    }
    let time = Axis { end: view.seen.clock, column, columns, left: names };
    let rows = brush.height() - 1;
    if view.experiment.history.beside.lanes.each.is_empty() {
        counts(view, &time, rows, brush);
    } else {
        lanes(view, &time, rows, brush);
    }
    axis(&time, brush);
}

/// Columns for sign, name and state.
fn names(view: &View<'_>) -> i32 {
    let program = view.sight.program;
    let states = program.roles.iter().flat_map(|role| &role.states);
    let word = states.map(|s| s.name.chars().count() as i32).max().unwrap_or(0).max(LEAVING.len() as i32);
    let actors = program.actors.len();
    if actors > MAX_LANES {
        return word + actors.to_string().len() as i32 + " waiting".len() as i32 + 4;
    }
    let short = (0..actors as u32).map(|a| view.sight.short(ActorId(a)).len() as i32).max().unwrap_or(0);
    word + short + 4
}

/// How much time a column shows at a speed.
fn column(speed: Speed) -> Duration {
    match speed {
        Speed::MAX => COLUMN_AT_MAX,
        Speed(millionths) => COLUMN.mul_f64(1e6 / millionths as f64).max(Duration::from_millis(2)),
    }
}

/// Which column shows which time.
struct Axis {
    end: Duration,
    column: Duration,
    columns: i32,
    left: i32,
}

impl Axis {
    /// The time that a column shows. Columns are whole multiples of their time, so that bars do not flicker.
    fn span(&self, column: i32) -> Option<(Duration, Duration)> {
        let width = self.column.as_nanos().max(1);
        let last = self.end.as_nanos() / width;
        let number = last.checked_sub((self.columns - 1 - column) as u128)?;
        let at = |k: u128| Duration::from_nanos(u64::try_from(k * width).unwrap_or(u64::MAX));
        Some((at(number), at(number + 1)))
    }

    /// The column for a time.
    fn place(&self, at: Duration) -> Option<i32> {
        let width = self.column.as_nanos().max(1);
        let back = (self.end.as_nanos() / width).checked_sub(at.as_nanos() / width)?;
        let column = i32::try_from(back).ok().map(|back| self.columns - 1 - back)?;
        (column >= 0).then_some(self.left + column)
    }
}

fn lanes(view: &View<'_>, time: &Axis, rows: i32, brush: &mut Brush<'_>) {
    let program = view.sight.program;
    let total = program.actors.len();
    let first = window(total, rows as usize, view.experiment.selected.index(), view.scroll);
    for (row, number) in (first..total.min(first + rows as usize)).enumerate() {
        let (actor, y) = (ActorId(number as u32), row as i32);
        let face = view.sight.face(actor);
        let x = brush.text(0, y, face.sign, face.tone) + 1;
        let picked = view.experiment.selected == actor;
        let x =
            brush.text(x, y, &view.sight.short(actor), if picked { Tone::Selected } else { Tone::Text }) + 1;
        brush.part(0, y, time.left - 1, 1).text(x, 0, face.word, face.tone);
        let role = program.actors[number].role.0;
        let lane = &view.experiment.history.beside.lanes.each[number];
        for column in 0..time.columns {
            let Some((from, to)) = time.span(column) else { continue };
            let Some(stretch) = lane.stretch(from, to.min(view.seen.clock.max(from))) else { continue };
            // Of one that is stuck, the last thing that its lane shows is how it got stuck.
            let stuck = view.sight.is_stuck(actor)
                && stretch.show.mode == Mode::Waiting
                && lane.last_change().is_some_and(|since| since < to);
            let (bar, tone) = bar(view, role, stretch.show, stuck);
            brush.text(time.left + column, y, bar, tone);
        }
    }
    wakeups(view, time, first, rows, brush);
    let hidden = total.saturating_sub(rows as usize);
    if hidden > 0 {
        brush.part(0, rows, time.left - 1, 1).text(1, 0, &format!("{hidden} more ▾"), Tone::Dim);
    }
}

/// The bar for what an actor showed.
fn bar(view: &View<'_>, role: u32, show: Show, stuck: bool) -> (&'static str, Tone) {
    let tone = face_of(view.sight.program, role, show).tone;
    match tone {
        Tone::Wait if stuck => ("▓", Tone::Bad),
        Tone::Wait => ("░", Tone::Wait),
        Tone::Act => ("█", Tone::Act),
        Tone::Rest => ("─", Tone::Rest),
        Tone::Try => ("╌", Tone::Try),
        _ => (" ", tone),
    }
}

/// Marks where an actor gave something back (▴) and another, who waited for it, went on (▾).
fn wakeups(view: &View<'_>, time: &Axis, first: usize, rows: i32, brush: &mut Brush<'_>) {
    let program = view.sight.program;
    let history = &view.experiment.history;
    let oldest = time.span(0).map_or(Duration::ZERO, |(from, _)| from);
    let mut released: Vec<(crate::program::Object, ActorId, Duration)> = Vec::new();
    let row = |actor: ActorId| (actor.index() as i32 - first as i32).clamp(-1, rows);
    let begin = history.beside.events.partition_point(|e| e.at < oldest);
    for event in history.beside.events.range(begin..).filter(|e| e.at <= view.seen.clock) {
        let Some(object) = event.object else { continue };
        let code = &program.actors[event.actor.index()].code;
        match code.instructions.get(event.position as usize) {
            Some(
                Instruction::Signal { .. }
                | Instruction::Unlock { .. }
                | Instruction::Sync { op: SyncOp::Unlock | SyncOp::Leave, .. },
            ) => {
                released.retain(|(o, ..)| *o != object);
                released.push((object, event.actor, event.at));
            }
            Some(
                Instruction::Wait { .. }
                | Instruction::Lock { .. }
                | Instruction::WaitFor { .. }
                | Instruction::LockFor { .. }
                | Instruction::Sync { op: SyncOp::Enter | SyncOp::Lock | SyncOp::Read | SyncOp::Write, .. },
            ) => {
                let Some((_, by, at)) = released.iter().find(|(o, ..)| *o == object).copied() else {
                    continue;
                };
                let before = event.at.saturating_sub(Duration::from_millis(12));
                let lane = &history.beside.lanes.each[event.actor.index()];
                let waited = lane.stretch(before, before + Duration::from_nanos(1));
                if by == event.actor || waited.is_none_or(|s| s.show.mode != Mode::Waiting) {
                    continue;
                }
                for (actor, at, sign) in [(by, at, "▴"), (event.actor, event.at, "▾")] {
                    let y = row(actor);
                    if let Some(x) = time.place(at).filter(|_| (0..rows).contains(&y)) {
                        brush.text(x, y, sign, Tone::Accent);
                    }
                }
            }
            _ => {}
        }
    }
}

fn axis(time: &Axis, brush: &mut Brush<'_>) {
    let y = brush.height() - 1;
    let mut column = time.columns - 1;
    brush.text_right(time.left + time.columns, y, "now", Tone::Dim);
    while column >= MARK_EVERY {
        column -= MARK_EVERY;
        if let Some((from, to)) = time.span(column) {
            let back = time.end.saturating_sub((from + to) / 2).as_secs_f64();
            let tenths = (back * 10.0).round() / 10.0;
            let whole = (tenths - tenths.round()).abs() < 0.01 && tenths >= 1.0;
            let text = if whole { format!("-{tenths:.0}s") } else { format!("-{tenths:.1}s") };
            brush.text(time.left + column, y, &text, Tone::Dim);
        }
    }
}

/// Of many actors: for each state how many were in it, as bars of eight heights.
fn counts(view: &View<'_>, time: &Axis, rows: i32, brush: &mut Brush<'_>) {
    const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let lanes = &view.experiment.history.beside.lanes;
    let mut kinds: Vec<(u32, Show)> = Vec::new();
    for (role, known) in view.sight.program.roles.iter().enumerate() {
        for state in 0..known.states.len() as u8 {
            kinds.push((role as u32, Show { state, mode: Mode::Active }));
            kinds.push((role as u32, Show { state, mode: Mode::Waiting }));
        }
        for mode in [Mode::Active, Mode::Waiting] {
            kinds.push((role as u32, Show { state: BETWEEN, mode }));
        }
    }
    let all: Vec<_> = (0..time.columns)
        .map(|column| time.span(column).and_then(|(_, to)| lanes.counts_at(to)).unwrap_or(&[]))
        .collect();
    let count = |counts: &[(u32, Show, u32)], kind: &(u32, Show)| {
        counts.iter().find(|(r, s, _)| (r, s) == (&kind.0, &kind.1)).map_or(0, |(.., n)| *n)
    };
    kinds.retain(|kind| all.iter().any(|counts| count(counts, kind) > 0));
    for (y, kind) in kinds.iter().take(rows as usize).enumerate() {
        let face = face_of(view.sight.program, kind.0, kind.1);
        let total = view.sight.program.roles[kind.0 as usize].count.max(1);
        let now = all.last().map_or(0, |counts| count(counts, kind));
        let waits = if kind.1.mode == Mode::Waiting { " waiting" } else { "" };
        let x = brush.text(0, y as i32, face.sign, face.tone) + 1;
        brush.part(0, y as i32, time.left - 1, 1).text(
            x,
            0,
            &format!("{now} {}{waits}", face.word),
            face.tone,
        );
        for (column, counts) in all.iter().enumerate() {
            let height = (count(counts, kind) * 8).div_ceil(total).min(8);
            brush.text(time.left + column as i32, y as i32, BARS[height as usize], face.tone);
        }
    }
}
