//! An actor's process: maps the board, opens its semaphores, and does for real what its program asks for.

mod message;
mod perform;
mod semaphore;
mod show;
mod sync;
mod wait;
mod watch;

use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use super::names::RunId;
use crate::board::{self, Board, Control, Slot, Speed, Tally, Texts, Writer};
use crate::lang::{self, Scope};
use crate::os::{Mapping, clock};
use crate::program::{ActorId, Code, Program, value::Fault};
use crate::snapshot::{Doing, Life};
use crate::vm::{self, Frame, Hand, Message, Request};
use message::Mailboxes;
use semaphore::Handles;
pub use semaphore::{GIVE_UP, fair_bury, fair_post_now};
use show::Printer;
use std::sync::atomic::Ordering;
use std::time::Duration;
pub use sync::{queued_for, sync_bury_now};
use watch::Watch;

/// Plays one actor of a run to its end. What goes wrong before it begins is said on standard error, which the
/// supervisor reads.
pub fn main(run: RunId, number: u32) -> Result<(), Box<dyn std::error::Error>> {
    let name = run.board();
    let mapping = Mapping::open(&name, 0, true)?;
    let texts = Board::texts_of(&mapping, &name)?;
    let sources = texts.sources();
    let compiled = lang::compile(&sources, &texts.settings, Scope::Only(number))
        .map_err(|diagnostics| diagnostics.render(&sources, false))?;
    let program = compiled.program;
    let board = Board::open(&mapping, &name, &program)?;
    if number as usize >= program.actors.len() {
        return Err(format!("there is no actor {number}").into());
    }
    let mut actor = Actor::new(&board, &program, &texts, run, ActorId(number))?;
    actor.slot.life().store(Life::Running as u64, Ordering::Release);
    actor.await_start();
    let life = actor.play();
    actor.leave_all();
    actor.printer.flush();
    actor.slot.doing().store(Doing::Running.pack(), Ordering::Relaxed);
    actor.slot.life().store(life as u64, Ordering::Release);
    Ok(())
}

/// The run is over.
struct Stopped;
type Step<T = ()> = Result<T, Stopped>;

struct Actor<'a, 'm> {
    board: &'a Board<'m>,
    program: &'a Program,
    code: &'a Code,
    me: ActorId,
    slot: Slot<'m>,
    tally: Tally<'m>,
    frame: Frame,
    events: Writer<'m>,
    steps: u64,
    handles: Handles<'m>,
    mailboxes: Mailboxes,
    /// What the present step received.
    inbox: Option<Message>,
    watch: Watch<'a>,
    printer: Printer,
    control: Control<'m>,
    /// The epoch of control that `speed` was read at.
    epoch: u32,
    speed: Speed,
    /// Nanoseconds in a tick.
    tick: f64,
    /// The visible state, and since when.
    state: u8,
    since: u64,
    /// How much pausing there had been by then, in nanoseconds.
    held: u64,
    /// When it entered a state in this very step; 0 if it did not. Reading the clock is a good part of a step.
    stamp: u64,
    /// Draws times; another one draws choices, so that the speed does not change them.
    times: Pcg32,
    choices: Pcg32,
    /// The line at which it is held up, 0 for none, and for how long.
    delay: (u32, Duration),
    /// The position of the operation before, while there is such a line.
    before: u32,
    /// The await it spins in: from where to where its program reads the condition.
    spin: Option<(u32, u32)>,
    /// The number of its next item.
    next_item: u32,
    hand: Hand,
    /// Whether somebody else decides when it takes a step, and how the present one shall end.
    gated: bool,
    how: u32,
}

impl<'a, 'm> Actor<'a, 'm> {
    fn new(
        board: &'a Board<'m>,
        program: &'a Program,
        texts: &Texts,
        run: RunId,
        me: ActorId,
    ) -> Result<Actor<'a, 'm>, Box<dyn std::error::Error>> {
        let actor = &program.actors[me.index()];
        let slot = board.slot(me);
        let role = &program.roles[actor.role.index()];
        let seed = board.seed();
        let stream = u64::from(me.0) * 2;
        let mut made = Actor {
            board,
            program,
            code: &actor.code,
            me,
            slot,
            tally: board.tally(me, role.states.len()),
            frame: Frame::new(&actor.code),
            events: Writer::new(board.ring(me), slot.events()),
            steps: 0,
            handles: Handles::open(board, program, texts.over, run, me)?,
            mailboxes: Mailboxes::open(board, program, texts, run, me)?,
            inbox: None,
            watch: Watch::new(program, me),
            printer: Printer::new(program.actor_name(me)),
            control: board.control(),
            epoch: 0,
            speed: Speed::MAX,
            tick: 1.0,
            state: 0,
            since: clock::ticks(),
            held: 0,
            stamp: 0,
            times: Pcg32::seed_from_u64(seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            choices: Pcg32::seed_from_u64(seed ^ (stream + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            delay: (0, Duration::ZERO),
            before: 0,
            spin: None,
            next_item: 0,
            hand: Hand::new(program, me),
            gated: false,
            how: 0,
        };
        made.slot.state_since().store(made.since, Ordering::Relaxed);
        made.look_at_control();
        Ok(made)
    }

    /// Waits until all actors of the run are there.
    fn await_start(&mut self) {
        while !self.control.started() && !self.control.stopping() {
            let epoch = self.control.epoch();
            if !self.control.started() {
                self.control.sleep(epoch, None);
            }
        }
        self.look_at_control();
        self.gated = self.control.gated();
        // A pause may have come with the start: the first gate must look for itself.
        self.epoch = self.epoch.wrapping_sub(1);
        self.since = clock::ticks();
        self.slot.state_since().store(self.since, Ordering::Relaxed);
    }

    /// Runs the program. Gives what became of it.
    fn play(&mut self) -> Life {
        loop {
            let request = vm::step(self.code, &mut self.frame);
            let result = match request {
                Request::Pause => match self.gate() {
                    Ok(()) => continue,
                    Err(Stopped) => return Life::Done,
                },
                // No steps, but places where a pause or the end must be noticed.
                Request::Print { .. } | Request::Fault { .. } if self.gate().is_err() => return Life::Done,
                Request::Print { text, value, last } => {
                    self.printer.print(&self.program.texts[text.index()], value, last);
                    0
                }
                Request::Fault { fault, text } => {
                    self.fault(fault, text);
                    if fault != Fault::Assertion {
                        return Life::Failed;
                    }
                    0
                }
                Request::Exit => {
                    self.publish();
                    return Life::Done;
                }
                // Each reading is a step of its own.
                Request::Spin if self.gated => 0,
                Request::Spin => match self.spin() {
                    Ok(()) => 0,
                    Err(Stopped) => return Life::Done,
                },
                Request::Read { .. } if self.spin.is_some() && self.gate().is_err() => return Life::Done,
                Request::Read { cell } if self.is_spinning() => {
                    self.board.cell(cell).load(Ordering::Acquire) as i32
                }
                visible => match self.visible(visible) {
                    Ok(_) if matches!(visible, Request::Receive { .. }) => {
                        self.frame.received(self.code, self.inbox.take().as_ref());
                        continue;
                    }
                    Ok(result) => result,
                    Err(Stopped) => return Life::Done,
                },
            };
            self.frame.complete(self.code, result);
        }
    }

    /// Whether the actor reads the condition of the await that it spins in. Otherwise the await is over.
    #[inline]
    fn is_spinning(&mut self) -> bool {
        match self.spin {
            None => false,
            Some((from, to)) if (from..to).contains(&self.frame.position) => true,
            Some(_) => {
                self.stop_spinning();
                false
            }
        }
    }

    fn stop_spinning(&mut self) {
        self.spin = None;
        self.slot.doing().store(Doing::Running.pack(), Ordering::Release);
    }

    /// One visible operation: gate, pace, the thing itself, and what others see of it.
    #[inline]
    fn visible(&mut self, request: Request) -> Step<i32> {
        if self.spin.is_some() {
            self.stop_spinning();
        }
        self.gate()?;
        if self.gated {
            self.await_grant();
        }
        if self.speed != Speed::MAX {
            self.pace(request)?;
        }
        if self.delay.0 != 0 {
            self.maybe_hold_up()?;
        }
        let (result, object) = self.perform(request)?;
        if self.hand.done(self.program, request, result, self.inbox.as_ref()) {
            self.slot.hand().store(u64::from(self.hand.item() as u32), Ordering::Release);
        }
        self.steps += 1;
        let at = match std::mem::take(&mut self.stamp) {
            0 => clock::ticks(),
            stamp => stamp,
        };
        self.events.push(board::Event { at, position: self.frame.position, result, object });
        self.slot.progress().store(board::progress(self.steps, self.frame.position + 1), Ordering::Release);
        Ok(result)
    }

    /// Shows that it is past the operation that it is at, before it counts what it took: until then the semaphore is
    /// out of balance, and nobody relies on where this actor was.
    #[inline]
    fn passed(&self) {
        let progress = board::progress(self.steps + 1, self.frame.position + 1);
        self.slot.progress().store(progress, Ordering::Release);
    }

    /// Shows where it is, with its steps.
    fn publish(&self) {
        self.slot.progress().store(board::progress(self.steps, self.frame.position), Ordering::Release);
    }

    /// Waits until it may take its step, and learns how that shall end.
    #[cold]
    fn await_grant(&mut self) {
        self.publish();
        self.how = self.board.gate(self.me).pass();
        if self.how == board::FREE {
            self.gated = false;
            self.how = 0;
        }
    }

    /// Stops here while the run is paused, and ends here when it is over.
    #[inline]
    fn gate(&mut self) -> Step {
        if self.control.epoch() == self.epoch { Ok(()) } else { self.gate_slowly() }
    }

    #[cold]
    fn gate_slowly(&mut self) -> Step {
        self.publish();
        let doing = self.slot.doing().load(Ordering::Relaxed);
        loop {
            self.look_at_control();
            if self.control.stopping() {
                return Err(Stopped);
            }
            if !self.control.paused() {
                break;
            }
            // Who spins in an `await` waits all the same.
            if doing != Doing::Spinning.pack() {
                self.slot.doing().store(Doing::Held.pack(), Ordering::Release);
            }
            self.control.sleep(self.epoch, None);
        }
        self.slot.doing().store(doing, Ordering::Release);
        Ok(())
    }

    fn look_at_control(&mut self) {
        self.epoch = self.control.epoch();
        self.speed = self.control.speed();
        let delay = self.slot.delay().load(Ordering::Acquire);
        self.delay = ((delay >> 32) as u32, Duration::from_millis(delay & 0xffff_ffff));
        let (base, now) = (self.board.base(), clock::Base::now());
        let ticks = now.ticks.saturating_sub(base.ticks).max(1);
        self.tick = now.nanos.saturating_sub(base.nanos) as f64 / ticks as f64;
    }
}
