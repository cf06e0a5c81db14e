//! A name that nobody else has: the beginning of every run.

use std::cell::Cell;

use rand::RngExt;

use super::names::RunId;
use super::outside::Outside;
use super::sweep::{Lock, sweep};
use crate::os::{self, sysv};

/// Tries to find a name that nobody uses.
const MAX_TRIES: usize = 8;

/// A run's identity, taken and locked. Dropping it removes everything that has its name or is registered with it.
#[derive(Debug)]
pub struct Claim {
    /// The identity.
    pub run: RunId,
    lock: Lock,
    /// Whether everything is removed already: what has its name now is somebody else's.
    cleared: Cell<bool>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Claim {
    /// Sweeps what dead runs left, and takes a new identity.
    pub fn take() -> os::Result<Claim> {
        sweep();
        let mut tries = 0;
        loop {
            let run = RunId(rand::rng().random());
            match Lock::create(run) {
                Ok(lock) => return Ok(Claim { run, lock, cleared: Cell::new(false) }),
                Err(error) if error.exists() && tries < MAX_TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Removes all that has its name or is registered with it.
    pub fn clear(&self) {
        if !self.cleared.replace(true) {
            self.lock.clear();
        }
    }

    /// Registers something outside `/dev/shm`. To be called before it is made.
    pub fn register(&self, outside: &Outside) -> os::Result<()> {
        self.lock.register(outside)
    }

    /// Creates a System V queue under a key that nobody uses, registered. Gives the key with it: one of
    /// [`RunId::keys`], so that `ipcs -q` shows what belongs together.
    pub fn create_keyed(&self) -> os::Result<(i32, sysv::Queue)> {
        for key in self.run.keys().filter(|key| !sysv::exists(*key)) {
            self.register(&Outside::Key(key))?;
            match sysv::Queue::create(key) {
                Ok(queue) => return Ok((key, queue)),
                // Somebody took the key in between: their queue must not be swept with this run.
                Err(error) => {
                    self.lock.unregister(&Outside::Key(key))?;
                    if !error.exists() {
                        return Err(error);
                    }
                }
            }
        }
        Err(os::Error::new("msgget", format!("run {}", self.run), rustix::io::Errno::EXIST)
            .hint("all keys of this run are taken: see `ipcs -q`"))
    }
}
