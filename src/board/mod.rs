//! The board: the shared memory of one run. Everything that actors show, count and share lies on it.

mod collect;
mod control;
mod counts;
mod gate;
mod histogram;
mod items;
mod layout;
mod ring;
mod slot;
mod sync;
mod texts;
mod world;

pub use collect::{Counters, Detail, InChannel, collect};
pub use control::{Control, REAL_TIME, Speed};
pub use counts::{CountField, CountPlan, CountWord};
pub use gate::{FREE, Gate};
pub use histogram::{Waits, record as record_wait};
pub use items::{Items, Used};
pub use layout::Layout;
pub use ring::{Event, Reader, Writer};
pub use slot::{Port, Slot, Tally, position, progress, steps};
pub use sync::SyncCell;
pub use texts::Texts;
pub use world::LiveWorld;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use layout::{
    CHANNEL_BYTES, EVENT_WORDS, FAIR_BYTES, HEADER_WORDS, MAGIC, MUTEX_STRIDE, QUEUE_BYTES, SLOT_WORDS,
    VERSION, cell_indices,
};

use crate::os::clock::Base;
use crate::os::{self, MUTEX_BYTES, Mapping, Mutex};
use crate::program::{ActorId, CellId, ChannelId, ITEM_WINDOW, MutexId, Program, SemaphoreId, SyncId};

/// Words of the header.
mod word {
    pub const MAGIC: usize = 0;
    pub const VERSION: usize = 1;
    pub const HASH: usize = 2;
    pub const LAYOUT: usize = 3;
    pub const SUPERVISOR: usize = LAYOUT + super::layout::LAYOUT_WORDS;
    pub const GUARD: usize = SUPERVISOR + 1;
    pub const BASE_TICKS: usize = SUPERVISOR + 2;
    pub const BASE_NANOS: usize = SUPERVISOR + 3;
    pub const SEED: usize = SUPERVISOR + 4;
    pub const TAINTED: usize = SUPERVISOR + 5;
    pub const CONTROL: usize = 40;
}

/// A mapped board.
#[derive(Debug)]
pub struct Board<'m> {
    mapping: &'m Mapping,
    /// Where everything lies.
    pub layout: Layout,
    header: &'m [AtomicU64],
    slots: &'m [AtomicU64],
    ports: &'m [AtomicU64],
    cells: &'m [AtomicU32],
    cell_index: Vec<u32>,
    counts: &'m [AtomicU64],
}

/// One fair semaphore's words, beside its mutex.
#[derive(Clone, Copy, Debug)]
pub struct Fair<'m> {
    /// Guards the other words.
    pub mutex: Mutex<'m>,
    /// Its value.
    pub value: &'m AtomicU64,
    /// The next ticket.
    pub tickets: &'m AtomicU64,
}

/// Where an actor waits in line: for a fair semaphore, a monitor, a lock, a barrier.
#[derive(Clone, Copy, Debug)]
pub struct Queued<'m> {
    /// 0: does not wait; 1: waits; 2: was handed one. The actor sleeps on this word.
    pub state: &'m AtomicU32,
    /// What it waits for: a semaphore's number, or what [`super::run`] makes of an operation.
    pub what: &'m AtomicU32,
    /// Its place in the line, or when it came.
    pub ticket: &'m AtomicU64,
}

impl Queued<'_> {
    /// Whether the actor waits and was not handed one.
    pub fn is_waiting(&self) -> bool {
        self.state.load(Ordering::Acquire) == 1
    }
}

impl<'m> Board<'m> {
    /// Writes a new board onto a mapping of `layout.total` zeroed bytes. Nobody else may open it before [`Board::publish`].
    pub fn create(
        mapping: &'m Mapping,
        program: &Program,
        texts: &Texts,
        layout: Layout,
        seed: u64,
    ) -> os::Result<Board<'m>> {
        let header = mapping.words(0, HEADER_WORDS);
        for (word, value) in header[word::LAYOUT..].iter().zip(layout.to_words()) {
            word.store(value, Ordering::Relaxed);
        }
        let board = Board::over(mapping, program, layout);
        texts::write(mapping.words(layout.texts, layout.texts_len.div_ceil(8)), &texts.to_bytes());
        let base = Base::now();
        for (at, value) in [
            (word::HASH, program.hash),
            (word::SUPERVISOR, u64::from(std::process::id())),
            (word::BASE_TICKS, base.ticks),
            (word::BASE_NANOS, base.nanos),
            (word::SEED, seed),
        ] {
            header[at].store(value, Ordering::Relaxed);
        }
        for variable in &program.variables {
            for k in 0..variable.size.unwrap_or(1) {
                board.cell(CellId(variable.base.0 + k)).store(variable.init as u32, Ordering::Relaxed);
            }
        }
        for at in 0..layout.mutexes_len {
            board.mutex(MutexId(at as u32)).init()?;
        }
        for at in 0..layout.syncs_len {
            board.sync(SyncId(at as u32)).mutex.init()?;
        }
        for array in program.semaphores.iter().filter(|s| s.fair) {
            for k in 0..array.size.unwrap_or(1) {
                let fair = board.fair(SemaphoreId(array.base.0 + k));
                fair.mutex.init()?;
                fair.value.store(u64::from(array.init), Ordering::Relaxed);
            }
        }
        let mut port = 0;
        for (at, actor) in program.actors.iter().enumerate() {
            board.slot(ActorId(at as u32)).ports().store(port, Ordering::Relaxed);
            port += layout::ports_words(actor) as u64;
        }
        CountPlan::of(program).init(program, board.counts);
        Ok(board)
    }

    /// Lets others open the board, last of all.
    pub fn publish(&self) {
        self.header[word::MAGIC].store(MAGIC, Ordering::Relaxed);
        self.header[word::VERSION].store(VERSION, Ordering::Release);
    }

    /// The texts of a published board: what an opener compiles before it knows the program.
    pub fn texts_of(mapping: &Mapping, name: &str) -> os::Result<Texts> {
        let layout = Board::check(mapping, name)?;
        let bytes = texts::read(mapping.words(layout.texts, layout.texts_len.div_ceil(8)), layout.texts_len);
        Texts::from_bytes(&bytes).ok_or_else(|| os::Error::unfit(name, "its texts cannot be read"))
    }

    /// Opens a published board for the program that its texts give.
    pub fn open(mapping: &'m Mapping, name: &str, program: &Program) -> os::Result<Board<'m>> {
        let layout = Board::check(mapping, name)?;
        let hash = mapping.words(0, HEADER_WORDS)[word::HASH].load(Ordering::Relaxed);
        let fits = hash == program.hash
            && layout.actors == program.actors.len()
            && layout.cells_len == cell_indices(program).1
            && layout.syncs_len == program.sync_count() as usize
            && layout.channels_len == program.channel_count() as usize
            && layout.mutexes_len == program.mutex_count() as usize;
        if !fits {
            return Err(os::Error::unfit(name, "it was made for another program"));
        }
        Ok(Board::over(mapping, program, layout))
    }

    fn check(mapping: &Mapping, name: &str) -> os::Result<Layout> {
        if mapping.len() < HEADER_WORDS * 8 {
            return Err(os::Error::unfit(name, "it is too short for a board"));
        }
        let header = mapping.words(0, HEADER_WORDS);
        let version = header[word::VERSION].load(Ordering::Acquire);
        if header[word::MAGIC].load(Ordering::Relaxed) != MAGIC || version == 0 {
            return Err(os::Error::unfit(name, "it is no board, or not a complete one"));
        }
        if version != VERSION {
            let why = format!("it is a board of version {version}, this program knows version {VERSION}");
            return Err(os::Error::unfit(name, why).hint("use the fiveforks that started the run"));
        }
        let layout =
            Layout::from_words(std::array::from_fn(|k| header[word::LAYOUT + k].load(Ordering::Relaxed)));
        if !layout.fits(mapping.len()) {
            return Err(os::Error::unfit(name, "its header names places that it does not have"));
        }
        Ok(layout)
    }

    fn over(mapping: &'m Mapping, program: &Program, layout: Layout) -> Board<'m> {
        Board {
            mapping,
            layout,
            header: mapping.words(0, HEADER_WORDS),
            slots: mapping.words(layout.slots, layout.actors * SLOT_WORDS),
            ports: mapping.words(layout.ports, layout.ports_len),
            cells: mapping.halves(layout.cells, layout.cells_len),
            cell_index: cell_indices(program).0,
            counts: mapping.words(layout.counts, layout.counts_len),
        }
    }

    /// An actor's slot.
    pub fn slot(&self, actor: ActorId) -> Slot<'m> {
        let at = actor.index() * SLOT_WORDS;
        Slot(&self.slots[at..at + SLOT_WORDS])
    }

    /// The gate before an actor's steps.
    pub fn gate(&self, actor: ActorId) -> Gate<'m> {
        let at = self.layout.slots + (actor.index() * SLOT_WORDS + slot::GATE_WORD) * 8;
        Gate::over(self.mapping.halves(at, 4))
    }

    /// An actor's count for one of its semaphores, by the number of its port.
    #[inline]
    pub fn port(&self, slot: Slot<'m>, number: u32) -> Option<Port<'m>> {
        let at = slot.ports().load(Ordering::Relaxed) as usize + number as usize;
        self.ports.get(at).map(Port)
    }

    /// A shared variable's word; signed numbers are kept as their bits.
    #[inline]
    pub fn cell(&self, cell: CellId) -> &'m AtomicU32 {
        &self.cells[self.cell_index[cell.index()] as usize]
    }

    /// A mutex.
    pub fn mutex(&self, id: MutexId) -> Mutex<'m> {
        Mutex::at(self.mapping, self.layout.mutexes + id.index() * MUTEX_STRIDE)
    }

    /// Who holds a mutex: the actor's number plus 1, or 0.
    pub fn holder(&self, id: MutexId) -> &'m AtomicU64 {
        &self.mapping.words(self.layout.mutexes + id.index() * MUTEX_STRIDE + MUTEX_BYTES, 1)[0]
    }

    /// A fair semaphore.
    pub fn fair(&self, id: SemaphoreId) -> Fair<'m> {
        let at = self.layout.fair + id.index() * FAIR_BYTES;
        let words = self.mapping.words(at + MUTEX_BYTES, 2);
        Fair { mutex: Mutex::at(self.mapping, at), value: &words[0], tickets: &words[1] }
    }

    /// A monitor, a read-write lock or a barrier.
    pub fn sync(&self, id: SyncId) -> SyncCell<'m> {
        let at = self.layout.syncs + id.index() * self.layout.sync;
        let words = self.mapping.words(at + MUTEX_BYTES, (self.layout.sync - MUTEX_BYTES) / 8);
        SyncCell::over(Mutex::at(self.mapping, at), words, self.layout.actors)
    }

    /// What an actor needs to open a channel: two numbers, written once by the supervisor.
    pub fn channel(&self, id: ChannelId) -> &'m [AtomicU64] {
        self.mapping.words(self.layout.channels + id.index() * CHANNEL_BYTES, CHANNEL_BYTES / 8)
    }

    /// Where an actor waits in line.
    pub fn queued(&self, actor: ActorId) -> Queued<'m> {
        let at = self.layout.queue + actor.index() * QUEUE_BYTES;
        let halves = self.mapping.halves(at, 2);
        Queued { state: &halves[0], what: &halves[1], ticket: &self.mapping.words(at + 8, 1)[0] }
    }

    /// The word that packs the counts of one demand.
    pub fn count_word(&self, at: u32) -> &'m AtomicU64 {
        &self.counts[at as usize]
    }

    /// The items that are out.
    pub fn items(&self) -> Items<'m> {
        let words = self.layout.producers * ITEM_WINDOW as usize / 64;
        Items::over(self.mapping.words(self.layout.items, words))
    }

    /// What an actor has done so far.
    pub fn tally(&self, actor: ActorId, states: usize) -> Tally<'m> {
        let at = self.layout.tallies + actor.index() * self.layout.tally;
        let entered = self.mapping.words(at, states);
        Tally { entered, waits: self.mapping.halves(at + states * 8, histogram::BUCKETS) }
    }

    /// How long an actor has waited so far.
    pub fn waits(&self, program: &Program, actor: ActorId) -> Waits {
        histogram::summary([self.tally(actor, program.role_of(actor).states.len()).waits])
    }

    /// An actor's ring of events.
    pub fn ring(&self, actor: ActorId) -> &'m [AtomicU64] {
        let words = self.layout.ring_events * EVENT_WORDS;
        self.mapping.words(self.layout.rings + actor.index() * words * 8, words)
    }

    /// Pause, speed and stop.
    pub fn control(&self) -> Control<'m> {
        Control::over(self.mapping, word::CONTROL)
    }

    /// When the run began.
    pub fn base(&self) -> Base {
        Base {
            ticks: self.header[word::BASE_TICKS].load(Ordering::Relaxed),
            nanos: self.header[word::BASE_NANOS].load(Ordering::Relaxed),
        }
    }

    /// Turns the stamps of events into times since the run began, as the clocks stand now.
    pub fn times(&self) -> impl Fn(u64) -> Duration + use<> {
        let (base, now) = (self.base(), Base::now());
        move |stamp| base.since(now, stamp)
    }

    /// The number that all random times and choices come from.
    pub fn seed(&self) -> u64 {
        self.header[word::SEED].load(Ordering::Relaxed)
    }

    /// The process that supervises the run.
    pub fn supervisor(&self) -> u32 {
        self.header[word::SUPERVISOR].load(Ordering::Relaxed) as u32
    }

    /// Not 0 once an actor has died: it may have died between entering a state and counting that, so the words that count
    /// can no longer be relied on.
    pub fn tainted(&self) -> &'m AtomicU64 {
        &self.header[word::TAINTED]
    }

    /// The guard's process.
    pub fn guard(&self) -> &'m AtomicU64 {
        &self.header[word::GUARD]
    }
}
