//! Lock files, and the removal of what dead runs left behind.
//!
//! A run creates its lock file first and removes it last, and holds a lock on it (flock(2)) for as long as it lives. A
//! lock file that can be locked is a dead run's: everything with its name goes, and what the lock file itself registers,
//! and the file last. What has no lock file, or belongs to another user, is left alone.

use std::fs;
use std::io::{Read, Seek};
use std::os::unix::fs::MetadataExt;

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, fstat, openat};
use rustix::io::Errno;

use super::names::RunId;
use super::outside::Outside;
use crate::os::{self, SHM_DIR, remove};

/// A run's lock, held.
#[derive(Debug)]
pub struct Lock {
    run: RunId,
    file: OwnedFd,
}

impl Lock {
    /// Creates and locks a run's lock file, which must not exist yet.
    pub fn create(run: RunId) -> os::Result<Lock> {
        let path = format!("{SHM_DIR}/{}", run.lock());
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        let file = openat(CWD, &path, flags, Mode::RUSR | Mode::WUSR).map_err(|errno| {
            let error = os::Error::new("open", &path, errno);
            match errno {
                Errno::NOENT => error.hint(format!("there is no {SHM_DIR}: mount a tmpfs there")),
                Errno::ACCESS | Errno::ROFS => error.hint(format!("check who may write to {SHM_DIR}")),
                Errno::NOSPC => {
                    error.hint(format!("{SHM_DIR} is full: run `fiveforks clean`, or enlarge it"))
                }
                _ => error,
            }
        })?;
        // A sweeper may have locked and removed it in between: then the name is free, or somebody else's.
        if !take(&path, &file) {
            return Err(os::Error::new("flock", path, Errno::EXIST));
        }
        Ok(Lock { run, file })
    }

    /// Locks an existing lock file, if its run is dead.
    fn of_dead(run: RunId) -> Option<Lock> {
        let path = format!("{SHM_DIR}/{}", run.lock());
        let file =
            openat(CWD, &path, OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).ok()?;
        os::owned(&path, &file).ok()?;
        take(&path, &file).then_some(Lock { run, file })
    }

    /// Registers something of the run that is not in `/dev/shm`. To be called before it is made.
    pub fn register(&self, outside: &Outside) -> os::Result<()> {
        self.append(&outside.line()?)
    }

    /// Takes a registration back.
    pub fn unregister(&self, outside: &Outside) -> os::Result<()> {
        self.append(&outside.not()?)
    }

    /// One call for a whole line, at the end of the file: this process alone writes to it.
    fn append(&self, line: &str) -> os::Result<()> {
        let failed = |errno| {
            let error = os::Error::new("write", format!("{SHM_DIR}/{}", self.run.lock()), errno);
            error.hint(format!("{SHM_DIR} is full: run `fiveforks clean`, or enlarge it"))
        };
        let end = fstat(&self.file).map_err(failed)?.st_size as u64;
        match rustix::io::pwrite(&self.file, line.as_bytes(), end).map_err(failed)? {
            written if written == line.len() => Ok(()),
            _ => Err(failed(Errno::NOSPC)),
        }
    }

    fn registered(&self) -> Vec<Outside> {
        let mut text = String::new();
        let file = self.file.try_clone().map(fs::File::from);
        // The registrations of a file that cannot be read are lost; there is nobody who could do more.
        let _ = file.and_then(|mut file| {
            file.rewind()?;
            file.read_to_string(&mut text)
        });
        Outside::all(&text, self.run)
    }

    /// Removes everything of the run, and the lock file last.
    pub fn clear(&self) -> usize {
        let outside = self.registered();
        let mut removed = outside.iter().filter(|outside| outside.remove().unwrap_or(false)).count();
        for file in files_of(self.run) {
            if file != self.run.lock() && remove(&file).is_ok() {
                removed += 1;
            }
        }
        removed + usize::from(remove(&self.run.lock()).is_ok())
    }
}

/// Locks an open file, if nobody else has and it still is what stands under the path.
fn take(path: &str, file: &OwnedFd) -> bool {
    let locked = flock(file, FlockOperation::NonBlockingLockExclusive).is_ok();
    let same = match (fstat(file), fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.st_dev, open.st_ino) == (named.dev(), named.ino()),
        _ => false,
    };
    locked && same
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Dead runs found.
    pub runs: usize,
    /// Names removed.
    pub names: usize,
}

/// Removes what dead runs of this user left behind.
pub fn sweep() -> Swept {
    let mut swept = Swept::default();
    for run in locked_runs() {
        if let Some(lock) = Lock::of_dead(run) {
            swept.runs += 1;
            swept.names += lock.clear();
        }
    }
    swept
}

/// Removes what one run left behind, if it is dead. False if it still seems to live.
pub fn sweep_run(run: RunId) -> bool {
    if let Some(lock) = Lock::of_dead(run) {
        lock.clear();
    }
    !std::path::Path::new(&format!("{SHM_DIR}/{}", run.lock())).exists()
}

/// The runs of this user that live now.
pub fn living() -> Vec<RunId> {
    let uid = rustix::process::geteuid().as_raw();
    let mine = |run: &RunId| fs::metadata(format!("{SHM_DIR}/{}", run.lock())).is_ok_and(|m| m.uid() == uid);
    let dead = |run: &RunId| Lock::of_dead(*run).is_some();
    locked_runs().into_iter().filter(mine).filter(|run| !dead(run)).collect()
}

/// Files in `/dev/shm` that look like ours but have no lock file, so that nobody can say whose they are.
pub fn unattributed() -> Vec<String> {
    let locked = locked_runs();
    files().filter(|file| RunId::of_file(file).is_some_and(|run| !locked.contains(&run))).collect()
}

fn files() -> impl Iterator<Item = String> {
    let entries = fs::read_dir(SHM_DIR).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

fn files_of(run: RunId) -> Vec<String> {
    files().filter(|file| RunId::of_file(file) == Some(run)).collect()
}

fn locked_runs() -> Vec<RunId> {
    let lock = |file: String| RunId::of_file(&file).filter(|run| file == run.lock());
    files().filter_map(lock).collect()
}
