//! An actor's instructions, and which semaphores it can touch.

use super::ids::{Register, SemaphoreId};
use super::instruction::{Instruction, Place};

/// The instructions of one actor.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// The instructions; control starts at the first, and the last is an exit or a jump.
    pub instructions: Vec<Instruction>,
    /// The source line of each instruction, counted from 1.
    pub lines: Vec<u32>,
    /// How many registers there are.
    pub registers: u16,
    /// The variables that each `await` reads, by the position of its `Spin`, in order.
    pub awaits: Vec<(u32, Vec<Place>)>,
    /// The names of registers that are variables of the text: (register, name).
    pub names: Vec<(Register, String)>,
}

impl Code {
    /// The source line of a position, 0 where there is none.
    pub fn line(&self, position: u32) -> u32 {
        self.lines.get(position as usize).copied().unwrap_or(0)
    }

    /// The variables that the `await` with its `Spin` at this position reads.
    pub fn awaited(&self, position: u32) -> &[Place] {
        match self.awaits.binary_search_by_key(&position, |(at, _)| *at) {
            Ok(at) => &self.awaits[at].1,
            Err(_) => &[],
        }
    }
}

/// The semaphores that an actor can touch. It counts what it did to each in a slot of its own, so that nobody
/// contends for a counter.
#[derive(Clone, Debug, Default)]
pub struct Ports {
    /// Sorted, without gaps inside: (first semaphore, how many, number of the first one's slot).
    ranges: Vec<(u32, u32, u32)>,
}

impl Ports {
    /// Collects the semaphores that a program touches.
    pub fn of(code: &Code) -> Ports {
        let mut touched: Vec<(u32, u32)> = code
            .instructions
            .iter()
            .flat_map(|instruction| match *instruction {
                Instruction::Wait { semaphore }
                | Instruction::Signal { semaphore }
                | Instruction::TryWait { semaphore, .. }
                | Instruction::WaitFor { semaphore, .. }
                | Instruction::Value { semaphore, .. } => vec![semaphore.span()],
                Instruction::Send { channel, ends, .. } | Instruction::Receive { channel, ends, .. } => {
                    vec![channel.shifted(ends.room).span(), channel.shifted(ends.messages).span()]
                }
                _ => Vec::new(),
            })
            .collect();
        touched.sort_unstable();
        let mut ranges: Vec<(u32, u32, u32)> = Vec::new();
        for (first, len) in touched {
            match ranges.last_mut() {
                Some((start, have, _)) if first <= *start + *have => {
                    *have = (*have).max(first + len - *start)
                }
                _ => ranges.push((first, len, 0)),
            }
        }
        let mut slot = 0;
        for range in &mut ranges {
            range.2 = slot;
            slot += range.1;
        }
        Ports { ranges }
    }

    /// How many slots the actor needs.
    pub fn len(&self) -> u32 {
        self.ranges.last().map_or(0, |(_, len, slot)| slot + len)
    }

    /// Whether the actor touches no semaphore.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The slot for a semaphore; none if the actor cannot touch it.
    pub fn slot(&self, semaphore: SemaphoreId) -> Option<u32> {
        let after = self.ranges.partition_point(|(first, ..)| *first <= semaphore.0);
        let (first, len, slot) = *self.ranges.get(after.checked_sub(1)?)?;
        (semaphore.0 < first + len).then(|| slot + semaphore.0 - first)
    }

    /// All semaphores with their slots.
    pub fn iter(&self) -> impl Iterator<Item = (SemaphoreId, u32)> + '_ {
        self.ranges
            .iter()
            .flat_map(|&(first, len, slot)| (0..len).map(move |k| (SemaphoreId(first + k), slot + k)))
    }
}
