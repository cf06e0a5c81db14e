//! Which objects an actor may still release, from each position of its program.
//!
//! To *release* is to do something that can let another go on: signal a semaphore, unlock a mutex, write a variable
//! that somebody awaits, or end, which gives back every lock that is held. The sets only shrink along a run: what is reachable from a later position is reachable from
//! an earlier one. So a set read for a position that the actor has already left errs on the safe side.

use super::code::Code;
use super::ids::{CellId, ConditionId, MutexId, Object, SemaphoreId, SyncId};
use super::instruction::{Instruction, Place};
use super::objects::SyncOp;

/// Above so many different targets in one program, every position gets the set of all of them.
const MAX_EXACT_TARGETS: usize = 256;

/// The objects that may still be released, for each position.
#[derive(Clone, Debug, Default)]
pub struct MayRelease {
    /// For each position, which of `sets`.
    at: Vec<u16>,
    /// Different sets: ranges of objects (first, how many).
    sets: Vec<Vec<(Object, u32)>>,
}

type Bits = [u64; MAX_EXACT_TARGETS / 64];

impl MayRelease {
    /// Analyses a program, by reachability backwards until nothing changes.
    pub fn of(code: &Code) -> MayRelease {
        let mut targets: Vec<(Object, u32)> = code.instructions.iter().flat_map(|i| released(*i)).collect();
        let locks = locks(code);
        targets.extend(&locks);
        targets.sort_unstable();
        targets.dedup();
        if targets.len() > MAX_EXACT_TARGETS {
            return MayRelease { at: vec![0; code.instructions.len()], sets: vec![targets] };
        }
        let reach = reach(code, &targets, &locks);
        let mut map = MayRelease { at: Vec::with_capacity(reach.len()), sets: Vec::new() };
        let mut known: Vec<Bits> = Vec::new();
        for bits in reach {
            let set = known.iter().position(|k| *k == bits).unwrap_or_else(|| {
                let has = |k: &usize| bits[k / 64] >> (k % 64) & 1 == 1;
                map.sets.push((0..targets.len()).filter(has).map(|k| targets[k]).collect());
                known.push(bits);
                known.len() - 1
            });
            map.at.push(set as u16);
        }
        map
    }

    /// The ranges of objects that may be released at or after a position.
    pub fn from(&self, position: u32) -> &[(Object, u32)] {
        let set = self.at.get(position as usize).copied().unwrap_or(0);
        self.sets.get(usize::from(set)).map_or(&[], Vec::as_slice)
    }

    /// Whether the object may be released at or after a position.
    pub fn may(&self, position: u32, object: Object) -> bool {
        self.from(position).iter().any(|range| contains(*range, object))
    }
}

/// Whether a range of objects holds this one.
fn contains((first, len): (Object, u32), object: Object) -> bool {
    let (first, object) = (first.pack(), object.pack());
    object >= first && object - first < len
}

/// The objects that an instruction releases: ranges of them.
pub(super) fn released(instruction: Instruction) -> impl Iterator<Item = (Object, u32)> {
    let semaphore = |place: Place| place.objects(|id| Object::Semaphore(SemaphoreId(id)));
    let sync = |place: Place| place.objects(|id| Object::Sync(SyncId(id)));
    let none = [None, None];
    let ranges = match instruction {
        Instruction::Signal { semaphore: place } => [Some(semaphore(place)), None],
        Instruction::Send { channel, ends, .. } => [Some(semaphore(channel.shifted(ends.messages))), None],
        Instruction::Receive { channel, ends, .. } => [Some(semaphore(channel.shifted(ends.room))), None],
        Instruction::Unlock { mutex } => [Some(mutex.objects(|id| Object::Mutex(MutexId(id)))), None],
        Instruction::Write { cell, .. } | Instruction::Atomic { cell, .. } => {
            [Some(cell.objects(|id| Object::Cell(CellId(id)))), None]
        }
        Instruction::Sync { op: SyncOp::Unlock, sync: place, .. } => {
            [Some(sync(place)), Some(place.objects(|id| Object::Write(SyncId(id))))]
        }
        Instruction::Sync { op: SyncOp::Leave | SyncOp::Arrive, sync: place, .. } => {
            [Some(sync(place)), None]
        }
        Instruction::Condition { op: SyncOp::Await, monitor, .. } => [Some((Object::Sync(monitor), 1)), None],
        // Who signals in a monitor of Hoare's hands it over.
        Instruction::Condition { monitor, condition, .. } => [
            Some(condition.objects(|id| Object::Condition(ConditionId(id)))),
            Some((Object::Sync(monitor), 1)),
        ],
        _ => none,
    };
    ranges.into_iter().flatten()
}

/// The locks that an actor may hold when it ends, and that go to the next one then: ranges of mutexes, monitors and
/// read-write locks.
pub(super) fn locks(code: &Code) -> Vec<(Object, u32)> {
    let of = |instruction: &Instruction| match *instruction {
        Instruction::Lock { mutex }
        | Instruction::TryLock { mutex, .. }
        | Instruction::LockFor { mutex, .. } => [Some(mutex.objects(|id| Object::Mutex(MutexId(id)))), None],
        Instruction::Sync { op, sync, .. } if op != SyncOp::Arrive => [
            Some(sync.objects(|id| Object::Sync(SyncId(id)))),
            Some(sync.objects(|id| Object::Write(SyncId(id)))),
        ],
        _ => [None, None],
    };
    let mut locks: Vec<(Object, u32)> = code.instructions.iter().flat_map(of).flatten().collect();
    locks.sort_unstable();
    locks.dedup();
    locks
}

fn reach(code: &Code, targets: &[(Object, u32)], locks: &[(Object, u32)]) -> Vec<Bits> {
    let mut reach: Vec<Bits> = vec![[0; MAX_EXACT_TARGETS / 64]; code.instructions.len()];
    for (at, instruction) in code.instructions.iter().enumerate() {
        let at_end = if *instruction == Instruction::Exit { locks } else { &[] };
        for target in released(*instruction).chain(at_end.iter().copied()) {
            if let Ok(k) = targets.binary_search(&target) {
                reach[at][k / 64] |= 1 << (k % 64);
            }
        }
    }
    // Backwards passes: each loop of the program needs at most one more pass than it is nested deep.
    let mut changed = true;
    while changed {
        changed = false;
        for at in (0..code.instructions.len()).rev() {
            let (next, other) = code.instructions[at].successors(at as u32);
            for successor in [next, other].into_iter().flatten() {
                let Some(bits) = reach.get(successor as usize).copied() else { continue };
                for (mine, theirs) in reach[at].iter_mut().zip(bits) {
                    changed |= theirs & !*mine != 0;
                    *mine |= theirs;
                }
            }
        }
    }
    reach
}
