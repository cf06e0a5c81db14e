//! Read-write locks: many readers or one writer (P. J. Courtois, F. Heymans, D. L. Parnas, Concurrent Control with "Readers"
//! and "Writers", CACM 1971).

use super::{Effect, Held, READ, WRITE, give_back};
use crate::program::{ActorId, Preference, SyncOp};

pub fn apply(preference: Preference, held: &Held, op: SyncOp, me: ActorId, queued: bool) -> Effect {
    match op {
        SyncOp::Unlock => give_back(held, me),
        SyncOp::Write => write(preference, held, me, queued),
        _ => read(preference, held, me, queued),
    }
}

fn read(preference: Preference, held: &Held, me: ActorId, queued: bool) -> Effect {
    let may = !held.writing
        && match preference {
            Preference::Readers => true,
            Preference::Writers => held.line.is_empty(),
            // Ahead of a queued reader only readers; ahead of one who comes, nobody.
            Preference::Fair => {
                held.line.iter().take_while(|(who, _)| *who != me).all(|(_, what)| queued && *what == READ)
            }
        };
    come(preference == Preference::Fair, may, held, me, READ, queued)
}

fn write(preference: Preference, held: &Held, me: ActorId, queued: bool) -> Effect {
    let first = match preference {
        Preference::Fair => held.line.first().is_none_or(|(who, _)| *who == me),
        _ => true,
    };
    come(preference != Preference::Readers, held.inside.is_empty() && first, held, me, WRITE, queued)
        .in_order(preference)
}

/// An actor goes in if it may; otherwise it joins the line, if there is one.
fn come(lines: bool, may: bool, held: &Held, me: ActorId, what: u32, queued: bool) -> Effect {
    let mut to = held.clone();
    if may {
        to.leave_line(me);
        to.enter(me);
        to.writing = what == WRITE;
        return Effect::Gives(1, to);
    }
    if queued || !lines {
        return Effect::Blocked;
    }
    to.line.push((me, what));
    Effect::Queues(to)
}

impl Effect {
    /// Among writers that are only preferred, the order of arrival does not matter.
    fn in_order(mut self, preference: Preference) -> Effect {
        if let (Effect::Queues(to), Preference::Writers) = (&mut self, preference) {
            to.line.sort_unstable();
        }
        self
    }
}
