//! Who waits for whom, and for what: the graph of waiting, its circle first and in red.

use std::collections::{HashMap, HashSet};

use super::View;
use crate::monitor::{Verdict, Wait};
use crate::program::{ActorId, Object};
use crate::tui::brush::Brush;
use crate::tui::theme::Tone;

/// Holders told one by one, and of those who could give it.
const MAX_HOLDERS: usize = 3;

/// Draws an arrow a line: who waits, for what, who holds it.
pub fn draw(view: &View<'_>, brush: &mut Brush<'_>) {
    let circle = circle(view);
    let waiting: Vec<ActorId> = (0..view.seen.snapshot.actors.len() as u32)
        .map(ActorId)
        .filter(|a| {
            !view.seen.snapshot.actors[a.index()].life.is_over() && view.sight.waits_for(*a).is_some()
        })
        .filter(|a| !circle.contains(a))
        .collect();
    if circle.is_empty() && waiting.is_empty() {
        brush.text(0, 0, "nobody waits", Tone::Dim);
        return;
    }
    let height = brush.height() as usize;
    let ring = usize::from(!circle.is_empty());
    let rows = circle.len() + ring + waiting.len();
    let first = super::offset(rows, height, view.scroll);
    for (y, row) in (first..rows.min(first + height)).enumerate() {
        let y = y as i32;
        if row < circle.len() {
            brush.text(0, y, if row == 0 { "╭▶" } else { "├▶" }, Tone::Bad);
            edge(view, circle[row], Some(circle[(row + 1) % circle.len()]), 3, y, brush);
        } else if row < circle.len() + ring {
            brush.text(0, y, &format!("╰─ back to {}: a circle", view.sight.short(circle[0])), Tone::Bad);
        } else {
            let actor = waiting[row - circle.len() - ring];
            edge(view, actor, None, 0, y, brush);
        }
    }
}

/// The actors of the circle, in its order, if one was found.
fn circle(view: &View<'_>) -> Vec<ActorId> {
    let of = |verdict: &Verdict| match verdict.circle {
        0 => ring(&verdict.waits),
        circle => verdict.waits[..circle].iter().map(|w| w.actor).collect(),
    };
    let circle = view.seen.verdict.map(of).unwrap_or_default();
    // Once somebody of it has moved on or died, it is a story of the past.
    let still = |actor: &ActorId| view.sight.waits_for(*actor).is_some();
    if circle.iter().all(still) { circle } else { Vec::new() }
}

/// A circle in which nobody holds anything: each waits for a message, a signal or a change that only the next one could
/// give.
fn ring(waits: &[Wait]) -> Vec<ActorId> {
    let only = |wait: &Wait| match (wait.held_by.as_slice(), wait.released_by.as_slice()) {
        ([one], _) | ([], [one]) if *one != wait.actor => Some((wait.actor, *one)),
        _ => None,
    };
    let next: HashMap<ActorId, ActorId> = waits.iter().filter_map(only).collect();
    let mut seen = HashSet::new();
    for wait in waits {
        let (mut way, mut here) = (Vec::new(), wait.actor);
        while seen.insert(here) {
            way.push(here);
            let Some(there) = next.get(&here) else { break };
            here = *there;
        }
        // It came back to where it had been on this very way.
        if let Some(first) = way.iter().position(|actor| *actor == here).filter(|_| next.contains_key(&here))
        {
            return way.split_off(first);
        }
    }
    Vec::new()
}

/// One who waits, and for whom; `next` is the next one of the circle.
fn edge(view: &View<'_>, actor: ActorId, next: Option<ActorId>, x: i32, y: i32, brush: &mut Brush<'_>) {
    let face = view.sight.face(actor);
    let Some(object) = view.sight.waits_for(actor) else { return };
    let x = brush.text(x, y, face.sign, face.tone) + 1;
    let picked = actor == view.experiment.selected;
    let x = brush.text(x, y, &view.sight.short(actor), if picked { Tone::Selected } else { face.tone });
    let x = brush.text(x, y, " ─ ", Tone::Dim);
    let (program, snapshot) = (view.sight.program, view.seen.snapshot);
    let holders = snapshot.holders(program, object);
    let held = !holders.is_empty();
    let whom = match next {
        _ if held => holders,
        Some(next) => vec![next],
        None => givers(view, actor, object),
    };
    let names = held || (1..=MAX_HOLDERS).contains(&whom.len());
    let name = view.sight.waits_name(actor).unwrap_or_default();
    // With the name of who could send it is clear enough that a message is missing.
    let name = if names { name.trim_start_matches("a message in ") } else { &name };
    let x = brush.text(x, y, name, Tone::Accent);
    let x = brush.text(x, y, " → ", Tone::Dim);
    if !names {
        brush.text(x, y, program.awaited(object), Tone::Dim);
        return;
    }
    let what = match object {
        Object::Semaphore(id) if program.semaphore(id).end.is_some() => "",
        _ if held => "",
        _ => program.awaited(object),
    };
    let x = if what.is_empty() { x } else { brush.text(x, y, &format!("{what} of "), Tone::Dim) };
    people(view, &whom, if held { " " } else { " or " }, x, y, brush);
}

/// Who could give what nobody holds: send, receive, signal, change. Nobody is named at a barrier, where all must come, and
/// where the next turn is only a moment away.
fn givers(view: &View<'_>, actor: ActorId, object: Object) -> Vec<ActorId> {
    let program = view.sight.program;
    let given = match object {
        Object::Semaphore(_) | Object::Cell(_) | Object::Condition(_) => true,
        Object::Mutex(_) | Object::Sync(_) | Object::Write(_) => false,
    };
    let could = |other: &ActorId| *other != actor && view.seen.snapshot.may_release(program, *other, object);
    let actors = (0..program.actors.len() as u32).map(ActorId);
    if given { actors.filter(could).take(MAX_HOLDERS + 1).collect() } else { Vec::new() }
}

/// Actors with their signs, the first few of them.
fn people(view: &View<'_>, actors: &[ActorId], between: &str, mut x: i32, y: i32, brush: &mut Brush<'_>) {
    for (at, actor) in actors.iter().take(MAX_HOLDERS).enumerate() {
        let face = view.sight.face(*actor);
        x = if at > 0 { brush.text(x, y, between, Tone::Dim) } else { x };
        x = brush.text(x, y, &format!("{}{}", face.sign, view.sight.short(*actor)), face.tone);
    }
    if actors.len() > MAX_HOLDERS {
        brush.text(x, y, &format!(" and {} more", actors.len() - MAX_HOLDERS), Tone::Dim);
    }
}
