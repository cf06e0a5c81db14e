//! The supervisor's side of a run: starts it, looks at it, notices deaths, ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::process::{Pid, Signal};

use super::actor::{fair_bury, fair_post_now, sync_bury_now};
use super::channel::Links;
use super::claim::Claim;
use super::launch::{self, Guard, Names, Plan, StartError};
use super::names::RunId;
use super::prints::Prints;
use super::probe::BoardProbe;
use crate::board::{Board, Control, Counters, Detail, Event, Reader, Waits, collect};
use crate::inspect::{self, Switches};
use crate::monitor::{Death, Monitor, Verdict};
use crate::os::child::{self, Ended, Group};
use crate::os::{self, Semaphore};
use crate::program::{ActorId, ChannelId, Program, SemaphoreId, SyncId};
use crate::snapshot::{Life, Snapshot};

/// A run that lives. It ends, with everything that belongs to it, when this is dropped.
pub struct Supervisor<'m> {
    plan: &'m Plan<'m>,
    claim: &'m Claim,
    run: RunId,
    board: Board<'m>,
    semaphores: Vec<Option<Semaphore>>,
    links: Links,
    guard: Guard,
    group: Option<Group>,
    actors: Vec<Pid>,
    prints: Prints,
    _write_end: OwnedFd,
    child_signal: Arc<AtomicBool>,
    monitor: Monitor,
    probe: BoardProbe,
    started_in: Duration,
    switches: Vec<Option<Switches>>,
    looks: Looks,
    /// Fair semaphores that a dead actor was handed and did not take.
    unposted: Vec<SemaphoreId>,
    /// Dead actors that are still to be taken out of monitors, locks and barriers.
    unburied: Vec<(SyncId, ActorId)>,
}

/// How much looking there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// Looks so far.
    pub count: u64,
    /// Time spent looking, in all.
    pub spent: Duration,
    /// The longest time between the beginnings of two looks.
    pub longest_gap: Duration,
    last: Option<Instant>,
}

impl Looks {
    fn begin(&mut self) -> Instant {
        let now = Instant::now();
        if let Some(last) = self.last.replace(now) {
            self.longest_gap = self.longest_gap.max(now - last);
        }
        self.count += 1;
        now
    }
}

/// A fault that a user injects: an actor is held up whenever it comes to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The line of its program, counted from 1.
    pub line: u32,
    /// For how long, in milliseconds of the run.
    pub millis: u32,
}

/// Every so many looks, children are asked after even if no signal says that one has ended.
const LOOK_ANYWAY: u64 = 32;
/// How long the end of a run waits for processes that do not die at once (in a system call, or held by a debugger).
const END_TIME: Duration = Duration::from_secs(2);

/// What one look at a run found.
#[derive(Debug)]
pub struct Tick {
    /// The run as it was.
    pub snapshot: Snapshot,
    /// Verdicts that were not there before.
    pub verdicts: Vec<Verdict>,
    /// Lines that actors printed.
    pub prints: Vec<String>,
    /// Whether every actor has ended.
    pub over: bool,
}

/// What is known of an actor when a run ends.
#[derive(Clone, Debug)]
pub struct ActorSummary {
    /// How long it waited, in states that are neither activity nor moment.
    pub waits: Waits,
    /// Context switches of its process.
    pub switches: Option<Switches>,
}

/// Starts a run, hands it to `play`, and ends it. `interrupted` is asked while the processes start. The calling thread
/// must live as long as the run: the kernel ends the actors with the thread that started them.
pub fn with_run<R>(
    plan: &Plan<'_>,
    interrupted: &dyn Fn() -> bool,
    play: impl FnOnce(&mut Supervisor<'_>) -> R,
) -> Result<R, StartError> {
    let layout = launch::layout(plan);
    let names = Names::take(&layout)?;
    let board = Board::create(&names.mapping, plan.program, &plan.texts, layout, plan.seed)?;
    let links = Links::create(plan.texts.over, &names.claim, plan.program)?;
    let mut supervisor = Supervisor::start(plan, &names.claim, board, links, interrupted)?;
    let result = play(&mut supervisor);
    drop(supervisor);
    Ok(result)
}

impl<'m> Supervisor<'m> {
    fn start(
        plan: &'m Plan<'m>,
        claim: &'m Claim,
        board: Board<'m>,
        links: Links,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Supervisor<'m>, StartError> {
        let began = Instant::now();
        let run = claim.run;
        let semaphores = launch::semaphores(run, plan)?;
        for (id, words) in links.words.iter().enumerate() {
            for (word, value) in board.channel(ChannelId(id as u32)).iter().zip(words) {
                word.store(*value, Ordering::Relaxed);
            }
        }
        board.control().set_speed(plan.speed);
        if plan.gated {
            board.control().set_gated();
        }
        board.publish();
        let (prints, write_end) = launch::print_pipe()?;
        let guard = Guard::start(&plan.binary, run, None)?;
        board.guard().store(u64::from(guard.pid()), Ordering::Relaxed);
        let child_signal = Arc::new(AtomicBool::new(false));
        // Failing to register only means that deaths are looked for at every tick.
        if signal_hook::flag::register(signal_hook::consts::SIGCHLD, child_signal.clone()).is_err() {
            child_signal.store(true, Ordering::Relaxed);
        }
        let mut supervisor = Supervisor {
            plan,
            claim,
            run,
            board,
            semaphores,
            links,
            guard,
            group: None,
            actors: Vec::new(),
            prints,
            _write_end: write_end,
            child_signal,
            monitor: Monitor::new(plan.program),
            probe: BoardProbe::default(),
            started_in: Duration::ZERO,
            switches: vec![None; plan.program.actors.len()],
            looks: Looks::default(),
            unposted: Vec::new(),
            unburied: Vec::new(),
        };
        supervisor.spawn_all(interrupted)?;
        supervisor.started_in = began.elapsed();
        supervisor.board.control().start();
        Ok(supervisor)
    }

    fn spawn_all(&mut self, interrupted: &dyn Fn() -> bool) -> Result<(), StartError> {
        let total = self.plan.program.actors.len();
        for at in 0..total {
            let id = ActorId(at as u32);
            self.board.slot(id).life().store(Life::Starting as u64, Ordering::Release);
            let pid =
                launch::actor(self.plan, self.run, id, self.group, &self._write_end, &self.links.inherited)
                    .map_err(|source| launch::spawn_error(at, total, source))?;
            self.board.slot(id).pid().store(pid.as_raw_nonzero().get() as u64, Ordering::Release);
            self.actors.push(pid);
            if self.group.is_none() {
                self.group = Some(Group(pid));
                self.guard.tell(Group(pid));
            }
            if interrupted() {
                return Err(StartError::Interrupted);
            }
        }
        launch::await_all(&self.board, self.plan.program, &self.actors, &mut self.prints, interrupted)
    }

    /// The run's identity.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The program.
    pub fn program(&self) -> &'m Program {
        self.plan.program
    }

    /// How long it took until all processes ran.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// How much looking there was.
    pub fn looks(&self) -> Looks {
        self.looks
    }

    /// Pause, speed and stop.
    pub fn control(&self) -> Control<'m> {
        self.board.control()
    }

    /// Sends a signal to an actor's process: SIGKILL to kill it, SIGSTOP and SIGCONT to freeze and thaw it.
    pub fn signal(&self, actor: ActorId, signal: Signal) -> os::Result<()> {
        child::signal(self.actors[actor.index()], signal)
    }

    /// Holds an actor up for a time whenever it comes to a line of its program, or no more.
    pub fn delay(&self, actor: ActorId, delay: Option<Delay>) {
        let word = delay.map_or(0, |d| u64::from(d.line) << 32 | u64::from(d.millis));
        self.board.slot(actor).delay().store(word, Ordering::Release);
        self.board.control().touch();
    }

    /// The run's shared memory.
    pub fn board(&self) -> &Board<'m> {
        &self.board
    }

    /// Looks at the run once: deaths, a picture, verdicts, prints.
    pub fn tick(&mut self) -> Tick {
        let began = self.looks.begin();
        let deaths = self.deaths();
        let board = &self.board;
        self.unposted.retain(|id| !fair_post_now(board, *id));
        let program = self.plan.program;
        self.unburied.retain(|(id, actor)| !sync_bury_now(board, program, *id, *actor));
        if self.guard.is_gone()
            && let Ok(guard) = Guard::start(&self.plan.binary, self.run, self.group)
        {
            self.board.guard().store(u64::from(guard.pid()), Ordering::Relaxed);
            self.guard = guard;
        }
        let snapshot = self.snapshot(Detail::Quick);
        let messages = |id: ChannelId| self.links.pending(&self.board, program, id);
        let counters = Counters { named: &self.semaphores, messages: &messages };
        let mut probe = self.probe.at(&self.board, program, counters);
        let verdicts = self.monitor.observe(self.plan.program, &snapshot, &deaths, &mut probe);
        self.prints.drain();
        let over = snapshot.actors.iter().all(|actor| actor.life.is_over());
        self.looks.spent += began.elapsed();
        Tick { snapshot, verdicts, prints: self.prints.lines(), over }
    }

    /// A picture of the run.
    pub fn snapshot(&self, detail: Detail) -> Snapshot {
        let messages = |id: ChannelId| self.links.pending(&self.board, self.plan.program, id);
        let counters = Counters { named: &self.semaphores, messages: &messages };
        collect(&self.board, self.plan.program, counters, detail)
    }

    /// Says what went wrong inside actors, beyond their program.
    pub fn errors(&self) -> &[String] {
        self.prints.errors()
    }

    /// What the kernel and the board know of each actor.
    pub fn summaries(&self) -> Vec<ActorSummary> {
        let program = self.plan.program;
        (0..program.actors.len() as u32)
            .map(|actor| {
                let id = ActorId(actor);
                let pid = self.actors[id.index()].as_raw_nonzero().get() as u32;
                ActorSummary {
                    waits: self.board.waits(program, id),
                    switches: self.switches[id.index()].or_else(|| inspect::switches(pid)),
                }
            })
            .collect()
    }

    /// Memory that the actors' processes have for themselves, in KiB, together; none if the kernel will not tell.
    pub fn memory_kib(&self) -> Option<u64> {
        let alive = self.actors.iter().map(|pid| pid.as_raw_nonzero().get() as u32);
        alive.filter_map(inspect::private_kib).reduce(|a, b| a + b)
    }

    /// The events that the rings still hold, by time, and how many were overwritten: actor, event.
    pub fn events(&self) -> (Vec<(ActorId, Event)>, u64) {
        let mut events = Vec::new();
        let mut dropped = 0;
        for actor in (0..self.actors.len() as u32).map(ActorId) {
            let mut reader = Reader::default();
            let head = self.board.slot(actor).events();
            reader.drain(self.board.ring(actor), head, |event| events.push((actor, event)));
            dropped += reader.dropped;
        }
        events.sort_by_key(|(_, event)| event.at);
        (events, dropped)
    }

    /// When an event was, since the run began.
    pub fn event_time(&self, event: &Event) -> Duration {
        self.board.base().since(os::clock::Base::now(), event.at)
    }

    /// Actors whose processes have ended since the last look without having said so.
    fn deaths(&mut self) -> Vec<Death> {
        // A signal that is blocked or lost must not hide a death for long.
        let signalled = self.child_signal.swap(false, Ordering::AcqRel);
        if !signalled && !self.looks.count.is_multiple_of(LOOK_ANYWAY) {
            return Vec::new();
        }
        let mut deaths = Vec::new();
        for at in 0..self.actors.len() {
            let id = ActorId(at as u32);
            let slot = self.board.slot(id);
            if Life::of(slot.life().load(Ordering::Acquire)) == Life::Dead {
                continue;
            }
            let Some(ended) = child::ended(self.actors[at]) else { continue };
            let pid = self.actors[at].as_raw_nonzero().get() as u32;
            if self.switches[at].is_none() {
                self.switches[at] = inspect::switches(pid);
            }
            if Life::of(slot.life().load(Ordering::Acquire)).is_over() {
                continue;
            }
            self.bury(id);
            let signal = match ended {
                Ended::Signal(signal) => Some(signal),
                Ended::Exit(_) => None,
            };
            deaths.push(Death { actor: id, pid, signal });
        }
        deaths
    }

    /// Undoes what a dead actor can no longer undo itself, and wakes whoever slept behind it.
    fn bury(&mut self, actor: ActorId) {
        let slot = self.board.slot(actor);
        self.board.tainted().store(1, Ordering::SeqCst);
        slot.state().store(u64::from(crate::program::BETWEEN), Ordering::SeqCst);
        slot.life().store(Life::Dead as u64, Ordering::Release);
        self.unposted.extend(fair_bury(&self.board, actor));
        let program = self.plan.program;
        self.unburied.extend((0..program.sync_count()).map(|id| (SyncId(id), actor)));
        for (id, _) in program.actors[actor.index()].ports.iter() {
            self.wake(id);
        }
    }

    fn wake(&self, id: SemaphoreId) {
        if let Some(semaphore) = &self.semaphores[id.index()]
            && semaphore.value().value > 0
        {
            semaphore.wake_all();
        }
    }
}

impl Drop for Supervisor<'_> {
    fn drop(&mut self) {
        self.board.control().stop();
        if let Some(group) = self.group {
            let _ = child::kill_group(group);
        }
        // Once its members are reaped, the group's number may be another's: the guard must not kill it any more.
        self.guard.release();
        let deadline = Instant::now() + END_TIME;
        for pid in &self.actors {
            child::reap(*pid, deadline);
        }
        // The guard ends once the run's names are gone.
        self.claim.clear();
        self.guard.dismiss(deadline);
    }
}
