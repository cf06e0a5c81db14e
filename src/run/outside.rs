//! What a run has outside `/dev/shm`. A queue or a file elsewhere is registered in the run's lock file before it is
//! made, so that whoever clears up behind a dead run knows of it: /dev/mqueue need not be mounted to be listed, and a
//! key does not tell whose it is.

use std::io;
use std::path::{Path, PathBuf};

use super::names::{PREFIX, RunId};
use crate::os::{self, mqueue, sysv};

/// A kernel object, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// A POSIX message queue, by its name without the slash.
    Queue(String),
    /// A System V message queue, by its key.
    Key(i32),
    /// A file that is not in `/dev/shm`.
    File(PathBuf),
}

/// Says that a key registered before was another's after all.
const NOT: &str = "not ";

impl Outside {
    /// A line of the lock file.
    pub(super) fn line(&self) -> os::Result<String> {
        let unfit =
            |name: &Path| os::Error::unfit(name.display().to_string(), "its name is no line of UTF-8");
        let line = match self {
            Outside::Queue(name) => format!("mqueue {name}"),
            Outside::Key(key) => format!("sysv {key}"),
            Outside::File(path) => format!("file {}", path.to_str().ok_or_else(|| unfit(path))?),
        };
        if line.contains('\n') { Err(unfit(Path::new(&line))) } else { Ok(line + "\n") }
    }

    /// A line that takes an earlier one back.
    pub(super) fn not(&self) -> os::Result<String> {
        Ok(format!("{NOT}{}", self.line()?))
    }

    fn parse(line: &str) -> Option<Outside> {
        let (kind, rest) = line.split_once(' ')?;
        match kind {
            "mqueue" => Some(Outside::Queue(rest.to_string())),
            "sysv" => rest.parse().ok().map(Outside::Key),
            "file" => Some(Outside::File(rest.into())),
            _ => None,
        }
    }

    /// What a lock file registers for a run. A name that does not begin as all names of the run do is passed over, and
    /// so is a last line without an end: it was being written when its writer died, and nothing was made yet.
    pub(super) fn all(text: &str, run: RunId) -> Vec<Outside> {
        let mut found = Vec::new();
        for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            let denied = line.strip_prefix(NOT);
            let Some(outside) = Outside::parse(denied.unwrap_or(line)) else { continue };
            found.retain(|other| *other != outside);
            if denied.is_none() && outside.belongs(run) {
                found.push(outside);
            }
        }
        found
    }

    fn belongs(&self, run: RunId) -> bool {
        let own = |name: &str| name.starts_with(&format!("{PREFIX}{run}."));
        match self {
            Outside::Queue(name) => own(name),
            Outside::Key(_) => true,
            Outside::File(path) => {
                path.is_absolute() && path.file_name().and_then(|n| n.to_str()).is_some_and(own)
            }
        }
    }

    /// Removes it. False if it was gone already.
    pub fn remove(&self) -> os::Result<bool> {
        match self {
            Outside::Queue(name) => mqueue::remove(name),
            Outside::Key(key) => sysv::remove(*key),
            Outside::File(path) => match std::fs::remove_file(path) {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(os::Error::new("unlink", path.display().to_string(), error)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_gives_back_what_was_registered() {
        let run = RunId(0xabc);
        let queue = Outside::Queue(format!("{PREFIX}{run}.there"));
        let file = Outside::File(format!("/tmp/a b/{PREFIX}{run}.ring").into());
        let (mine, foreign) = (Outside::Key(77), Outside::Key(78));
        let lines = [queue.line(), mine.line(), foreign.line(), foreign.not(), file.line()];
        let mut text: String = lines.map(|line| line.expect("a line")).concat();
        text += "sysv 123";
        assert_eq!(Outside::all(&text, run), [queue, mine, file]);
    }

    #[test]
    fn what_is_not_of_the_run_is_passed_over() {
        let text = "mqueue other\nfile /etc/passwd\nfile fiveforks.0000000000000abc.x\nsysv x\nnonsense\n\n";
        assert_eq!(Outside::all(text, RunId(0xabc)), []);
        assert!(Outside::File("/tmp/a\nb".into()).line().is_err());
    }
}
