//! The start of a run: lock file, board, semaphores, guard, processes.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::Pid;

use super::claim::Claim;
use super::names::RunId;
use super::prints::Prints;
use crate::board::{Board, CountPlan, Layout, Speed, Texts};
use crate::os::child::{self, Group};
use crate::os::{self, Mapping, Semaphore};
use crate::program::{ActorId, Program};
use crate::snapshot::Life;

/// The hidden subcommands that a run starts its processes with.
pub const ACTOR_COMMAND: &str = "__actor";
/// See [`ACTOR_COMMAND`].
pub const GUARD_COMMAND: &str = "__guard";

/// More actors than this stand back behind other processes: a thousand that all want to run would leave the
/// supervisor a thousandth of the time.
const CROWD: usize = 32;

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The kernel refused something.
    #[error(transparent)]
    Os(#[from] os::Error),
    /// Not all processes could be started.
    #[error("started {started} of {total} processes, then: {source}; {hint}")]
    #[allow(missing_docs)]
    Spawn { started: usize, total: usize, source: io::Error, hint: String },
    /// An actor ended before it began.
    #[error("{actor} could not begin: {why}")]
    #[allow(missing_docs)]
    Actor { actor: String, why: String },
    /// A signal asked for the end before everything was there.
    #[error("interrupted while the processes were starting")]
    Interrupted,
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan<'p> {
    /// The compiled program.
    pub program: &'p Program,
    /// Its texts, which go onto the board.
    pub texts: Texts,
    /// What all random times and choices come from.
    pub seed: u64,
    /// How fast.
    pub speed: Speed,
    /// The binary that plays actors and guard: this one.
    pub binary: PathBuf,
    /// Whether somebody else decides who takes the next step: each actor waits at its gate before each.
    pub gated: bool,
}

/// The names of a run, taken: lock, board, semaphores. Dropping it removes them.
#[derive(Debug)]
pub(super) struct Names {
    pub mapping: Mapping,
    pub claim: Claim,
}

impl Names {
    /// Sweeps what dead runs left, and takes new names.
    pub fn take(layout: &Layout) -> os::Result<Names> {
        let claim = Claim::take()?;
        let mapping = Mapping::create(&claim.run.board(), layout.total)?;
        Ok(Names { mapping, claim })
    }
}

/// Lays out the board for a plan.
pub(super) fn layout(plan: &Plan<'_>) -> Layout {
    let counts = CountPlan::of(plan.program).words.len();
    Layout::of(plan.program, plan.texts.to_bytes().len(), counts)
}

/// Creates all named semaphores and opens them. Fair ones live on the board.
pub(super) fn semaphores(run: RunId, program: &Program) -> os::Result<Vec<Option<Semaphore>>> {
    let mut open = Vec::with_capacity(program.semaphore_count() as usize);
    for array in &program.semaphores {
        for k in 0..array.size.unwrap_or(1) {
            let id = crate::program::SemaphoreId(array.base.0 + k);
            if array.fair {
                open.push(None);
                continue;
            }
            let name = run.semaphore(program, id);
            Semaphore::create(&name, array.init)?;
            open.push(Some(Semaphore::open(&name)?));
        }
    }
    Ok(open)
}

/// The guard's process and the pipe that keeps it waiting.
#[derive(Debug)]
pub struct Guard {
    child: Child,
}

impl Guard {
    /// Starts the guard of a run, and tells it the group to kill, if there is one yet.
    pub fn start(binary: &Path, run: RunId, group: Option<Group>) -> os::Result<Guard> {
        let mut command = Command::new(binary);
        command.arg(GUARD_COMMAND).arg(run.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
        child::guard(&mut command);
        let child = command
            .spawn()
            .map_err(|source| os::Error::new("spawn", format!("the guard ({})", binary.display()), source))?;
        let mut guard = Guard { child };
        if let Some(group) = group {
            guard.tell(group);
        }
        Ok(guard)
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tells the guard which group to kill.
    pub fn tell(&mut self, group: Group) {
        use std::io::Write;
        if let Some(pipe) = &mut self.child.stdin {
            // If the guard is gone, the next look finds it out and starts another.
            let _ = writeln!(pipe, "group {}", group.0.as_raw_nonzero());
            let _ = pipe.flush();
        }
    }

    /// Whether somebody killed it.
    pub fn is_gone(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Tells it that there is no group to kill any more.
    pub fn release(&mut self) {
        use std::io::Write;
        if let Some(pipe) = &mut self.child.stdin {
            let _ = writeln!(pipe, "released");
            let _ = pipe.flush();
        }
    }

    /// Lets it end; one that does not by the deadline is killed.
    pub fn dismiss(&mut self, deadline: Instant) {
        const LOOK_EVERY: Duration = Duration::from_micros(200);
        drop(self.child.stdin.take());
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() >= deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// The pipe for what actors print: the reading end for the supervisor, the writing end for them. A full pipe loses
/// lines and never blocks.
pub(super) fn print_pipe() -> os::Result<(Prints, OwnedFd)> {
    let (read, write) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)
        .map_err(|errno| os::Error::new("pipe", "what actors print", errno))?;
    Ok((Prints::new(read), write))
}

/// Starts one actor's process.
pub(super) fn actor(
    plan: &Plan<'_>,
    run: RunId,
    number: ActorId,
    group: Option<Group>,
    prints: &OwnedFd,
) -> io::Result<Pid> {
    let mut command = Command::new(&plan.binary);
    command.arg(ACTOR_COMMAND).arg(run.to_string()).arg(number.0.to_string());
    command.stdin(Stdio::null()).stdout(prints.try_clone()?).stderr(prints.try_clone()?);
    child::actor(&mut command, group, plan.program.actors.len() > CROWD);
    let child = command.spawn()?;
    // The child is waited for by its number; dropping the handle does nothing.
    Pid::from_raw(child.id() as i32).ok_or_else(|| io::Error::other("a process without a number"))
}

/// What to say of a process that could not be started.
pub(super) fn spawn_error(started: usize, total: usize, source: io::Error) -> StartError {
    let hint = match source.raw_os_error() {
        Some(libc::EAGAIN) => "raise the limit of processes (ulimit -u), or use fewer actors".to_string(),
        Some(libc::EMFILE | libc::ENFILE) => "raise the limit of open files (ulimit -n)".to_string(),
        Some(libc::ENOMEM) => "there is not enough memory: use fewer actors".to_string(),
        _ => "the run was cleared away".to_string(),
    };
    StartError::Spawn { started, total, source, hint }
}

/// Waits until all actors are there. One that ends before is an error, with what it said.
pub(super) fn await_all(
    board: &Board<'_>,
    program: &Program,
    pids: &[Pid],
    prints: &mut Prints,
    interrupted: &dyn Fn() -> bool,
) -> Result<(), StartError> {
    const LOOK_EVERY: Duration = Duration::from_micros(500);
    for (at, pid) in pids.iter().enumerate() {
        let id = ActorId(at as u32);
        loop {
            if Life::of(board.slot(id).life().load(Ordering::Acquire)) == Life::Running {
                break;
            }
            if let Some(ended) = child::ended(*pid) {
                prints.drain();
                let said = prints.errors().join("; ");
                let why = if said.is_empty() { format!("its process ended ({ended:?})") } else { said };
                return Err(StartError::Actor { actor: program.actor_name(id), why });
            }
            if interrupted() {
                return Err(StartError::Interrupted);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
    Ok(())
}
