//! A way through a program, one step at a time, forwards and back: a counterexample, or one that the user chooses.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::history::History;
use super::lanes::Show;
use super::moment::{Happened, Moment};
use super::puppeteer::{Arrived, Moves, Puppeteer};
use super::subject::Subject;
use crate::check::{self, Act, Ahead, Fault, Memory, Options, Report, Walk, WalkStep};
use crate::monitor::Verdict;
use crate::program::{ActorId, ConditionId, Object, Program, SyncId};
use crate::report;
use crate::run::RunId;
use crate::snapshot::Snapshot;
use crate::vm::Request;

/// A way, and where on it one is.
#[derive(Debug)]
pub struct Walking {
    subject: Arc<Subject>,
    /// Where writes are buffered, no real processes can go along: at their gates no write stays in a buffer.
    memory: Memory,
    /// The moves.
    pub moves: Moves,
    /// What they do.
    pub steps: Vec<WalkStep>,
    pictures: Vec<Snapshot>,
    /// Where the moves begin that repeat for ever.
    pub cycle: Option<usize>,
    /// What is wrong at the end of the way, in words; empty if nothing is known to be.
    pub text: String,
    /// The same as a verdict.
    pub verdict: Option<Verdict>,
    /// The word for it.
    pub kind: Option<&'static str>,
    /// Whether the user chooses the way.
    pub own: bool,
    /// What lies ahead of a place on the way.
    pub ahead: Option<(Moves, Ahead)>,
    /// How many steps are enough to break the program.
    pub best: Option<usize>,
    asking: Option<(Moves, JoinHandle<Ahead>)>,
    real: Option<Puppeteer>,
    /// Where one stands, and who can move there, in how many ways each.
    here: (usize, Vec<(ActorId, u32)>),
    /// Where the real processes are, or what went wrong with them.
    pub arrived: Option<Result<Arrived, String>>,
}

impl Walking {
    /// A way that the user will choose.
    pub fn own(subject: Arc<Subject>) -> Walking {
        Walking::along(subject, Moves::new())
    }

    /// A way that was taken.
    pub fn along(subject: Arc<Subject>, moves: Moves) -> Walking {
        Walking::new(subject, Memory::Sc, moves, true)
    }

    /// The way to a fault that a check found.
    pub fn to_fault(subject: Arc<Subject>, report: &Report, fault: &Fault) -> Walking {
        let mut walking = Walking::new(subject.clone(), report.memory, fault.moves.0.clone(), false);
        let told = report::tell(&subject.program, report.memory, fault);
        walking.cycle = fault.cycle;
        (walking.text, walking.verdict, walking.kind) =
            (told.text, told.verdict, Some(fault.verdict().name()));
        walking
    }

    fn new(subject: Arc<Subject>, memory: Memory, moves: Moves, own: bool) -> Walking {
        let (steps, pictures) = Walk::of(&subject.program, memory, &moves);
        let mut walking = Walking {
            here: (0, Vec::new()),
            subject,
            memory,
            moves,
            steps,
            pictures,
            cycle: None,
            text: String::new(),
            verdict: None,
            kind: None,
            own,
            ahead: None,
            best: None,
            asking: None,
            real: None,
            arrived: None,
        };
        walking.here.1 = walking.movers_at(0);
        walking
    }

    /// The way as a history: a picture for each place on it.
    pub fn history(&self) -> History {
        let program = &self.subject.program;
        let mut history = History::new(program);
        let mut before: Vec<Option<Show>> = vec![None; program.actors.len()];
        let mut inside: Vec<VecDeque<i32>> = vec![VecDeque::new(); program.channel_count() as usize];
        for (at, picture) in self.pictures.iter().enumerate() {
            let mut changes = Vec::new();
            for (actor, (view, before)) in picture.actors.iter().zip(&mut before).enumerate() {
                let show = Show::of(view);
                if *before != Some(show) {
                    changes.push((ActorId(actor as u32), picture.elapsed, show));
                    *before = Some(show);
                }
            }
            let step = at.checked_sub(1).and_then(|at| self.steps.get(at));
            let event = step.map(|step| Happened {
                at: picture.elapsed,
                actor: step.actor,
                position: step.position,
                result: carried(step, &mut inside, program),
                object: object(step),
            });
            let verdicts = self.verdict.iter().filter(|_| at + 1 == self.pictures.len()).cloned();
            let moment = Moment {
                snapshot: picture.clone(),
                clock: picture.elapsed,
                changes,
                events: event.into_iter().collect(),
                lost: 0,
                verdicts: verdicts.collect(),
                prints: Vec::new(),
                waits: None,
                over: picture.actors.iter().all(|actor| actor.life.is_over()),
            };
            history.add(program, moment);
        }
        history
    }

    /// The actors that can move where one stands, and how many ways each has.
    pub fn movers(&self) -> &[(ActorId, u32)] {
        &self.here.1
    }

    fn movers_at(&self, at: usize) -> Vec<(ActorId, u32)> {
        let mut walk = self.walk_to(at);
        let mut movers: Vec<(ActorId, u32)> = Vec::new();
        for chosen in walk.all_moves() {
            match movers.last_mut() {
                Some((actor, ways)) if *actor == chosen.actor => *ways += u32::from(chosen.is_choice()),
                _ => movers.push((chosen.actor, 1)),
            }
        }
        movers
    }

    fn walk_to(&self, at: usize) -> Walk<'_> {
        Walk::new(&self.subject.program, self.memory).along(&self.moves[..at.min(self.moves.len())])
    }

    /// Leaves the way at a place: the actor takes the step there. False if it cannot move.
    pub fn turn(&mut self, at: usize, actor: ActorId, nth: u32) -> bool {
        let ways =
            self.movers_at(at).into_iter().find(|(mover, _)| *mover == actor).map_or(0, |(_, ways)| ways);
        if nth >= ways {
            return false;
        }
        let mut moves = self.moves[..at.min(self.moves.len())].to_vec();
        moves.push((actor, nth));
        let (steps, pictures) = Walk::of(&self.subject.program, self.memory, &moves);
        (self.moves, self.steps, self.pictures) = (moves, steps, pictures);
        (self.own, self.cycle, self.kind) = (true, None, None);
        self.verdict = None;
        self.text.clear();
        self.judge();
        true
    }

    /// Whether the last step broke a rule, or nobody can go on.
    fn judge(&mut self) {
        let program = self.subject.program.clone();
        let Some(last) = self.pictures.last() else { return };
        let broken = self.steps.last().and_then(|step| step.breach);
        let stuck = self.movers_at(self.moves.len()).is_empty();
        let waiting = last.actors.iter().any(|view| !view.life.is_over());
        let kind = match broken {
            Some(violation) => check::FaultKind::Violation(violation),
            None if stuck && waiting => {
                let actors = (0..program.actors.len() as u32).map(ActorId);
                check::FaultKind::Deadlock(
                    actors.filter(|a| !last.actors[a.index()].life.is_over()).collect(),
                )
            }
            None => return,
        };
        let fault = Fault::new(kind, check::Moves(self.moves.clone()));
        let told = report::tell(&program, self.memory, &fault);
        (self.text, self.verdict, self.kind) = (told.text, told.verdict, Some(fault.verdict().name()));
    }

    /// Asks, in a thread, what lies ahead of a place, unless that is known. Takes in what threads have found. Gives
    /// whether anything is new.
    pub fn advance(&mut self, at: usize) -> bool {
        let mut changed = false;
        if let Some((moves, thread)) = self.asking.take_if(|(_, thread)| thread.is_finished())
            && let Ok(ahead) = thread.join()
        {
            if moves.is_empty()
                && let Ahead::Fault { steps, .. } = ahead
            {
                self.best = Some(steps);
            }
            self.ahead = Some((moves, ahead));
            changed = true;
        }
        let here = &self.moves[..at.min(self.moves.len())];
        let known = self.ahead.as_ref().is_some_and(|(moves, _)| moves == here);
        if !known && self.asking.is_none() {
            let (moves, subject) = (here.to_vec(), self.subject.clone());
            let asked = moves.clone();
            let options = Options { memory: self.memory, ..Options::quick() };
            let work = move || check::ahead(&subject.program, &asked, &options);
            if let Ok(thread) = std::thread::Builder::new().name("look-ahead".into()).spawn(work) {
                self.asking = Some((moves, thread));
            }
        }
        while let Some(news) = self.real.as_ref().and_then(Puppeteer::news) {
            self.arrived = Some(news);
            changed = true;
        }
        changed
    }

    /// What lies ahead of a place, if it is known.
    pub fn ahead_of(&self, at: usize) -> Option<Ahead> {
        let (moves, ahead) = self.ahead.as_ref()?;
        (moves[..] == self.moves[..at.min(self.moves.len())]).then_some(*ahead)
    }

    /// Whether real processes can go along.
    pub fn may_be_real(&self) -> bool {
        self.memory == Memory::Sc
    }

    /// Whether real processes go along.
    pub fn is_real(&self) -> bool {
        self.real.is_some()
    }

    /// The run of the real processes, once they have come somewhere.
    pub fn real_run(&self) -> Option<RunId> {
        self.is_real().then_some(self.arrived.as_ref()?.as_ref().ok()?.run)
    }

    /// Lets real processes go along from now on, or no more.
    pub fn set_real(&mut self, binary: Option<&Path>) -> std::io::Result<()> {
        self.arrived = None;
        self.real = match binary {
            Some(binary) => Some(Puppeteer::start(self.subject.clone(), binary.to_path_buf())?),
            None => None,
        };
        Ok(())
    }

    /// Stands at a place from now on; real processes come there too.
    pub fn stand_at(&mut self, at: usize) {
        self.here = (at, self.movers_at(at));
        if let Some(real) = &self.real {
            let at = at.min(self.moves.len());
            real.go(&self.moves[..at], at == self.moves.len() && self.kind.is_some());
        }
    }

    /// Where the real processes are, if that is this place.
    pub fn real_at(&self, at: usize) -> Option<&Arrived> {
        let arrived = self.arrived.as_ref()?.as_ref().ok()?;
        (arrived.moves[..] == self.moves[..at.min(self.moves.len())]).then_some(arrived)
    }
}

/// The first value of the message that a step sends or receives; 0 of others, and for items, which have no names in the
/// model. `inside` is what lies in the channels.
fn carried(step: &WalkStep, inside: &mut [VecDeque<i32>], program: &Program) -> i32 {
    let value = match step.act {
        Act::Operation(Request::Send { channel, message, .. }) => {
            inside[channel.index()].push_back(message.values[0]);
            (channel, Some(message.values[0]))
        }
        Act::Operation(Request::Receive { channel, .. }) => (channel, inside[channel.index()].pop_front()),
        _ => return 0,
    };
    value.1.filter(|_| !program.channel(value.0).holds_items).unwrap_or(0)
}

/// The object that a step is about.
fn object(step: &WalkStep) -> Option<Object> {
    Some(match step.act {
        Act::Flush(cell, _) => Object::Cell(cell),
        Act::Operation(request) => match request {
            Request::Wait { semaphore }
            | Request::Signal { semaphore }
            | Request::TryWait { semaphore }
            | Request::WaitFor { semaphore, .. }
            | Request::Value { semaphore } => Object::Semaphore(semaphore),
            Request::Lock { mutex }
            | Request::Unlock { mutex }
            | Request::TryLock { mutex }
            | Request::LockFor { mutex, .. } => Object::Mutex(mutex),
            Request::Sync { op, number } if op.on_condition() => Object::Condition(ConditionId(number)),
            Request::Sync { number, .. } => Object::Sync(SyncId(number)),
            Request::Send { channel, ends, .. } => Object::Semaphore(ends.room(channel.0)),
            // A try that found no message concerned none.
            Request::Receive { channel, ends, .. } if !step.changed.is_empty() => {
                Object::Semaphore(ends.messages(channel.0))
            }
            Request::Read { cell } | Request::Write { cell, .. } | Request::Atomic { cell, .. } => {
                Object::Cell(cell)
            }
            _ => return None,
        },
    })
}
