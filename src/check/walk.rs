//! A walk through the model, one step at a time, with a picture of each moment: what a counterexample is told and drawn
//! by, and what whoever schedules by hand walks on.

use std::time::Duration;

use super::content::Content;
use super::local::{Local, Phase, STALE};
use super::model::{Act, Memory, Model, Move, State};
use super::names::Names;
use super::world::broken;
use crate::program::{ActorId, CellId, Object, Program, SyncOp, Violation};
use crate::snapshot::{Breach, Doing, Snapshot};
use crate::sync;
use crate::vm::Request;

/// The time that a step of a walk takes in its pictures.
pub const STEP_TIME: Duration = Duration::from_millis(100);

/// One step of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkStep {
    /// Who.
    pub actor: ActorId,
    /// Which of the ways in which the move can end, and how many there are.
    pub variant: u32,
    /// See `variant`. What is followed of items counts for nothing here: nobody can choose it.
    pub variants: u32,
    /// The position of the operation in the actor's program.
    pub position: u32,
    /// What was done.
    pub act: Act,
    /// The objects that it changed, and their values before and after.
    pub changed: Vec<(Object, i64, i64)>,
    /// The rule that it broke.
    pub breach: Option<Violation>,
    /// Whether the actor only went round in an `await`.
    pub quiet: bool,
    /// Whether the actor only joined the queue of a fair semaphore.
    pub arrived: bool,
    /// The value that a read gave; none for an item, and for what reads nothing.
    pub read: Option<i32>,
    /// Whether what it wrote waits in its buffer, seen by nobody else (TSO only).
    pub buffered: bool,
}

/// What a walk knows of an actor beside the state.
#[derive(Clone, Debug)]
pub(super) struct Count {
    pub steps: u64,
    pub entered: Vec<u64>,
    pub produced: u64,
    pub consumed: u64,
    pub state_since: Duration,
    pub since: Duration,
    pub waits: bool,
    pub ports: Vec<(u32, u32)>,
    pub breach: Option<Breach>,
}

/// A walk.
#[derive(Debug)]
pub struct Walk<'p> {
    pub(super) model: Model<'p>,
    pub(super) state: State,
    pub(super) counts: Vec<Count>,
    /// Which item is where; none if there are no items.
    pub(super) names: Option<Names>,
    steps: u64,
}

impl<'p> Walk<'p> {
    /// At the start.
    pub fn new(program: &'p Program, memory: Memory) -> Walk<'p> {
        let model = Model::new(program, memory);
        let count = |actor: u32| Count {
            steps: 0,
            entered: vec![0; program.role_of(ActorId(actor)).states.len()],
            produced: 0,
            consumed: 0,
            state_since: Duration::ZERO,
            since: Duration::ZERO,
            waits: false,
            ports: vec![(0, 0); program.actors[actor as usize].ports.len() as usize],
            breach: None,
        };
        let counts = (0..program.actors.len() as u32).map(count).collect();
        let state = model.start();
        let names = Names::new(&model);
        let mut walk = Walk { model, state, counts, names, steps: 0 };
        if let Some((actor, violation)) = walk.model.breach {
            let breach = Breach { violation, at: Duration::ZERO, position: 0, value: 0 };
            walk.counts[actor.index()].breach = Some(breach);
        }
        walk.look_who_waits();
        walk
    }

    /// All of a walk: the steps, and a picture before the first and after each. It ends early where a move is impossible.
    pub fn of(
        program: &'p Program,
        memory: Memory,
        moves: &[(ActorId, u32)],
    ) -> (Vec<WalkStep>, Vec<Snapshot>) {
        let mut walk = Walk::new(program, memory);
        let (mut steps, mut pictures) = (Vec::new(), vec![walk.picture()]);
        for (actor, nth) in moves {
            let Some(chosen) = walk.moves(*actor).into_iter().nth(*nth as usize) else { break };
            steps.push(walk.take(chosen));
            pictures.push(walk.picture());
        }
        (steps, pictures)
    }

    /// The state that it is in.
    pub fn state(&self) -> &[u32] {
        &self.state
    }

    /// The model alone.
    pub fn into_model(self) -> Model<'p> {
        self.model
    }

    /// Walks on as far as these moves are possible.
    pub fn along(mut self, moves: &[(ActorId, u32)]) -> Walk<'p> {
        for (actor, nth) in moves {
            let Some(chosen) = self.moves(*actor).into_iter().nth(*nth as usize) else { break };
            self.take(chosen);
        }
        self
    }

    /// What a move would be as a step.
    pub fn preview(&mut self, chosen: &Move) -> WalkStep {
        let (state, counts) = (self.state.clone(), self.counts.clone());
        let (names, steps) = (self.names.clone(), self.steps);
        let step = self.take(chosen.clone());
        (self.state, self.counts, self.names, self.steps) = (state, counts, names, steps);
        step
    }

    /// The model.
    pub fn model(&mut self) -> &mut Model<'p> {
        &mut self.model
    }

    /// The time of its present picture.
    pub fn time(&self) -> Duration {
        STEP_TIME * self.steps.min(u64::from(u32::MAX)) as u32
    }

    /// The moves of an actor that can be chosen now.
    pub fn moves(&mut self, actor: ActorId) -> Vec<Move> {
        self.model.moves_of(&self.state, actor.index())
    }

    /// The position of an actor's next operation, and whether it will ever come to one.
    pub fn position(&self, actor: ActorId) -> (u32, bool) {
        let local = self.model.local(actor.index(), self.state[actor.index()]);
        (local.position, matches!(local.phase, Phase::Ready | Phase::Queued))
    }

    /// All moves that can be chosen now, by actor.
    pub fn all_moves(&mut self) -> Vec<Move> {
        self.model.moves(&self.state)
    }

    /// Whether every actor has come to its end.
    pub fn is_over(&self) -> bool {
        (0..self.model.actors()).all(|actor| self.model.local(actor, self.state[actor]).is_over())
    }

    /// Makes a move.
    pub fn take(&mut self, chosen: Move) -> WalkStep {
        let actor = chosen.actor;
        let all = self.moves(actor);
        let variants =
            if chosen.is_choice() { all.iter().filter(|m| m.act == chosen.act).count() as u32 } else { 1 };
        self.names = self.names.take().and_then(|names| names.follow(&self.model, &self.state, &chosen));
        let before = self.state.clone();
        let at = self.model.local(actor.index(), before[actor.index()]).clone();
        self.state = chosen.to;
        self.steps += 1;
        let after = self.model.local(actor.index(), self.state[actor.index()]).clone();
        let changed = self.changed(&before);
        let demand = || broken(&self.model, &before, &self.state).map(Violation::Demand);
        let breach = chosen.breach.or_else(demand);
        self.count(actor, &at, &after, chosen.act, &changed, breach);
        self.look_who_waits();
        WalkStep {
            actor,
            variant: if variants > 1 { chosen.variant } else { 0 },
            variants,
            position: at.position,
            act: chosen.act,
            changed,
            breach,
            quiet: chosen.quiet,
            arrived: after.phase == Phase::Queued && at.phase != Phase::Queued,
            read: self.model.reads(&before, actor, chosen.act).filter(|value| *value > STALE),
            buffered: after.buffer.len() > at.buffer.len(),
        }
    }

    fn count(
        &mut self,
        actor: ActorId,
        at: &Local,
        after: &Local,
        act: Act,
        changed: &[(Object, i64, i64)],
        breach: Option<Violation>,
    ) {
        let now = self.time();
        let program = self.model.program;
        let count = &mut self.counts[actor.index()];
        count.steps += 1;
        if let Act::Operation(
            Request::Begin { activity, .. } | Request::End { activity } | Request::Moment { activity },
        ) = act
        {
            count.state_since = now;
            if let Some(entered) = count.entered.get_mut(usize::from(after.state)) {
                *entered += 1;
            }
            let activity = &program.activities[activity.index()];
            count.produced +=
                u64::from(activity.produces && matches!(act, Act::Operation(Request::End { .. })));
            count.consumed +=
                u64::from(activity.consumes && matches!(act, Act::Operation(Request::Begin { .. })));
        }
        for (object, old, new) in changed {
            if let Object::Semaphore(id) = object
                && let Some(slot) = program.actors[actor.index()].ports.slot(*id)
            {
                let (posts, takes) = &mut count.ports[slot as usize];
                *posts += u32::from(new > old);
                *takes += u32::from(new < old);
            }
        }
        if let Some(violation) = breach
            && count.breach.is_none()
        {
            let value = told(violation, act, changed);
            count.breach = Some(Breach { violation, at: now, position: at.position, value });
        }
    }

    /// Notes since when actors wait.
    fn look_who_waits(&mut self) {
        let now = self.time();
        for actor in 0..self.counts.len() {
            let waits = matches!(self.doing(actor), Doing::Blocked(_) | Doing::Spinning);
            let count = &mut self.counts[actor];
            if waits && !count.waits {
                count.since = now;
            }
            count.waits = waits;
        }
    }

    /// The objects that differ from an earlier state.
    fn changed(&self, before: &[u32]) -> Vec<(Object, i64, i64)> {
        let actors = self.model.actors();
        let objects =
            self.objects().into_iter().filter(|(at, _)| before[actors + at] != self.state[actors + at]);
        objects
            .map(|(at, object)| {
                let value = |number: u32| value(self.model.content(at, number));
                (object, value(before[actors + at]), value(self.state[actors + at]))
            })
            .filter(|(_, old, new)| old != new)
            .collect()
    }

    pub(super) fn objects(&self) -> Vec<(usize, Object)> {
        (0..).map_while(|at| Some((at, self.model.object(at)?))).collect()
    }

    /// What an actor does in the present state.
    pub(super) fn doing(&mut self, actor: usize) -> Doing {
        let number = self.state[actor];
        let moves = self.model.moves_of(&self.state, actor);
        let local = self.model.local(actor, number);
        let machine = self.model.machine(actor);
        if local.phase == Phase::Idle {
            return Doing::Spinning;
        }
        let Some(request) = machine.request(local) else { return Doing::Running };
        if machine.await_at(local.position).is_some() && moves.iter().all(|m| m.quiet) {
            return Doing::Spinning;
        }
        let object = match request {
            Request::Wait { semaphore } | Request::WaitFor { semaphore, .. } => Object::Semaphore(semaphore),
            Request::Lock { mutex } | Request::LockFor { mutex, .. } => Object::Mutex(mutex),
            Request::Sync { op, number } => self.wanted(actor, op, number),
            Request::Send { channel, ends, .. } => Object::Semaphore(ends.room(channel.0)),
            Request::Receive { channel, ends, wait: true } => Object::Semaphore(ends.messages(channel.0)),
            Request::End { .. } | Request::Sleep { .. } => return Doing::Busy,
            _ => return Doing::Running,
        };
        match request {
            Request::WaitFor { .. } | Request::LockFor { .. } if moves.len() < 2 => Doing::BlockedFor(object),
            Request::WaitFor { .. } | Request::LockFor { .. } => Doing::Running,
            _ if moves.is_empty() => Doing::Blocked(object),
            _ => Doing::Running,
        }
    }

    /// What an actor at such an operation waits for.
    fn wanted(&self, actor: usize, op: SyncOp, number: u32) -> Object {
        let program = self.model.program;
        let at = self.model.sync(program.sync_of(op, number));
        match self.model.content(at, self.state[self.model.actors() + at]) {
            Content::Sync(held) => sync::wants(program, held, op, number, ActorId(actor as u32)),
            _ => Object::Sync(program.sync_of(op, number)),
        }
    }
}

/// What a sentence about a broken rule names beside it; 0 for an item, as those of the model have no names.
fn told(violation: Violation, act: Act, changed: &[(Object, i64, i64)]) -> i32 {
    let new =
        |cell: CellId| changed.iter().find_map(|(o, _, new)| (*o == Object::Cell(cell)).then_some(*new));
    match (violation, act) {
        (Violation::Range(_), Act::Operation(Request::Write { value, .. })) => value,
        (Violation::Range(cell), _) => new(cell).unwrap_or(0) as i32,
        (Violation::NeverMade, Act::Operation(Request::Begin { item, .. })) => item,
        _ => 0,
    }
}

/// A content as a number for people: items are 1 and up, who holds a mutex counts from 1.
pub(super) fn value(content: &Content) -> i64 {
    match content {
        Content::Semaphore(value) => i64::from(*value),
        Content::Fair(value, _) => i64::from(*value),
        Content::Mutex(holder) => holder.map_or(0, |holder| i64::from(holder.0) + 1),
        Content::Sync(held) => held.inside.len() as i64,
        Content::Channel(messages) => messages.len() as i64,
        Content::Cell(value) if *value <= STALE => 1,
        Content::Cell(value) => i64::from(*value),
        Content::Tag(followed) => i64::from(*followed),
    }
}
