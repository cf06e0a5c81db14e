//! What connects the two processes: made by the one that measures, handed on by descriptor, by name or by key.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::mechanism::Mechanism;
use crate::os::{self, Mapping, SHM_DIR, Semaphore, mqueue, sysv};
use crate::run::{Claim, Outside, PREFIX, RunId, SEMAPHORE_PREFIX};

/// Which of the two processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// It sends first.
    First,
    /// It answers.
    Second,
}

impl Side {
    /// The way on which it sends.
    pub fn out(self) -> Way {
        match self {
            Side::First => Way::There,
            Side::Second => Way::Back,
        }
    }
}

/// One of the two directions; each has objects of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the first to the second.
    There,
    /// From the second to the first.
    Back,
}

impl Way {
    const BOTH: [Way; 2] = [Way::There, Way::Back];

    /// The other one.
    pub fn other(self) -> Way {
        match self {
            Way::There => Way::Back,
            Way::Back => Way::There,
        }
    }

    /// The name of its object, without a slash.
    pub fn name(self, run: RunId) -> String {
        let way = if self == Way::There { "there" } else { "back" };
        format!("{PREFIX}{run}.{way}")
    }

    /// The names of the semaphores that count a ring's free and filled slots.
    fn semaphores(self, run: RunId) -> [String; 2] {
        ["free", "filled"].map(|what| format!("{}.{what}", self.name(run)))
    }
}

/// What a process that is measured is told on its command line.
#[derive(Clone, Debug, Args)]
pub struct Spec {
    /// The run.
    pub run: RunId,
    /// The mechanism.
    #[arg(value_enum)]
    pub mechanism: Mechanism,
    /// Which of the two it is.
    #[arg(value_enum)]
    pub side: Side,
    /// Bytes in a message.
    pub bytes: usize,
    /// Messages in a queue or ring.
    pub depth: usize,
    /// The processor to run on.
    pub core: usize,
    /// What it sends and receives by, where that has a number: a descriptor or a key.
    #[arg(allow_negative_numbers = true)]
    pub handles: Vec<i32>,
}

impl Spec {
    /// The words that say so.
    pub fn words(&self) -> Vec<String> {
        let name = |side: Side| if side == Side::First { "first" } else { "second" };
        let mut words =
            vec![self.run.to_string(), self.mechanism.name().to_string(), name(self.side).to_string()];
        words.extend([self.bytes, self.depth, self.core].map(|number| number.to_string()));
        words.extend(self.handles.iter().map(i32::to_string));
        words
    }

    /// The slots of a ring, and their bytes.
    pub fn shape(&self) -> (usize, usize) {
        (self.depth, self.bytes)
    }

    /// The number of what it sends by (0) or receives by (1).
    pub fn handle(&self, at: usize) -> os::Result<i32> {
        let missing = || os::Error::unfit(self.mechanism.name(), "its descriptors or keys were not given");
        self.handles.get(at).copied().ok_or_else(missing)
    }
}

/// A file of a way in `/dev/shm`.
pub fn path(run: RunId, way: Way) -> PathBuf {
    Path::new(SHM_DIR).join(way.name(run))
}

/// The file that a ring is mapped from.
fn file(run: RunId, way: Way) -> PathBuf {
    os::temporary_folder().join(way.name(run))
}

/// The parts of a ring, opened.
#[derive(Debug)]
pub struct RingParts {
    /// Its memory.
    pub mapping: Mapping,
    /// Counts free slots.
    pub free: Semaphore,
    /// Counts filled slots.
    pub filled: Semaphore,
}

/// Opens the ring of a way.
pub fn ring(spec: &Spec, way: Way) -> os::Result<RingParts> {
    let bytes = os::ring::bytes(spec.depth, spec.bytes);
    let mapping = match spec.mechanism {
        Mechanism::Mmap => Mapping::open_file(&file(spec.run, way), bytes)?,
        _ => Mapping::open(&format!("/{}", way.name(spec.run)), bytes, true)?,
    };
    let [free, filled] = way.semaphores(spec.run);
    Ok(RingParts { mapping, free: Semaphore::open(&free)?, filled: Semaphore::open(&filled)? })
}

/// The objects of one measurement. Dropping it removes them.
#[derive(Debug)]
pub struct Link {
    run: RunId,
    mechanism: Mechanism,
    /// For each way the descriptors to send and to receive by, of mechanisms that are inherited.
    descriptors: Vec<(OwnedFd, OwnedFd)>,
    /// For each way its key and its queue, of mechanisms that have keys.
    keys: Vec<(i32, sysv::Queue)>,
}

impl Link {
    /// Makes both ways of a mechanism, for messages of so many bytes, so many of them in a queue or ring. What is not in
    /// `/dev/shm` is registered first.
    pub fn create(claim: &Claim, mechanism: Mechanism, bytes: usize, depth: usize) -> os::Result<Link> {
        let mut link = Link { run: claim.run, mechanism, descriptors: Vec::new(), keys: Vec::new() };
        for way in Way::BOTH {
            link.lay(claim, way, bytes, depth)?;
        }
        Ok(link)
    }

    fn lay(&mut self, claim: &Claim, way: Way, bytes: usize, depth: usize) -> os::Result<()> {
        let name = way.name(self.run);
        match self.mechanism {
            Mechanism::Pipe => self.descriptors.push(pipe()?),
            Mechanism::Unix => self.descriptors.push(streams()?),
            Mechanism::UnixDgram => self.descriptors.push(datagrams()?),
            Mechanism::Tcp => self.descriptors.push(connection()?),
            Mechanism::Fifo => {
                let path = path(self.run, way);
                mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
                    .map_err(|errno| os::Error::new("mkfifo", path.display().to_string(), errno))?;
            }
            Mechanism::Mqueue => {
                claim.register(&Outside::Queue(name.clone()))?;
                mqueue::Queue::create(&name, depth, bytes)?;
            }
            Mechanism::Sysv => self.keys.push(claim.create_keyed()?),
            Mechanism::Shm | Mechanism::Mmap => {
                let len = os::ring::bytes(depth, bytes);
                if self.mechanism == Mechanism::Shm {
                    Mapping::create(&format!("/{name}"), len)?;
                } else {
                    let file = file(self.run, way);
                    claim.register(&Outside::File(file.clone()))?;
                    Mapping::create_file(&file, len)?;
                }
                let [free, filled] = way.semaphores(self.run);
                Semaphore::create(&free, depth as u32)?;
                Semaphore::create(&filled, 0)?;
            }
            Mechanism::Signal => {}
        }
        Ok(())
    }

    /// The numbers of what a process sends by and receives by: descriptors or keys.
    pub fn handles(&self, side: Side) -> Vec<i32> {
        let (out, back) = (side.out() as usize, side.out().other() as usize);
        match (self.descriptors.as_slice(), self.keys.as_slice()) {
            ([_, _], _) => vec![self.descriptors[out].0.as_raw_fd(), self.descriptors[back].1.as_raw_fd()],
            (_, [_, _]) => vec![self.keys[out].0, self.keys[back].0],
            _ => Vec::new(),
        }
    }

    /// The descriptors that a process inherits.
    pub fn inherited(&self, side: Side) -> Vec<RawFd> {
        if self.descriptors.is_empty() { Vec::new() } else { self.handles(side) }
    }

    /// Closes the descriptors here, so that an end closes when its process ends.
    pub fn hand_over(&mut self) {
        self.descriptors.clear();
    }

    /// Removes all names. Who has an object open goes on with it.
    pub fn remove_names(&self) {
        for way in Way::BOTH {
            let name = way.name(self.run);
            // What cannot be removed now is removed with the run.
            let _ = match self.mechanism {
                Mechanism::Fifo | Mechanism::Shm => os::remove(&name),
                Mechanism::Mqueue => Outside::Queue(name).remove().map(|_| ()),
                Mechanism::Mmap => Outside::File(file(self.run, way)).remove().map(|_| ()),
                _ => continue,
            };
            for semaphore in way.semaphores(self.run) {
                let _ = os::remove(&format!("{SEMAPHORE_PREFIX}{semaphore}"));
            }
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.remove_names();
        for (_, queue) in &self.keys {
            let _ = queue.remove();
        }
    }
}

fn pipe() -> os::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
        .map_err(|errno| os::Error::new("pipe", "a pipe", errno))?;
    Ok((write, read))
}

fn streams() -> os::Result<(OwnedFd, OwnedFd)> {
    let (one, other) =
        UnixStream::pair().map_err(|error| os::Error::new("socketpair", "a Unix stream", error))?;
    Ok((one.into(), other.into()))
}

fn datagrams() -> os::Result<(OwnedFd, OwnedFd)> {
    let (one, other) =
        UnixDatagram::pair().map_err(|error| os::Error::new("socketpair", "Unix datagrams", error))?;
    Ok((one.into(), other.into()))
}

/// A connection over the loopback interface that sends small messages at once (TCP_NODELAY, tcp(7)).
fn connection() -> os::Result<(OwnedFd, OwnedFd)> {
    let connect = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let one = TcpStream::connect(listener.local_addr()?)?;
        one.set_nodelay(true)?;
        loop {
            let (other, from) = listener.accept()?;
            // A stranger may have been quicker.
            if from == one.local_addr()? {
                return Ok((one.into(), other.into()));
            }
        }
    };
    connect().map_err(|error: std::io::Error| {
        os::Error::new("connect", "127.0.0.1", error).hint("is the loopback interface up?")
    })
}

#[cfg(test)]
mod tests {
    use clap::{FromArgMatches, Parser};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        spec: Spec,
    }

    #[test]
    fn a_command_line_says_what_was_meant() {
        for mechanism in Mechanism::ALL {
            let spec = Spec {
                run: RunId(0xabc),
                mechanism,
                side: Side::Second,
                bytes: 1024,
                depth: 64,
                core: 1,
                handles: vec![5, i32::MIN],
            };
            let words = [vec!["x".to_string()], spec.words()].concat();
            let matches = <Line as clap::CommandFactory>::command().get_matches_from(&words);
            let parsed = Line::from_arg_matches(&matches).expect("a line").spec;
            assert_eq!(parsed.words(), spec.words());
        }
    }

    #[test]
    fn what_one_sends_by_leads_to_what_the_other_receives_by() {
        let claim = Claim::take().expect("a run");
        for mechanism in [Mechanism::Pipe, Mechanism::Unix, Mechanism::UnixDgram, Mechanism::Tcp] {
            let link = Link::create(&claim, mechanism, 8, 4).expect("made");
            let (first, second) = (link.handles(Side::First), link.handles(Side::Second));
            let [(out, there), (answer, back)] = link.descriptors.as_slice() else { panic!("two ways") };
            assert_eq!([out, back].map(|fd| fd.as_raw_fd()).as_slice(), first);
            assert_eq!([answer, there].map(|fd| fd.as_raw_fd()).as_slice(), second);
            let mut buffer = [0; 2];
            assert_eq!(rustix::io::write(out, b"hi"), Ok(2));
            assert_eq!(rustix::io::read(there, &mut buffer), Ok(2), "{mechanism}");
            assert_eq!(&buffer, b"hi");
        }
    }
}
