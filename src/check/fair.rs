//! Fair cycles: does a claim stay open for ever although everybody gets a turn?
//!
//! Weak fairness: an actor that can move from some time on without a break moves in the end. Strong: one that can move again
//! and again does. What is left to chance is fair as well: where a coin is thrown again and again, both sides come up, in
//! each situation, so that a cycle which needs the coins to fall in step has probability 0. What is left are the end components
//! of a Markov decision process (L. de Alfaro, Formal Verification of Probabilistic Systems, 1997); what a scheduler sees of the
//! coins that have fallen it may use. Times that may be over or not are fair apart for each state of the one who waits.
//! A write in a store buffer reaches memory some time, whatever its actor does meanwhile.
//! A component of the graph is searched for a fair part by taking away what fairness rules out, and looking again
//! (E. A. Emerson, C.-L. Lei, Modalities for Model Checking, 1987, for strong fairness).

use std::collections::{HashMap, HashSet};

use super::components::{Components, Part};
use super::graph::{Arc, Graph, everyone};

/// What is assumed of the scheduler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Fairness {
    /// An actor that can move from some time on without a break moves in the end.
    #[default]
    Weak,
    /// An actor that can move again and again moves in the end: what semaphores with queues give.
    Strong,
}

/// Whether an edge from a state lies inside a component.
pub type Inner<'i> = &'i dyn Fn(u32, Arc) -> bool;

/// What a cycle must and must not have.
pub struct Wanted<'w> {
    /// States in which the cycle may be.
    pub within: &'w dyn Fn(u32) -> bool,
    /// Edges that it may take.
    pub along: &'w dyn Fn(Arc) -> bool,
    /// Whether a component with these states and this set of edges inside is what is looked for, fairness apart.
    pub shows: &'w dyn Fn(&[u32], Inner<'_>) -> bool,
    /// Whether in a component with these states something that moves by itself never does: a write that stays in its store
    /// buffer. What is true of a component is true of its parts.
    pub stays: &'w dyn Fn(&[u32]) -> bool,
    /// Which choice of an actor's a state has: choices of the same number are one.
    pub choice: ChoiceOf<'w>,
}

/// Gives the number of an actor's choice in a state.
pub type ChoiceOf<'w> = &'w dyn Fn(u32, usize) -> u64;

/// Choices whose edges are left out, by actor and number.
type Dropped = HashSet<(usize, u64)>;

/// Searches a graph for fair cycles.
pub struct Fair<'g> {
    graph: &'g Graph,
    actors: usize,
    whole: Components<'g>,
    below: Components<'g>,
}

impl<'g> Fair<'g> {
    /// For a graph with so many actors. It finds nothing more once it is too `late`.
    pub fn new(graph: &'g Graph, actors: usize, late: &'g dyn Fn() -> bool) -> Fair<'g> {
        Fair { graph, actors, whole: Components::new(graph, late), below: Components::new(graph, late) }
    }

    /// Finds a strongly connected part of the graph through all of which a fair cycle goes.
    pub fn cycle(&mut self, fairness: Fairness, wanted: &Wanted<'_>) -> Option<Cycle> {
        let mut found = None;
        let Fair { graph, actors, whole, below } = self;
        whole.visit(graph, &Whole { wanted }, 0..graph.len() as u32, |states| {
            let mut inside = Inside { graph, actors: *actors, fairness, wanted, components: &mut *below };
            found = inside.look(Cycle::new(states, HashSet::new()));
            found.is_some()
        });
        found
    }
}

struct Whole<'w> {
    wanted: &'w Wanted<'w>,
}

impl Part for Whole<'_> {
    fn has(&self, state: u32) -> bool {
        (self.wanted.within)(state)
    }

    fn follows(&self, _: u32, arc: Arc) -> bool {
        (self.wanted.along)(arc)
    }
}

/// A strongly connected part of the graph.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// Its states, sorted.
    pub states: Vec<u32>,
    /// Choices whose edges it has not.
    dropped: Dropped,
}

impl Cycle {
    fn new(states: &[u32], dropped: Dropped) -> Cycle {
        let mut states = states.to_vec();
        states.sort_unstable();
        Cycle { states, dropped }
    }

    /// Whether a state belongs to it.
    pub fn has(&self, state: u32) -> bool {
        self.states.binary_search(&state).is_ok()
    }

    /// Whether an edge from one of its states belongs to it.
    pub fn follows(&self, wanted: &Wanted<'_>, from: u32, arc: Arc) -> bool {
        self.follows_with(wanted.along, wanted.choice, from, arc)
    }

    /// The same, for edges that are as `along` says.
    pub fn follows_with(
        &self,
        along: &dyn Fn(Arc) -> bool,
        choice: ChoiceOf<'_>,
        from: u32,
        arc: Arc,
    ) -> bool {
        self.has(arc.to)
            && along(arc)
            && !(arc.is_choice()
                && !self.dropped.is_empty()
                && self.dropped.contains(&(arc.actor(), choice(from, arc.actor()))))
    }
}

struct Within<'w> {
    cycle: &'w Cycle,
    wanted: &'w Wanted<'w>,
}

impl Part for Within<'_> {
    fn has(&self, state: u32) -> bool {
        self.cycle.has(state)
    }

    fn follows(&self, from: u32, arc: Arc) -> bool {
        self.cycle.follows(self.wanted, from, arc)
    }
}

/// Which actors do what in a component, as masks.
#[derive(Debug, Default)]
struct Turns {
    /// They move inside.
    moved: u64,
    /// They can move somewhere.
    sometimes: u64,
    /// They can move everywhere.
    always: u64,
}

struct Inside<'i, 'g> {
    graph: &'i Graph,
    actors: usize,
    fairness: Fairness,
    wanted: &'i Wanted<'i>,
    components: &'i mut Components<'g>,
}

impl Inside<'_, '_> {
    /// Looks for a fair part of a component.
    fn look(&mut self, cycle: Cycle) -> Option<Cycle> {
        let follows = |from, arc| cycle.follows(self.wanted, from, arc);
        if !(self.wanted.shows)(&cycle.states, &follows) || (self.wanted.stays)(&cycle.states) {
            return None;
        }
        let unfair = self.unfair_choices(&cycle);
        if !unfair.is_empty() {
            let mut dropped = cycle.dropped.clone();
            dropped.extend(unfair);
            return self.look_below(&Cycle { states: cycle.states, dropped });
        }
        let turns = self.turns(&cycle);
        let starved = turns.always & !turns.moved;
        if starved != 0 {
            // Smaller parts have all the more actors that can move everywhere, and no more that do.
            return None;
        }
        if self.fairness == Fairness::Weak {
            return Some(cycle);
        }
        let ignored = turns.sometimes & !turns.moved;
        if ignored == 0 {
            return Some(cycle);
        }
        let states: Vec<u32> =
            cycle.states.iter().copied().filter(|s| self.graph.movers(*s, true) & ignored == 0).collect();
        self.look_below(&Cycle { states, dropped: cycle.dropped })
    }

    /// Looks into the components of what is left.
    fn look_below(&mut self, cycle: &Cycle) -> Option<Cycle> {
        let mut parts = Vec::new();
        let within = Within { cycle, wanted: self.wanted };
        self.components.visit(self.graph, &within, cycle.states.iter().copied(), |states| {
            parts.push(Cycle::new(states, dropped_in(cycle, states, self.actors, self.wanted.choice)));
            false
        });
        parts.into_iter().find_map(|part| self.look(part))
    }

    fn turns(&self, cycle: &Cycle) -> Turns {
        let mut turns = Turns { always: everyone(self.actors), ..Turns::default() };
        for state in &cycle.states {
            let movers = self.graph.movers(*state, true);
            turns.sometimes |= movers;
            turns.always &= movers;
            let inside = self.graph.arcs(*state).filter(|arc| cycle.follows(self.wanted, *state, *arc));
            turns.moved |= inside.fold(0, |mask, arc| mask | 1 << arc.actor());
        }
        turns
    }

    /// Choices that are made inside, of which some outcome always leads out.
    fn unfair_choices(&self, cycle: &Cycle) -> Vec<(usize, u64)> {
        // For each choice: which outcomes occur inside, and which there are.
        let mut choices: HashMap<(usize, u64), (u64, u64)> = HashMap::new();
        for state in &cycle.states {
            let (mut actor, mut nth) = (usize::MAX, 0);
            for arc in self.graph.arcs(*state).filter(|arc| arc.is_choice()) {
                nth = if arc.actor() == actor { nth + 1 } else { 0 };
                actor = arc.actor();
                let choice = (actor, (self.wanted.choice)(*state, actor));
                let (inside, all) = choices.entry(choice).or_default();
                *all |= 1 << (nth % 64);
                if cycle.follows(self.wanted, *state, arc) {
                    *inside |= 1 << (nth % 64);
                }
            }
        }
        let unfair = |(inside, all): &(u64, u64)| *inside != 0 && inside != all;
        choices.into_iter().filter(|(_, made)| unfair(made)).map(|(choice, _)| choice).collect()
    }
}

/// Of the choices that a cycle has not, those that some of its states have: asked from whichever side is shorter.
fn dropped_in(cycle: &Cycle, states: &[u32], actors: usize, choice: ChoiceOf<'_>) -> Dropped {
    if cycle.dropped.len() <= states.len() * actors {
        return cycle.dropped.clone();
    }
    let all = states.iter().flat_map(|state| (0..actors).map(move |actor| (actor, choice(*state, actor))));
    all.filter(|made| cycle.dropped.contains(made)).collect()
}
