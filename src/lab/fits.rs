//! Whether a picture that came out of a file can be one of a program: everything in it that others use as an index.

use super::moment::Happened;
use crate::monitor::{Kind, Verdict, Wait};
use crate::program::{ActorId, BETWEEN, Object, Program, Violation};
use crate::snapshot::{ActorView, Breach, Doing, Snapshot};
use crate::sync::Held;

fn actor(program: &Program, actor: ActorId) -> bool {
    actor.index() < program.actors.len()
}

fn object(program: &Program, object: Object) -> bool {
    match object {
        Object::Semaphore(id) => id.0 < program.semaphore_count(),
        Object::Mutex(id) => id.0 < program.mutex_count(),
        Object::Cell(id) => id.0 < program.cell_count(),
        Object::Sync(id) | Object::Write(id) => id.0 < program.sync_count(),
        Object::Condition(id) => id.0 < program.condition_count(),
    }
}

fn breach(program: &Program, breach: &Breach) -> bool {
    match breach.violation {
        Violation::Demand(id) => id.index() < program.demands.len(),
        Violation::Range(id) => object(program, Object::Cell(id)),
        Violation::Assertion(id) => id.index() < program.texts.len(),
        Violation::NotHeld(id) => object(program, Object::Mutex(id)),
        Violation::NotLocked(id) => object(program, Object::Sync(id)),
        Violation::Overflow(id) => object(program, Object::Semaphore(id)),
        Violation::Fault(_) | Violation::Doubled | Violation::NeverMade | Violation::Lost => true,
    }
}

fn view(program: &Program, number: usize, view: &ActorView) -> bool {
    let id = ActorId(number as u32);
    let (known, states) = (&program.actors[number], program.role_of(id).states.len());
    let doing = match view.doing {
        Doing::Blocked(o) | Doing::BlockedFor(o) => object(program, o),
        _ => true,
    };
    let counts = view.entered.iter().chain([&view.produced, &view.consumed]);
    doing
        && counts.into_iter().all(|count| *count < 1 << 48)
        && (usize::from(view.state) < states || view.state == BETWEEN)
        && view.entered.len() == states
        && (view.ports.is_empty() || view.ports.len() == known.ports.len() as usize)
        && (view.position as usize) <= known.code.instructions.len()
        && view.breach.as_ref().is_none_or(|b| breach(program, b))
}

fn sync(program: &Program, held: &Held) -> bool {
    let named = held.inside.iter().chain(&held.line).map(|(who, _)| who).chain(&held.urgent);
    named.into_iter().all(|who| actor(program, *who))
}

/// Whether a picture can be one of the program.
pub fn snapshot(program: &Program, snapshot: &Snapshot) -> bool {
    let objects = &snapshot.objects;
    snapshot.actors.len() == program.actors.len()
        && snapshot.actors.iter().enumerate().all(|(number, v)| view(program, number, v))
        && objects.semaphores.len() == program.semaphore_count() as usize
        && objects.mutexes.len() == program.mutex_count() as usize
        && objects.syncs.len() == program.sync_count() as usize
        && objects.syncs.iter().all(|held| sync(program, held))
        && objects.mutexes.iter().flatten().all(|holder| actor(program, *holder))
        && (objects.cells.is_empty() || objects.cells.len() == program.cell_count() as usize)
        && objects.items.iter().all(|cell| object(program, Object::Cell(*cell)))
        && (objects.channels.is_empty() || objects.channels.len() == program.channel_count() as usize)
        && objects
            .channels
            .iter()
            .flat_map(|c| [c.sent, c.received])
            .flatten()
            .all(|p| actor(program, p.actor))
}

/// Whether an operation can be one of the program.
pub fn event(program: &Program, event: &Happened) -> bool {
    actor(program, event.actor) && event.object.is_none_or(|o| object(program, o))
}

/// Whether a verdict can be one on the program.
pub fn verdict(program: &Program, verdict: &Verdict) -> bool {
    let wait = |w: &Wait| {
        let others = w.held_by.iter().chain(&w.released_by);
        actor(program, w.actor)
            && others.into_iter().all(|a| actor(program, *a))
            && w.objects.iter().all(|o| object(program, *o))
    };
    let kind = match &verdict.kind {
        Kind::Violation(b) => breach(program, b),
        Kind::Outside(ids) => ids.iter().all(|id| object(program, Object::Semaphore(*id))),
        _ => true,
    };
    kind && verdict.actors.iter().all(|a| actor(program, *a))
        && verdict.waits.iter().all(wait)
        && verdict.circle <= verdict.waits.len()
}
