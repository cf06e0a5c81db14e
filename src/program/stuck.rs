//! The stuck rule: which blocked actors can never move again.
//!
//! Ask what might still happen. Everyone who is not blocked may go on, along every path of its program, but passes a
//! `wait` or `lock` only if what it waits for is there now, or might still be released by somebody who gets to do so.
//! Whatever might be released may wake its waiters, who then may go on as well. When nothing more can be added, the
//! blocked actors that nothing may wake are stuck: the first of them to move would need a release by somebody who,
//! to get there, would have had to pass a wait that nothing opens.
//!
//! One rule finds circular waits, lost wakeups, orphans and partial deadlocks. It never errs; since it takes every branch
//! for possible, it may miss a deadlock behind a branch that is never taken or an index known only at run time. It
//! generalizes the reduction of resource-allocation graphs with reusable and consumable resources (R. C. Holt, Some
//! Deadlock Properties of Computer Systems, 1972).

use std::collections::{HashMap, HashSet};

use super::Program;
use super::ids::{ActorId, ConditionId, MutexId, Object, SemaphoreId, SyncId};
use super::instruction::Instruction;
use super::objects::SyncOp;
use super::release::{locks, released};

/// What one actor is doing, for the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Ended or dead: it does nothing any more.
    Gone,
    /// It may take a step from this position of its program.
    Moving(u32),
    /// It has moved while it was looked at: it may be anywhere behind this position, past any wait.
    Astray(u32),
    /// It cannot go on before one of these objects is released; its position is the second.
    Blocked(Vec<Object>, u32),
    /// It waits for what it holds itself, and nobody else can give that back.
    WaitsForItself,
}

/// What the rule finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stuck {
    /// Blocked actors that can never move again.
    pub actors: Vec<ActorId>,
    /// Actors that still move, and whose every path ends soon at a wait that nothing opens: they will join the others.
    pub doomed: Vec<ActorId>,
}

/// The actors that can never move again. `standings` is indexed by actor; `available` says whether a semaphore is
/// positive or a mutex free.
pub fn stuck(program: &Program, standings: &[Standing], available: &dyn Fn(Object) -> bool) -> Stuck {
    let waits = |s: &Standing| match s {
        Standing::Blocked(objects, _) => !objects.is_empty(),
        Standing::WaitsForItself => true,
        _ => false,
    };
    let mut spread = Spread {
        program,
        available,
        open: HashSet::new(),
        open_ranges: Vec::new(),
        held: HashMap::new(),
        waiting: HashMap::new(),
        seen: program.actors.iter().map(|a| vec![false; a.code.instructions.len()]).collect(),
        queue: Vec::new(),
        blocked: standings.iter().map(waits).collect(),
        left: standings.iter().filter(|s| waits(s)).count(),
    };
    for (actor, standing) in standings.iter().enumerate() {
        match standing {
            Standing::Blocked(objects, position) => {
                for object in objects {
                    spread.waiting.entry(object.pack()).or_default().push((actor, *position));
                }
            }
            Standing::Moving(position) => spread.queue.push((actor, *position)),
            Standing::Gone | Standing::Astray(_) | Standing::WaitsForItself => {}
        }
    }
    for (actor, standing) in standings.iter().enumerate() {
        if let Standing::Astray(position) = standing {
            for &(first, len) in program.actors[actor].release.from(*position) {
                spread.release(first, len);
            }
        }
    }
    spread.run();
    let blocked = spread.blocked.iter().enumerate().filter(|(_, blocked)| **blocked);
    let actors: Vec<ActorId> = blocked.map(|(actor, _)| ActorId(actor as u32)).collect();
    if actors.is_empty() {
        return Stuck::default();
    }
    let stopped: HashSet<(usize, u32)> = spread.held.values().flatten().copied().collect();
    let doomed = standings.iter().enumerate().filter_map(|(actor, standing)| match standing {
        Standing::Moving(position) => {
            ends(program, actor, *position, &stopped).then_some(ActorId(actor as u32))
        }
        _ => None,
    });
    Stuck { doomed: doomed.collect(), actors }
}

/// Whether every path of an actor from a position ends at one of the waits in `stopped`: no loop, no exit.
fn ends(program: &Program, actor: usize, position: u32, stopped: &HashSet<(usize, u32)>) -> bool {
    let code = &program.actors[actor].code;
    // Positions on the present path, and those from which all paths are known to end.
    let mut on_path = HashSet::new();
    let mut done = HashSet::new();
    let mut stack = vec![(position, false)];
    while let Some((at, left)) = stack.pop() {
        if left {
            on_path.remove(&at);
            done.insert(at);
            continue;
        }
        if stopped.contains(&(actor, at)) || done.contains(&at) {
            continue;
        }
        let Some(instruction) = code.instructions.get(at as usize) else { return false };
        if !on_path.insert(at) || matches!(instruction, Instruction::Exit) {
            return false;
        }
        stack.push((at, true));
        let (next, other) = instruction.successors(at);
        stack.extend(next.into_iter().chain(other).map(|to| (to, false)));
    }
    true
}

/// What might happen, as far as it is known.
struct Spread<'s> {
    program: &'s Program,
    available: &'s dyn Fn(Object) -> bool,
    /// Objects that somebody might release, and ranges of them.
    open: HashSet<u32>,
    open_ranges: Vec<(u32, u32)>,
    /// Who would go on from a position if the object were released.
    held: HashMap<u32, Vec<(usize, u32)>>,
    /// Who is blocked on an object, and where.
    waiting: HashMap<u32, Vec<(usize, u32)>>,
    /// Positions that an actor might come to.
    seen: Vec<Vec<bool>>,
    /// Positions to look at.
    queue: Vec<(usize, u32)>,
    /// Who is blocked and has nothing that may wake it.
    blocked: Vec<bool>,
    left: usize,
}

impl Spread<'_> {
    fn run(&mut self) {
        while let Some((actor, position)) = self.queue.pop() {
            if self.left == 0 {
                return;
            }
            match self.seen[actor].get_mut(position as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            self.visit(actor, position);
        }
    }

    fn visit(&mut self, actor: usize, position: u32) {
        let Some(&instruction) = self.program.actors[actor].code.instructions.get(position as usize) else {
            return;
        };
        for (first, len) in released(instruction) {
            self.release(first, len);
        }
        if instruction == Instruction::Exit {
            for (first, len) in locks(&self.program.actors[actor].code) {
                self.release(first, len);
            }
        }
        if let Some((first, len)) = needed(instruction)
            && !self.may_have(first, len)
        {
            for object in first.pack()..first.pack() + len {
                self.held.entry(object).or_default().push((actor, position));
            }
            return;
        }
        self.pass(actor, position);
    }

    /// Goes on behind a position.
    fn pass(&mut self, actor: usize, position: u32) {
        let instruction = self.program.actors[actor].code.instructions[position as usize];
        let (next, other) = instruction.successors(position);
        self.queue.extend(next.into_iter().chain(other).map(|to| (actor, to)));
    }

    fn may_have(&self, first: Object, len: u32) -> bool {
        let first = first.pack();
        (first..first + len).any(|object| {
            self.open.contains(&object)
                || self.open_ranges.iter().any(|(from, len)| object >= *from && object - from < *len)
                || Object::unpack(object).is_some_and(self.available)
        })
    }

    /// Somebody might release these: whoever needs one goes on.
    fn release(&mut self, first: Object, len: u32) {
        let range = (first.pack(), len);
        let new = match len {
            1 => self.open.insert(range.0),
            _ if self.open_ranges.contains(&range) => false,
            _ => {
                self.open_ranges.push(range);
                true
            }
        };
        if !new {
            return;
        }
        for object in first.pack()..first.pack() + len {
            for (actor, position) in self.held.remove(&object).unwrap_or_default() {
                self.pass(actor, position);
            }
            for (actor, position) in self.waiting.remove(&object).unwrap_or_default() {
                if std::mem::take(&mut self.blocked[actor]) {
                    self.left -= 1;
                    self.pass(actor, position);
                }
            }
        }
    }
}

/// What an instruction cannot be passed without: one of a range of objects.
fn needed(instruction: Instruction) -> Option<(Object, u32)> {
    Some(match instruction {
        Instruction::Wait { semaphore } => semaphore.objects(|id| Object::Semaphore(SemaphoreId(id))),
        Instruction::Lock { mutex } => mutex.objects(|id| Object::Mutex(MutexId(id))),
        Instruction::Send { channel, ends, .. } => {
            channel.shifted(ends.room).objects(|id| Object::Semaphore(SemaphoreId(id)))
        }
        Instruction::Receive { channel, ends, wait: true, .. } => {
            channel.shifted(ends.messages).objects(|id| Object::Semaphore(SemaphoreId(id)))
        }
        Instruction::Sync { op: SyncOp::Enter | SyncOp::Read | SyncOp::Lock, sync, .. } => {
            sync.objects(|id| Object::Sync(SyncId(id)))
        }
        Instruction::Sync { op: SyncOp::Write, sync, .. } => sync.objects(|id| Object::Write(SyncId(id))),
        Instruction::Condition { op: SyncOp::Await, condition, .. } => {
            condition.objects(|id| Object::Condition(ConditionId(id)))
        }
        _ => return None,
    })
}
