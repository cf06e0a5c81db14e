//! Following a run from another process, without touching it.

use super::launch::is_named;
use super::names::RunId;
use super::probe::BoardProbe;
use crate::board::{Board, Counters, Detail, Texts, collect};
use crate::mechanism::Mechanism;
use crate::monitor::{Monitor, Verdict};
use crate::os::{self, Mapping, Semaphore};
use crate::program::{Program, SemaphoreId};
use crate::snapshot::Snapshot;

/// A run's board, mapped for reading.
#[derive(Debug)]
pub struct Follow {
    run: RunId,
    mapping: Mapping,
    texts: Texts,
}

/// A run being watched.
pub struct Watching<'f> {
    over: Mechanism,
    mapping: &'f Mapping,
    board: Board<'f>,
    program: &'f Program,
    semaphores: Vec<Option<Semaphore>>,
    monitor: Monitor,
    probe: BoardProbe,
}

/// What one look found.
#[derive(Debug)]
pub struct Look {
    /// The run as it was.
    pub snapshot: Snapshot,
    /// Verdicts that were not there before.
    pub verdicts: Vec<Verdict>,
}

impl Follow {
    /// Opens a run's board.
    pub fn open(run: RunId) -> os::Result<Follow> {
        let name = run.board();
        let mapping = Mapping::open(&name, 0, false)?;
        let texts = Board::texts_of(&mapping, &name)?;
        Ok(Follow { run, mapping, texts })
    }

    /// Which run it is.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The texts of its program.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Whether the run's board still has its name: it loses that when the run ends.
    pub fn is_there(&self) -> bool {
        os::exists(&self.run.board()[1..])
    }

    /// Begins to watch, with the program that the texts give.
    pub fn watch<'f>(&'f self, program: &'f Program) -> os::Result<Watching<'f>> {
        let board = Board::open(&self.mapping, &self.run.board(), program)?;
        let open = |id: u32| {
            let id = SemaphoreId(id);
            let named = is_named(program, self.texts.over, id);
            named.then(|| Semaphore::open(&self.run.semaphore(program, id))).transpose()
        };
        let semaphores = (0..program.semaphore_count()).map(open).collect::<os::Result<_>>()?;
        let monitor = Monitor::new(program);
        Ok(Watching {
            over: self.texts.over,
            mapping: &self.mapping,
            board,
            program,
            semaphores,
            monitor,
            probe: BoardProbe::default(),
        })
    }
}

impl Watching<'_> {
    /// Looks once.
    pub fn tick(&mut self) -> Look {
        let counters = counters(&self.semaphores);
        let snapshot = collect(&self.board, self.program, counters, Detail::Quick);
        let mut probe = self.probe.at(&self.board, self.program, counters);
        let verdicts = self.monitor.observe(self.program, &snapshot, &[], &mut probe);
        Look { snapshot, verdicts }
    }

    /// What carries the messages of its channels.
    pub fn over(&self) -> Mechanism {
        self.over
    }

    /// The run's shared memory.
    pub fn board(&self) -> &Board<'_> {
        &self.board
    }

    /// Where on the board an address of this process lies, in bytes from its beginning; none if it lies elsewhere.
    pub fn place_of(&self, address: usize) -> Option<u64> {
        let place = address.checked_sub(self.mapping.address(0))?;
        (place < self.mapping.len()).then_some(place as u64)
    }

    /// Whether semaphores tell how many sleep on them.
    pub fn counts_sleepers(&self) -> bool {
        self.semaphores.iter().flatten().next().is_some_and(|semaphore| semaphore.value().waiters.is_some())
    }

    /// A full picture of the run.
    pub fn snapshot(&self) -> Snapshot {
        collect(&self.board, self.program, counters(&self.semaphores), Detail::Full)
    }
}

/// From here nobody can look into a channel: its messages are what the actors have counted.
fn counters(semaphores: &[Option<Semaphore>]) -> Counters<'_> {
    Counters { named: semaphores, messages: &|_| None }
}
