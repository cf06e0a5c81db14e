//! Pause, speed and stop, and the clock of the run that they rule.
//!
//! The run has a time of its own: it goes `speed` times as fast as the real one and stands still while the run is
//! paused. Whoever changes something bumps `epoch` and wakes all who sleep on it; sleepers look again and go on
//! sleeping for what is left.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use std::time::Duration;

use crate::os::clock::monotonic;
use crate::os::{Mapping, futex};

/// How fast the time of the run goes, in millionths of real time; 0 means that nothing takes any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(pub u64);

/// As fast as the real time.
pub const REAL_TIME: Speed = Speed(1_000_000);

impl Speed {
    /// Activities, sleeps and pauses take no time at all.
    pub const MAX: Speed = Speed(0);
}

const PAUSED: u64 = 1;
const STOP: u64 = 2;
const STARTED: u64 = 4;
const GATED: u64 = 8;

/// The words of control.
#[derive(Clone, Copy, Debug)]
pub struct Control<'m> {
    epoch: &'m AtomicU32,
    flags: &'m AtomicU64,
    speed: &'m AtomicU64,
    /// The time of the run at the last change, in nanoseconds, and the real time then.
    run_base: &'m AtomicU64,
    real_base: &'m AtomicU64,
    /// Odd while the supervisor changes the words above.
    sequence: &'m AtomicU64,
    /// Real nanoseconds of the pauses that are over, and the real time at which the present one began.
    held: &'m AtomicU64,
    paused_at: &'m AtomicU64,
}

impl<'m> Control<'m> {
    pub(super) fn over(mapping: &'m Mapping, word: usize) -> Control<'m> {
        let words = mapping.words(word * 8, 8);
        Control {
            epoch: &mapping.halves(word * 8, 1)[0],
            flags: &words[1],
            speed: &words[2],
            run_base: &words[3],
            real_base: &words[4],
            sequence: &words[5],
            held: &words[6],
            paused_at: &words[7],
        }
    }

    /// Changes with every change of control: actors look at it before each step.
    #[inline]
    pub fn epoch(&self) -> u32 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Sleeps until the epoch is no longer `seen`, at most for `time`.
    pub fn sleep(&self, seen: u32, time: Option<Duration>) {
        futex::wait(self.epoch, seen, time);
    }

    /// Whether the run is paused.
    pub fn paused(&self) -> bool {
        self.flags.load(Ordering::Acquire) & PAUSED != 0
    }

    /// Whether actors shall end.
    pub fn stopping(&self) -> bool {
        self.flags.load(Ordering::Acquire) & STOP != 0
    }

    /// Whether actors may begin.
    pub fn started(&self) -> bool {
        self.flags.load(Ordering::Acquire) & STARTED != 0
    }

    /// The speed.
    pub fn speed(&self) -> Speed {
        Speed(self.speed.load(Ordering::Acquire))
    }

    /// The time of the run.
    pub fn run_time(&self) -> Duration {
        // A supervisor that was killed in the middle of a change leaves the sequence odd.
        const MAX_TRIES: u32 = 100_000;
        let mut tries = 0;
        loop {
            tries += 1;
            let before = self.sequence.load(Ordering::Acquire);
            let [run, real] = [self.run_base, self.real_base].map(|w| w.load(Ordering::Relaxed));
            let (flags, speed) = (self.flags.load(Ordering::Relaxed), self.speed.load(Ordering::Relaxed));
            fence(Ordering::Acquire);
            if tries < MAX_TRIES && (before % 2 == 1 || self.sequence.load(Ordering::Relaxed) != before) {
                std::hint::spin_loop();
                continue;
            }
            let still = flags & PAUSED != 0 || flags & STARTED == 0;
            let gone = if still { 0 } else { (monotonic().as_nanos() as u64).saturating_sub(real) };
            return Duration::from_nanos(run + scaled(gone, Speed(speed)));
        }
    }

    /// Sets the speed.
    pub fn set_speed(&self, speed: Speed) {
        self.change(|c| c.speed.store(speed.0, Ordering::Relaxed));
    }

    /// Real time, in nanoseconds, of the pauses that are over.
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Acquire)
    }

    /// Pauses or resumes.
    pub fn set_paused(&self, paused: bool) {
        let now = monotonic().as_nanos() as u64;
        match (self.paused(), paused) {
            (false, true) => self.paused_at.store(now, Ordering::Relaxed),
            (true, false) => {
                let pause = now.saturating_sub(self.paused_at.load(Ordering::Relaxed));
                self.held.store(self.held() + pause, Ordering::Release);
            }
            _ => {}
        }
        self.flag(PAUSED, paused);
    }

    /// Lets actors begin.
    pub fn start(&self) {
        self.flag(STARTED, true);
    }

    /// Makes actors wait at their gates before each step. Said before the start.
    pub fn set_gated(&self) {
        self.flag(GATED, true);
    }

    /// Whether actors wait at their gates before each step.
    pub fn gated(&self) -> bool {
        self.flags.load(Ordering::Acquire) & GATED != 0
    }

    /// Makes actors look at what concerns them alone.
    pub fn touch(&self) {
        self.change(|_| {});
    }

    /// Asks actors to end.
    pub fn stop(&self) {
        self.flag(STOP, true);
    }

    fn flag(&self, flag: u64, on: bool) {
        self.change(|c| {
            let flags = c.flags.load(Ordering::Relaxed);
            c.flags.store(if on { flags | flag } else { flags & !flag }, Ordering::Relaxed);
        });
    }

    /// Only the supervisor changes anything, so one writer is enough for the sequence.
    fn change(&self, change: impl FnOnce(&Self)) {
        let now = monotonic().as_nanos() as u64;
        let run = self.run_time().as_nanos() as u64;
        let sequence = self.sequence.load(Ordering::Relaxed);
        self.sequence.store(sequence + 1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.run_base.store(run, Ordering::Relaxed);
        self.real_base.store(now, Ordering::Relaxed);
        change(self);
        self.sequence.store(sequence + 2, Ordering::Release);
        self.epoch.fetch_add(1, Ordering::AcqRel);
        futex::wake_all(self.epoch);
    }
}

/// Real nanoseconds as nanoseconds of the run. At the highest speed nothing takes time, and the clock is the real one.
fn scaled(real: u64, speed: Speed) -> u64 {
    match speed {
        Speed::MAX => real,
        Speed(millionths) => (u128::from(real) * u128::from(millionths) / 1_000_000) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_still_before_the_start_and_in_a_pause() {
        let name = format!("/fiveforks.test-control-{}", std::process::id());
        let mapping = Mapping::create(&name, 4096).expect("a mapping");
        crate::os::remove(&name[1..]).expect("removed");
        let control = Control::over(&mapping, 0);
        control.set_speed(REAL_TIME);
        assert_eq!(control.run_time(), Duration::ZERO);
        control.start();
        std::thread::sleep(Duration::from_millis(5));
        assert!(control.run_time() >= Duration::from_millis(5));
        control.set_paused(true);
        let held = control.run_time();
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(control.run_time(), held);
        assert_eq!(control.held(), 0);
        control.set_speed(Speed(10_000_000));
        control.set_paused(false);
        assert!(control.held() >= 5_000_000);
        std::thread::sleep(Duration::from_millis(5));
        assert!(control.run_time() >= held + Duration::from_millis(50));
    }
}
