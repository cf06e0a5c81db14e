//! Breadth-first search, level by level, by several threads: so that the first way to a fault is the shortest.
//!
//! A level is explored in rounds. In a round nothing but the set of states changes. What a round could not do, because
//! the tables or the set lacked something, is done in another round, after that was mended.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use super::expand::Scene;
use super::independent::Independent;
use super::layout::{Layout, Packed};
use super::model::{Model, State};
use super::round::{Outcome, Round, unmet_in};
use super::store::Store;
use super::symmetry::Symmetry;
use super::tables::{Outgrown, Tables};
use crate::os;

/// States that a thread takes at once.
pub const CHUNK: usize = 256;
/// Memory for levels that are kept to find the way back.
pub const MAX_KEPT: usize = 256 << 20;

/// When a search must end though it is not done.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// States.
    pub states: usize,
    /// Bytes of memory.
    pub bytes: usize,
    /// Time.
    pub deadline: Option<Instant>,
    /// States, once a fault was found: so many are looked at for faults of other kinds.
    pub after_fault: usize,
    /// Steps from the start; none without such a limit.
    pub depth: Option<u32>,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All states were seen.
    Complete,
    /// A fault was found, and there were too many states to look for others.
    AfterFault,
    /// The limit of states.
    States,
    /// The limit of memory.
    Memory,
    /// The limit of time.
    Time,
    /// Somebody asked for it.
    Interrupted,
    /// A variable takes too many values.
    Unbounded,
}

/// How far a search is. Anyone may look at any time.
#[derive(Debug, Default)]
pub struct Progress {
    /// States seen.
    pub states: AtomicU64,
    /// Transitions followed.
    pub transitions: AtomicU64,
    /// The present depth.
    pub depth: AtomicU64,
    /// States of the present level.
    pub frontier: AtomicU64,
    /// States of the level before it; 0 for the first.
    pub before: AtomicU64,
    /// Bytes of memory.
    pub bytes: AtomicU64,
    /// Ask it to end.
    pub interrupt: AtomicBool,
    /// The phase: 0 states, then what needs all of them: 1 cycles, 2 who can never move again.
    pub phase: AtomicU64,
}

/// Where a fault was found first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site<const W: usize> {
    /// Steps from the start.
    pub depth: u32,
    /// The state: in which the fault shows, or from which one step breaks a rule.
    pub state: Packed<W>,
    /// The actor whose step breaks a rule.
    pub actor: Option<usize>,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Findings<const W: usize> {
    /// Where nobody can move.
    pub stuck: Option<Site<W>>,
    /// Where rules are broken.
    pub breaches: BTreeMap<u64, Site<W>>,
    /// The `possible`s that were not met yet.
    pub unmet: Vec<u32>,
}

impl<const W: usize> Findings<W> {
    fn any(&self) -> bool {
        self.stuck.is_some() || !self.breaches.is_empty()
    }
}

/// What can go wrong with a search itself.
#[derive(Debug)]
pub enum Trouble {
    /// A part of the state has more values than the layout has room for.
    Outgrown,
    /// No memory.
    Os(os::Error),
}

impl From<Outgrown> for Trouble {
    fn from(_: Outgrown) -> Trouble {
        Trouble::Outgrown
    }
}

impl From<os::Error> for Trouble {
    fn from(error: os::Error) -> Trouble {
        Trouble::Os(error)
    }
}

/// A level: the states that several threads found.
pub type Level<const W: usize> = Vec<Vec<Packed<W>>>;

/// A search.
#[derive(Debug)]
pub struct Search<'m, 'p, const W: usize> {
    /// The model.
    pub model: &'m mut Model<'p>,
    /// Where parts of states lie.
    pub layout: Layout,
    /// The moves.
    pub tables: Tables,
    /// The states.
    pub store: Store<W>,
    /// The levels; none once they were too many to keep.
    pub levels: Option<Vec<Level<W>>>,
    /// What was found.
    pub found: Findings<W>,
    /// Transitions followed.
    pub transitions: u64,
    /// Levels explored.
    pub depth: u32,
    /// Where it begins.
    pub start: State,
    /// Threads to use.
    pub threads: usize,
    /// The depth at which to end, if the search was made before.
    farthest: Option<u32>,
    kept: usize,
    most_kept: usize,
    most_frontier: usize,
    symmetry: Option<Symmetry>,
}

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Threads.
    pub threads: usize,
    /// Bytes of levels to keep.
    pub kept: usize,
    /// Which reductions to use.
    pub reduction: Reduction,
}

/// What is not looked at because something else stands for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reduction {
    /// Orders of independent operations: see [`super::independent`].
    pub partial_order: bool,
    /// States that differ by an exchange of equal actors: see [`super::symmetry`].
    pub symmetry: bool,
}

impl<'m, 'p, const W: usize> Search<'m, 'p, W> {
    /// A search with nothing done.
    pub fn new(
        model: &'m mut Model<'p>,
        layout: Layout,
        start: State,
        manner: Manner,
    ) -> Result<Search<'m, 'p, W>, Trouble> {
        let Manner { threads, kept: most_kept, reduction } = manner;
        let independent = reduction.partial_order.then(|| Independent::of(model));
        let tables = Tables::new(model, &layout, independent);
        let symmetry = if reduction.symmetry { Symmetry::of(model, &layout) } else { None };
        let unmet = (0..model.program.possible.len() as u32).collect();
        let found = Findings { stuck: None, breaches: BTreeMap::new(), unmet };
        Ok(Search {
            store: Store::new(layout.bits[0])?,
            model,
            layout,
            tables,
            levels: Some(Vec::new()),
            found,
            transitions: 0,
            depth: 0,
            start,
            threads,
            farthest: None,
            kept: 0,
            most_kept,
            most_frontier: 0,
            symmetry,
        })
    }

    /// What expanding a state reads.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            model: self.model,
            layout: &self.layout,
            tables: &self.tables,
            symmetry: self.symmetry.as_ref(),
        }
    }

    /// Which actors can be exchanged; none if they are all told apart.
    pub fn symmetry(&self) -> Option<&Symmetry> {
        self.symmetry.as_ref()
    }

    /// The packed form of a state, or of the one that stands for it.
    pub fn pack(&self, state: &[u32]) -> Option<Packed<W>> {
        let mut packed = self.layout.pack(state)?;
        if let Some(symmetry) = &self.symmetry {
            symmetry.canonical(&mut packed);
        }
        Some(packed)
    }

    /// Bytes of memory: the set of states and the two largest levels.
    pub fn bytes(&self) -> usize {
        self.store.bytes() + self.most_frontier * size_of::<Packed<W>>()
    }

    /// Explores everything within the limits.
    pub fn run(&mut self, limits: &Limits, progress: &Progress) -> Result<Stop, Trouble> {
        let start = self.pack(&self.start).ok_or(Trouble::Outgrown)?;
        if let Some(prepared) = self.store.prepare(&start) {
            self.store.insert(prepared);
            self.store.count(1);
        }
        self.met_by(&start);
        let (mut level, mut before): (Level<W>, usize) = (vec![vec![start]], 0);
        while level.iter().any(|part| !part.is_empty()) {
            let size: usize = level.iter().map(Vec::len).sum();
            progress.depth.store(u64::from(self.depth), Ordering::Relaxed);
            progress.before.store(before as u64, Ordering::Relaxed);
            progress.frontier.store(size as u64, Ordering::Relaxed);
            let (next, stop) = self.level(&level, limits, progress)?;
            let more: usize = next.iter().map(Vec::len).sum();
            self.most_frontier = self.most_frontier.max(size + more);
            self.keep(level);
            if let Some(stop) = stop {
                return Ok(stop);
            }
            if self.farthest.or(limits.depth) == Some(self.depth) {
                return Ok(Stop::Complete);
            }
            self.depth += 1;
            (level, before) = (next, size);
        }
        // The last level was empty.
        self.depth = self.depth.saturating_sub(1);
        Ok(Stop::Complete)
    }

    /// Walks at random and learns what comes up on the way, so that the parts of states are known by the values that they
    /// take. Stores nothing.
    pub fn wander(&mut self, walks: u32, steps: u32) -> Result<(), Trouble> {
        let start = self.layout.pack::<W>(&self.start).ok_or(Trouble::Outgrown)?;
        let mut random = Pcg32::seed_from_u64(1);
        for _ in 0..walks {
            let mut state = start;
            for _ in 0..steps {
                let row = self.layout.unpack(&state);
                self.tables.learn(self.model, &self.layout, &row)?;
                let mut choices = Vec::new();
                self.scene().expand(&state, |step| choices.push(step.to));
                let Some(to) = choices.get(random.random_range(0..choices.len().max(1))) else { break };
                state = *to;
            }
        }
        Ok(())
    }

    /// Searches again, as far as before, and keeps all levels.
    pub fn again(&mut self) -> Result<(), Trouble> {
        let limits = Limits {
            states: usize::MAX,
            bytes: usize::MAX,
            deadline: None,
            after_fault: usize::MAX,
            depth: None,
        };
        self.farthest = Some(self.depth);
        self.store = Store::new(self.layout.bits[0])?;
        self.levels = Some(Vec::new());
        (self.kept, self.most_kept) = (0, usize::MAX);
        (self.depth, self.transitions) = (0, 0);
        self.run(&limits, &Progress::default()).map(drop)
    }

    fn keep(&mut self, level: Level<W>) {
        self.kept += level.iter().map(|part| part.len() * size_of::<Packed<W>>()).sum::<usize>();
        match &mut self.levels {
            Some(levels) if self.kept <= self.most_kept => levels.push(level),
            levels => *levels = None,
        }
    }

    fn met_by(&mut self, state: &Packed<W>) {
        let met = unmet_in(&self.scene(), &self.found.unmet, state);
        self.found.unmet.retain(|k| !met.contains(k));
    }

    /// Explores one level. Gives the next, and why to stop, if so.
    fn level(
        &mut self,
        level: &Level<W>,
        limits: &Limits,
        progress: &Progress,
    ) -> Result<(Level<W>, Option<Stop>), Trouble> {
        let chunks: Vec<&[Packed<W>]> = level.iter().flat_map(|part| part.chunks(CHUNK)).collect();
        let (mut next, mut at, mut again): (Level<W>, usize, Vec<Packed<W>>) = (Vec::new(), 0, Vec::new());
        while at < chunks.len() || !again.is_empty() {
            let repeat = !again.is_empty();
            let work = if repeat { again.chunks(CHUNK).collect() } else { chunks[at..].to_vec() };
            let round =
                Round { scene: self.scene(), store: &self.store, limits, progress, unmet: &self.found.unmet };
            let mut result = round.play(&work, self.threads);
            let mut left = Vec::new();
            if repeat {
                work[result.chunks..].iter().for_each(|part| left.extend_from_slice(part));
            } else {
                at += result.chunks;
            }
            next.append(&mut result.next);
            self.transitions += result.transitions;
            progress.transitions.store(self.transitions, Ordering::Relaxed);
            progress.states.store(self.store.len() as u64, Ordering::Relaxed);
            progress.bytes.store(self.bytes() as u64, Ordering::Relaxed);
            self.take_in(&result);
            if let Some(stop) = result.stop.or_else(|| self.enough(limits)) {
                return Ok((next, Some(stop)));
            }
            left.append(&mut result.full);
            if result.tight {
                if self.store.bytes_to_grow() > limits.bytes {
                    return Ok((next, Some(Stop::Memory)));
                }
                self.store.grow(self.threads)?;
            }
            // In order, so that numbers do not depend on which thread was faster.
            result.unknown.sort_unstable();
            result.missing.sort_unstable();
            for state in result.unknown.iter().chain(&result.missing) {
                let state = self.layout.unpack(state);
                self.tables.learn(self.model, &self.layout, &state)?;
            }
            left.append(&mut result.unknown);
            again = left;
        }
        Ok((next, None))
    }

    fn take_in(&mut self, result: &Outcome<W>) {
        let depth = self.depth;
        if let Some(state) = result.stuck {
            self.found.stuck.get_or_insert(Site { depth, state, actor: None });
        }
        for (violation, site) in &result.breaches {
            let site = Site { depth: depth + u32::from(site.actor.is_none()), ..*site };
            let first = self.found.breaches.entry(*violation).or_insert(site);
            *first = site.min(*first);
        }
        self.found.unmet.retain(|k| !result.met.contains(k));
    }

    fn enough(&self, limits: &Limits) -> Option<Stop> {
        (self.found.any() && self.store.len() > limits.after_fault).then_some(Stop::AfterFault)
    }
}
