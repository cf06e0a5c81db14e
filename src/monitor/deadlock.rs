//! Deadlock, by the stuck rule, with its cause.

use std::time::Duration;

use super::verdict::{Cause, Certainty, Kind, Verdict, Wait};
use super::{Answer, Probe, Proof};
use crate::program::{ActorId, Object, Program, Standing, SyncKind, stuck};
use crate::snapshot::{Doing, Life, Snapshot};

/// What each actor is doing, for the stuck rule.
pub fn standings(program: &Program, snapshot: &Snapshot) -> Vec<Standing> {
    let one = |actor: ActorId| {
        let view = &snapshot.actors[actor.index()];
        if view.life.is_over() {
            return Standing::Gone;
        }
        if view.life != Life::Running {
            return Standing::Moving(0);
        }
        let objects = snapshot.waits_for(program, actor);
        let granted = objects.iter().any(|object| snapshot.is_granted(program, actor, *object));
        if objects.iter().any(|object| snapshot.is_its_own(program, actor, *object)) {
            Standing::WaitsForItself
        } else if objects.is_empty() || granted {
            Standing::Moving(view.position)
        } else {
            Standing::Blocked(objects, view.position)
        }
    };
    (0..snapshot.actors.len() as u32).map(|actor| one(ActorId(actor))).collect()
}

/// How long a verdict waits for those who are about to be stuck as well.
const HOLD_BACK: Duration = Duration::from_secs(5);

/// Finds deadlocks, and reports each set of stuck actors once.
#[derive(Debug, Default)]
pub struct Detector {
    reported: Vec<ActorId>,
    outside: bool,
    suspects: bool,
    /// Since when, in time of the run, a verdict waits for actors that are about to join the stuck ones.
    held_back: Option<Duration>,
}

impl Detector {
    /// Whether the last picture showed anyone who may be stuck.
    pub fn suspects(&self) -> bool {
        self.suspects
    }

    /// Looks at one picture.
    pub fn observe(
        &mut self,
        program: &Program,
        snapshot: &Snapshot,
        probe: &mut dyn Probe,
    ) -> Option<Verdict> {
        let waiting = |a: &crate::snapshot::ActorView| matches!(a.doing, Doing::Blocked(_) | Doing::Spinning);
        if !snapshot.actors.iter().any(waiting) {
            self.suspects = false;
            return None;
        }
        let found =
            stuck(program, &standings(program, snapshot), &|object| snapshot.available(program, object));
        self.suspects = !found.actors.is_empty();
        // Who is about to join them makes the picture whole; it takes a step or two, unless somebody froze it.
        if found.actors.is_empty() || found.doomed.is_empty() {
            self.held_back = None;
        } else {
            let since = *self.held_back.get_or_insert(snapshot.run_time);
            if snapshot.run_time.saturating_sub(since) < HOLD_BACK {
                return None;
            }
        }
        let found = found.actors;
        if found.is_empty() || found.iter().all(|actor| self.reported.contains(actor)) {
            return None;
        }
        match probe.confirm(snapshot, &found) {
            Answer::No | Answer::LookAgain => None,
            Answer::Outside(semaphores) => {
                if std::mem::replace(&mut self.outside, true) {
                    return None;
                }
                Some(Verdict::new(Kind::Outside(semaphores), Certainty::Proved, snapshot))
            }
            Answer::Yes(proof) => {
                self.reported = found.clone();
                Some(verdict(program, found, &proof))
            }
        }
    }
}

fn verdict(program: &Program, found: Vec<ActorId>, proof: &Proof) -> Verdict {
    let asleep = Some((proof.asleep, proof.asked));
    Verdict { asleep, ..deadlock(program, &proof.picture, found, proof.picture.elapsed) }
}

/// The deadlock of actors that can never move again, in a full picture of one moment; `found` is when it was found.
pub fn deadlock(program: &Program, picture: &Snapshot, stuck: Vec<ActorId>, now: Duration) -> Verdict {
    let found = stuck;
    let mut waits: Vec<Wait> = found.iter().map(|actor| wait(program, picture, *actor)).collect();
    let circle = circle(&waits);
    // Those of the circle first, in its order.
    let mut ordered: Vec<Wait> = circle.iter().map(|at| waits[*at].clone()).collect();
    let in_circle: Vec<ActorId> = ordered.iter().map(|w| w.actor).collect();
    waits.retain(|w| !in_circle.contains(&w.actor));
    ordered.append(&mut waits);
    let gone = picture.actors.iter().filter(|a| a.life.is_over()).count();
    let since = found.iter().map(|a| picture.actors[a.index()].since).max().unwrap_or(Duration::ZERO);
    Verdict {
        line: ordered.first().map_or(0, |w| w.line),
        circle: in_circle.len(),
        total: found.len() + gone == picture.actors.len(),
        since,
        found: now,
        asleep: None,
        actors: found,
        kind: Kind::Deadlock(cause(program, picture, &ordered, &in_circle)),
        certainty: Certainty::Proved,
        waits: ordered,
    }
}

fn wait(program: &Program, picture: &Snapshot, actor: ActorId) -> Wait {
    let view = &picture.actors[actor.index()];
    let objects = picture.waits_for(program, actor);
    let mut held_by: Vec<ActorId> = objects.iter().flat_map(|o| picture.holders(program, *o)).collect();
    held_by.dedup();
    let releases = |other: &ActorId| {
        *other != actor && objects.iter().any(|object| picture.may_release(program, *other, *object))
    };
    Wait {
        actor,
        pid: view.pid,
        line: program.actors[actor.index()].code.line(view.position),
        held_by,
        released_by: (0..picture.actors.len() as u32).map(ActorId).filter(releases).collect(),
        objects,
    }
}

/// Who keeps whom waiting: the holders of what it waits for, or, if nobody holds it, those who could signal it.
fn keepers(wait: &Wait) -> &[ActorId] {
    if wait.held_by.is_empty() { &wait.released_by } else { &wait.held_by }
}

/// A circle of actors that keep each other waiting, with at least one that holds what another waits for: positions in
/// `waits`, each waiting for the next. The shortest that goes through some holder; empty if there is none.
fn circle(waits: &[Wait]) -> Vec<usize> {
    let at = |actor: ActorId| waits.iter().position(|w| w.actor == actor);
    let mut best: Vec<usize> = Vec::new();
    for (start, wait) in waits.iter().enumerate() {
        // The first edge is one of holding: breadth first from the holder back to the start.
        for holder in wait.held_by.iter().filter_map(|h| at(*h)) {
            if let Some(path) = path(waits, holder, start, &at)
                && (best.is_empty() || path.len() < best.len())
            {
                best = path;
            }
        }
        if !best.is_empty() && best.len() <= 2 {
            break;
        }
    }
    best
}

/// The shortest path of keeping from one waiting actor to another, as `to`, then from the first on.
fn path(waits: &[Wait], from: usize, to: usize, at: &dyn Fn(ActorId) -> Option<usize>) -> Option<Vec<usize>> {
    let mut before: Vec<Option<usize>> = vec![None; waits.len()];
    let mut queue = std::collections::VecDeque::from([from]);
    before[from] = Some(from);
    while let Some(here) = queue.pop_front() {
        if here == to {
            let mut path = vec![here];
            let mut step = here;
            while step != from {
                step = before[step]?;
                path.push(step);
            }
            // From `to` over `from` back to `to`: `to` waits for `from`, and so on.
            path.reverse();
            path.rotate_right(1);
            return Some(path);
        }
        for next in keepers(&waits[here]).iter().filter_map(|k| at(*k)) {
            if before[next].is_none() {
                before[next] = Some(here);
                queue.push_back(next);
            }
        }
    }
    None
}

fn cause(program: &Program, picture: &Snapshot, waits: &[Wait], circle: &[ActorId]) -> Cause {
    let dead = |actor: &ActorId| picture.actors[actor.index()].life == Life::Dead;
    let orphaned = |w: &Wait| {
        w.held_by.iter().any(dead)
            || w.held_by.is_empty() && !w.released_by.is_empty() && w.released_by.iter().all(dead)
    };
    let spins = |w: &Wait| w.objects.iter().all(|o| matches!(o, Object::Cell(_)));
    let end = |o: &Object| matches!(o, Object::Semaphore(id) if program.semaphore(*id).end.is_some());
    let messages = |w: &Wait| w.objects.iter().all(end);
    let at_barrier = |o: &Object| match o {
        Object::Sync(id) => matches!(program.sync(*id).kind, SyncKind::Barrier { .. }),
        _ => false,
    };
    let barrier = |w: &Wait| w.objects.iter().all(at_barrier);
    if waits.iter().any(orphaned) {
        Cause::Orphaned
    } else if !circle.is_empty() {
        Cause::CircularWait
    } else if waits.iter().all(spins) {
        Cause::Spinning
    } else if waits.iter().all(|w| !w.held_by.is_empty()) {
        Cause::Kept
    } else if waits.iter().filter(|w| w.held_by.is_empty()).all(messages) {
        Cause::Communication
    } else if waits.iter().filter(|w| w.held_by.is_empty()).all(barrier) {
        Cause::Barrier
    } else {
        Cause::LostWakeup
    }
}
