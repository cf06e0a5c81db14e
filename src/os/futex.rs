//! Sleeping until a word of shared memory changes (futex(2)).

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use rustix::thread::futex::{self, Flags, Timespec};

/// Sleeps while the word is `value`, at most for `time`. May return early.
pub fn wait(word: &AtomicU32, value: u32, time: Option<Duration>) {
    let time = time.map(|time| Timespec {
        tv_sec: time.as_secs().min(i64::MAX as u64) as i64,
        tv_nsec: time.subsec_nanos().into(),
    });
    // Every error is a reason to look again: the word differs, the time is over, a signal came.
    let _ = futex::wait(word, Flags::empty(), value, time.as_ref());
}

/// Wakes everyone who sleeps on the word.
pub fn wake_all(word: &AtomicU32) {
    let _ = futex::wake(word, Flags::empty(), i32::MAX as u32);
}
