//! One actor by itself: its local states, and what completing an operation makes of one.

use super::content::Gift;
use crate::program::{ActorId, CellId, Code, Instruction, Liveness, Program, Violation, value::Fault};
use crate::vm::{self, Frame, Request};

/// An item that nobody follows. Items are only copied, so that following one, which may be any, shows whether each is
/// used exactly once (P. Wolper, Expressing Interesting Properties of Programs in Propositional Temporal Logic, POPL
/// 1986: data independence). No program can compute these numbers: items are not computed with.
pub const ITEM: i32 = i32::MIN + 1;
/// The item that is followed.
pub const TAGGED: i32 = i32::MIN + 2;
/// A copy of the followed item after it was used up.
pub const STALE: i32 = i32::MIN + 3;

/// Local instructions between two visible operations after which an actor counts as lost in a loop of its own.
const MAX_PAUSES: u32 = 100;

/// Claims of one role that are followed: bits of [`Local::pending`].
pub const MAX_CLAIMS: usize = 32;

/// What an actor may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// It is at a visible operation.
    Ready,
    /// It stands in the queue of the fair semaphore that it waits for.
    Queued,
    /// It runs for ever without a visible operation, or awaits what no variable can make true.
    Idle,
    /// It has come to its end.
    Done,
    /// It could not go on after a fault of its program.
    Failed,
}

/// The local state of an actor: all that its next operation depends on, apart from the object that it touches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Local {
    /// The position of the visible operation that comes next.
    pub position: u32,
    /// Registers; those that are not needed any more are 0.
    pub registers: Box<[i32]>,
    /// The visible state.
    pub state: u8,
    /// One bit for each `progress` of the role: whether its claim is open.
    pub pending: u32,
    /// What it may do.
    pub phase: Phase,
    /// Writes that other actors do not see yet, oldest first (TSO only).
    pub buffer: Vec<(CellId, i32)>,
}

impl Local {
    /// Whether it will never take a step again, and needs none.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Done | Phase::Failed) && self.buffer.is_empty()
    }

    /// Whether it holds a copy of this item.
    pub fn holds(&self, item: i32) -> bool {
        self.registers.contains(&item) || self.buffer.iter().any(|(_, value)| *value == item)
    }
}

/// What became of an actor between two visible operations.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Where it is now.
    pub local: Local,
    /// A rule that it broke on the way.
    pub breach: Option<Violation>,
    /// Whether it only went round in an `await` whose condition is still false.
    pub quiet: bool,
}

/// An actor's program, ready to be stepped.
#[derive(Debug)]
pub struct Machine<'p> {
    program: &'p Program,
    /// Whose.
    pub actor: ActorId,
    code: &'p Code,
    liveness: Liveness,
    /// For each position inside an `await`: from where to where it goes.
    awaits: Vec<Option<(u32, u32)>>,
    /// The claims of its role: from which state to which.
    claims: Vec<(u8, u8)>,
}

impl<'p> Machine<'p> {
    /// Of one actor.
    pub fn new(program: &'p Program, actor: ActorId) -> Machine<'p> {
        let code = &program.actors[actor.index()].code;
        let mut awaits = vec![None; code.instructions.len()];
        for (at, instruction) in code.instructions.iter().enumerate() {
            if let Instruction::Spin { again } = *instruction {
                awaits[again as usize..=at].fill(Some((again, at as u32)));
            }
        }
        let role = program.actors[actor.index()].role;
        let of_role = program.progress.iter().filter(|p| p.role == role);
        let claims: Vec<(u8, u8)> = of_role.map(|p| (p.from, p.to)).collect();
        Machine { program, actor, code, liveness: Liveness::of(code), awaits, claims }
    }

    /// How many claims of progress its role makes.
    pub fn claims(&self) -> usize {
        self.claims.len()
    }

    /// The first local state.
    pub fn start(&self) -> Settled {
        let mut local = Local {
            position: 0,
            registers: vec![0; usize::from(self.code.registers)].into_boxed_slice(),
            state: BEFORE,
            pending: 0,
            phase: Phase::Ready,
            buffer: Vec::new(),
        };
        self.show(&mut local, 0);
        self.settle(local, None)
    }

    /// What it wants to do next; none if it is not at a visible operation.
    pub fn request(&self, local: &Local) -> Option<Request> {
        if !matches!(local.phase, Phase::Ready | Phase::Queued) {
            return None;
        }
        Some(vm::step(self.code, &mut self.frame(local)))
    }

    /// The variables that it awaits, if it is inside an `await`.
    pub fn await_at(&self, position: u32) -> Option<u32> {
        self.awaits.get(position as usize).copied().flatten().map(|(_, spin)| spin)
    }

    fn frame(&self, local: &Local) -> Frame {
        Frame { position: local.position, registers: local.registers.clone() }
    }

    /// The local state after its operation gave this.
    pub fn complete(&self, local: &Local, request: Request, gift: Gift) -> Settled {
        let mut next = local.clone();
        match request {
            Request::Begin { activity, .. } | Request::Moment { activity } => {
                self.show(&mut next, self.program.activities[activity.index()].state);
            }
            Request::End { activity } => {
                self.show(&mut next, self.program.activities[activity.index()].after);
            }
            _ => {}
        }
        let mut frame = self.frame(local);
        match gift {
            Gift::Value(result) => frame.complete(self.code, result),
            Gift::Message(message) => frame.received(self.code, message.as_ref()),
        }
        next.position = frame.position;
        next.registers = frame.registers;
        next.phase = Phase::Ready;
        let inside = self.awaits[local.position as usize];
        self.settle(next, inside.filter(|_| matches!(request, Request::Read { .. })))
    }

    /// Shows a state, which may open and close claims.
    pub fn show(&self, local: &mut Local, state: u8) {
        local.state = state;
        for (at, (from, to)) in self.claims.iter().enumerate().take(MAX_CLAIMS) {
            if *to == state {
                local.pending &= !(1 << at);
            }
            if *from == state {
                local.pending |= 1 << at;
            }
        }
    }

    /// Runs local instructions up to the next visible operation. `inside` is the await that it was in.
    fn settle(&self, mut local: Local, inside: Option<(u32, u32)>) -> Settled {
        let mut frame = Frame { position: local.position, registers: std::mem::take(&mut local.registers) };
        let (mut breach, mut pauses, mut spun) = (None, 0, false);
        local.phase = loop {
            match vm::step(self.code, &mut frame) {
                Request::Print { .. } => frame.complete(self.code, 0),
                Request::Fault { fault: Fault::Assertion, text: Some(text) } => {
                    breach = breach.or(Some(Violation::Assertion(text)));
                    frame.complete(self.code, 0);
                }
                Request::Fault { fault, .. } => {
                    breach = breach.or(Some(Violation::Fault(fault)));
                    break Phase::Failed;
                }
                // Its condition reads no variable: nobody can make it true.
                Request::Spin if spun => break Phase::Idle,
                Request::Spin => {
                    spun = true;
                    frame.complete(self.code, 0);
                }
                Request::Pause if pauses == MAX_PAUSES => break Phase::Idle,
                Request::Pause => pauses += 1,
                Request::Exit => break Phase::Done,
                _ => break Phase::Ready,
            }
        };
        let quiet = inside
            .is_some_and(|(from, to)| local.phase == Phase::Ready && (from..=to).contains(&frame.position));
        local.position = frame.position;
        local.registers = frame.registers;
        match local.phase {
            Phase::Ready => self.liveness.clear_dead(local.position, &mut local.registers),
            _ => local.registers.fill(0),
        }
        Settled { local, breach, quiet }
    }
}

/// No state yet.
const BEFORE: u8 = u8::MAX - 1;
