//! One round of a search: threads explore states, and nothing but the set of states changes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::compact::Inserted;
use super::expand::{Expanded, Scene, Step};
use super::layout::Packed;
use super::search::{CHUNK, Level, Limits, Progress, Site, Stop};
use super::store::Store;
use crate::program::{DemandId, Violation};

/// Successors that wait for their cache lines.
const AHEAD: usize = 64;

/// Those of the `possible`s that a state meets.
pub fn unmet_in<const W: usize>(scene: &Scene<'_>, unmet: &[u32], state: &Packed<W>) -> Vec<u32> {
    let holds = |k: &&u32| scene.model.program.possible[**k as usize].condition.holds(&scene.world(state));
    unmet.iter().filter(holds).copied().collect()
}

/// One round: what its threads share.
pub struct Round<'r, const W: usize> {
    /// What expanding reads.
    pub scene: Scene<'r>,
    /// The states.
    pub store: &'r Store<W>,
    /// When to stop.
    pub limits: &'r Limits,
    /// Who may ask for the end.
    pub progress: &'r Progress,
    /// The `possible`s that were not met yet.
    pub unmet: &'r [u32],
}

/// What a round, or one thread of it, brings.
#[derive(Debug)]
pub struct Outcome<const W: usize> {
    /// New states.
    pub next: Level<W>,
    /// Transitions followed.
    pub transitions: u64,
    /// Chunks that were done.
    pub chunks: usize,
    /// States of which the tables do not know everything: to be explored again.
    pub unknown: Vec<Packed<W>>,
    /// States that one of them must look ahead at, and that the tables do not know.
    pub missing: Vec<Packed<W>>,
    /// States whose successors did not all find room.
    pub full: Vec<Packed<W>>,
    /// Whether the store must grow.
    pub tight: bool,
    /// Why to stop.
    pub stop: Option<Stop>,
    /// A state in which nobody can move.
    pub stuck: Option<Packed<W>>,
    /// Where rules are broken.
    pub breaches: BTreeMap<u64, Site<W>>,
    /// The `possible`s that were met.
    pub met: Vec<u32>,
}

impl<const W: usize> Outcome<W> {
    fn new() -> Outcome<W> {
        Outcome {
            next: Vec::new(),
            transitions: 0,
            chunks: 0,
            unknown: Vec::new(),
            missing: Vec::new(),
            full: Vec::new(),
            tight: false,
            stop: None,
            stuck: None,
            breaches: BTreeMap::new(),
            met: Vec::new(),
        }
    }

    /// Notes a fault; of several of one kind, the least, so that the threads' speed does not matter.
    fn breach(&mut self, violation: u64, site: Site<W>) {
        let known = self.breaches.entry(violation).or_insert(site);
        *known = site.min(*known);
    }

    fn stuck(&mut self, state: Packed<W>) {
        self.stuck = Some(self.stuck.map_or(state, |known| known.min(state)));
    }

    fn add(&mut self, other: Outcome<W>) {
        self.next.extend(other.next);
        self.transitions += other.transitions;
        self.unknown.extend(other.unknown);
        self.missing.extend(other.missing);
        self.full.extend(other.full);
        self.tight |= other.tight;
        self.stop = self.stop.or(other.stop);
        other.stuck.into_iter().for_each(|state| self.stuck(state));
        other.breaches.into_iter().for_each(|(violation, site)| self.breach(violation, site));
        self.met.extend(other.met);
    }
}

impl<const W: usize> Round<'_, W> {
    /// Explores chunks of states.
    pub fn play(&self, work: &[&[Packed<W>]], threads: usize) -> Outcome<W> {
        let cursor = AtomicUsize::new(0);
        let threads = threads.min(work.len().div_ceil(4)).max(1);
        let slack = CHUNK * threads * (self.scene.tables.actors.len() * 2 + 2);
        let thread = || Thread::new(self, slack).work(work, &cursor);
        let mut outcome = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(thread)).collect();
            let mut outcome = thread();
            for other in others {
                match other.join() {
                    Ok(more) => outcome.add(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            outcome
        });
        outcome.chunks = cursor.into_inner().min(work.len());
        outcome
    }

    /// Why to stop before the next chunk, if so.
    fn stop(&self) -> Option<Stop> {
        if self.progress.interrupt.load(Ordering::Relaxed) {
            return Some(Stop::Interrupted);
        }
        if self.store.len() >= self.limits.states {
            return Some(Stop::States);
        }
        self.limits.deadline.filter(|deadline| Instant::now() >= *deadline).map(|_| Stop::Time)
    }
}

/// A successor that waits for its cache line.
#[derive(Clone, Copy)]
struct Ahead<const W: usize> {
    prepared: u64,
    state: Packed<W>,
    watch: u32,
}

/// One thread of a round.
struct Thread<'r, const W: usize> {
    round: &'r Round<'r, W>,
    slack: usize,
    outcome: Outcome<W>,
    next: Vec<Packed<W>>,
    ahead: Vec<Ahead<W>>,
    /// States whose successors wait; they are explored again if there is no room.
    sources: Vec<Packed<W>>,
    /// Their transitions.
    count: u64,
}

impl<'r, const W: usize> Thread<'r, W> {
    fn new(round: &'r Round<'r, W>, slack: usize) -> Thread<'r, W> {
        Thread {
            round,
            slack,
            outcome: Outcome::new(),
            next: Vec::new(),
            ahead: Vec::with_capacity(AHEAD * 4),
            sources: Vec::with_capacity(AHEAD * 4),
            count: 0,
        }
    }

    fn work(mut self, work: &[&[Packed<W>]], cursor: &AtomicUsize) -> Outcome<W> {
        loop {
            self.outcome.stop = self.round.stop();
            self.outcome.tight |= self.round.store.is_tight(self.slack);
            if self.outcome.stop.is_some() || self.outcome.tight {
                break;
            }
            let Some(chunk) = work.get(cursor.fetch_add(1, Ordering::Relaxed)) else { break };
            for state in *chunk {
                self.explore(state);
                if self.ahead.len() >= AHEAD {
                    self.flush();
                }
            }
            self.flush();
        }
        self.outcome.next.push(self.next);
        self.outcome
    }

    #[inline(always)]
    fn explore(&mut self, state: &Packed<W>) {
        let (mut full, mut count) = (false, 0);
        let (store, ahead, outcome) = (self.round.store, &mut self.ahead, &mut self.outcome);
        let expanded = self.round.scene.expand(state, |step: Step<'_, W>| {
            count += 1;
            if let Some(violation) = step.breach {
                let site = Site { depth: 0, state: *state, actor: Some(step.actor) };
                outcome.breach(violation.pack(), site);
            }
            match store.prepare(&step.to) {
                Some(prepared) => ahead.push(Ahead { prepared, state: step.to, watch: step.watch }),
                None => full = true,
            }
        });
        match expanded {
            Expanded::Unknown => self.outcome.unknown.push(*state),
            _ if full => {
                self.outcome.tight = true;
                self.outcome.full.push(*state);
            }
            Expanded::Done { moving, any } => {
                if !moving && let Some(missing) = self.maybe_stuck(state, any) {
                    self.outcome.missing.push(missing);
                    self.outcome.unknown.push(*state);
                    return;
                }
                self.count += count;
                self.sources.push(*state);
            }
        }
    }

    /// Nobody moves, or everybody who does only goes round in an `await`. Gives a state that must be known to say whether
    /// this is for ever, if there is one.
    #[cold]
    fn maybe_stuck(&mut self, state: &Packed<W>, any: bool) -> Option<Packed<W>> {
        let scene = &self.round.scene;
        if scene.is_over(state) {
            return None;
        }
        match any.then(|| goes_round(scene, state)) {
            None | Some(Going::ForEver) => self.outcome.stuck(*state),
            Some(Going::Until) => {}
            Some(Going::Unknown(state)) => return Some(state),
        }
        None
    }

    #[inline(always)]
    fn flush(&mut self) {
        let (mut new, mut full) = (0, false);
        for at in 0..self.ahead.len() {
            let Ahead { prepared, state, watch } = self.ahead[at];
            match self.round.store.insert(prepared).0 {
                Inserted::Old => {}
                Inserted::Full => full = true,
                Inserted::New => {
                    new += 1;
                    self.next.push(state);
                    if watch != 0 {
                        self.look(&state, watch);
                    }
                    if !self.round.unmet.is_empty() {
                        self.outcome.met.extend(unmet_in(&self.round.scene, self.round.unmet, &state));
                    }
                }
            }
        }
        self.round.store.count(new);
        if full {
            self.outcome.tight = true;
            self.outcome.full.append(&mut self.sources);
        } else {
            self.outcome.transitions += self.count;
        }
        self.count = 0;
        self.ahead.clear();
        self.sources.clear();
    }

    /// Looks at the demands that the step to a new state may have broken.
    fn look(&mut self, state: &Packed<W>, watch: u32) {
        let scene = &self.round.scene;
        for demand in scene.tables.watch.list(watch) {
            let condition = &scene.model.program.demands[*demand as usize].condition;
            if !condition.holds(&scene.world(state)) {
                let site = Site { depth: 0, state: *state, actor: None };
                self.outcome.breach(Violation::Demand(DemandId(*demand)).pack(), site);
            }
        }
    }
}

/// What comes of going round in `await`s.
enum Going<const W: usize> {
    /// Nothing: no state that is reached by it lets anybody move on.
    ForEver,
    /// In some state somebody moves on.
    Until,
    /// The tables do not know this state.
    Unknown(Packed<W>),
}

/// Goes round in `await`s. The others are blocked meanwhile, so the states are few.
fn goes_round<const W: usize>(scene: &Scene<'_>, state: &Packed<W>) -> Going<W> {
    let (mut seen, mut open) = (std::collections::HashSet::from([*state]), vec![*state]);
    while let Some(state) = open.pop() {
        let expanded = scene.expand(&state, |step: Step<'_, W>| {
            if seen.insert(step.to) {
                open.push(step.to);
            }
        });
        match expanded {
            Expanded::Unknown => return Going::Unknown(state),
            Expanded::Done { moving: true, .. } => return Going::Until,
            Expanded::Done { moving: false, .. } => {}
        }
    }
    Going::ForEver
}
