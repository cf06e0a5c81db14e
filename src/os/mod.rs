//! What the kernel gives: the only module with `unsafe`, each block with the argument why it is sound.
//!
//! Everything above sees safe types: a [`Mapping`] hands out slices of atomics, a [`Semaphore`] cannot outlive its
//! process, and every error says which call failed on which name, and what to do.
#![allow(unsafe_code)]

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!(
    "fiveforks runs on 64-bit Linux: it needs futexes, /proc, and glibc's or musl's named semaphores"
);

pub mod child;
pub mod clock;
pub mod futex;
pub mod memory;
pub mod mqueue;
mod mutex;
pub mod ring;
pub mod rtsignal;
mod sem;
mod shm;
pub mod sysv;

pub use mutex::{MUTEX_BYTES, Mutex, Took};
pub use sem::{Semaphore, Value};
pub use shm::{Mapping, SHM_DIR, available, exists, owned, remove};

use std::io;
use std::path::PathBuf;

/// A failed call to the kernel or the C library.
#[derive(Debug, thiserror::Error)]
#[error("{call} failed for {name}: {source}{}", hint.as_deref().map(|h| format!("; {h}")).unwrap_or_default())]
pub struct Error {
    /// The call, as its manual page is called.
    pub call: &'static str,
    /// What it was called for.
    pub name: String,
    /// The error number.
    #[source]
    pub source: io::Error,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Error {
    /// An error with the kernel's number.
    pub fn new(call: &'static str, name: impl Into<String>, source: impl Into<io::Error>) -> Error {
        Error { call, name: name.into(), source: source.into(), hint: None }
    }

    /// The error that `errno` holds now.
    pub fn last(call: &'static str, name: impl Into<String>) -> Error {
        Error::new(call, name, io::Error::last_os_error())
    }

    /// An object that exists, but is not what it should be.
    pub fn unfit(name: impl Into<String>, why: impl Into<String>) -> Error {
        Error::new("open", name, io::Error::new(io::ErrorKind::InvalidData, why.into()))
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the name was taken.
    pub fn exists(&self) -> bool {
        self.source.kind() == io::ErrorKind::AlreadyExists
    }
}

/// The folder for temporary files, as an absolute path whatever TMPDIR says, so that every process of a run, and
/// whoever clears up behind it, means the same one.
pub fn temporary_folder() -> PathBuf {
    std::path::absolute(std::env::temp_dir()).unwrap_or_else(|_| PathBuf::from("/tmp"))
}

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;
