//! Real processes, led by the model: each waits at its gate until it is told to take its next step.
//!
//! The model walks ahead, the process follows, and after each step the two are compared: where every actor is, what it
//! shows, what every object holds. So a schedule ends on the real processes as it ends in the model, or it is said at which
//! step they part.

use std::time::{Duration, Instant};

use crate::board::{Detail, FREE, Gate};
use crate::check::{Act, Memory, Move, Walk, WalkStep};
use crate::monitor::{self, Certainty, Verdict};
use crate::program::{ActorId, Object, Program};
use crate::run::{GIVE_UP, Supervisor, Tick};
use crate::snapshot::{Doing, Life, Snapshot};
use crate::vm::Request;

/// After so long a process that was told to take a step counts as hanging.
const MOST_WAIT: Duration = Duration::from_secs(20);
/// How long the verdict on those who are stuck may take: the kernel must show them asleep.
const VERDICT_WAIT: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Why a schedule cannot be followed any further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Astray {
    /// The actor of a step cannot move.
    #[error("step {step}: {actor} cannot move there; it {why}. The schedule does not fit this program")]
    #[allow(missing_docs)]
    Blocked { step: u64, actor: String, why: String },
    /// There is no such actor.
    #[error("step {step} is for actor number {actor} (counted from 0), and there are only {actors}")]
    #[allow(missing_docs)]
    NoActor { step: u64, actor: u32, actors: usize },
    /// A process did not do what it was told to.
    #[error("step {step}: the process of {actor} does not come to its next operation")]
    #[allow(missing_docs)]
    Hangs { step: u64, actor: String },
    /// A process has ended.
    #[error("step {step}: the process of {actor} is gone")]
    #[allow(missing_docs)]
    Gone { step: u64, actor: String },
    /// The real processes are not where the model is.
    #[error("after step {step} the real processes are not where the model is: {what}")]
    #[allow(missing_docs)]
    Differs { step: u64, what: String },
}

/// A run whose every step is decided from outside.
pub struct Puppets<'r, 'm, 'p> {
    supervisor: &'r mut Supervisor<'m>,
    walk: Walk<'p>,
    program: &'p Program,
    steps: u64,
    prints: Vec<String>,
    verdicts: Vec<Verdict>,
}

impl<'r, 'm, 'p> Puppets<'r, 'm, 'p> {
    /// Takes over a gated run, once all its actors stand at their gates.
    pub fn new(
        supervisor: &'r mut Supervisor<'m>,
        program: &'p Program,
    ) -> Result<Puppets<'r, 'm, 'p>, Astray> {
        let walk = Walk::new(program, Memory::Sc);
        let mut puppets =
            Puppets { supervisor, walk, program, steps: 0, prints: Vec::new(), verdicts: Vec::new() };
        for actor in puppets.actors() {
            puppets.settle(actor)?;
        }
        puppets.compare()?;
        Ok(puppets)
    }

    fn actors(&self) -> impl Iterator<Item = ActorId> + use<> {
        (0..self.program.actors.len() as u32).map(ActorId)
    }

    fn gate(&self, actor: ActorId) -> Gate<'m> {
        self.supervisor.board().gate(actor)
    }

    /// The model, which is where the processes are.
    pub fn walk(&mut self) -> &mut Walk<'p> {
        &mut self.walk
    }

    /// Whether nobody can go on, though somebody wants to.
    pub fn is_stuck(&mut self) -> bool {
        let moves = self.walk.all_moves();
        if self.walk.is_over() || moves.iter().any(|m| !m.quiet) {
            return false;
        }
        // Those who only go round in an `await`: as the model changes nothing by it, one round of each tells.
        let picture = self.walk.picture();
        let standings = monitor::standings(self.program, &picture);
        let stuck = crate::program::stuck(self.program, &standings, &|object| {
            picture.available(self.program, object)
        });
        moves.is_empty() || !stuck.actors.is_empty()
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Judges what was done since a picture was taken, if everything is again as it was then.
    pub fn judge_rounds_since(&mut self, before: &Snapshot) {
        let verdict = monitor::judge_rounds(self.program, before, &self.picture());
        self.verdicts.extend(verdict);
    }

    /// What actors printed since the last call.
    pub fn prints(&mut self) -> Vec<String> {
        self.look();
        std::mem::take(&mut self.prints)
    }

    /// A picture of the real processes.
    pub fn picture(&self) -> Snapshot {
        self.supervisor.snapshot(Detail::Full)
    }

    /// Sees after the processes while nothing is asked of them.
    pub fn look_after(&mut self) {
        self.look();
    }

    fn look(&mut self) -> Tick {
        let mut tick = self.supervisor.tick();
        self.prints.append(&mut tick.prints);
        // Who waits at a gate waits for us: what only looks like waiting too long means nothing here.
        let proved = tick.verdicts.iter().filter(|verdict| verdict.certainty == Certainty::Proved);
        self.verdicts.extend(proved.cloned());
        tick
    }

    /// Lets an actor do the `nth` of its moves.
    pub fn step(&mut self, actor: ActorId, nth: u32) -> Result<WalkStep, Astray> {
        let step = self.steps + 1;
        if actor.index() >= self.program.actors.len() {
            return Err(Astray::NoActor { step, actor: actor.0, actors: self.program.actors.len() });
        }
        match self.walk.moves(actor).into_iter().nth(nth as usize) {
            Some(chosen) => self.take(chosen),
            None => Err(Astray::Blocked {
                step,
                actor: self.program.actor_name(actor),
                why: self.why_not(actor, nth),
            }),
        }
    }

    /// Lets an actor make a move that the model offers.
    fn take(&mut self, chosen: Move) -> Result<WalkStep, Astray> {
        self.steps += 1;
        let actor = chosen.actor;
        let variant = chosen.variant;
        let taken = self.walk.take(chosen);
        self.gate(actor).grant(how(&taken, variant));
        self.settle(actor)?;
        self.compare()?;
        Ok(taken)
    }

    fn why_not(&mut self, actor: ActorId, nth: u32) -> String {
        let view = &self.walk.picture().actors[actor.index()];
        match view.doing {
            _ if view.life.is_over() => "has come to its end".into(),
            Doing::Blocked(object) | Doing::BlockedFor(object) => {
                format!("waits for {}", self.program.object_name(object))
            }
            _ => format!("has no way {nth} to go on"),
        }
    }

    /// Waits until an actor stands at its gate, or has come to its end, or will never come to a gate.
    fn settle(&mut self, actor: ActorId) -> Result<(), Astray> {
        let gate = self.gate(actor);
        let began = Instant::now();
        let (_, comes) = self.walk.position(actor);
        // An actor that comes to its end stands at no gate again.
        let ends = !comes && self.walk.picture().actors[actor.index()].life.is_over();
        loop {
            let life = Life::of(
                self.supervisor.board().slot(actor).life().load(std::sync::atomic::Ordering::Acquire),
            );
            match life {
                Life::Dead => {
                    let (step, actor) = (self.steps, self.program.actor_name(actor));
                    return Err(Astray::Gone { step, actor });
                }
                life if life.is_over() || gate.is_at() || !comes && !ends && began.elapsed() > LOOK_EVERY => {
                    return Ok(());
                }
                _ => {}
            }
            if gate.await_arrival(LOOK_EVERY * 5) {
                return Ok(());
            }
            self.look();
            if began.elapsed() > MOST_WAIT {
                let (step, actor) = (self.steps, self.program.actor_name(actor));
                return Err(Astray::Hangs { step, actor });
            }
        }
    }

    /// Compares the processes with the model.
    fn compare(&mut self) -> Result<(), Astray> {
        let real = self.supervisor.snapshot(Detail::Full);
        let model = self.walk.picture();
        match self.difference(&real, &model) {
            None => Ok(()),
            Some(what) => Err(Astray::Differs { step: self.steps, what }),
        }
    }

    fn difference(&self, real: &Snapshot, model: &Snapshot) -> Option<String> {
        for actor in self.actors() {
            let (is, should) = (&real.actors[actor.index()], &model.actors[actor.index()]);
            let (position, comes) = self.walk.position(actor);
            let code = &self.program.actors[actor.index()].code;
            let name = self.program.actor_name(actor);
            if is.life.is_over() != should.life.is_over() {
                return Some(format!("{name} is {} and should be {}", is.life.name(), should.life.name()));
            }
            if comes && is.position != position {
                let (is, should) = (code.line(is.position), code.line(position));
                return Some(format!("{name} is on line {is} and should be on line {should}"));
            }
            if is.state != should.state && !is.life.is_over() {
                let role = self.program.actors[actor.index()].role;
                let word = |state| self.program.state_name(role, state);
                return Some(format!(
                    "{name} shows {} and should show {}",
                    word(is.state),
                    word(should.state)
                ));
            }
        }
        let objects = |snapshot: &Snapshot| -> Vec<i64> {
            let semaphores = snapshot.objects.semaphores.iter().map(|s| i64::from(s.value));
            let mutexes = snapshot.objects.mutexes.iter().map(|m| m.map_or(-1, |holder| i64::from(holder.0)));
            semaphores.chain(mutexes).collect()
        };
        let (is, should) = (objects(real), objects(model));
        if let Some(at) = (0..is.len()).find(|at| is[*at] != should[*at]) {
            let semaphores = real.objects.semaphores.len();
            let object = match at.checked_sub(semaphores) {
                None => Object::Semaphore(crate::program::SemaphoreId(at as u32)),
                // A mutex of one who has ended is held by nobody in the model.
                Some(_)
                    if should[at] == -1
                        && real.actors.get(is[at] as usize).is_some_and(|a| a.life.is_over()) =>
                {
                    return None;
                }
                Some(mutex) => Object::Mutex(crate::program::MutexId(mutex as u32)),
            };
            return Some(format!(
                "{} is {} and should be {}",
                self.program.object_name(object),
                is[at],
                should[at]
            ));
        }
        let syncs = real.objects.syncs.iter().zip(&model.objects.syncs);
        if let Some((at, _)) = syncs.enumerate().find(|(_, (is, should))| is != should) {
            let name = self.program.object_name(Object::Sync(crate::program::SyncId(at as u32)));
            let (is, should) = (&real.objects.syncs[at], &model.objects.syncs[at]);
            return Some(format!("{name} holds {is:?} and should hold {should:?}"));
        }
        let differs = |(cell, (is, should)): (usize, (&i32, &i32))| {
            let id = crate::program::CellId(cell as u32);
            // Items have numbers of their own there.
            (is != should && !self.program.variable(id).holds_items).then(|| {
                format!("{} is {is} and should be {should}", self.program.object_name(Object::Cell(id)))
            })
        };
        real.objects.cells.iter().zip(&model.objects.cells).enumerate().find_map(differs)
    }

    /// The end of a schedule: who is blocked in the model is let into its wait, so that the kernel shows it asleep there.
    /// Gives the last picture, and what the monitor says; with `expected`, it is waited for.
    pub fn finish(&mut self, expected: bool) -> (Snapshot, Vec<Verdict>) {
        let model = self.walk.picture();
        let waits = |doing| matches!(doing, Doing::Blocked(_) | Doing::Spinning);
        let blocked: Vec<ActorId> =
            self.actors().filter(|actor| waits(model.actors[actor.index()].doing)).collect();
        for gate in blocked.iter().map(|actor| self.gate(*actor)).filter(|gate| gate.is_at()) {
            gate.grant(FREE);
        }
        let began = Instant::now();
        loop {
            let tick = self.look();
            let asleep = blocked.iter().all(|actor| waits(tick.snapshot.actors[actor.index()].doing));
            let judged = !expected || self.verdicts.iter().any(Verdict::is_fault);
            if asleep && judged || tick.over || began.elapsed() > VERDICT_WAIT {
                // An item that is lost leaves no mark on the processes: the model, which they have followed, knows which it is.
                let lost = monitor::latest_breach(self.program, &model);
                self.verdicts.extend(lost.filter(|_| !self.verdicts.iter().any(Verdict::is_fault)));
                return (self.supervisor.snapshot(Detail::Full), std::mem::take(&mut self.verdicts));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// What an actor's process must be told of its step.
fn how(taken: &WalkStep, variant: u32) -> u32 {
    match taken.act {
        Act::Operation(Request::Choose { .. }) => variant,
        Act::Operation(Request::WaitFor { .. } | Request::LockFor { .. }) => {
            let took = taken.changed.iter().any(|(object, old, new)| match object {
                Object::Semaphore(_) => new < old,
                Object::Mutex(_) => new > old,
                _ => false,
            });
            if took || taken.arrived { 0 } else { GIVE_UP }
        }
        _ => 0,
    }
}
