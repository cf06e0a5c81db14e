//! Where everything lies on a run's board.
//!
//! The board is one shared-memory object of 64-bit words (shared variables: 32-bit), without pointers. Its creator
//! computes the layout and writes the offsets into the header; who opens it reads them there and checks that every
//! region lies inside the object.
//!
//! ```text
//! header | texts | slots | ports | cells | mutexes | syncs | channels | fair semaphores | queue | counts | items | tallies | rings
//! ```

use super::histogram::BUCKETS;
use crate::os::MUTEX_BYTES;
use crate::program::{Actor, ITEM_WINDOW, Program};

/// The first word of every board: "5forks" and a newline.
pub const MAGIC: u64 = u64::from_le_bytes(*b"5forks\r\n");
/// Changes whenever anything about the layout does.
pub const VERSION: u64 = 4;

/// Bytes of a cache line pair: what one writer writes lies apart from what others write.
pub const LINE: usize = 128;
/// Words of the header.
pub const HEADER_WORDS: usize = 64;
/// Words of an actor's slot.
pub const SLOT_WORDS: usize = 32;
/// Words of one event.
pub const EVENT_WORDS: usize = 4;
/// Bytes of one fair semaphore: a robust mutex, then the value and the ticket counter.
pub const FAIR_BYTES: usize = MUTEX_BYTES + 64;
/// Bytes of what an actor needs to open a channel.
pub const CHANNEL_BYTES: usize = 16;
/// Bytes of an actor's place in line.
pub const QUEUE_BYTES: usize = 16;
/// Words of the header that tell the layout.
pub const LAYOUT_WORDS: usize = 28;
/// Bytes of one mutex: the robust mutex, then its holder.
pub const MUTEX_STRIDE: usize = MUTEX_BYTES + 64;

/// All rings together take about so many bytes, so that a board for 1000 actors fits into a container's 64 MiB.
const RING_BYTES: usize = 16 << 20;
/// The fewest and the most events that an actor's ring holds.
const RING_EVENTS: (usize, usize) = (256, 1 << 14);

/// Byte offsets of the regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Layout {
    pub texts: usize,
    pub texts_len: usize,
    pub actors: usize,
    pub slots: usize,
    pub ports: usize,
    pub ports_len: usize,
    pub cells: usize,
    pub cells_len: usize,
    pub mutexes: usize,
    pub mutexes_len: usize,
    pub syncs: usize,
    pub syncs_len: usize,
    /// Bytes of one monitor, lock or barrier.
    pub sync: usize,
    pub channels: usize,
    pub channels_len: usize,
    pub fair: usize,
    pub fair_len: usize,
    /// Where actors wait in line: a place each, or none.
    pub queue: usize,
    pub queue_len: usize,
    pub counts: usize,
    pub counts_len: usize,
    pub items: usize,
    pub producers: usize,
    pub tallies: usize,
    /// Bytes of one actor's tally.
    pub tally: usize,
    pub rings: usize,
    /// Events of one ring, a power of two.
    pub ring_events: usize,
    pub total: usize,
}

impl Layout {
    /// The fields in the order in which the header keeps them.
    pub fn to_words(self) -> [u64; LAYOUT_WORDS] {
        let l = self;
        [
            l.texts,
            l.texts_len,
            l.actors,
            l.slots,
            l.ports,
            l.ports_len,
            l.cells,
            l.cells_len,
            l.mutexes,
            l.mutexes_len,
            l.syncs,
            l.syncs_len,
            l.sync,
            l.channels,
            l.channels_len,
            l.fair,
            l.fair_len,
            l.queue,
            l.queue_len,
            l.counts,
            l.counts_len,
            l.items,
            l.producers,
            l.tallies,
            l.tally,
            l.rings,
            l.ring_events,
            l.total,
        ]
        .map(|x| x as u64)
    }

    /// The reverse of [`Layout::to_words`].
    pub fn from_words(words: [u64; LAYOUT_WORDS]) -> Layout {
        let [
            texts,
            texts_len,
            actors,
            slots,
            ports,
            ports_len,
            cells,
            cells_len,
            mutexes,
            mutexes_len,
            syncs,
            syncs_len,
            sync,
            channels,
            channels_len,
            fair,
            fair_len,
            queue,
            queue_len,
            counts,
            counts_len,
            items,
            producers,
            tallies,
            tally,
            rings,
            ring_events,
            total,
        ] = words.map(|x| x as usize);
        Layout {
            texts,
            texts_len,
            actors,
            slots,
            ports,
            ports_len,
            cells,
            cells_len,
            mutexes,
            mutexes_len,
            syncs,
            syncs_len,
            sync,
            channels,
            channels_len,
            fair,
            fair_len,
            queue,
            queue_len,
            counts,
            counts_len,
            items,
            producers,
            tallies,
            tally,
            rings,
            ring_events,
            total,
        }
    }

    /// Lays out a board for a program and a text of so many bytes.
    pub fn of(program: &Program, texts_len: usize, counts_len: usize) -> Layout {
        let mut at = HEADER_WORDS * 8;
        let mut take = |bytes: usize| {
            let start = at;
            at = (at + bytes).next_multiple_of(LINE);
            start
        };
        let actors = program.actors.len();
        let fits = RING_BYTES / actors.max(1) / (EVENT_WORDS * 8);
        let ring_events = 1 << fits.clamp(RING_EVENTS.0, RING_EVENTS.1).ilog2();
        let states = program.roles.iter().map(|r| r.states.len()).max().unwrap_or(0);
        let tally = (states * 8 + BUCKETS * 4).next_multiple_of(LINE);
        let any_fair = program.has_queues();
        let syncs_len = program.sync_count() as usize;
        let queue_len = if any_fair || syncs_len > 0 { actors } else { 0 };
        let ports_len = program.actors.iter().map(ports_words).sum();
        let cells_len = cell_indices(program).1;
        let fair_len = if any_fair { program.semaphore_count() as usize } else { 0 };
        let producers = producers(program);
        let mutexes_len = program.mutex_count() as usize;
        let mut layout = Layout {
            texts_len,
            actors,
            ports_len,
            cells_len,
            mutexes_len,
            syncs_len,
            sync: sync_bytes(actors),
            channels_len: program.channel_count() as usize,
            fair_len,
            queue_len,
            counts_len,
            producers,
            tally,
            ring_events,
            texts: take(texts_len.next_multiple_of(8)),
            slots: take(actors * SLOT_WORDS * 8),
            ports: take(ports_len * 8),
            cells: take(cells_len * 4),
            mutexes: take(mutexes_len * MUTEX_STRIDE),
            syncs: take(syncs_len * sync_bytes(actors)),
            channels: take(program.channel_count() as usize * CHANNEL_BYTES),
            fair: take(fair_len * FAIR_BYTES),
            queue: take(queue_len * QUEUE_BYTES),
            counts: take(counts_len * 8),
            items: take(producers * ITEM_WINDOW as usize / 8),
            tallies: take(actors * tally),
            rings: take(actors * ring_events * EVENT_WORDS * 8),
            total: 0,
        };
        layout.total = at;
        layout
    }

    /// Whether every region lies inside an object of so many bytes. An altered or foreign board fails here, and not
    /// in the middle of a run.
    pub fn fits(&self, bytes: usize) -> bool {
        let inside = |start: usize, count: usize, size: usize| {
            count.checked_mul(size).and_then(|len| start.checked_add(len)).is_some_and(|end| end <= bytes)
                && start.is_multiple_of(8)
        };
        self.total == bytes
            && self.texts_len <= bytes
            && self.ring_events.is_power_of_two()
            && inside(self.texts, self.texts_len.next_multiple_of(8), 1)
            && inside(self.slots, self.actors, SLOT_WORDS * 8)
            && inside(self.ports, self.ports_len, 8)
            && inside(self.cells, self.cells_len, 4)
            && inside(self.mutexes, self.mutexes_len, MUTEX_STRIDE)
            && inside(self.fair, self.fair_len, FAIR_BYTES)
            && self.sync == sync_bytes(self.actors)
            && inside(self.syncs, self.syncs_len, self.sync)
            && inside(self.channels, self.channels_len, CHANNEL_BYTES)
            && inside(self.queue, self.queue_len, QUEUE_BYTES)
            && inside(self.counts, self.counts_len, 8)
            && inside(self.items, self.producers, ITEM_WINDOW as usize / 8)
            && inside(self.tallies, self.actors, self.tally)
            && inside(self.rings, self.actors.saturating_mul(self.ring_events), EVENT_WORDS * 8)
    }
}

/// Bytes of a monitor, a lock or a barrier: its robust mutex, its version, and what it holds, twice.
fn sync_bytes(actors: usize) -> usize {
    let bytes = MUTEX_BYTES.checked_add(8).zip(super::sync::copy_words(actors).checked_mul(16));
    bytes
        .and_then(|(head, copies)| head.checked_add(copies))
        .map_or(usize::MAX / 2, |b| b.next_multiple_of(LINE))
}

/// The words of an actor's ports: lines of their own, as only it writes them, and often.
pub fn ports_words(actor: &Actor) -> usize {
    (actor.ports.len() as usize).next_multiple_of(LINE / 8)
}

/// How many actors produce items.
fn producers(program: &Program) -> usize {
    program.items.as_ref().map_or(0, |items| {
        let role = program.activities[items.produce.index()].role;
        program.roles[role.index()].count as usize
    })
}

/// For each cell, its index among the 32-bit words of the region, and how many words there are. Each variable begins
/// on lines of its own.
pub fn cell_indices(program: &Program) -> (Vec<u32>, usize) {
    const WORDS: usize = LINE / 4;
    let mut indices = Vec::with_capacity(program.cell_count() as usize);
    let mut at = 0usize;
    for variable in &program.variables {
        let len = variable.size.unwrap_or(1) as usize;
        indices.extend((at..at + len).map(|word| word as u32));
        at = (at + len).next_multiple_of(WORDS);
    }
    (indices, at)
}
