//! Time in an actor: pace, activities, sleeps, and waiting in an `await`.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::RngExt;

use super::{Actor, Step, Stopped};
use crate::board::Speed;
use crate::program::Instruction;
use crate::snapshot::Doing;
use crate::vm::Request;

/// Rounds of an `await` that only spin, and then those that give the processor away; further ones sleep.
const SPIN_ROUNDS: u64 = 32;
const YIELD_ROUNDS: u64 = 512;
/// How long an `await` sleeps between rounds, at the highest speed and otherwise.
const NAP: [Duration; 2] = [Duration::from_micros(100), Duration::from_millis(2)];

impl Actor<'_, '_> {
    /// The moment that a visible operation takes at human speed. Activities and sleeps take their own time.
    pub(super) fn pace(&mut self, request: Request) -> Step {
        self.publish();
        let own_time = matches!(request, Request::Begin { .. } | Request::End { .. } | Request::Sleep { .. });
        if own_time {
            return Ok(());
        }
        let (low, high) = self.program.role_of(self.me).pace;
        let millis = self.times.random_range(low..=high.max(low));
        self.pass(Duration::from_millis(millis.into()))
    }

    /// A random time from a range of milliseconds, busy.
    pub(super) fn busy(&mut self, (low, high): (u32, u32)) -> Step {
        if self.speed == Speed::MAX {
            return Ok(());
        }
        let millis = self.times.random_range(low..=high.max(low));
        self.asleep(Duration::from_millis(millis.into()))
    }

    /// A time in which the actor is shown as busy.
    pub(super) fn asleep(&mut self, time: Duration) -> Step {
        if self.speed == Speed::MAX {
            return Ok(());
        }
        self.slot.doing().store(Doing::Busy.pack(), Ordering::Release);
        let result = self.pass(time);
        self.slot.doing().store(Doing::Running.pack(), Ordering::Release);
        result
    }

    /// The fault "delay at a line": it dawdles before the first operation of the line, each time that it comes there, at
    /// the highest speed too, unless the delay is taken away meanwhile.
    #[cold]
    pub(super) fn maybe_hold_up(&mut self) -> Step {
        let at = self.frame.position;
        let before = std::mem::replace(&mut self.before, at);
        let same_line = self.code.line(before) == self.delay.0 && before < at;
        if self.code.line(at) != self.delay.0 || same_line {
            return Ok(());
        }
        self.publish();
        let delay = self.delay;
        let end = self.control.run_time() + delay.1;
        while self.delay == delay {
            let left = end.saturating_sub(self.control.run_time());
            if left.is_zero() {
                break;
            }
            self.control.sleep(self.epoch, Some(self.real(left)));
            self.gate()?;
        }
        Ok(())
    }

    /// Lets time of the run pass: it goes with the speed and stands still in a pause.
    fn pass(&mut self, time: Duration) -> Step {
        let end = self.control.run_time() + time;
        loop {
            self.look_at_control();
            if self.control.stopping() {
                return Err(Stopped);
            }
            if self.control.paused() {
                self.control.sleep(self.epoch, None);
                continue;
            }
            let now = self.control.run_time();
            if now >= end || self.speed == Speed::MAX {
                return Ok(());
            }
            self.control.sleep(self.epoch, Some(self.real(end - now)));
        }
    }

    /// Time of the run as real time at the present speed.
    pub(super) fn real(&self, time: Duration) -> Duration {
        match self.speed {
            Speed::MAX => time,
            Speed(millionths) => {
                let nanos = time.as_nanos() * 1_000_000 / u128::from(millionths.max(1));
                // One more, so that rounding cannot wake it before its time.
                Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX / 2) + 1)
            }
        }
    }

    /// An `await` found its condition false. The actor counts as blocked on the variables that it reads; each further
    /// round is quiet: no step, no event, only the count of rounds, which tells the monitor that the condition was
    /// read anew.
    pub(super) fn spin(&mut self) -> Step {
        self.gate()?;
        let at = self.frame.position;
        let rounds = self.slot.rounds();
        let already = self.spin.is_some_and(|(_, to)| to == at);
        if !already {
            let from = match self.code.instructions[at as usize] {
                Instruction::Spin { again } => again,
                _ => at,
            };
            self.spin = Some((from, at));
            rounds.store(0, Ordering::Relaxed);
            self.steps += 1;
            self.publish();
            self.slot.since().store(crate::os::clock::ticks(), Ordering::Relaxed);
            self.slot.doing().store(Doing::Spinning.pack(), Ordering::Release);
        }
        let round = rounds.load(Ordering::Relaxed) + 1;
        rounds.store(round, Ordering::Release);
        if round < SPIN_ROUNDS && self.speed == Speed::MAX {
            std::hint::spin_loop();
        } else if round < YIELD_ROUNDS && self.speed == Speed::MAX {
            std::thread::yield_now();
        } else {
            let nap = NAP[usize::from(self.speed != Speed::MAX)];
            self.control.sleep(self.epoch, Some(nap));
        }
        Ok(())
    }
}
