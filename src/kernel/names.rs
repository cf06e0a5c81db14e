//! What the kernel's places are called in the program: a path and a place in that file, to an object.

use std::collections::HashMap;
use std::ops::Range;

use super::member::Spot;
use super::object::Kind;
use crate::board::Board;
use crate::mechanism::Mechanism;
use crate::os::{MUTEX_BYTES, SHM_DIR};
use crate::program::{ActorId, ChannelId, MutexId, Object, Program, SemaphoreId, SyncId};
use crate::run::{RunId, SEMAPHORE_PREFIX, Watching, channel_of, is_named, queued_for};

/// The names of a run's places.
#[derive(Debug)]
pub(super) struct Names {
    pub run: RunId,
    /// The board's path.
    pub board: String,
    /// Paths of named semaphores.
    semaphores: HashMap<String, (SemaphoreId, String)>,
    /// Places on the board that have a name for good.
    places: Vec<(Range<u64>, Kind, String)>,
    /// Where each actor waits in line.
    queue: Vec<Range<u64>>,
    /// The supervisor's descriptors of pipes and sockets, and the channels that they carry.
    descriptors: HashMap<u32, String>,
    /// Keys of System V queues, and the channels that they carry.
    keys: HashMap<i64, String>,
    /// The slots, one after the other, which hold the gates.
    slots: Range<u64>,
    actors: u64,
    /// What comes first on the board.
    header: u64,
}

/// The path of a semaphore by its name without a slash.
fn semaphore_path(name: &str) -> String {
    format!("{SHM_DIR}/{SEMAPHORE_PREFIX}{name}")
}

fn channel_name(program: &Program, id: ChannelId) -> String {
    program.channel_name(id)
}

/// Pipes and sockets have no names, but the same numbers in all processes of a run.
fn descriptors(program: &Program, board: &Board<'_>, over: Mechanism) -> HashMap<u32, String> {
    use std::sync::atomic::Ordering::Relaxed;
    let nameless = [Mechanism::Pipe, Mechanism::Unix, Mechanism::UnixDgram, Mechanism::Tcp].contains(&over);
    let channels = (0..if nameless { program.channel_count() } else { 0 }).map(ChannelId);
    let ends = channels.flat_map(|id| {
        board.channel(id).iter().map(move |word| (word.load(Relaxed) as u32, channel_name(program, id)))
    });
    ends.collect()
}

fn keys(program: &Program, board: &Board<'_>, over: Mechanism) -> HashMap<i64, String> {
    let channels = (0..if over == Mechanism::Sysv { program.channel_count() } else { 0 }).map(ChannelId);
    let key = |id| board.channel(id)[0].load(std::sync::atomic::Ordering::Relaxed) as i64;
    channels.map(|id| (key(id), channel_name(program, id))).collect()
}

impl Names {
    pub fn of(run: RunId, program: &Program, watching: &Watching<'_>) -> Names {
        let board = watching.board();
        let ids = (0..program.semaphore_count()).map(SemaphoreId);
        let over = watching.over();
        let (named, unnamed): (Vec<_>, Vec<_>) = ids.partition(|id| is_named(program, over, *id));
        let fair: Vec<SemaphoreId> = unnamed.into_iter().filter(|id| program.semaphore(*id).fair).collect();
        let name = |object| program.object_name(object);
        let named = named.into_iter().map(|id| {
            let path = semaphore_path(&run.semaphore(program, id));
            (path, (id, name(Object::Semaphore(id))))
        });
        let place = |address: usize, bytes: usize| {
            let start = watching.place_of(address).unwrap_or(u64::MAX - bytes as u64);
            start..start + bytes as u64
        };
        let mutexes = (0..program.mutex_count())
            .map(MutexId)
            .map(|id| (place(board.mutex(id).address(), MUTEX_BYTES), Kind::Mutex, name(Object::Mutex(id))));
        let mut places: Vec<_> = mutexes.collect();
        let queues = |id| place(board.fair(id).mutex.address(), MUTEX_BYTES);
        places.extend(fair.iter().map(|id| (queues(*id), Kind::FairSemaphore, name(Object::Semaphore(*id)))));
        let syncs = (0..program.sync_count()).map(SyncId);
        places.extend(syncs.map(|id| {
            let mutex = place(board.sync(id).mutex.address(), MUTEX_BYTES);
            (mutex, Kind::of_sync(program.sync(id).kind), name(Object::Sync(id)))
        }));
        let queue = (0..board.layout.queue_len as u32)
            .map(|actor| {
                let state = board.queued(ActorId(actor)).state;
                place(std::ptr::from_ref(state) as usize, size_of_val(state))
            })
            .collect();
        let layout = board.layout;
        Names {
            run,
            board: format!("{SHM_DIR}{}", run.board()),
            semaphores: named.collect(),
            places,
            queue,
            descriptors: descriptors(program, board, over),
            keys: keys(program, board, over),
            slots: layout.slots as u64..layout.ports as u64,
            actors: layout.actors as u64,
            header: layout.texts as u64,
        }
    }

    /// The path of a named semaphore.
    pub fn semaphore(&self, program: &Program, id: SemaphoreId) -> String {
        semaphore_path(&self.run.semaphore(program, id))
    }

    /// Where on the board something with a name for good lies.
    pub fn place_of(&self, kind: Kind, name: &str) -> Option<u64> {
        self.places.iter().find(|(_, k, n)| *k == kind && n == name).map(|(range, ..)| range.start)
    }

    /// Whether a place on the board lies in a lock that keeps its holder's thread.
    pub fn is_lock(&self, place: u64) -> bool {
        self.places.iter().any(|(range, ..)| range.contains(&place))
    }

    /// The path of the lock file.
    pub fn lock(&self) -> String {
        format!("{SHM_DIR}/{}", self.run.lock())
    }

    /// The object that a file of the run is, with its name.
    pub fn file(&self, path: &str) -> Option<(Kind, &str)> {
        if path == self.board {
            return Some((Kind::Board, "board"));
        }
        self.semaphores.get(path).map(|(_, name)| (Kind::Semaphore, name.as_str()))
    }

    /// The channel that a path, or a descriptor of the supervisor, carries.
    pub fn channel(&self, program: &Program, target: &str, descriptor: Option<u32>) -> Option<String> {
        let by_number = descriptor.and_then(|number| self.descriptors.get(&number));
        by_number.cloned().or_else(|| Some(channel_name(program, channel_of(self.run, target)?)))
    }

    /// The channel that a System V queue of this key carries.
    pub fn keyed(&self, key: i64) -> Option<String> {
        self.keys.get(&key).cloned()
    }

    /// The semaphore that a file is.
    pub fn semaphore_of(&self, path: &str) -> Option<SemaphoreId> {
        self.semaphores.get(path).map(|(id, _)| *id)
    }

    /// What lies at a place in a file of the run.
    pub fn spot(&self, program: &Program, board: &Board<'_>, path: &str, place: u64) -> Option<Spot> {
        let (kind, name) = self.file(path)?;
        if kind != Kind::Board {
            return Some(Spot::new(kind, name, path));
        }
        let whole = |kind, name: String| Spot::new(kind, name, format!("{path} + {place:#x}"));
        if let Some((_, kind, name)) = self.places.iter().find(|(range, ..)| range.contains(&place)) {
            return Some(whole(*kind, name.clone()));
        }
        if let Some(actor) = self.queue.iter().position(|range| range.contains(&place)) {
            // Where one waits is one's own; what for stands beside it.
            let what = board.queued(ActorId(actor as u32)).what.load(std::sync::atomic::Ordering::Relaxed);
            return Some(match queued_for(program, what)? {
                sync @ Object::Sync(id) => {
                    whole(Kind::of_sync(program.sync(id).kind), program.object_name(sync))
                }
                other => whole(Kind::FairSemaphore, program.object_name(other)),
            });
        }
        let name = if place < self.header {
            "the run's clock".to_string()
        } else if self.slots.contains(&place) {
            let actor = (place - self.slots.start) * self.actors / (self.slots.end - self.slots.start);
            format!("the gate of {}", program.actor_name(ActorId(actor as u32)))
        } else {
            "a word of the board".to_string()
        };
        Some(whole(Kind::Word, name))
    }
}
