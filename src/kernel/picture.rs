//! A run at one moment: every process and every object.

use std::collections::{HashMap, HashSet};

use super::Observer;
use super::files::Files;
use super::member::{Member, Part};
use super::object::{KernelObject, Kind, Seen, commands};
use crate::inspect::{self, Call, On};
use crate::program::{MutexId, Object, SemaphoreId, SyncId, SyncKind};
use crate::run::RunId;
use crate::run::is_named;
use crate::snapshot::Snapshot;

/// Of more processes than this, not all are asked for what they have open and mapped.
const MAX_ASKED: usize = 64;

/// A run as the kernel sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Which run.
    pub run: RunId,
    /// The supervisor, the guard, and the actors by number.
    pub members: Vec<Member>,
    /// By kind, and then as the program declares them.
    pub objects: Vec<KernelObject>,
    /// Processes that were not asked for what they have open and mapped.
    pub unasked: usize,
}

impl Picture {
    /// Whether the kernel tells us in which calls processes are, and on what they sleep. It tells whoever may debug them.
    pub fn is_told(&self) -> bool {
        self.members.iter().all(|member| member.call != Call::Hidden)
    }

    /// The name of a process of the run.
    pub fn name_of(&self, pid: u32) -> String {
        let member = self.members.iter().find(|member| member.pid == pid);
        member.map_or_else(|| pid.to_string(), |member| member.name.clone())
    }
}

impl Observer<'_> {
    /// Looks at everything.
    pub fn look(&self) -> Picture {
        let snapshot = self.watching.snapshot();
        let actors: Vec<u32> = snapshot.actors.iter().map(|actor| actor.pid).collect();
        let asked = &actors[..actors.len().min(MAX_ASKED)];
        let files = self.files(asked);
        let members = self.members(&snapshot, &files);
        let users = self.users(&members);
        let mut rows = Rows { observer: self, members: &members, users: &users, objects: Vec::new() };
        rows.board();
        rows.semaphores(&snapshot);
        rows.mutexes(&snapshot);
        rows.syncs(&snapshot);
        rows.queues();
        rows.files(&files);
        rows.mapped_files();
        rows.lock();
        let unasked = actors.len() - asked.len();
        Picture { run: self.names.run, objects: rows.objects, unasked, members }
    }

    /// What the supervisor, the guard and these actors have open.
    pub(super) fn files(&self, actors: &[u32]) -> Files {
        let board = self.watching.board();
        let guard = board.guard().load(std::sync::atomic::Ordering::Relaxed) as u32;
        Files::of(board.supervisor(), guard, actors)
    }

    /// Which files each process has mapped, and shares. Of a crowd, only the first are asked.
    fn users(&self, members: &[Member]) -> Users {
        let mut users = Users { of: HashMap::new(), all: members.len() <= MAX_ASKED + 2 };
        for member in members.iter().take(MAX_ASKED + 2).filter(|m| m.process.is_some()) {
            let segments = inspect::segments(member.pid);
            users.all &= segments.is_some();
            for segment in segments.unwrap_or_default() {
                if segment.is_shared() && segment.path.starts_with('/') {
                    users.of.entry(segment.path).or_default().insert(member.pid);
                }
            }
        }
        users
    }
}

/// Who has which file mapped: path to processes.
struct Users {
    of: HashMap<String, HashSet<u32>>,
    /// Whether all were asked, and told.
    all: bool,
}

/// The list of objects, as it grows.
struct Rows<'o, 'f> {
    observer: &'o Observer<'f>,
    members: &'o [Member],
    users: &'o Users,
    objects: Vec<KernelObject>,
}

impl Rows<'_, '_> {
    /// Who sleeps on an object of this kind and name.
    fn sleepers(&self, kind: Kind, name: &str) -> Vec<u32> {
        let sleeps = |member: &&Member| {
            member.on.as_ref().is_some_and(|spot| spot.kind == Some(kind) && spot.name == name)
        };
        self.members.iter().filter(sleeps).map(|member| member.pid).collect()
    }

    /// How many have a file mapped, if all were asked.
    fn mappers(&self, path: &str) -> Option<usize> {
        self.users.all.then(|| self.users.of.get(path).map_or(0, HashSet::len))
    }

    /// A process to show an object by: one that sleeps on it, or else the supervisor.
    fn shown_by(&self, sleepers: &[u32]) -> u32 {
        sleepers.first().copied().unwrap_or(self.members[0].pid)
    }

    fn add(&mut self, kind: Kind, name: String, place: String, seen: Option<Seen>, value: Option<String>) {
        let sleepers = self.sleepers(kind, &name);
        let inode = seen.as_ref().map_or(0, |seen| seen.inode);
        let commands = commands(kind, &place, inode, self.shown_by(&sleepers));
        let users = self.mappers(&place);
        self.objects.push(KernelObject {
            kind,
            name,
            place,
            seen,
            value,
            holder: None,
            sleepers,
            counted: None,
            users,
            commands,
        });
    }

    /// The last row.
    fn last(&mut self) -> &mut KernelObject {
        let last = self.objects.len() - 1;
        &mut self.objects[last]
    }

    fn board(&mut self) {
        let path = self.observer.names.board.clone();
        let seen = Seen::file(&path);
        self.add(Kind::Board, "board".into(), path, seen, None);
        // Whoever sleeps on a word of it that has no name of its own.
        let words = |m: &&Member| m.on.as_ref().is_some_and(|spot| spot.kind == Some(Kind::Word));
        self.last().sleepers = self.members.iter().filter(words).map(|member| member.pid).collect();
    }

    fn semaphores(&mut self, snapshot: &Snapshot) {
        let (program, names) = (self.observer.program, &self.observer.names);
        for id in (0..program.semaphore_count()).map(SemaphoreId) {
            let name = program.object_name(Object::Semaphore(id));
            let view = snapshot.objects.semaphores[id.index()];
            let value = Some(view.value.to_string());
            if !is_named(program, self.observer.watching.over(), id) && !program.semaphore(id).fair {
                // Its messages are counted by what carries them, which has a row of its own.
                continue;
            }
            if program.semaphore(id).fair {
                self.add_on_board(Kind::FairSemaphore, name, value);
            } else {
                let path = names.semaphore(program, id);
                let seen = Seen::file(&path);
                self.add(Kind::Semaphore, name, path, seen, value);
                self.last().counted = view.waiters;
            }
        }
    }

    fn mutexes(&mut self, snapshot: &Snapshot) {
        let program = self.observer.program;
        for id in (0..program.mutex_count()).map(MutexId) {
            let holder = snapshot.objects.mutexes[id.index()];
            let value = if holder.is_some() { "locked" } else { "free" };
            self.add_on_board(Kind::Mutex, program.object_name(Object::Mutex(id)), Some(value.into()));
            self.last().holder = holder.map(|actor| snapshot.actors[actor.index()].pid);
        }
    }

    fn syncs(&mut self, snapshot: &Snapshot) {
        let program = self.observer.program;
        for (at, held) in snapshot.objects.syncs.iter().enumerate() {
            let id = SyncId(at as u32);
            let kind = program.sync(id).kind;
            let value = match (kind, held.inside.len()) {
                (SyncKind::Barrier { parties }, _) => format!("{} of {parties}", held.line.len()),
                (_, 0) => "free".to_string(),
                (SyncKind::RwLock(_), readers) if !held.writing => format!("{readers} read"),
                (SyncKind::RwLock(_), _) => "written".to_string(),
                (SyncKind::Mutex { .. }, _) => "locked".to_string(),
                (SyncKind::Monitor { .. }, _) => "entered".to_string(),
            };
            self.add_on_board(Kind::of_sync(kind), program.object_name(Object::Sync(id)), Some(value));
            let holder = held.inside.first().filter(|_| held.inside.len() == 1);
            self.last().holder = holder.map(|(actor, _)| snapshot.actors[actor.index()].pid);
        }
    }

    fn add_on_board(&mut self, kind: Kind, name: String, value: Option<String>) {
        let names = &self.observer.names;
        let at = names.place_of(kind, &name).unwrap_or(0);
        let place = format!("{} + {at:#x}", names.board);
        self.add(kind, name, place, None, value);
        self.last().users = self.mappers(&self.observer.names.board);
    }

    /// System V queues that are channels of the run, or that its processes have used or sleep on.
    fn queues(&mut self) {
        let ours = |pid: u32| self.members.iter().any(|member| pid != 0 && member.pid == pid);
        let slept_on = |id: i32| {
            self.members.iter().any(|member| match &member.call {
                Call::Inside(call) => call.on() == On::SystemVQueue(id),
                _ => false,
            })
        };
        let queues = inspect::system_v_queues().into_iter();
        let keyed = |key| self.observer.names.keyed(key).is_some();
        let queues: Vec<_> =
            queues.filter(|q| keyed(q.key) || ours(q.sender) || ours(q.receiver) || slept_on(q.id)).collect();
        for queue in queues {
            let seen = Seen {
                size: Some(queue.bytes),
                mode: queue.mode,
                owner: inspect::user_name(queue.uid),
                uid: queue.uid,
                inode: 0,
            };
            let name = self.observer.names.keyed(queue.key).unwrap_or_else(|| format!("queue {}", queue.id));
            let place = format!("msqid {}", queue.id);
            let plural = if queue.messages == 1 { "" } else { "s" };
            let value = format!("{} message{plural}", queue.messages);
            self.add(Kind::SystemVQueue, name, place, Some(seen), Some(value));
            self.last().users = None;
        }
    }

    /// Pipes, sockets and queues that processes have open.
    fn files(&mut self, files: &Files) {
        for (inode, file) in files.all() {
            let target = &file.target;
            let by_path = Seen::file(target).filter(|seen| seen.inode == inode);
            let seen = by_path.or_else(|| {
                let (pid, number, _) = file.ends[0];
                Seen::file(&format!("/proc/{pid}/fd/{number}"))
            });
            let number = file.ends.iter().find(|(pid, ..)| *pid == self.members[0].pid).map(|(_, n, _)| *n);
            let channel = self.observer.names.channel(self.observer.program, target, number);
            self.add(file.kind, channel.unwrap_or_else(|| file.name.clone()), target.clone(), seen, None);
            let users: HashSet<u32> = file.ends.iter().map(|(pid, ..)| *pid).collect();
            let user = file.ends[0].0;
            let all = self.users.all;
            let row = self.last();
            row.users = all.then_some(users.len());
            row.commands = commands(row.kind, target, inode, user);
        }
    }

    /// Files that actors have mapped together, beside those of the run.
    fn mapped_files(&mut self) {
        let names = &self.observer.names;
        let actors: Vec<u32> =
            self.members.iter().filter(|m| matches!(m.part, Part::Actor(_))).map(|m| m.pid).collect();
        let mut paths: Vec<&String> = self
            .users
            .of
            .iter()
            .filter(|(path, pids)| names.file(path).is_none() && pids.iter().any(|pid| actors.contains(pid)))
            .map(|(path, _)| path)
            .collect();
        paths.sort();
        for path in paths {
            let file = || path.rsplit('/').next().unwrap_or(path).to_string();
            let name = names.channel(self.observer.program, path, None).unwrap_or_else(file);
            self.add(Kind::MappedFile, name, path.clone(), Seen::file(path), None);
        }
    }

    fn lock(&mut self) {
        let path = self.observer.names.lock();
        let seen = Seen::file(&path);
        let holders = seen.as_ref().map_or(Vec::new(), |seen| inspect::lock_holders(seen.inode));
        let value = if holders.is_empty() { "free" } else { "locked" };
        self.add(Kind::Lock, "lock".into(), path, seen, Some(value.into()));
        let row = self.last();
        (row.users, row.holder) = (None, holders.first().copied());
    }
}
