//! The way to a state, and round a cycle.

use std::collections::{HashMap, HashSet, VecDeque};

use super::fair::Cycle;
use super::graph::{Arc, Graph};
use super::layout::Packed;
use super::search::{Level, Search};

/// The states from the start to `target`, which lies in level `depth`.
pub fn way_to<const W: usize>(
    search: &Search<'_, '_, W>,
    levels: &[Level<W>],
    target: Packed<W>,
    depth: u32,
) -> Vec<Packed<W>> {
    let mut way = vec![target];
    for level in levels.iter().take(depth as usize).rev() {
        let Some(before) = before(search, level, way[way.len() - 1]) else { break };
        way.push(before);
    }
    way.reverse();
    way
}

/// The least state of a level from which one step leads to `target`.
fn before<const W: usize>(
    search: &Search<'_, '_, W>,
    level: &Level<W>,
    target: Packed<W>,
) -> Option<Packed<W>> {
    let scene = search.scene();
    let leads = |state: &&Packed<W>| {
        let mut leads = false;
        scene.expand(state, |step| leads |= step.to == target);
        leads
    };
    std::thread::scope(|scope| {
        let parts: Vec<&Packed<W>> = level.iter().flatten().collect();
        let each = parts.len().div_ceil(search.threads.max(1)).max(1);
        let work: Vec<_> = parts
            .chunks(each)
            .map(|part| part.to_vec())
            .map(|part| scope.spawn(move || part.into_iter().filter(leads).min().copied()))
            .collect();
        let join = |part: std::thread::ScopedJoinHandle<'_, Option<Packed<W>>>| {
            part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        work.into_iter().filter_map(join).min()
    })
}

/// The first state in breadth-first order that is as wanted, with its level.
pub fn first<const W: usize>(
    levels: &[Level<W>],
    wanted: impl Fn(&Packed<W>) -> bool,
) -> Option<(Packed<W>, u32)> {
    levels.iter().enumerate().find_map(|(depth, level)| {
        let state = level.iter().flatten().filter(|state| wanted(state)).min()?;
        Some((*state, depth as u32))
    })
}

/// What a way round a cycle must do beside giving everybody a turn.
pub struct Due<'d> {
    /// One such edge must be on it.
    pub also: &'d dyn Fn(Arc) -> bool,
    /// Actors with a write in their store buffer, and which edges let one out.
    pub buffering: Vec<usize>,
    /// See `buffering`.
    pub lets_out: &'d dyn Fn(u32, Arc) -> bool,
}

/// A way round a fair cycle from a state of it and back: everybody moves on it, or is blocked somewhere, and no write stays
/// in its buffer.
pub fn round(
    graph: &Graph,
    cycle: &Cycle,
    follows: &dyn Fn(u32, Arc) -> bool,
    Due { also, mut buffering, lets_out }: Due<'_>,
    (start, actors): (u32, usize),
) -> Vec<u32> {
    let mut way = vec![start];
    let mut due: HashSet<usize> = (0..actors).collect();
    let mut shown = false;
    let settle = |due: &mut HashSet<usize>, state: u32| {
        let movers = graph.movers(state, true);
        due.retain(|actor| movers >> actor & 1 == 1);
    };
    settle(&mut due, start);
    loop {
        let here = way[way.len() - 1];
        // Whoever can only get its turn elsewhere in the graph is none of the cycle's.
        let serves = |from: u32, arc: Arc| {
            let blocked = || graph.movers(arc.to, true);
            due.contains(&arc.actor())
                || (!shown && also(arc))
                || (buffering.contains(&arc.actor()) && lets_out(from, arc))
                || (from != arc.to && due.iter().any(|actor| blocked() >> actor & 1 == 0))
        };
        if due.is_empty() && buffering.is_empty() && shown {
            break;
        }
        let Some(steps) = nearest(graph, here, follows, &serves) else { break };
        let mut from = here;
        for (to, arc) in steps {
            buffering.retain(|actor| *actor != arc.actor() || !lets_out(from, arc));
            from = to;
            due.remove(&arc.actor());
            shown |= also(arc);
            settle(&mut due, to);
            way.push(to);
        }
    }
    let here = way[way.len() - 1];
    if here != start || way.len() == 1 {
        let home = nearest(graph, here, follows, &|_, arc| arc.to == start);
        way.extend(home.into_iter().flatten().map(|(to, _)| to));
    }
    debug_assert!(way.iter().all(|state| cycle.has(*state)), "the way stays on the cycle");
    way
}

/// The shortest way to an edge that is as wanted, with that edge.
fn nearest(
    graph: &Graph,
    from: u32,
    follows: &dyn Fn(u32, Arc) -> bool,
    wanted: &dyn Fn(u32, Arc) -> bool,
) -> Option<Vec<(u32, Arc)>> {
    let mut came: HashMap<u32, (u32, Arc)> = HashMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(state) = queue.pop_front() {
        for arc in graph.arcs(state).filter(|arc| follows(state, *arc)) {
            if wanted(state, arc) {
                let mut steps = vec![(arc.to, arc)];
                let mut at = state;
                while at != from {
                    let (before, arc) = came[&at];
                    steps.push((at, arc));
                    at = before;
                }
                steps.reverse();
                return Some(steps);
            }
            if arc.to != from && !came.contains_key(&arc.to) {
                came.insert(arc.to, (state, arc));
                queue.push_back(arc.to);
            }
        }
    }
    None
}
