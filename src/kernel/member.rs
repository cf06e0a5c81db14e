//! One process of a run: what it is there for, where the kernel sees it, and whether it says the same of itself.

use super::Observer;
use super::files::Files;
use super::object::Kind;
use crate::inspect::{self, Call, Descriptor, Leads, On, Process};
use crate::program::ActorId;
use crate::snapshot::{Doing, Snapshot};

/// What a process does in its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// It started the run and looks at it.
    Supervisor,
    /// It clears up if the supervisor is killed.
    Guard,
    /// It plays an actor.
    Actor(ActorId),
}

impl Part {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Part::Supervisor => "supervisor",
            Part::Guard => "guard",
            Part::Actor(_) => "actor",
        }
    }
}

/// Something that a process can sleep on, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// What it is; none for something of the kernel that is no object of a run.
    pub kind: Option<Kind>,
    /// What the program calls it, or else the kernel.
    pub name: String,
    /// Where it is: a path, a path and a place there, or the kernel's word.
    pub place: String,
}

impl Spot {
    pub(super) fn new(kind: Kind, name: impl Into<String>, place: impl Into<String>) -> Spot {
        Spot { kind: Some(kind), name: name.into(), place: place.into() }
    }
}

/// A process of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What it is there for.
    pub part: Part,
    /// Its name: `philosopher[2]`, `supervisor`, `guard`.
    pub name: String,
    /// Its number; 0 before it has one.
    pub pid: u32,
    /// What `ps` shows; none if it is gone.
    pub process: Option<Process>,
    /// Where it is in the kernel. Of several threads, the first.
    pub call: Call,
    /// Where the call is not told: the kernel's function that it sleeps in, which more may see.
    pub channel: Option<String>,
    /// What it sleeps on there, by name.
    pub on: Option<Spot>,
    /// The object that it says it waits for.
    pub waits_for: Option<String>,
    /// What it says that it does, in words.
    pub says: String,
}

impl Member {
    /// Whether the kernel shows it asleep on what it says it waits for. None if it does not say that it waits, if it is
    /// just going to sleep or waking up, if the run holds it up (a pause, a gate), or if the kernel will not tell.
    pub fn agrees(&self) -> Option<bool> {
        let wanted = self.waits_for.as_ref()?;
        let held_up = self.on.as_ref().is_some_and(|spot| spot.kind == Some(Kind::Word));
        match self.call {
            Call::Hidden | Call::Running => None,
            _ if held_up => None,
            _ => Some(self.on.as_ref().is_some_and(|spot| spot.name == *wanted)),
        }
    }

    /// The commands of the system that show it.
    pub fn commands(&self) -> [String; 3] {
        let pid = self.pid;
        [
            format!("ps -o pid,ppid,pgid,sid,stat,wchan:20,args -p {pid}"),
            format!("strace -p {pid}"),
            format!("lsof -p {pid}"),
        ]
    }

    /// The system call it is in, in a word or two.
    pub fn call_name(&self) -> String {
        match (&self.call, &self.process) {
            (_, None) => "—".into(),
            (_, Some(process)) if process.state.is_over() => "—".into(),
            (Call::Running, _) => "(runs)".into(),
            (Call::Outside, _) => "none".into(),
            (Call::Inside(call), _) => call.name(),
            (Call::Hidden, _) => self.channel.clone().unwrap_or_else(|| "not told".into()),
        }
    }
}

impl Observer<'_> {
    /// All processes: the supervisor, the guard, the actors.
    pub(super) fn members(&self, snapshot: &Snapshot, files: &Files) -> Vec<Member> {
        let board = self.watching.board();
        let guard = board.guard().load(std::sync::atomic::Ordering::Relaxed) as u32;
        let mut members = vec![
            self.member(Part::Supervisor, board.supervisor(), snapshot, files),
            self.member(Part::Guard, guard, snapshot, files),
        ];
        for (number, view) in snapshot.actors.iter().enumerate() {
            members.push(self.member(Part::Actor(ActorId(number as u32)), view.pid, snapshot, files));
        }
        members
    }

    pub(super) fn member(&self, part: Part, pid: u32, snapshot: &Snapshot, files: &Files) -> Member {
        let process = Process::read(pid).filter(|_| pid != 0);
        let ended = process.as_ref().is_none_or(|process| process.state.is_over());
        let call = if ended { Call::Running } else { Call::read(pid).unwrap_or(Call::Hidden) };
        let channel = if call == Call::Hidden { inspect::wait_channel(pid) } else { None };
        let on = match &call {
            Call::Inside(call) => self.spot(pid, call.on(), files),
            _ => None,
        };
        let (name, waits_for, says) = match part {
            // Whoever is dead no longer means what it last said.
            Part::Actor(actor) if ended => {
                (self.program.actor_name(actor), None, "its process has ended".into())
            }
            Part::Actor(actor) => self.what_it_says(actor, snapshot),
            other => (other.word().to_string(), None, String::new()),
        };
        Member { part, name, pid, process, call, channel, on, waits_for, says }
    }

    /// An actor's name, what it says it waits for, and what it says it does.
    fn what_it_says(&self, actor: ActorId, snapshot: &Snapshot) -> (String, Option<String>, String) {
        let view = &snapshot.actors[actor.index()];
        let name = self.program.actor_name(actor);
        if view.life.is_over() {
            return (name, None, format!("it is {}", view.life.name()));
        }
        let object = match view.doing {
            Doing::Blocked(object) | Doing::BlockedFor(object) => Some(self.program.object_name(object)),
            _ => None,
        };
        let says = match (&object, view.doing) {
            (Some(object), Doing::BlockedFor(_)) => format!("it waits for {object}, for a time at most"),
            (Some(object), _) => format!("it waits for {object}"),
            (None, Doing::Busy) => "it is busy: time passes".into(),
            (None, Doing::Spinning) => "it reads the condition of its await again and again".into(),
            (None, Doing::Held) => "it is held before its next step: the run is paused".into(),
            (None, _) => "it takes steps".into(),
        };
        (name, object, says)
    }

    /// What a process sleeps on, by name.
    fn spot(&self, pid: u32, on: On, files: &Files) -> Option<Spot> {
        match on {
            On::Address(address) => {
                let segments = inspect::segments(pid)?;
                let (segment, place) = inspect::find(&segments, address)?;
                let board = self.watching.board();
                self.names.spot(self.program, board, &segment.path, place).or_else(|| {
                    let name = if segment.path.is_empty() { "memory of its own" } else { &segment.path };
                    Some(Spot {
                        kind: None,
                        name: name.into(),
                        place: format!("{} + {place:#x}", segment.path),
                    })
                })
            }
            On::Descriptor(number) => {
                let descriptor = Descriptor::read(pid, number)?;
                Some(files.spot(&descriptor))
            }
            On::SystemVQueue(id) => {
                Some(Spot::new(Kind::SystemVQueue, format!("queue {id}"), format!("msqid {id}")))
            }
            On::Path(path) => Some(Spot::new(Kind::Fifo, path.clone(), path)),
            On::Else => None,
        }
    }
}

/// What a descriptor leads to, where nobody has a name for it.
pub(super) fn nameless(descriptor: &Descriptor) -> Spot {
    let name = match descriptor.leads {
        Leads::Device if descriptor.target.starts_with("/dev/pts/") => "a terminal".to_string(),
        Leads::Socket => inspect::socket_name(descriptor.inode).unwrap_or_else(|| "a socket".into()),
        Leads::Pipe => "a pipe".into(),
        _ => descriptor.target.clone(),
    };
    Spot { kind: Kind::of(descriptor.leads), name, place: descriptor.target.clone() }
}
