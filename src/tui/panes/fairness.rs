//! Fairness: how often each actor got what it tried for, and how long it waited.

use std::time::Duration;

use super::{View, window};
use crate::program::{ActorId, Program};
use crate::report;
use crate::tui::brush::Brush;
use crate::tui::theme::Tone;

/// Draws a bar an actor, the head line with Jain's index.
pub fn draw(view: &View<'_>, brush: &mut Brush<'_>) {
    let program = view.sight.program;
    let served: Vec<u64> = (0..program.actors.len()).map(|k| served(view, k)).collect();
    let most = served.iter().copied().max().unwrap_or(0).max(1);
    let index = program.roles.iter().filter(|r| r.count > 1).filter_map(|role| {
        let first = role.base.index();
        report::jain(&served[first..first + role.count as usize])
    });
    let narrow = brush.width() < 48;
    let head = match index.reduce(f64::min) {
        Some(index) if narrow => format!("Jain {index:.2}"),
        Some(index) => format!("Jain's index {index:.2} (1 is even)"),
        // Between roles of one actor each there is nothing to compare.
        None if served.iter().any(|times| *times > 0) => String::new(),
        None => "nobody yet".to_string(),
    };
    brush.text(0, 0, &head, Tone::Dim);
    let edge = brush.width();
    brush.text_right(edge, 0, "wait: p50  max", Tone::Dim);
    let rows = (brush.height() - 1).max(0) as usize;
    let first = window(served.len(), rows, view.experiment.selected.index(), view.scroll);
    let names =
        (0..served.len()).map(|k| view.sight.short(ActorId(k as u32)).len() as i32).max().unwrap_or(1);
    let bar = (brush.width() - names - 2 - 8 - 15).max(1);
    for (row, number) in (first..served.len().min(first + rows)).enumerate() {
        let (actor, y) = (ActorId(number as u32), row as i32 + 1);
        let picked = view.experiment.selected == actor;
        brush.text(0, y, &view.sight.short(actor), if picked { Tone::Selected } else { Tone::Text });
        let length = (served[number] * bar as u64).div_ceil(most) as usize;
        let tone = view.sight.face(actor).tone;
        let tone = if tone == Tone::Bad || tone == Tone::Dead { tone } else { Tone::Good };
        let x = brush.text(names + 1, y, &"▬".repeat(length), tone);
        brush.text(x + 1, y, &served[number].to_string(), Tone::Text);
        let waits = view.experiment.history.beside.waits.get(number).copied().unwrap_or_default();
        // Waits are known as they are now, and not as they were.
        if waits.count > 0 && view.experiment.at.is_none() {
            brush.text_right(edge - 7, y, &short(waits.p50), Tone::Dim);
            brush.text_right(edge, y, &short(waits.max), Tone::Dim);
        }
    }
}

/// How often an actor got what it tried for.
fn served(view: &View<'_>, number: usize) -> u64 {
    let actor = ActorId(number as u32);
    let state = aim(view.sight.program, actor);
    view.seen.snapshot.actors[number].entered.get(state).copied().unwrap_or(0)
}

/// The state that a role is after: what a `leads to` leads to, or else its last activity.
fn aim(program: &Program, actor: ActorId) -> usize {
    let id = program.actors[actor.index()].role;
    let claim = program.progress.iter().find(|p| p.role == id).map(|p| usize::from(p.to));
    let activities = program.activities.iter().filter(|a| a.role == id && !a.moment);
    claim.or_else(|| activities.map(|a| usize::from(a.state)).max()).unwrap_or(0)
}

fn short(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s >= 100.0 => format!("{s:.0} s"),
        s if s >= 1.0 => format!("{s:.1} s"),
        s if s >= 1e-3 => format!("{:.0} ms", s * 1e3),
        s => format!("{:.0} µs", s * 1e6),
    }
}
