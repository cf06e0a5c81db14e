//! Time: the processor's counter where it is steady, for stamps that cost 10 ns; CLOCK_MONOTONIC for everything else.

use std::sync::OnceLock;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CLOCK_MONOTONIC, the same in all processes.
pub fn monotonic() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::new(now.tv_sec.max(0) as u64, now.tv_nsec.max(0) as u32)
}

/// A stamp of now, in ticks of unknown length that all processes share.
#[inline]
pub fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    if steady() {
        // SAFETY: every x86-64 processor has RDTSC, and Linux lets user programs use it.
        return unsafe { core::arch::x86_64::_rdtsc() };
    }
    monotonic().as_nanos() as u64
}

/// Whether the counter runs at one rate on all cores and through sleep, by what the kernel says of it.
#[inline]
fn steady() -> bool {
    static STEADY: OnceLock<bool> = OnceLock::new();
    *STEADY.get_or_init(|| {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let flags = info.lines().find(|line| line.starts_with("flags")).unwrap_or("");
        ["constant_tsc", "nonstop_tsc"].iter().all(|flag| flags.split_whitespace().any(|f| f == *flag))
    })
}

/// Turns ticks into time. The rate is known ever better the longer ago the base is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// A stamp.
    pub ticks: u64,
    /// CLOCK_MONOTONIC at that stamp, in nanoseconds.
    pub nanos: u64,
}

impl Base {
    /// The base of now.
    pub fn now() -> Base {
        Base { ticks: ticks(), nanos: monotonic().as_nanos() as u64 }
    }

    /// How long a stamp lies behind the base, measured by what the clocks show `now`; 0 if it lies before.
    pub fn since(self, now: Base, stamp: u64) -> Duration {
        let ticks = now.ticks.saturating_sub(self.ticks).max(1);
        let nanos = now.nanos.saturating_sub(self.nanos);
        let share = stamp.saturating_sub(self.ticks) as f64 / ticks as f64;
        Duration::from_nanos((share * nanos as f64) as u64)
    }
}
