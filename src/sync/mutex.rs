//! Mutexes that a plain one cannot be: recursive ones, which their holder may lock again, and fair ones, which hand over in
//! the order of arrival (pthread_mutex_lock(3) knows the first as PTHREAD_MUTEX_RECURSIVE, and nothing of the second).

use super::{Effect, Held, give_back};
use crate::program::{ActorId, SyncOp};

pub fn apply(recursive: bool, fair: bool, held: &Held, op: SyncOp, me: ActorId, queued: bool) -> Effect {
    match op {
        SyncOp::Unlock => give_back(held, me),
        SyncOp::TryLock => try_lock(recursive, held, me),
        _ => lock(recursive, fair, held, me, queued),
    }
}

fn lock(recursive: bool, fair: bool, held: &Held, me: ActorId, queued: bool) -> Effect {
    let first = held.line.first().is_none_or(|(who, _)| *who == me);
    let mut to = held.clone();
    if held.inside.is_empty() && first || recursive && held.has(me) {
        to.leave_line(me);
        to.enter(me);
        return Effect::Gives(1, to);
    }
    if queued || !fair {
        return Effect::Blocked;
    }
    to.line.push((me, 0));
    Effect::Queues(to)
}

/// It overtakes nobody who stands in line.
fn try_lock(recursive: bool, held: &Held, me: ActorId) -> Effect {
    let mut to = held.clone();
    let free = held.inside.is_empty() && held.line.is_empty() || recursive && held.has(me);
    if free {
        to.enter(me);
    }
    Effect::Gives(i32::from(free), to)
}
