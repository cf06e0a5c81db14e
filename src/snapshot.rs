//! The owned picture of one moment of a run: the neck of the hourglass. Whoever draws, reports or judges a run reads
//! this, and whoever runs, replays or checks one makes it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::program::{
    ActorId, CellId, Instruction, Object, Program, SemaphoreId, SyncId, SyncKind, SyncOp, Violation,
};
use crate::sync::{self, Held};

/// Where in its life an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
#[repr(u64)]
pub enum Life {
    Absent = 0,
    Starting = 1,
    Running = 2,
    /// It came to its end.
    Done = 3,
    /// It could not go on after a fault of its program.
    Failed = 4,
    /// Its process is gone without having said why.
    Dead = 5,
}

impl Life {
    /// Reads a slot's word.
    pub fn of(word: u64) -> Life {
        match word {
            1 => Life::Starting,
            2 => Life::Running,
            3 => Life::Done,
            4 => Life::Failed,
            5 => Life::Dead,
            _ => Life::Absent,
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Life::Absent => "absent",
            Life::Starting => "starting",
            Life::Running => "running",
            Life::Done => "done",
            Life::Failed => "failed",
            Life::Dead => "dead",
        }
    }

    /// Whether it will never take a step again.
    pub fn is_over(self) -> bool {
        matches!(self, Life::Done | Life::Failed | Life::Dead)
    }
}

/// What an actor is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Doing {
    /// Taking steps, or about to.
    Running,
    /// Inside an activity, or asleep for a time of its own.
    Busy,
    /// Waiting for an object without a limit of time.
    Blocked(Object),
    /// Waiting for an object, for a time at most.
    BlockedFor(Object),
    /// Spinning in an `await`.
    Spinning,
    /// Held before its next step, because the run is paused.
    Held,
}

impl Doing {
    /// As a word of the slot.
    #[inline]
    pub fn pack(self) -> u64 {
        match self {
            Doing::Running => 0,
            Doing::Busy => 1 << 32,
            Doing::Blocked(object) => 2 << 32 | u64::from(object.pack()),
            Doing::BlockedFor(object) => 3 << 32 | u64::from(object.pack()),
            Doing::Spinning => 4 << 32,
            Doing::Held => 5 << 32,
        }
    }

    /// The reverse of [`Doing::pack`].
    pub fn unpack(word: u64) -> Doing {
        match (word >> 32, Object::unpack(word as u32)) {
            (1, _) => Doing::Busy,
            (2, Some(object)) => Doing::Blocked(object),
            (3, Some(object)) => Doing::BlockedFor(object),
            (4, _) => Doing::Spinning,
            (5, _) => Doing::Held,
            _ => Doing::Running,
        }
    }
}

/// A violation that an actor saw, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// What was broken.
    pub violation: Violation,
    /// When, since the run began.
    pub at: Duration,
    /// Where the actor was in its program.
    pub position: u32,
    /// The value that broke it.
    pub value: i32,
}

/// One actor at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorView {
    /// Its process; 0 before it has one.
    pub pid: u32,
    /// Where in its life it is.
    pub life: Life,
    /// Steps taken.
    pub steps: u64,
    /// Where it is in its program.
    pub position: u32,
    /// What it is doing.
    pub doing: Doing,
    /// When it began to wait, since the run began; meaningful while it waits.
    pub since: Duration,
    /// The address, in its own memory, of what it sleeps on; meaningful while it waits.
    pub address: u64,
    /// Rounds of the `await` it spins in.
    pub rounds: u64,
    /// The visible state.
    pub state: u8,
    /// When it entered it, since the run began.
    pub state_since: Duration,
    /// How often it entered each state of its role.
    pub entered: Vec<u64>,
    /// Items that it made.
    pub produced: u64,
    /// Items that it used up.
    pub consumed: u64,
    /// The item in its hand, 0 for none: what it made, received or read last, until it puts it somewhere or has used it
    /// up. Who only makes items takes none by reading.
    #[serde(default)]
    pub hand: i32,
    /// The first rule that it saw broken.
    pub breach: Option<Breach>,
    /// What it did to its semaphores: posts and takes by the number of the port. Empty in a quick picture.
    pub ports: Vec<(u32, u32)>,
}

/// One semaphore at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SemaphoreView {
    pub value: u32,
    /// Who sleeps on it by the kernel's count, an upper bound; none where it cannot be known.
    pub waiters: Option<u32>,
}

/// A message that went into a channel, or came out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Who sent or received it.
    pub actor: ActorId,
    /// Its first value; 0 where that is not known.
    pub value: i32,
    /// When, on the clock that stands still in a pause.
    pub at: Duration,
}

/// What was seen of the messages of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// The last message that went in.
    pub sent: Option<Passage>,
    /// The last one that came out.
    pub received: Option<Passage>,
}

/// The objects at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objects {
    /// By number.
    pub semaphores: Vec<SemaphoreView>,
    /// Who holds each mutex.
    pub mutexes: Vec<Option<ActorId>>,
    /// What monitors, read-write locks and barriers hold.
    #[serde(default)]
    pub syncs: Vec<Held>,
    /// Shared variables; empty in a quick picture.
    pub cells: Vec<i32>,
    /// Cells with an item in them that nobody has used up; empty in a quick picture.
    pub items: Vec<CellId>,
    /// The last messages of each channel; empty where single operations are not followed.
    #[serde(default)]
    pub channels: Vec<Traffic>,
}

/// One moment of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Real time since the run began.
    pub elapsed: Duration,
    /// Time of the run, which follows its speed and stands still in a pause.
    pub run_time: Duration,
    /// Whether the run is paused.
    pub paused: bool,
    /// Whether activities and sleeps take no time.
    pub at_max: bool,
    /// All actors.
    pub actors: Vec<ActorView>,
    /// The objects.
    pub objects: Objects,
}

impl Snapshot {
    /// Whether an object is there to be taken: a positive semaphore, a mutex that nobody alive holds. Never false if
    /// somebody could take it.
    pub fn available(&self, program: &Program, object: Object) -> bool {
        match object {
            Object::Semaphore(id) => self.objects.semaphores.get(id.index()).is_some_and(|s| s.value > 0),
            // Whoever has ended leaves its mutexes to the next one, who is told: they are robust.
            Object::Mutex(id) => match self.objects.mutexes.get(id.index()).copied().flatten() {
                Some(holder) => self.actors[holder.index()].life.is_over(),
                None => true,
            },
            Object::Sync(id) | Object::Write(id) => self.objects.syncs.get(id.index()).is_none_or(|held| {
                let over = |actor: ActorId| self.actors.get(actor.index()).is_none_or(|a| a.life.is_over());
                sync::open(program.sync(id).kind, held, object, &over)
            }),
            Object::Cell(_) | Object::Condition(_) => false,
        }
    }

    /// Whether an actor that waits for an object could have it now.
    pub fn is_granted(&self, program: &Program, actor: ActorId, object: Object) -> bool {
        let Some((id, held)) = self.held(program, object) else { return self.available(program, object) };
        // What the dead held goes to whoever comes next.
        let mut left = held.clone();
        let gone = |view: &ActorView| view.life.is_over();
        for (at, _) in self.actors.iter().enumerate().filter(|(_, view)| gone(view)) {
            left = sync::without(program.sync(id).kind, &left, ActorId(at as u32));
        }
        let position = self.actors[actor.index()].position as usize;
        let entering = matches!(
            program.actors[actor.index()].code.instructions.get(position),
            Some(Instruction::Sync { op: SyncOp::Enter, .. })
        );
        sync::may_go_on(program.sync(id).kind, &left, object, entering, actor)
    }

    /// Whether an actor waits for a lock that it holds itself: only it could give that back.
    pub fn is_its_own(&self, program: &Program, actor: ActorId, object: Object) -> bool {
        match object {
            Object::Mutex(id) => self.objects.mutexes.get(id.index()) == Some(&Some(actor)),
            Object::Write(id) | Object::Sync(id) => {
                let lock = match (program.sync(id).kind, object) {
                    (SyncKind::RwLock(_), Object::Write(_)) => true,
                    (SyncKind::Mutex { recursive, .. }, _) => !recursive,
                    _ => false,
                };
                lock && self.objects.syncs.get(id.index()).is_some_and(|held| held.has(actor))
            }
            _ => false,
        }
    }

    /// The monitor, lock or barrier that an object is or belongs to, with what it holds.
    fn held(&self, program: &Program, object: Object) -> Option<(SyncId, &Held)> {
        let id = match object {
            Object::Sync(id) | Object::Write(id) => id,
            Object::Condition(id) => program.condition(id).monitor,
            _ => return None,
        };
        Some((id, self.objects.syncs.get(id.index())?))
    }

    /// What an actor waits for without a limit of time: an object, or the variables of its `await`.
    pub fn waits_for(&self, program: &Program, actor: ActorId) -> Vec<Object> {
        let view = &self.actors[actor.index()];
        match view.doing {
            // Who was signalled waits for the monitor.
            Doing::Blocked(object @ Object::Condition(_)) => match self.held(program, object) {
                Some((monitor, held)) if !held.waits(actor) => vec![Object::Sync(monitor)],
                _ => vec![object],
            },
            Doing::Blocked(object) => vec![object],
            Doing::Spinning => {
                let code = &program.actors[actor.index()].code;
                let cells = code.awaited(view.position).iter().flat_map(|place| {
                    let (first, len) = place.span();
                    (first..first + len).map(|cell| Object::Cell(CellId(cell)))
                });
                cells.collect()
            }
            _ => Vec::new(),
        }
    }

    /// Who holds an object: whoever took more from a semaphore than it gave back and may still give back, or the holder
    /// of a mutex. The dead hold what they held. Of semaphores only a full picture knows.
    pub fn holders(&self, program: &Program, object: Object) -> Vec<ActorId> {
        match object {
            Object::Cell(_) => Vec::new(),
            Object::Sync(_) | Object::Write(_) | Object::Condition(_) => {
                let keepers =
                    |(id, held): (SyncId, &Held)| sync::keepers(program.sync(id).kind, held, object);
                self.held(program, object).map(keepers).unwrap_or_default()
            }
            Object::Mutex(id) => {
                self.objects.mutexes.get(id.index()).copied().flatten().into_iter().collect()
            }
            // Nobody holds a message, or room for one, or a signal: one that begins at 0 is there to be waited for.
            Object::Semaphore(id)
                if program.semaphore(id).end.is_some() || program.semaphore(id).init == 0 =>
            {
                Vec::new()
            }
            Object::Semaphore(id) => {
                let holds = |actor: &ActorId| {
                    let taken = self.taken(program, *actor, id) > 0;
                    let (view, actor) = (&self.actors[actor.index()], &program.actors[actor.index()]);
                    taken && view.life != Life::Done && actor.release.may(view.position, object)
                };
                let value = self.objects.semaphores.get(id.index()).map_or(0, |s| i64::from(s.value));
                let out = i64::from(program.semaphore(id).init) - value;
                let takers = (0..self.actors.len() as u32).map(ActorId).filter(holds).collect();
                self.likeliest(program, takers, usize::try_from(out).unwrap_or(0))
            }
        }
    }

    /// Whether an actor may still release, signal or change an object, from where it is. The dead might have.
    pub fn may_release(&self, program: &Program, actor: ActorId, object: Object) -> bool {
        let view = &self.actors[actor.index()];
        let ended = matches!(view.life, Life::Done | Life::Failed);
        !ended && program.actors[actor.index()].release.may(view.position, object)
    }

    /// How much more an actor took from a semaphore than it gave back; 0 where that is not known.
    pub fn taken(&self, program: &Program, actor: ActorId, id: SemaphoreId) -> i32 {
        let slot = program.actors[actor.index()].ports.slot(id);
        let port = slot.and_then(|slot| self.actors[actor.index()].ports.get(slot as usize));
        port.map_or(0, |(posts, takes)| takes.wrapping_sub(*posts) as i32)
    }

    /// Of those who took more than they gave back, the ones who hold what is out: another may have given it back for one
    /// who has gone on long since. Who is in its activity is likelier to hold it than one who is on the way there or rests.
    fn likeliest(&self, program: &Program, mut takers: Vec<ActorId>, out: usize) -> Vec<ActorId> {
        if takers.len() <= out || out == 0 {
            takers.truncate(out);
            return takers;
        }
        let rank = |actor: &ActorId| {
            let view = &self.actors[actor.index()];
            match program.role_of(*actor).states.get(usize::from(view.state)) {
                Some(_) if view.state == 0 => 3,
                Some(state) if state.plain => 2,
                None => 1,
                Some(_) => 0,
            }
        };
        let mut ranks: Vec<u8> = takers.iter().map(rank).collect();
        ranks.sort_unstable();
        let worst = ranks[out - 1];
        takers.retain(|actor| rank(actor) <= worst);
        takers
    }
}
