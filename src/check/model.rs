//! The model: a program as communicating actors on shared objects, every state a row of small numbers.
//!
//! An actor's local state and an object's content are each known by a number, given when it is first met. So a move is
//! a function of two numbers, the actor's and that of the one object that its operation touches; [`super::tables`] keeps
//! these functions as tables.

use crate::program::{ActorId, CellId, Program, Violation};
use crate::sync::Held;
use crate::vm::Request;

use super::content::Content;
use super::ends::MAX_CHOICES;
use super::intern::Interner;
use super::local::{Local, MAX_CLAIMS, Machine, Settled};

/// Writes that one actor's store buffer holds; the next one waits. Processors hold some dozens.
const MAX_BUFFER: usize = 6;

/// How memory behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Memory {
    /// Sequential consistency (L. Lamport, 1979): every write is seen by all at once.
    #[default]
    Sc,
    /// Total store order (P. Sewell et al., x86-TSO, CACM 2010): each actor's writes pass through a buffer of its own.
    Tso,
}

/// A state: the numbers of all actors' local states, then those of all objects' contents.
pub type State = Vec<u32>;

impl Memory {
    /// What a program's `expect` lines speak of.
    pub fn of(program: &Program) -> Memory {
        if program.speaks_of_tso() { Memory::Tso } else { Memory::Sc }
    }
}

/// What an actor may do in a local state: one operation, or letting a buffered write out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Its program's next operation.
    Operation(Request),
    /// Its oldest buffered write reaches memory.
    Flush(CellId, i32),
}

/// One way in which a move can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The actor's next local state.
    pub local: u32,
    /// The object's next content, if the act touches one.
    pub content: u32,
    /// A rule that is broken on the way.
    pub breach: Option<Violation>,
    /// Whether it only goes round in an `await`.
    pub quiet: bool,
    /// Whether other parts of the state may change too: see [`Model::complete`].
    pub far: bool,
}

/// A move of one actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who.
    pub actor: ActorId,
    /// What.
    pub act: Act,
    /// Which of the ways in which it can end.
    pub variant: u32,
    /// Whether it only goes round in an `await`.
    pub quiet: bool,
    /// A rule that it breaks.
    pub breach: Option<Violation>,
    /// The state it leads to.
    pub to: State,
}

impl Move {
    /// Whether whoever schedules can choose how it ends.
    pub fn is_choice(&self) -> bool {
        matches!(
            self.act,
            Act::Operation(Request::Choose { .. } | Request::WaitFor { .. } | Request::LockFor { .. })
        )
    }
}

/// A number that was not given yet.
#[derive(Debug)]
pub enum Missing {
    /// To a local state, in a family of actors.
    Local(usize, Local),
    /// To a content, in a domain.
    Content(usize, Content),
}

/// A model.
#[derive(Debug)]
pub struct Model<'p> {
    /// The program.
    pub program: &'p Program,
    /// How memory behaves.
    pub memory: Memory,
    pub(super) machines: Vec<Machine<'p>>,
    pub(super) locals: Vec<Interner<Local>>,
    /// For each actor, whose local states are numbered together with its own: those of all who run the same.
    pub(super) families: Vec<usize>,
    pub(super) contents: Vec<Interner<Content>>,
    /// For each object, whose contents are numbered together.
    pub(super) domains: Vec<usize>,
    pub(super) semaphores: usize,
    pub(super) mutexes: usize,
    pub(super) syncs: usize,
    pub(super) channels: usize,
    pub(super) cells: usize,
    /// Whether some outcomes of a choice were not followed.
    pub(super) truncated: bool,
    /// A rule that is broken before anybody moves.
    pub breach: Option<(ActorId, Violation)>,
}

impl<'p> Model<'p> {
    /// Of a program that was compiled for all actors.
    pub fn new(program: &'p Program, memory: Memory) -> Model<'p> {
        let ids = (0..program.actors.len() as u32).map(ActorId);
        let machines: Vec<Machine<'p>> = ids.map(|actor| Machine::new(program, actor)).collect();
        let starts: Vec<Settled> = machines.iter().map(Machine::start).collect();
        let breach = starts.iter().zip(&machines).find_map(|(s, m)| s.breach.map(|breach| (m.actor, breach)));
        let (mut locals, mut families): (Vec<Interner<Local>>, Vec<usize>) = (Vec::new(), Vec::new());
        for (actor, settled) in starts.into_iter().enumerate() {
            let same = |other: &usize| run_the_same(program, *other, actor);
            families.push(match (0..actor).find(same) {
                Some(other) => families[other],
                None => {
                    locals.push(Interner::with(settled.local));
                    locals.len() - 1
                }
            });
        }
        let (mut contents, mut domains) = (Vec::new(), Vec::new());
        let mut declare = |first: Content, count: u32| {
            domains.extend((0..count).map(|_| contents.len()));
            contents.push(Interner::with(first));
        };
        for semaphore in &program.semaphores {
            let first = match semaphore.fair {
                true => Content::Fair(semaphore.init, Vec::new()),
                false => Content::Semaphore(semaphore.init),
            };
            declare(first, semaphore.size.unwrap_or(1));
        }
        program.mutexes.iter().for_each(|mutex| declare(Content::Mutex(None), mutex.size.unwrap_or(1)));
        program.syncs.iter().for_each(|s| declare(Content::Sync(Held::default()), s.size.unwrap_or(1)));
        program.channels.iter().for_each(|c| declare(Content::Channel(Vec::new()), c.size.unwrap_or(1)));
        program.variables.iter().for_each(|v| declare(Content::Cell(v.init), v.size.unwrap_or(1)));
        if program.items.is_some() {
            declare(Content::Tag(false), 1);
        }
        Model {
            program,
            memory,
            machines,
            locals,
            families,
            contents,
            domains,
            semaphores: program.semaphore_count() as usize,
            mutexes: program.mutex_count() as usize,
            syncs: program.sync_count() as usize,
            channels: program.channel_count() as usize,
            cells: program.cell_count() as usize,
            truncated: false,
            breach,
        }
    }

    /// How many actors there are.
    pub fn actors(&self) -> usize {
        self.machines.len()
    }

    /// How many numbers make a state.
    pub fn width(&self) -> usize {
        self.actors() + self.domains.len()
    }

    /// The first state.
    pub fn start(&self) -> State {
        vec![0; self.width()]
    }

    /// An actor's program and instructions.
    pub fn machine(&self, actor: usize) -> &Machine<'p> {
        &self.machines[actor]
    }

    /// A local state by its number.
    pub fn local(&self, actor: usize, number: u32) -> &Local {
        self.locals[self.families[actor]].get(number)
    }

    /// All local states of an actor that were met.
    pub fn locals(&self, actor: usize) -> &[Local] {
        self.locals[self.families[actor]].values()
    }

    /// Who runs the same instructions has the same family.
    pub fn family(&self, actor: usize) -> usize {
        self.families[actor]
    }

    /// How many numbers part `at` of a state has taken.
    pub fn count(&self, at: usize) -> usize {
        match at.checked_sub(self.actors()) {
            None => self.locals[self.families[at]].len(),
            Some(object) => self.contents[self.domains[object]].len(),
        }
    }

    /// What an object holds.
    pub fn content(&self, object: usize, number: u32) -> &Content {
        self.contents[self.domains[object]].get(number)
    }

    /// The value of a shared variable, by the number of its content.
    pub fn value(&self, object: usize, number: u32) -> i32 {
        match self.content(object, number) {
            Content::Cell(value) => *value,
            _ => 0,
        }
    }

    /// What the model leaves out of the program, so that nothing is proved; none if it leaves nothing out.
    pub fn left_out(&self) -> Option<String> {
        if self.truncated {
            return Some(format!("a choice has more than {MAX_CHOICES} outcomes"));
        }
        let many = self.machines.iter().find(|machine| machine.claims() > MAX_CLAIMS)?;
        let name = &self.program.role_of(many.actor).name;
        Some(format!("{name} has more than {MAX_CLAIMS} claims of progress"))
    }

    /// What an actor may do in a local state: at most two acts.
    pub fn acts(&self, actor: usize, local: u32) -> Vec<Act> {
        let local = self.local(actor, local);
        let operation = self.machines[actor].request(local).filter(|request| {
            local.buffer.is_empty()
                || match request {
                    Request::Write { .. } => local.buffer.len() < MAX_BUFFER,
                    Request::Read { .. }
                    | Request::Begin { .. }
                    | Request::End { .. }
                    | Request::Moment { .. }
                    | Request::Choose { .. }
                    | Request::Sleep { .. } => true,
                    // The others are, or hold, locked instructions, which wait until the buffer is empty.
                    _ => false,
                }
        });
        let flush = local.buffer.first().map(|(cell, value)| Act::Flush(*cell, *value));
        operation.map(Act::Operation).into_iter().chain(flush).collect()
    }

    /// The object that an act touches.
    pub fn touches(&self, actor: usize, local: u32, act: Act) -> Option<usize> {
        let request = match act {
            Act::Flush(cell, _) => return Some(self.cell(cell)),
            Act::Operation(request) => request,
        };
        match request {
            Request::Wait { semaphore }
            | Request::Signal { semaphore }
            | Request::TryWait { semaphore }
            | Request::WaitFor { semaphore, .. }
            | Request::Value { semaphore } => Some(self.semaphore(semaphore)),
            Request::Lock { mutex }
            | Request::Unlock { mutex }
            | Request::TryLock { mutex }
            | Request::LockFor { mutex, .. } => Some(self.mutex(mutex)),
            Request::Sync { op, number } => Some(self.sync(self.program.sync_of(op, number))),
            Request::Send { channel, .. } | Request::Receive { channel, .. } => Some(self.channel(channel)),
            Request::Read { cell } => {
                let own = self.local(actor, local).buffer.iter().any(|(to, _)| *to == cell);
                (!own).then(|| self.cell(cell))
            }
            Request::Write { cell, .. } => (self.memory == Memory::Sc).then(|| self.cell(cell)),
            Request::Atomic { cell, .. } => Some(self.cell(cell)),
            Request::End { activity } if self.program.activities[activity.index()].produces => {
                self.program.items.is_some().then(|| self.tag())
            }
            Request::Begin { activity, .. } if self.program.activities[activity.index()].consumes => {
                self.program.items.is_some().then(|| self.tag())
            }
            _ => None,
        }
    }

    /// The state that a move leads to, and what it breaks.
    pub fn complete(
        &mut self,
        from: &[u32],
        actor: usize,
        act: Act,
        object: Option<usize>,
        end: &End,
    ) -> (State, Option<Violation>) {
        loop {
            match self.completed(from, actor, act, object, end) {
                Ok(done) => return done,
                Err(Missing::Local(family, local)) => drop(self.locals[family].intern(local)),
                Err(Missing::Content(domain, content)) => drop(self.contents[domain].intern(content)),
            }
        }
    }

    /// The same, as long as it needs no number that is not given yet.
    pub fn completed(
        &self,
        from: &[u32],
        actor: usize,
        act: Act,
        object: Option<usize>,
        end: &End,
    ) -> Result<(State, Option<Violation>), Missing> {
        let mut to = from.to_vec();
        to[actor] = end.local;
        if let Some(object) = object {
            to[self.actors() + object] = end.content;
        }
        let mut breach = end.breach;
        if end.far {
            self.release_held(&mut to, actor)?;
            breach = breach.or(self.follow_item(from, &mut to, act)?);
        }
        Ok((to, breach))
    }

    /// All moves from a state, by actor.
    pub fn moves(&mut self, from: &[u32]) -> Vec<Move> {
        (0..self.actors()).flat_map(|actor| self.moves_of(from, actor)).collect()
    }

    /// The moves of one actor.
    pub fn moves_of(&mut self, from: &[u32], actor: usize) -> Vec<Move> {
        let mut moves = Vec::new();
        for act in self.acts(actor, from[actor]) {
            let object = self.touches(actor, from[actor], act);
            let content = object.map_or(0, |object| from[self.actors() + object]);
            for (variant, end) in self.ends(actor, from[actor], act, object, content).iter().enumerate() {
                let (to, breach) = self.complete(from, actor, act, object, end);
                let id = ActorId(actor as u32);
                moves.push(Move { actor: id, act, variant: variant as u32, quiet: end.quiet, breach, to });
            }
        }
        moves
    }
}

/// Whether two actors cannot be told apart by what they run.
fn run_the_same(program: &Program, one: usize, other: usize) -> bool {
    let (a, b) = (&program.actors[one], &program.actors[other]);
    a.role == b.role && a.code.registers == b.code.registers && a.code.instructions == b.code.instructions
}
