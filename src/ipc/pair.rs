//! The two processes of a measurement, from the side of the one that measures.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Pid;

use super::link::{Link, Side, Spec};
use super::words::{Answer, Done, Order, line};
use crate::os;
use crate::os::child::{self, Ended, Group};
use crate::run::Guard;

/// The hidden subcommand that the processes are started with.
pub const PEER_COMMAND: &str = "__peer";

/// How long to wait for an answer before asking whether somebody wants an end.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
/// The end of a process that does not end at once, as while a debugger holds it, is waited for so long.
const END_TIME: Duration = Duration::from_secs(2);
/// From the second's word that it begins until the first begins: it shall wait for the message by then.
const HEAD_START: Duration = Duration::from_micros(200);

/// Why there are no figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Somebody wants an end.
    Interrupted,
    /// It cannot be measured, and why.
    Why(String),
}

impl From<os::Error> for Failure {
    fn from(error: os::Error) -> Failure {
        Failure::Why(error.to_string())
    }
}

/// Two processes that wait for orders. Dropping it ends them.
pub struct Pair<'g> {
    guard: &'g mut Guard,
    interrupted: &'g dyn Fn() -> bool,
    peers: Vec<Peer>,
    /// What connects them; removed after they have ended.
    link: Link,
}

struct Peer {
    pid: Pid,
    child: Child,
    out: ChildStdout,
    /// What it has said and nobody has read yet.
    said: Vec<u8>,
    /// Whether it can say no more.
    silent: bool,
}

impl<'g> Pair<'g> {
    /// Starts both processes and waits until they have opened everything; the names are removed then.
    pub fn start(
        binary: &Path,
        spec: &Spec,
        cores: [usize; 2],
        link: Link,
        (guard, interrupted): (&'g mut Guard, &'g dyn Fn() -> bool),
    ) -> Result<Pair<'g>, Failure> {
        let mut pair = Pair { guard, interrupted, peers: Vec::new(), link };
        for (side, core) in [Side::First, Side::Second].into_iter().zip(cores) {
            let spec = Spec { side, core, handles: pair.link.handles(side), ..spec.clone() };
            let mut command = Command::new(binary);
            command.arg(PEER_COMMAND).args(spec.words());
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            child::inherit(&mut command, pair.link.inherited(side));
            pair.spawn(command)?;
        }
        pair.link.hand_over();
        for (at, other) in [(0, 1), (1, 0)] {
            let partner = pair.peers[other].pid.as_raw_nonzero().get();
            pair.order(at, Order::Partner(partner))?;
        }
        for at in [0, 1] {
            pair.expect(at, |answer| matches!(answer, Answer::Ready).then_some(()))?;
        }
        pair.link.remove_names();
        Ok(pair)
    }

    fn spawn(&mut self, mut command: Command) -> Result<(), Failure> {
        let group = self.peers.first().map(|first| Group(first.pid));
        child::actor(&mut command, group, false);
        let mut child =
            command.spawn().map_err(|source| os::Error::new("spawn", "a process to measure", source))?;
        let (Some(pid), Some(out)) = (Pid::from_raw(child.id() as i32), child.stdout.take()) else {
            return Err(Failure::Why("a process without a number".into()));
        };
        self.peers.push(Peer { pid, child, out, said: Vec::new(), silent: false });
        if group.is_none() {
            self.guard.tell(Group(pid));
        }
        Ok(())
    }

    /// Lets both play a round: the answers of the first and of the second.
    pub fn round(&mut self, order: Order) -> Result<[Done; 2], Failure> {
        self.order(1, order)?;
        self.expect(1, |answer| matches!(answer, Answer::Begun).then_some(()))?;
        std::thread::sleep(HEAD_START);
        self.order(0, order)?;
        let done = |answer| if let Answer::Done(done) = answer { Some(done) } else { None };
        Ok([self.expect(0, done)?, self.expect(1, done)?])
    }

    fn order(&mut self, at: usize, order: Order) -> Result<(), Failure> {
        let sent = self.peers[at].child.stdin.as_mut().map(|pipe| pipe.write_all(line(&order).as_bytes()));
        if matches!(sent, Some(Ok(()))) { Ok(()) } else { Err(self.ended(at)) }
    }

    /// The next answer of a process, if it is what is expected. The end of either is the end of both: the other one
    /// would wait for ever.
    fn expect<T>(&mut self, at: usize, wanted: impl Fn(Answer) -> Option<T>) -> Result<T, Failure> {
        loop {
            if let Some(end) = self.peers[at].said.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.peers[at].said.drain(..=end).collect();
                let answer = serde_json::from_slice(&line);
                return match answer {
                    Ok(Answer::Failed(why)) => Err(Failure::Why(why)),
                    Ok(answer) => wanted(answer).ok_or_else(|| Failure::Why("an unexpected answer".into())),
                    Err(error) => Err(Failure::Why(error.to_string())),
                };
            }
            if (self.interrupted)() {
                return Err(Failure::Interrupted);
            }
            if let Some(silent) = self.peers.iter().position(|peer| peer.silent) {
                return Err(self.ended(silent));
            }
            self.listen();
        }
    }

    /// Waits a little for anybody to say anything.
    fn listen(&mut self) {
        let mut wait: Vec<PollFd<'_>> =
            self.peers.iter().map(|peer| PollFd::new(&peer.out, PollFlags::IN)).collect();
        // An interrupted wait is a reason to look around as well.
        let _ = poll(&mut wait, Some(&LOOK_EVERY));
        let ready: Vec<bool> = wait.iter().map(|fd| !fd.revents().is_empty()).collect();
        for (peer, _) in self.peers.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
            let mut buffer = [0; 4096];
            match rustix::io::read(&peer.out, &mut buffer) {
                Ok(0) => peer.silent = true,
                Ok(len) => peer.said.extend_from_slice(&buffer[..len]),
                Err(Errno::INTR) => {}
                Err(_) => peer.silent = true,
            }
        }
    }

    /// How a process ended that should not have: what it said last, or what ended it.
    fn ended(&mut self, at: usize) -> Failure {
        let deadline = Instant::now() + END_TIME;
        let peer = &mut self.peers[at];
        let lines = peer.said.split(|byte| *byte == b'\n');
        let last = lines.filter_map(|line| serde_json::from_slice(line).ok()).next_back();
        if let Some(Answer::Failed(why)) = last {
            return Failure::Why(why);
        }
        loop {
            match child::ended(peer.pid) {
                Some(Ended::Signal(signal)) => {
                    return Failure::Why(format!("one of the two processes was killed (signal {signal})"));
                }
                Some(Ended::Exit(code)) => {
                    return Failure::Why(format!("one of the two processes ended (exit status {code})"));
                }
                None if Instant::now() > deadline => {
                    return Failure::Why("one of the two processes does not answer".into());
                }
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

impl Drop for Pair<'_> {
    fn drop(&mut self) {
        let Some(first) = self.peers.first() else { return };
        let _ = child::kill_group(Group(first.pid));
        // Once they are reaped, the group's number may be another's: the guard must not kill it any more.
        self.guard.release();
        let deadline = Instant::now() + END_TIME;
        for peer in &self.peers {
            child::reap(peer.pid, deadline);
        }
    }
}
