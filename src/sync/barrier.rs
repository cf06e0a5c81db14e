//! Barriers: everybody waits for everybody. It can be used again at once: who was let through counts as inside until it has
//! gone, apart from those who come for the next round.

use super::{Effect, Held};
use crate::program::ActorId;

/// The last to come gets 1, the others 0, as from pthread_barrier_wait(3).
pub fn apply(parties: u32, held: &Held, me: ActorId, queued: bool) -> Effect {
    let mut to = held.clone();
    if queued {
        if !held.has(me) {
            return Effect::Blocked;
        }
        to.inside.retain(|(who, _)| *who != me);
        return Effect::Gives(0, to);
    }
    if to.line.len() + 1 >= parties as usize {
        for (who, _) in std::mem::take(&mut to.line) {
            to.enter(who);
        }
        return Effect::Gives(1, to);
    }
    let at = to.line.partition_point(|(who, _)| *who < me);
    to.line.insert(at, (me, 0));
    Effect::Queues(to)
}
