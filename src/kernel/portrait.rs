//! One process closely: its call, its time and memory, what it has open, and the memory that it shares with others: the same
//! bytes, at another address in each.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use super::Observer;
use super::files::Files;
use super::member::{Member, Part};
use super::object::Kind;
use crate::inspect::{self, Access, Call, Descriptor, Resident, Segment, Switches};
use crate::program::ActorId;
use crate::snapshot::{Life, Snapshot};

/// Bytes shown of what is shared: a semaphore's value and its count of sleepers.
pub const WORD: usize = 8;
/// Others whose view is shown beside the process's own.
const OTHERS: usize = 3;
/// Others that are asked whether they have the same open.
const NEAR: usize = 16;
/// Readings until several processes' views of a word that changes are of one moment.
const MAX_READINGS: usize = 8;

/// One process, closely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portrait {
    /// What a line of `ps` says, and the object it sleeps on.
    pub member: Member,
    /// The system call with its arguments; none if it is in none.
    pub call: Option<String>,
    /// The kernel's function that it sleeps in.
    pub wait_channel: Option<String>,
    /// Time on a processor so far.
    pub processor_time: Duration,
    /// Context switches so far.
    pub switches: Option<Switches>,
    /// Its memory.
    pub resident: Option<Resident>,
    /// Names of its parent, as far as it is of the run.
    pub parent: Option<String>,
    /// What it has mapped of the run.
    pub mapped: Vec<Mapped>,
    /// One of these, as several processes see it.
    pub shared: Option<Shared>,
    /// What it has open; none if the kernel will not tell.
    pub open: Option<Vec<Open>>,
}

/// A part of memory that is an object of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// What it is.
    pub kind: Kind,
    /// What the program calls it.
    pub name: String,
    /// Where it is mapped.
    pub segment: Segment,
}

/// A word of shared memory, as several processes see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The object that it belongs to.
    pub name: String,
    /// What that is.
    pub kind: Kind,
    /// The file that is mapped.
    pub path: String,
    /// Where in the file the word begins.
    pub place: u64,
    /// Who sees it where.
    pub views: Vec<View>,
    /// The same bytes, read from the file.
    pub in_file: Option<[u8; WORD]>,
    /// What the bytes mean.
    pub meaning: String,
}

/// A word, as one process sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The process's name.
    pub name: String,
    /// Its number.
    pub pid: u32,
    /// The address of the word in its memory.
    pub address: u64,
    /// What stands there; none if the kernel does not let us read it.
    pub bytes: Option<[u8; WORD]>,
}

/// An open descriptor, and who has the other ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// What the kernel says.
    pub descriptor: Descriptor,
    /// What it is for.
    pub name: String,
    /// Who else of the run has it open, by name.
    pub others: Vec<(String, Access)>,
}

impl Shared {
    /// At how many different addresses it could be read.
    pub fn addresses(&self) -> usize {
        let read = self.views.iter().filter(|view| view.bytes.is_some());
        let mut addresses: Vec<u64> = read.map(|view| view.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses.len()
    }

    /// Whether all who could be read saw the same; none if nobody could be.
    pub fn agrees(&self) -> Option<bool> {
        let mut seen = self.views.iter().filter_map(|view| view.bytes).chain(self.in_file);
        let first = seen.next()?;
        Some(seen.all(|bytes| bytes == first))
    }
}

impl Observer<'_> {
    /// Looks at an actor's process closely. `chosen` is the name of the object whose bytes are compared; without it,
    /// what the process sleeps on.
    pub fn look_closer(&self, actor: ActorId, chosen: Option<&str>) -> Option<Portrait> {
        let snapshot = self.watching.snapshot();
        let view = snapshot.actors.get(actor.index())?;
        let others = self.neighbours(actor, &snapshot);
        let near = others.iter().take(NEAR).map(|(_, pid)| *pid);
        let files = self.files(&std::iter::once(view.pid).chain(near).collect::<Vec<u32>>());
        let member = self.member(Part::Actor(actor), view.pid, &snapshot, &files);
        let living = member.process.as_ref().is_some_and(|process| !process.state.is_over());
        let mapped = if living { self.mapped(view.pid) } else { Vec::new() };
        let call = match &member.call {
            Call::Inside(call) => Some(call.text()),
            _ => None,
        };
        let parent = member.process.as_ref().map(|process| process.parent);
        let supervisor = self.watching.board().supervisor();
        Some(Portrait {
            call,
            wait_channel: inspect::wait_channel(view.pid).filter(|_| living),
            processor_time: member.process.as_ref().map_or(Duration::ZERO, |p| p.processor_time()),
            switches: inspect::switches(view.pid),
            resident: inspect::resident(view.pid).filter(|_| living),
            parent: parent.filter(|pid| *pid == supervisor).map(|_| Part::Supervisor.word().to_string()),
            shared: self.shared(&member, &mapped, chosen, &others),
            open: if living { self.open(view.pid, &files, &snapshot) } else { None },
            mapped,
            member,
        })
    }

    /// The next actors that live, round and round, with their processes.
    fn neighbours(&self, actor: ActorId, snapshot: &Snapshot) -> Vec<(ActorId, u32)> {
        let count = snapshot.actors.len();
        let next = (1..count).map(|k| (actor.index() + k) % count);
        let living = |at: &usize| snapshot.actors[*at].life == Life::Running;
        next.filter(living).map(|at| (ActorId(at as u32), snapshot.actors[at].pid)).collect()
    }

    /// What a process has mapped of the run.
    fn mapped(&self, pid: u32) -> Vec<Mapped> {
        let segments = inspect::segments(pid).unwrap_or_default().into_iter();
        let of_run = segments.filter_map(|segment| {
            let (kind, name) = self.names.file(&segment.path)?;
            Some(Mapped { kind, name: name.to_string(), segment })
        });
        let mut mapped: Vec<Mapped> = of_run.collect();
        mapped.sort_by_key(|m| (m.kind == Kind::Board, m.segment.path.len(), m.segment.path.clone()));
        mapped
    }

    /// The chosen object as several processes see it: this one, others that have it, and the supervisor.
    fn shared(
        &self,
        member: &Member,
        mapped: &[Mapped],
        chosen: Option<&str>,
        others: &[(ActorId, u32)],
    ) -> Option<Shared> {
        // Asleep on a word of the board, that word is meant by the board.
        let slept_on = match &member.call {
            Call::Inside(call) => match call.on() {
                inspect::On::Address(address) => {
                    mapped.iter().find_map(|m| Some((m, m.segment.place_of(address)?)))
                }
                _ => None,
            },
            _ => None,
        };
        let by_name = |name: &str| mapped.iter().find(|m| m.name == name);
        let which = match chosen {
            Some(name) => by_name(name),
            None => slept_on.map(|(m, _)| m),
        }
        .or(mapped.first())?;
        let slept_on = slept_on.filter(|(m, _)| m.name == which.name).map(|(_, place)| place);
        // A word that begins at an address that is no multiple of its size would tell of two.
        let place = slept_on.map_or(0, |place| place - place % WORD as u64);
        let mut candidates = vec![(member.name.clone(), member.pid)];
        let path = &which.segment.path;
        candidates.extend(self.sharers(which, others));
        let views: Vec<(String, u32, u64)> = candidates
            .into_iter()
            .filter_map(|(name, pid)| Some((name, pid, address_in(pid, path, place)?)))
            .collect();
        let (views, in_file) = read_together(&views, path, place);
        let bytes = views.iter().find_map(|view| view.bytes).or(in_file);
        let spot =
            slept_on.and_then(|place| self.names.spot(self.program, self.watching.board(), path, place));
        let name = spot.as_ref().map_or(which.name.clone(), |spot| spot.name.clone());
        let kind = spot.and_then(|spot| spot.kind).unwrap_or(which.kind);
        let meaning = bytes.map_or(String::new(), |bytes| self.meaning(kind, place, bytes));
        Some(Shared { name, kind, path: path.clone(), place, views, in_file, meaning })
    }

    /// Others who may have an object mapped: of actors, those who can touch it; and the supervisor.
    fn sharers(&self, which: &Mapped, others: &[(ActorId, u32)]) -> Vec<(String, u32)> {
        let semaphore = self.names.semaphore_of(&which.segment.path);
        let touches = |actor: ActorId| {
            semaphore.is_none_or(|id| self.program.actors[actor.index()].ports.slot(id).is_some())
        };
        let actors = others.iter().filter(|(actor, _)| touches(*actor)).take(OTHERS);
        let mut sharers: Vec<(String, u32)> =
            actors.map(|(actor, pid)| (self.program.actor_name(*actor), *pid)).collect();
        sharers.push((Part::Supervisor.word().to_string(), self.watching.board().supervisor()));
        sharers
    }

    /// What the bytes at the beginning of something shared mean.
    fn meaning(&self, kind: Kind, place: u64, bytes: [u8; WORD]) -> String {
        let [low, high] = [0, 4].map(|at| u32::from_ne_bytes(std::array::from_fn(|k| bytes[at + k])));
        match kind {
            Kind::Semaphore if self.watching.counts_sleepers() => {
                format!("its value, {low}, and how many it counts as asleep, {high}")
            }
            kind if kind.is_on_board() && self.names.is_lock(place) => {
                match (low & libc::FUTEX_TID_MASK, low & libc::FUTEX_WAITERS != 0) {
                    (0, _) => "nobody holds it".into(),
                    (thread, false) => format!("thread {thread} holds it"),
                    (thread, true) => format!("thread {thread} holds it, and somebody waits"),
                }
            }
            Kind::FairSemaphore => "1 says that it waits in the queue, 2 that it was handed one".into(),
            Kind::Monitor | Kind::RwLock | Kind::Barrier => "1 says that it waits".into(),
            Kind::Board if place == 0 => {
                format!("how every board begins: {:?}", String::from_utf8_lossy(&bytes))
            }
            Kind::Word => "changes when those who sleep on it shall look again".into(),
            _ => String::new(),
        }
    }

    fn open(&self, pid: u32, files: &Files, snapshot: &Snapshot) -> Option<Vec<Open>> {
        let board = self.watching.board();
        let guard = board.guard().load(std::sync::atomic::Ordering::Relaxed) as u32;
        let name = |pid: u32| {
            let actor = snapshot.actors.iter().position(|actor| actor.pid == pid);
            match actor {
                Some(number) => self.program.actor_name(ActorId(number as u32)),
                None if pid == guard => Part::Guard.word().to_string(),
                None => Part::Supervisor.word().to_string(),
            }
        };
        let open = |descriptor: Descriptor| {
            let others = files.others(&descriptor, pid);
            let others = others.into_iter().map(|(pid, access)| (name(pid), access));
            Open { name: files.spot(&descriptor).name, others: others.collect(), descriptor }
        };
        Some(inspect::descriptors(pid)?.into_iter().map(open).collect())
    }
}

/// The address of a place in a file, in a process that has it mapped.
fn address_in(pid: u32, path: &str, place: u64) -> Option<u64> {
    let segments = inspect::segments(pid)?;
    segments.iter().filter(|segment| segment.path == path).find_map(|segment| segment.address_of(place))
}

/// Reads a word in each process, and in the file; again, if it changed meanwhile.
fn read_together(places: &[(String, u32, u64)], path: &str, place: u64) -> (Vec<View>, Option<[u8; WORD]>) {
    let mut readings = 0;
    loop {
        let views: Vec<View> = places
            .iter()
            .map(|(name, pid, address)| {
                let mut bytes = [0; WORD];
                let read = inspect::peek(*pid, *address, &mut bytes).is_ok();
                View { name: name.clone(), pid: *pid, address: *address, bytes: read.then_some(bytes) }
            })
            .collect();
        let in_file = word_of(path, place);
        readings += 1;
        let mut seen = views.iter().filter_map(|view| view.bytes).chain(in_file);
        let first = seen.next();
        if readings >= MAX_READINGS || seen.all(|bytes| Some(bytes) == first) {
            return (views, in_file);
        }
    }
}

fn word_of(path: &str, place: u64) -> Option<[u8; WORD]> {
    let mut bytes = [0; WORD];
    File::open(path).ok()?.read_exact_at(&mut bytes, place).ok()?;
    Some(bytes)
}
