//! Board to [`Snapshot`].

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Board, Control, Speed, position, steps};
use crate::os::Semaphore;
use crate::os::clock::Base;
use crate::program::{ActorId, CellId, ChannelId, MutexId, Program, SemaphoreId, SyncId, Violation};
use crate::snapshot::{ActorView, Breach, Doing, Life, Objects, SemaphoreView, Snapshot};

/// How much to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Without ports and shared variables: what is read many times a second.
    Quick,
    /// Everything.
    Full,
}

/// What the kernel knows of the messages in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InChannel {
    /// So many.
    Exactly(u32),
    /// At least one.
    Some,
}

/// What asks the kernel for the messages in a channel; it may not be able to tell.
pub type Asks<'c> = &'c dyn Fn(ChannelId) -> Option<InChannel>;

/// What counts, outside the board.
#[derive(Clone, Copy)]
pub struct Counters<'c> {
    /// Named semaphores by number; none for those whose value lies elsewhere: a fair one's on the board, the messages'
    /// in what carries them.
    pub named: &'c [Option<Semaphore>],
    /// The messages in a channel.
    pub messages: Asks<'c>,
}

/// Reads a board.
pub fn collect(board: &Board<'_>, program: &Program, counters: Counters<'_>, detail: Detail) -> Snapshot {
    let control: Control<'_> = board.control();
    let (base, now) = (board.base(), Base::now());
    let since = |ticks: u64| base.since(now, ticks);
    let actors = (0..program.actors.len() as u32)
        .map(|actor| view(board, program, ActorId(actor), detail, &since))
        .collect();
    Snapshot {
        elapsed: Duration::from_nanos(now.nanos.saturating_sub(base.nanos)),
        run_time: control.run_time(),
        paused: control.paused(),
        at_max: control.speed() == Speed::MAX,
        actors,
        objects: objects(board, program, counters, detail),
    }
}

fn view(
    board: &Board<'_>,
    program: &Program,
    actor: ActorId,
    detail: Detail,
    since: &dyn Fn(u64) -> Duration,
) -> ActorView {
    let slot = board.slot(actor);
    let tally = board.tally(actor, program.role_of(actor).states.len());
    // What it does is read before how far it is: if it moves on in between, the later position is the truer one.
    let doing = Doing::unpack(slot.doing().load(Ordering::Acquire));
    let progress = slot.progress().load(Ordering::Acquire);
    let ports = match detail {
        Detail::Quick => Vec::new(),
        Detail::Full => (0..program.actors[actor.index()].ports.len())
            .map(|number| board.port(slot, number).map_or((0, 0), |port| port.read()))
            .collect(),
    };
    let breach = Violation::unpack(slot.violation().load(Ordering::Acquire)).map(|violation| Breach {
        violation,
        at: since(slot.violation_at().load(Ordering::Relaxed)),
        position: slot.violation_position().load(Ordering::Relaxed) as u32,
        value: slot.violation_value().load(Ordering::Relaxed) as u32 as i32,
    });
    ActorView {
        pid: slot.pid().load(Ordering::Relaxed) as u32,
        life: Life::of(slot.life().load(Ordering::Acquire)),
        steps: steps(progress),
        position: position(progress),
        doing,
        since: since(slot.since().load(Ordering::Relaxed)),
        address: slot.address().load(Ordering::Relaxed),
        rounds: slot.rounds().load(Ordering::Acquire),
        state: slot.state().load(Ordering::Relaxed) as u8,
        state_since: since(slot.state_since().load(Ordering::Relaxed)),
        entered: tally.entered.iter().map(|count| count.load(Ordering::Relaxed)).collect(),
        produced: slot.produced().load(Ordering::Relaxed),
        consumed: slot.consumed().load(Ordering::Relaxed),
        hand: slot.hand().load(Ordering::Acquire) as u32 as i32,
        breach,
        ports,
    }
}

fn objects(board: &Board<'_>, program: &Program, counters: Counters<'_>, detail: Detail) -> Objects {
    let semaphore = |(id, named): (usize, &Option<Semaphore>)| match named {
        Some(semaphore) => {
            let value = semaphore.value();
            SemaphoreView { value: value.value, waiters: value.waiters }
        }
        None => {
            SemaphoreView { value: unnamed(board, program, counters, SemaphoreId(id as u32)), waiters: None }
        }
    };
    let holder = |id| (board.holder(MutexId(id)).load(Ordering::Acquire) as u32).checked_sub(1).map(ActorId);
    let cell = |id| board.cell(CellId(id)).load(Ordering::Relaxed) as i32;
    Objects {
        semaphores: counters.named.iter().enumerate().map(semaphore).collect(),
        mutexes: (0..program.mutex_count()).map(holder).collect(),
        syncs: (0..program.sync_count()).map(|id| board.sync(SyncId(id)).load()).collect(),
        cells: match detail {
            Detail::Quick => Vec::new(),
            Detail::Full => (0..program.cell_count()).map(cell).collect(),
        },
        items: match detail {
            Detail::Quick => Vec::new(),
            Detail::Full => items(board, program),
        },
        // Known from the operations, by whoever gathers them.
        channels: Vec::new(),
    }
}

/// The value of a semaphore without a name.
fn unnamed(board: &Board<'_>, program: &Program, counters: Counters<'_>, id: SemaphoreId) -> u32 {
    let array = program.semaphore(id);
    if array.end.is_none() {
        return board.fair(id).value.load(Ordering::Acquire).min(u64::from(u32::MAX)) as u32;
    }
    let channel = program.channel_of(id);
    let counted = || counted(board, program, id).wrapping_add(array.init) as i32;
    match (counters.messages)(ChannelId(id.0 - channel.ends.messages)) {
        Some(InChannel::Exactly(messages)) => messages,
        Some(InChannel::Some) => counted().max(1) as u32,
        None => counted().max(0) as u32,
    }
}

/// What all actors together have posted to a semaphore and not taken.
fn counted(board: &Board<'_>, program: &Program, id: SemaphoreId) -> u32 {
    let ports = program.actors.iter().enumerate().filter_map(|(actor, code)| {
        let slot = board.slot(ActorId(actor as u32));
        board.port(slot, code.ports.slot(id)?)
    });
    ports.map(|port| port.read()).fold(0, |sum, (posts, takes)| sum.wrapping_add(posts).wrapping_sub(takes))
}

/// The cells with an item in them that nobody has used up.
fn items(board: &Board<'_>, program: &Program) -> Vec<CellId> {
    let out = board.items();
    let kept = program.variables.iter().filter(|v| v.holds_items);
    let cells = kept.flat_map(|v| (0..v.size.unwrap_or(1)).map(|k| CellId(v.base.0 + k)));
    cells.filter(|cell| out.is_out(board.cell(*cell).load(Ordering::Relaxed) as i32)).collect()
}
