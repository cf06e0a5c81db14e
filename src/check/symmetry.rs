//! Symmetry reduction: actors that run the same instructions, and whom nothing tells apart, can be exchanged. Of states that
//! differ only by such an exchange, one is looked at (C. N. Ip, D. L. Dill, Better Verification Through Symmetry, FMSD
//! 1996): the one in which the actors' local states are in order. It keeps everything, lengths of ways included, but
//! for the names of actors; a way is given names again by walking it.
//!
//! Told apart they are by an index that they use, by a mutex, a monitor or a queue that holds their names, and by a demand that
//! speaks of some and not of others in the same way.

use super::layout::{Field, Layout, Packed};
use super::model::Model;
use crate::program::{ActorId, Condition, Program};

/// Actors that can be exchanged, and where their local states lie.
#[derive(Debug)]
struct Class {
    actors: Vec<usize>,
    fields: Vec<Field>,
}

/// Which actors can be exchanged.
#[derive(Debug)]
pub struct Symmetry {
    classes: Vec<Class>,
}

/// An exchange: which actor's local state comes to stand at each actor's place.
pub type Order = Vec<u8>;

impl Symmetry {
    /// Of a model with this layout; none if nobody can be exchanged.
    pub fn of(model: &Model<'_>, layout: &Layout) -> Option<Symmetry> {
        let classes: Vec<Class> = exchangeable(model)
            .into_iter()
            .map(|actors| Class { fields: actors.iter().map(|a| layout.fields[*a]).collect(), actors })
            .collect();
        (!classes.is_empty()).then_some(Symmetry { classes })
    }

    /// For each class, an actor of it and how many there are.
    pub fn classes(&self) -> impl Iterator<Item = (ActorId, usize)> {
        self.classes.iter().map(|class| (ActorId(class.actors[0] as u32), class.actors.len()))
    }

    /// The state that stands for all that are like this one.
    #[inline]
    pub fn canonical<const W: usize>(&self, state: &mut Packed<W>) {
        for class in &self.classes {
            // Mostly one local state is out of order, or none: sorted by insertion.
            for to in 1..class.fields.len() {
                let mut at = to;
                while at > 0 {
                    let (one, other) = (class.fields[at - 1], class.fields[at]);
                    let (a, b) = (one.get(state), other.get(state));
                    if a <= b {
                        break;
                    }
                    state[usize::from(one.word) & (W - 1)] ^= (a ^ b) << one.shift;
                    state[usize::from(other.word) & (W - 1)] ^= (a ^ b) << other.shift;
                    at -= 1;
                }
            }
        }
    }

    /// The exchange that leads from a state to the one that stands for it.
    pub fn order<const W: usize>(&self, state: &Packed<W>, actors: usize) -> Order {
        let mut order: Order = (0..actors).map(|actor| actor as u8).collect();
        for class in &self.classes {
            let mut sorted: Vec<usize> = (0..class.actors.len()).collect();
            sorted.sort_by_key(|at| class.fields[*at].get(state));
            for (place, at) in class.actors.iter().zip(sorted) {
                order[*place] = class.actors[at] as u8;
            }
        }
        order
    }
}

/// Gives the actors of a set back the places that they had before an exchange.
pub fn undone(order: &Order, mask: u64) -> u64 {
    order
        .iter()
        .enumerate()
        .filter(|(at, _)| mask >> at & 1 == 1)
        .fold(0, |mask, (_, actor)| mask | 1 << actor)
}

/// The largest sets of actors that can be exchanged freely.
fn exchangeable(model: &Model<'_>) -> Vec<Vec<usize>> {
    let program = model.program;
    let named = !program.mutexes.is_empty() || !program.syncs.is_empty() || program.has_queues();
    if named || model.actors() > super::graph::MAX_ACTORS {
        return Vec::new();
    }
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for actor in 0..model.actors() {
        match classes.iter_mut().find(|class| model.family(class[0]) == model.family(actor)) {
            Some(class) => class.push(actor),
            None => classes.push(vec![actor]),
        }
    }
    classes.retain(|class| class.len() > 1 && class.windows(2).all(|pair| is_blind(program, pair)));
    classes
}

/// Whether the demands say the same when two actors are exchanged.
fn is_blind(program: &Program, pair: &[usize]) -> bool {
    let pair = (ActorId(pair[0] as u32), ActorId(pair[1] as u32));
    let same = |conditions: &[(u32, &Condition)]| {
        conditions
            .iter()
            .all(|(property, condition)| conditions.contains(&(*property, &exchanged(condition, pair))))
    };
    let demands: Vec<(u32, &Condition)> =
        program.demands.iter().map(|d| (d.property, &d.condition)).collect();
    let possible: Vec<(u32, &Condition)> =
        program.possible.iter().map(|d| (d.property, &d.condition)).collect();
    same(&demands) && same(&possible)
}

fn exchanged(condition: &Condition, (a, b): (ActorId, ActorId)) -> Condition {
    match condition {
        Condition::InState(actor, state) if *actor == a => Condition::InState(b, *state),
        Condition::InState(actor, state) if *actor == b => Condition::InState(a, *state),
        Condition::Unary(op, x) => Condition::Unary(*op, Box::new(exchanged(x, (a, b)))),
        Condition::Binary(op, x, y) => {
            Condition::Binary(*op, Box::new(exchanged(x, (a, b))), Box::new(exchanged(y, (a, b))))
        }
        other => other.clone(),
    }
}
