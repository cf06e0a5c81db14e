//! Making and opening what carries the messages of a run.
//!
//! What has a name is registered before it is made; pipes and connections have none, and are inherited by the actors.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open as open_file};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::{PipeFlags, fcntl_getpipe_size, fcntl_setpipe_size, pipe_with};
use rustix::process::{Pid, Resource, getrlimit};

use super::ring::{self, Ring};
use super::{Link, bytes_of};
use crate::board::{Board, InChannel};
use crate::inspect::setting;
use crate::mechanism::Mechanism;
use crate::os::child::inherited;
use crate::os::rtsignal::{self, RealTime};
use crate::os::{self, Mapping, SHM_DIR, mqueue, sysv};
use crate::program::{ActorId, Channel, ChannelId, Instruction, Program};
use crate::run::claim::Claim;
use crate::run::names::{PREFIX, RunId};
use crate::run::outside::Outside;
use crate::snapshot::Life;

/// The supervisor's ends of all channels of a run.
#[derive(Debug, Default)]
pub struct Links {
    /// By channel.
    pub links: Vec<Link>,
    /// What an actor needs to open each: two descriptors, a key, a receiver.
    pub words: Vec<[u64; 2]>,
    /// Descriptors that actors inherit.
    pub inherited: Vec<RawFd>,
}

/// Messages that a socket surely holds: each takes about a kilobyte of its buffer.
const SOCKET_MESSAGES: u64 = 128;

impl Links {
    /// Makes what carries a run's messages.
    pub fn create(over: Mechanism, claim: &Claim, program: &Program) -> os::Result<Links> {
        let mut links = Links::default();
        for id in (0..program.channel_count()).map(ChannelId) {
            let channel = program.channel(id);
            fits(over, program, id)?;
            let (link, words) = match over {
                Mechanism::Pipe => links.inherit(pipe().and_then(|pipe| roomy(pipe, program, id))?),
                Mechanism::Unix => links.inherit(pair(SocketType::STREAM)?),
                Mechanism::UnixDgram => links.inherit(pair(SocketType::DGRAM)?),
                Mechanism::Tcp => links.inherit(tcp()?),
                Mechanism::Fifo => {
                    let path = fifo_path(claim.run, id);
                    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
                        .map_err(|errno| os::Error::new("mkfifo", &path, errno))?;
                    (fifo(&path).and_then(|fifo| roomy(fifo, program, id))?, [0; 2])
                }
                Mechanism::Mqueue => {
                    let name = object_name(claim.run, id, "queue");
                    claim.register(&Outside::Queue(name.clone()))?;
                    let queue = mqueue::Queue::create(&name, channel.capacity as usize, bytes_of(channel))?;
                    (Link::Queue(queue), [0; 2])
                }
                Mechanism::Sysv => {
                    let (key, queue) = claim.create_keyed()?;
                    (Link::Keyed(queue), [key as u64, 0])
                }
                Mechanism::Shm | Mechanism::Mmap => (new_ring(over, claim, id, channel)?, [0; 2]),
                Mechanism::Signal => {
                    // Where nobody receives, it goes to nobody.
                    let receiver = receivers(program, id).first().map_or(u64::MAX, |a| u64::from(a.0));
                    (Link::Signal(RealTime::new(rtsignal::first() + id.0 as i32)?), [receiver, 0])
                }
            };
            links.links.push(link);
            links.words.push(words);
        }
        Ok(links)
    }

    /// Two descriptors that actors find under the same numbers.
    fn inherit(&mut self, link: Link) -> (Link, [u64; 2]) {
        let numbers = match &link {
            Link::Pipe { read, write, .. } | Link::Socket { read, write, .. } => {
                [read.as_raw_fd(), write.as_raw_fd()]
            }
            _ => return (link, [0; 2]),
        };
        self.inherited.extend(numbers);
        (link, numbers.map(|number| number as u64))
    }

    /// The messages in a channel, by the kernel's word; none where that cannot be known.
    pub fn pending(&self, board: &Board<'_>, program: &Program, id: ChannelId) -> Option<InChannel> {
        let receiver = || {
            let actor = ActorId(self.words[id.index()][0] as u32);
            let slot = (actor.index() < program.actors.len()).then(|| board.slot(actor))?;
            // What was sent to one who has ended is nowhere; only the counts still know of it.
            let over = Life::of(slot.life().load(Ordering::Acquire)).is_over();
            Pid::from_raw(slot.pid().load(Ordering::Relaxed) as i32).filter(|_| !over)
        };
        self.links.get(id.index())?.pending(bytes_of(program.channel(id)), receiver)
    }
}

/// An actor's end of a channel.
pub fn open(
    over: Mechanism,
    run: RunId,
    id: ChannelId,
    channel: &Channel,
    words: [u64; 2],
) -> os::Result<Link> {
    let [read, write] = words.map(|number| number as RawFd);
    Ok(match over {
        Mechanism::Pipe => with_look(inherited(read)?, inherited(write)?)?,
        Mechanism::Unix | Mechanism::UnixDgram | Mechanism::Tcp => Link::Socket {
            read: inherited(read)?,
            write: inherited(write)?,
            stream: over != Mechanism::UnixDgram,
        },
        Mechanism::Fifo => fifo(&fifo_path(run, id))?,
        Mechanism::Mqueue => Link::Queue(mqueue::Queue::open(&object_name(run, id, "queue"))?),
        Mechanism::Sysv => Link::Keyed(sysv::Queue::open(words[0] as i32)?),
        Mechanism::Shm | Mechanism::Mmap => {
            let bytes = ring::bytes(channel.capacity);
            let mapping = match over {
                Mechanism::Shm => Mapping::open(&shm_name(run, id), bytes, true)?,
                _ => Mapping::open_file(&mapped_file(run, id), bytes)?,
            };
            Link::Ring(Ring::over(mapping, channel.capacity))
        }
        Mechanism::Signal => {
            let signal = RealTime::new(rtsignal::first() + id.0 as i32)?;
            signal.block()?;
            Link::Signal(signal)
        }
    })
}

/// Who may receive from a channel.
fn receivers(program: &Program, id: ChannelId) -> Vec<ActorId> {
    let receives = |actor: &ActorId| {
        program.actors[actor.index()].code.instructions.iter().any(|instruction| match instruction {
            Instruction::Receive { channel, .. } => {
                let (first, len) = channel.span();
                (first..first + len).contains(&id.0)
            }
            _ => false,
        })
    };
    (0..program.actors.len() as u32).map(ActorId).filter(receives).collect()
}

/// Whether a mechanism can carry all the messages of a program, as it is set on this machine. The error says why not.
pub fn carries(over: Mechanism, program: &Program) -> os::Result<()> {
    (0..program.channel_count()).try_for_each(|id| fits(over, program, ChannelId(id)))
}

/// Whether a mechanism can be this channel, as it is set on this machine.
fn fits(over: Mechanism, program: &Program, id: ChannelId) -> os::Result<()> {
    let channel = program.channel(id);
    let most = |file: &str, default: u64| setting(file).unwrap_or(default);
    let (limit, why) = match over {
        Mechanism::Mqueue => (most(mqueue::MESSAGES_LIMIT, 10), mqueue::MESSAGES_LIMIT.to_string()),
        Mechanism::Sysv => {
            let queues = RunId::MAX_KEYS;
            if program.channel_count() > queues {
                let message = format!(
                    "there are {} channels, and a run has at most {queues} System V queues",
                    program.channel_count()
                );
                return Err(os::Error::unfit(format!("channel {}", channel.name), message)
                    .hint("declare fewer, or run it --over shm"));
            }
            let bytes = most("/proc/sys/kernel/msgmnb", 16384);
            (bytes / bytes_of(channel) as u64, "/proc/sys/kernel/msgmnb".to_string())
        }
        Mechanism::UnixDgram => {
            let file = "/proc/sys/net/unix/max_dgram_qlen";
            (most(file, 10), file.to_string())
        }
        Mechanism::Unix | Mechanism::Tcp => (SOCKET_MESSAGES, "the buffer of a socket".to_string()),
        Mechanism::Signal => return fits_signal(program, id),
        Mechanism::Pipe | Mechanism::Fifo | Mechanism::Shm | Mechanism::Mmap => return Ok(()),
    };
    if u64::from(channel.capacity) <= limit {
        return Ok(());
    }
    let message = format!(
        "it shall hold {} messages, and a {} holds at most {limit} ({why})",
        channel.capacity,
        over.title()
    );
    Err(os::Error::unfit(format!("channel {}", channel.name), message)
        .hint("give it a smaller size, or run it --over shm"))
}

fn fits_signal(program: &Program, id: ChannelId) -> os::Result<()> {
    let channel = program.channel(id);
    let signals = (rtsignal::last() - rtsignal::first() + 1) as u32;
    let many = receivers(program, id).len();
    let pending: u64 =
        program.channels.iter().map(|c| u64::from(c.capacity) * u64::from(c.size.unwrap_or(1))).sum();
    let message = if channel.values > 1 {
        format!("its messages have {} values, and a signal carries one word", channel.values)
    } else if many > 1 {
        format!("{many} processes receive from it, and a signal goes to one")
    } else if program.channel_count() > signals {
        format!("there are {} channels, and only {signals} real-time signals", program.channel_count())
    } else if let Some(most) = getrlimit(Resource::Sigpending).current.filter(|most| *most < pending) {
        format!(
            "{pending} messages may be on their way, and {most} signals at most wait in a queue (ulimit -i)"
        )
    } else {
        return Ok(());
    };
    Err(os::Error::unfit(format!("channel {}", program.channel_name(id)), message)
        .hint("run it over another mechanism: --over pipe"))
}

fn object_name(run: RunId, id: ChannelId, what: &str) -> String {
    format!("{PREFIX}{run}.channel.{}.{what}", id.0)
}

/// The channel that a run's file or queue carries, by its path or name.
pub fn channel_of(run: RunId, path: &str) -> Option<ChannelId> {
    let name = path.rsplit('/').next()?.strip_prefix(&format!("{PREFIX}{run}.channel."))?;
    name.split('.').next()?.parse().ok().map(ChannelId)
}

fn shm_name(run: RunId, id: ChannelId) -> String {
    format!("/{}", object_name(run, id, "ring"))
}

fn fifo_path(run: RunId, id: ChannelId) -> String {
    format!("{SHM_DIR}/{}", object_name(run, id, "fifo"))
}

fn mapped_file(run: RunId, id: ChannelId) -> PathBuf {
    os::temporary_folder().join(object_name(run, id, "ring"))
}

fn new_ring(over: Mechanism, claim: &Claim, id: ChannelId, channel: &Channel) -> os::Result<Link> {
    let bytes = ring::bytes(channel.capacity);
    let mapping = if over == Mechanism::Shm {
        Mapping::create(&shm_name(claim.run, id), bytes)?
    } else {
        let path = mapped_file(claim.run, id);
        claim.register(&Outside::File(path.clone()))?;
        Mapping::create_file(&path, bytes)?
    };
    let ring = Ring::over(mapping, channel.capacity);
    ring.init()?;
    Ok(Link::Ring(ring))
}

fn pipe() -> os::Result<Link> {
    let failed = |errno| too_many(os::Error::new("pipe", "a channel", errno));
    let (read, write) = pipe_with(PipeFlags::CLOEXEC).map_err(failed)?;
    with_look(read, write)
}

/// A pipe in which the channel has room. Once a user has very many, the kernel makes new ones small (pipe(7)).
fn roomy(link: Link, program: &Program, id: ChannelId) -> os::Result<Link> {
    let channel = program.channel(id);
    let bytes = channel.capacity as usize * bytes_of(channel);
    if let Link::Pipe { write, .. } = &link
        && fcntl_getpipe_size(write).is_ok_and(|has| has < bytes)
    {
        fcntl_setpipe_size(write, bytes).map_err(|errno| {
            os::Error::new("F_SETPIPE_SZ", format!("channel {}", program.channel_name(id)), errno).hint(
                "the kernel gives pipes no more memory (/proc/sys/fs/pipe-user-pages-soft); run it --over shm",
            )
        })?;
    }
    Ok(link)
}

/// A pipe whose reading end is opened once more, so that looking does not wait.
fn with_look(read: OwnedFd, write: OwnedFd) -> os::Result<Link> {
    let path = format!("/proc/self/fd/{}", read.as_raw_fd());
    let look = open_file(&path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())
        .map_err(|errno| too_many(os::Error::new("open", path, errno)))?;
    Ok(Link::Pipe { read, write, look })
}

/// Both ends of a FIFO: opened for reading and writing, it never reports its end.
fn fifo(path: &str) -> os::Result<Link> {
    let both = open_file(path, OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
        .map_err(|errno| too_many(os::Error::new("open", path, errno)))?;
    os::owned(path, &both)?;
    let write = both.try_clone().map_err(|error| os::Error::new("dup", path, error))?;
    with_look(both, write)
}

fn pair(kind: SocketType) -> os::Result<Link> {
    let (read, write) = socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)
        .map_err(|errno| too_many(os::Error::new("socketpair", "a channel", errno)))?;
    Ok(Link::Socket { read, write, stream: kind == SocketType::STREAM })
}

/// A connection over loopback, which nobody else can have: the port is closed again once both ends are there.
fn tcp() -> os::Result<Link> {
    let failed = |error| too_many(os::Error::new("connect", "a channel over 127.0.0.1", error));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    let write = TcpStream::connect(listener.local_addr().map_err(failed)?).map_err(failed)?;
    write.set_nodelay(true).map_err(failed)?;
    let (read, from) = listener.accept().map_err(failed)?;
    if from != write.local_addr().map_err(failed)? {
        return Err(os::Error::unfit("a channel over 127.0.0.1", "somebody else connected first"));
    }
    Ok(Link::Socket { read: read.into(), write: write.into(), stream: true })
}

fn too_many(error: os::Error) -> os::Error {
    match error.source.raw_os_error() {
        Some(libc::EMFILE | libc::ENFILE) => {
            error.hint("raise the limit of open files (ulimit -n), or run it --over shm")
        }
        _ => error,
    }
}
