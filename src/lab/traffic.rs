//! Which message went into a channel last, and which came out: told by the operations, kept in the pictures.

use super::moment::Happened;
use crate::program::{End, Instruction, Object, Program};
use crate::snapshot::{Passage, Traffic};

/// Takes in what happened, in its order.
pub(super) fn follow(program: &Program, channels: &mut Vec<Traffic>, events: &[Happened]) {
    channels.resize(program.channel_count() as usize, Traffic::default());
    for event in events {
        let code = &program.actors[event.actor.index()].code;
        let Some(Instruction::Send { .. } | Instruction::Receive { .. }) =
            code.instructions.get(event.position as usize)
        else {
            continue;
        };
        let Some(Object::Semaphore(semaphore)) = event.object else { continue };
        let ends = program.channel_of(semaphore).ends;
        let passage = Some(Passage { actor: event.actor, value: event.result, at: event.at });
        let (first, sent) = match program.semaphore(semaphore).end {
            Some(End::Room) => (ends.room, true),
            Some(End::Messages) => (ends.messages, false),
            None => continue,
        };
        if let Some(traffic) = channels.get_mut(semaphore.0.wrapping_sub(first) as usize) {
            *(if sent { &mut traffic.sent } else { &mut traffic.received }) = passage;
        }
    }
}
