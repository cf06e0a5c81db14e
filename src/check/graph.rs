//! The whole graph of states, as rows of edges: what the questions need that no single state answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::expand::{Expanded, Scene, Step};
use super::layout::Packed;
use super::search::{Search, Trouble};
use super::symmetry::Order;
use super::tables::{BEGINS, CHOICE, QUIET};
use crate::os::memory::Words;

/// Actors that a mask has room for.
pub const MAX_ACTORS: usize = 64;
/// All actors as a mask.
pub fn everyone(actors: usize) -> u64 {
    if actors >= MAX_ACTORS { u64::MAX } else { (1 << actors) - 1 }
}

const ACTOR: u16 = 0xfff;
const QUIET_EDGE: u16 = 1 << 12;
const BEGIN_EDGE: u16 = 1 << 13;
const CHOICE_EDGE: u16 = 1 << 14;

/// An edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    /// To which state.
    pub to: u32,
    by: u16,
}

impl Arc {
    /// Whose step.
    pub fn actor(self) -> usize {
        usize::from(self.by & ACTOR)
    }

    /// Whether it only goes round in an `await`.
    pub fn is_quiet(self) -> bool {
        self.by & QUIET_EDGE != 0
    }

    /// Whether an activity begins.
    pub fn begins(self) -> bool {
        self.by & BEGIN_EDGE != 0
    }

    /// Whether it is an outcome of a choice. All outcomes lie side by side.
    pub fn is_choice(self) -> bool {
        self.by & CHOICE_EDGE != 0
    }
}

/// The graph. States have numbers without gaps.
#[derive(Debug)]
pub struct Graph {
    /// For each state, where its edges begin; one more at the end.
    starts: Vec<u64>,
    to: Vec<u32>,
    by: Vec<u16>,
    /// For each place of the store, the state's number and 1.
    numbers: Words<AtomicU32>,
    /// For each state, its place.
    places: Vec<u64>,
    /// For each edge, the exchange that its target was put in order by: a number of `orders`. Empty without symmetry.
    turns: Vec<u32>,
    orders: Vec<Order>,
}

impl Graph {
    /// Bytes that the graph of a finished search takes, about.
    pub fn bytes<const W: usize>(search: &Search<'_, '_, W>) -> usize {
        search.store.places() * 4 + search.store.len() * 16 + search.transitions as usize * 6
    }

    /// The graph of a finished search, all of whose tables are filled.
    pub fn of<const W: usize>(search: &Search<'_, '_, W>) -> Result<Graph, Trouble> {
        let numbers: Words<AtomicU32> = Words::new(search.store.places())?;
        let mut places = Vec::with_capacity(search.store.len());
        for place in 0..search.store.places() {
            if search.store.at(place).is_some() {
                places.push(place as u64);
                numbers[place].store(places.len() as u32, Ordering::Relaxed);
            }
        }
        let threads = search.threads.max(1);
        let each = places.len().div_ceil(threads).max(1);
        let parts: Vec<Part> = std::thread::scope(|scope| {
            let numbers = &numbers;
            let work: Vec<_> = places
                .chunks(each)
                .map(|part| scope.spawn(move || Part::of(search, part, numbers)))
                .collect();
            work.into_iter()
                .map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        let (mut starts, mut to, mut by) = (vec![0u64], Vec::new(), Vec::new());
        let (mut turns, mut orders) = (Vec::new(), Vec::new());
        for mut part in parts {
            let base = to.len() as u64;
            starts.extend(part.ends.iter().map(|end| base + end));
            to.append(&mut part.to);
            by.append(&mut part.by);
            turns.extend(part.turns.iter().map(|turn| turn + orders.len() as u32));
            orders.append(&mut part.orders);
        }
        Ok(Graph { starts, to, by, numbers, places, turns, orders })
    }

    /// How many states there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// A state's edges.
    pub fn arcs(&self, state: u32) -> impl Iterator<Item = Arc> + '_ {
        let range = self.starts[state as usize] as usize..self.starts[state as usize + 1] as usize;
        range.map(|at| Arc { to: self.to[at], by: self.by[at] })
    }

    /// A state's edges, each with the exchange that its target was put in order by.
    pub fn turned_arcs(&self, state: u32) -> impl Iterator<Item = (Arc, Option<&Order>)> {
        let first = self.starts[state as usize] as usize;
        let order = move |nth| self.turns.get(first + nth).map(|turn| &self.orders[*turn as usize]);
        self.arcs(state).enumerate().map(move |(nth, arc)| (arc, order(nth)))
    }

    /// The `nth` edge of a state.
    pub fn arc(&self, state: u32, nth: u32) -> Option<Arc> {
        let at = self.starts[state as usize] + u64::from(nth);
        (at < self.starts[state as usize + 1])
            .then(|| Arc { to: self.to[at as usize], by: self.by[at as usize] })
    }

    /// The state of this number.
    pub fn state<const W: usize>(&self, search: &Search<'_, '_, W>, number: u32) -> Packed<W> {
        search.store.at(self.places[number as usize] as usize).unwrap_or([0; W])
    }

    /// The number of a state.
    pub fn number<const W: usize>(&self, search: &Search<'_, '_, W>, state: &Packed<W>) -> Option<u32> {
        let place = search.store.find(state)?;
        self.numbers[place as usize].load(Ordering::Relaxed).checked_sub(1)
    }

    /// The actors that can move in a state, as a mask; with `quiet`, also those who only go round in an `await`.
    pub fn movers(&self, state: u32, quiet: bool) -> u64 {
        self.arcs(state).filter(|arc| quiet || !arc.is_quiet()).fold(0, |mask, arc| mask | 1 << arc.actor())
    }
}

/// The edges of some states.
#[derive(Debug, Default)]
struct Part {
    ends: Vec<u64>,
    to: Vec<u32>,
    by: Vec<u16>,
    turns: Vec<u32>,
    orders: Vec<Order>,
}

impl Part {
    fn of<const W: usize>(search: &Search<'_, '_, W>, places: &[u64], numbers: &Words<AtomicU32>) -> Part {
        /// States whose successors are looked up together, so that their cache lines arrive meanwhile.
        const TOGETHER: usize = 16;
        let (scene, store) = (Scene { symmetry: None, ..search.scene() }, &search.store);
        let mut part = Part::default();
        let mut known: HashMap<Order, u32> = HashMap::new();
        let mut ahead: Vec<(Option<u64>, u16, Option<u32>)> = Vec::new();
        for some in places.chunks(TOGETHER) {
            let mut counts = [0; TOGETHER];
            for (place, count) in some.iter().zip(&mut counts) {
                let Some(state) = store.at(*place as usize) else { continue };
                let before = ahead.len();
                let expanded = scene.expand(&state, |mut step: Step<'_, W>| {
                    let turn = search.symmetry().map(|symmetry| {
                        let order = symmetry.order(&step.to, scene.model.actors());
                        symmetry.canonical(&mut step.to);
                        turn(&mut known, order)
                    });
                    ahead.push((store.prepare_find(&step.to), by(&step), turn));
                });
                assert!(expanded != Expanded::Unknown, "a finished search knows all moves");
                *count = ahead.len() - before;
            }
            let mut found = ahead.drain(..);
            for count in counts.into_iter().take(some.len()) {
                for (prepared, by, turn) in found.by_ref().take(count) {
                    let place = prepared.and_then(|prepared| store.find_prepared(prepared));
                    let Some(place) = place else {
                        panic!("a finished search has seen where all moves lead");
                    };
                    part.to.push(numbers[place as usize].load(Ordering::Relaxed).saturating_sub(1));
                    part.by.push(by);
                    part.turns.extend(turn);
                }
                part.ends.push(part.to.len() as u64);
            }
        }
        part.orders = vec![Order::new(); known.len()];
        known.into_iter().for_each(|(order, number)| part.orders[number as usize] = order);
        part
    }
}

/// The number of an exchange.
fn turn(known: &mut HashMap<Order, u32>, order: Order) -> u32 {
    let next = known.len() as u32;
    *known.entry(order).or_insert(next)
}

fn by<const W: usize>(step: &Step<'_, W>) -> u16 {
    let flag = |from: u8, to: u16| if step.edge.flags & from != 0 { to } else { 0 };
    step.actor as u16 | flag(QUIET, QUIET_EDGE) | flag(BEGINS, BEGIN_EDGE) | flag(CHOICE, CHOICE_EDGE)
}
