//! The items of a walk by their names. The model tells apart only which item is followed and which are not; a walk knows
//! who made which, so it plays each move once more beside the model, with every item as the number that a run would give
//! it.

use super::content::{self, Content, Gift};
use super::local::{ITEM, Local, Phase, STALE};
use super::model::{Act, Memory, Model, Move};
use crate::program::{ActorId, CellId, item_of};
use crate::vm::{Hand, Request};
use std::collections::BTreeSet;

/// What holds which item.
#[derive(Clone, Debug)]
pub(super) struct Names {
    locals: Vec<Local>,
    /// By object: those that may keep items, as they are with names.
    kept: Vec<Content>,
    hands: Vec<Hand>,
    /// Items that each actor has made.
    made: Vec<u32>,
    used: BTreeSet<i32>,
}

impl Names {
    /// At the start of a program; none if it has no items.
    pub fn new(model: &Model<'_>) -> Option<Names> {
        model.program.items.as_ref()?;
        let actors = model.actors();
        let start = model.start();
        let objects = (0..).map_while(|at| model.object(at).map(|_| at));
        Some(Names {
            locals: (0..actors).map(|actor| model.local(actor, start[actor]).clone()).collect(),
            kept: objects.map(|at| model.content(at, start[actors + at]).clone()).collect(),
            hands: (0..actors as u32).map(|actor| Hand::new(model.program, ActorId(actor))).collect(),
            made: vec![0; actors],
            used: BTreeSet::new(),
        })
    }

    /// The content of an object, with names.
    pub fn content(&self, object: usize) -> &Content {
        &self.kept[object]
    }

    /// Whether nobody has used an item up.
    pub fn is_out(&self, item: i32) -> bool {
        !self.used.contains(&item)
    }

    /// The item in an actor's hand, 0 for none.
    pub fn hand(&self, actor: usize) -> i32 {
        self.hands[actor].item()
    }

    /// Follows a move from a state of the model. None if the names are not known any more, which cannot be as long as
    /// items are only copied.
    pub fn follow(mut self, model: &Model<'_>, from: &[u32], chosen: &Move) -> Option<Names> {
        let actor = chosen.actor.index();
        let object = model.touches(actor, from[actor], chosen.act);
        let queued = self.locals[actor].phase == Phase::Queued;
        let request = match chosen.act {
            Act::Flush(cell, _) => {
                let (_, value) = self.locals[actor].buffer.remove(0);
                self.kept[object?] = Content::Cell(value);
                self.hands[actor].done(model.program, Request::Write { cell, value }, value, None);
                return self.agree(model, chosen);
            }
            Act::Operation(_) => model.machine(actor).request(&self.locals[actor])?,
        };
        let gift = match object {
            Some(object) => {
                let held = match model.content(object, from[model.actors() + object]) {
                    Content::Cell(_) | Content::Channel(_) => self.kept[object].clone(),
                    other => other.clone(),
                };
                let ways = content::outcomes(model.program, chosen.actor, request, queued, &held);
                let outcome = ways.into_iter().nth(chosen.variant as usize)?;
                if let Some(kept) = self.kept.get_mut(object) {
                    *kept = outcome.content;
                }
                outcome.result
            }
            None => Some(Gift::Value(self.alone(actor, request, chosen.variant)?)),
        };
        let Some(gift) = gift else {
            self.locals[actor].phase = Phase::Queued;
            return self.agree(model, chosen);
        };
        let gift = match (request, gift) {
            (Request::End { activity }, _) if model.program.activities[activity.index()].produces => {
                Gift::Value(self.make(model, actor))
            }
            (Request::Begin { activity, item }, gift) => {
                if model.program.activities[activity.index()].consumes {
                    self.used.insert(item);
                }
                gift
            }
            (_, gift) => gift,
        };
        self.complete(model, actor, request, gift);
        if let (Request::Write { cell, value }, None) = (request, object) {
            self.locals[actor].buffer.push((cell, value));
        }
        self.agree(model, chosen)
    }

    fn make(&mut self, model: &Model<'_>, actor: usize) -> i32 {
        let item = item_of(model.program.actors[actor].index, self.made[actor]);
        self.made[actor] += 1;
        self.used.remove(&item);
        item
    }

    /// What an operation that touches no object gives.
    fn alone(&self, actor: usize, request: Request, variant: u32) -> Option<i32> {
        let own = |cell: CellId| self.locals[actor].buffer.iter().rev().find(|(to, _)| *to == cell);
        match request {
            Request::Read { cell } => own(cell).map(|(_, value)| *value),
            _ => content::alone(request, variant as usize + 1).last().copied(),
        }
    }

    fn complete(&mut self, model: &Model<'_>, actor: usize, request: Request, gift: Gift) {
        let (result, message) = match &gift {
            Gift::Value(value) => (*value, None),
            Gift::Message(message) => (0, message.as_ref()),
        };
        // A write that waits in a buffer has put nothing anywhere yet.
        if !matches!(request, Request::Write { .. }) || model.memory == Memory::Sc {
            self.hands[actor].done(model.program, request, result, message);
        }
        self.locals[actor] = model.machine(actor).complete(&self.locals[actor], request, gift).local;
    }

    /// Itself, if the actor is where the model says, with a name where the model has an item.
    fn agree(self, model: &Model<'_>, chosen: &Move) -> Option<Names> {
        let actor = chosen.actor.index();
        let (mine, other) = (&self.locals[actor], model.local(actor, chosen.to[actor]));
        let same = |(mine, other): (&i32, &i32)| mine == other || (ITEM..=STALE).contains(other) && *mine > 0;
        let agree = (mine.position, mine.phase) == (other.position, other.phase)
            && mine.registers.iter().zip(&other.registers).all(same);
        agree.then_some(self)
    }
}
