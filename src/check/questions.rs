//! What no single state answers, asked of the whole graph: who can never move again, whose claim stays open for ever, who
//! moves without getting anywhere.

use super::fair::{Cycle, Fair, Fairness, Wanted};
use super::graph::{Arc, Graph, everyone};
use super::layout::Packed;
use super::local::Local;
use super::model::Memory;
use super::search::Search;
use super::symmetry::undone;
use crate::program::{ActorId, BETWEEN};
use crate::vm::Request;

/// A fair cycle that shows a fault.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The claim that stays open, by number, and whose; none for a livelock.
    pub claim: Option<(usize, ActorId)>,
    /// Under which fairness.
    pub fairness: Fairness,
    /// Where it goes.
    pub cycle: Cycle,
}

/// For each state, the actors that may still move some time, or need not, as masks; none if it became too `late`.
pub fn may_move<const W: usize>(
    search: &Search<'_, '_, W>,
    graph: &Graph,
    late: &dyn Fn() -> bool,
) -> Option<Vec<u64>> {
    let scene = search.scene();
    let actors = search.model.actors();
    let mut masks: Vec<u64> = (0..graph.len() as u32)
        .map(|number| {
            let state = graph.state(search, number);
            let over = (0..actors).filter(|actor| scene.is_actor_over(&state, *actor));
            over.fold(graph.movers(number, false), |mask, actor| mask | 1 << actor)
        })
        .collect();
    let all = everyone(actors);
    let mut changed = true;
    while changed {
        if late() {
            return None;
        }
        changed = false;
        for number in 0..graph.len() as u32 {
            let mask = masks[number as usize];
            if mask != all {
                let more = graph.turned_arcs(number).fold(mask, |mask, (arc, order)| {
                    let there = masks[arc.to as usize];
                    mask | order.map_or(there, |order| undone(order, there))
                });
                changed |= more != mask;
                masks[number as usize] = more;
            }
        }
    }
    Some(masks)
}

/// What a search for fair cycles looks at.
pub struct Questions<'q, 'm, 'p, const W: usize> {
    search: &'q Search<'m, 'p, W>,
    graph: &'q Graph,
    masks: &'q [u64],
    fair: Fair<'q>,
}

impl<'q, 'm, 'p, const W: usize> Questions<'q, 'm, 'p, W> {
    /// About a finished search.
    pub fn new(
        search: &'q Search<'m, 'p, W>,
        graph: &'q Graph,
        masks: &'q [u64],
        late: &'q dyn Fn() -> bool,
    ) -> Questions<'q, 'm, 'p, W> {
        Questions { search, graph, masks, fair: Fair::new(graph, search.model.actors(), late) }
    }

    /// A fair cycle on which a claim of an actor stays open while others get somewhere. An actor that can never move again
    /// is in a deadlock, and no case of this.
    pub fn starvation(&mut self, claim: usize, actor: ActorId, fairness: Fairness) -> Option<Finding> {
        let (search, graph, masks) = (self.search, self.graph, self.masks);
        let program = search.model.program;
        let role = program.progress[claim].role;
        let bit = program.progress[..claim].iter().filter(|p| p.role == role).count();
        let open: Vec<bool> = (0..graph.len() as u32)
            .map(|number| {
                let pending =
                    local(search, &graph.state(search, number), actor.index()).pending >> bit & 1 == 1;
                pending && masks[number as usize] >> actor.0 & 1 == 1
            })
            .collect();
        let wanted = Wanted {
            within: &|state| open[state as usize],
            along: &|_| true,
            shows: &|states, follows| {
                states.iter().any(|s| graph.arcs(*s).any(|arc| arc.begins() && follows(*s, arc)))
            },
            stays: &|states| keeps_back(search, graph, states),
            choice: &|state, actor| choice(search, graph, state, actor),
        };
        let cycle = self.fair.cycle(fairness, &wanted)?;
        Some(Finding { claim: Some((claim, actor)), fairness, cycle })
    }

    /// A fair cycle on which actors that want something move, and no activity ever begins.
    pub fn livelock(&mut self, fairness: Fairness) -> Option<Finding> {
        let (search, graph) = (self.search, self.graph);
        let program = search.model.program;
        let tries = |state: u32, arc: Arc| {
            let local = local(search, &graph.state(search, state), arc.actor());
            let states = &program.role_of(ActorId(arc.actor() as u32)).states;
            let plain = states.get(usize::from(local.state)).is_some_and(|s| s.plain);
            !arc.is_quiet() && (plain || local.state == BETWEEN || local.pending != 0)
        };
        let wanted = Wanted {
            within: &|_| true,
            along: &|arc| !arc.begins(),
            shows: &|states, follows| {
                states.iter().any(|s| graph.arcs(*s).any(|arc| follows(*s, arc) && tries(*s, arc)))
            },
            stays: &|states| keeps_back(search, graph, states),
            choice: &|state, actor| choice(search, graph, state, actor),
        };
        let cycle = self.fair.cycle(fairness, &wanted)?;
        Some(Finding { claim: None, fairness, cycle })
    }
}

/// The number of an actor's choice in a state. A coin that is thrown elsewhere is another one; whether a time is over is
/// the same question wherever the actor is in the same state.
pub fn choice<const W: usize>(search: &Search<'_, '_, W>, graph: &Graph, state: u32, actor: usize) -> u64 {
    let number = search.layout.fields[actor].get(&graph.state(search, state)) as u32;
    match search.model.machine(actor).request(search.model.local(actor, number)) {
        Some(Request::Choose { .. }) => 1 << u32::BITS | u64::from(state),
        _ => u64::from(number),
    }
}

/// Whether some actor's oldest write is in its store buffer in all of these states, and no other takes its place.
fn keeps_back<const W: usize>(search: &Search<'_, '_, W>, graph: &Graph, states: &[u32]) -> bool {
    if search.model.memory == Memory::Sc {
        return false;
    }
    let buffer = |state: u32, actor: usize| &local(search, &graph.state(search, state), actor).buffer;
    (0..search.model.actors()).any(|actor| {
        let kept = buffer(states[0], actor);
        !kept.is_empty() && states.iter().all(|state| buffer(*state, actor) == kept)
    })
}

/// Whether an edge lets a write out of its actor's store buffer.
pub fn lets_out<const W: usize>(search: &Search<'_, '_, W>, graph: &Graph, from: u32, arc: Arc) -> bool {
    let held = |state: u32| local(search, &graph.state(search, state), arc.actor()).buffer.len();
    search.model.memory == Memory::Tso && held(arc.to) < held(from)
}

/// The actors in whose store buffers a write waits.
pub fn buffering<const W: usize>(search: &Search<'_, '_, W>, graph: &Graph, state: u32) -> Vec<usize> {
    let state = graph.state(search, state);
    (0..search.model.actors()).filter(|actor| !local(search, &state, *actor).buffer.is_empty()).collect()
}

fn local<'s, const W: usize>(search: &'s Search<'_, '_, W>, state: &Packed<W>, actor: usize) -> &'s Local {
    search.model.local(actor, search.layout.fields[actor].get(state) as u32)
}
