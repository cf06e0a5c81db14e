//! Which item an actor has in its hand, by what its operations did.

use super::{Message, Request};
use crate::program::{ActorId, AtomicOp, CellId, Program, item_parts};

/// An actor's hand.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    item: i32,
    /// Whether there are items at all.
    follows: bool,
    /// Whether reading an item takes it. Who makes items looks at those that lie there for another reason.
    takes: bool,
}

impl Hand {
    /// An empty one.
    pub fn new(program: &Program, actor: ActorId) -> Hand {
        let role = program.actors[actor.index()].role;
        let items = program.items.as_ref();
        let plays = |activity: crate::program::ActivityId| program.activities[activity.index()].role == role;
        let takes = items.is_some_and(|items| !plays(items.produce) || plays(items.consume));
        Hand { item: 0, follows: items.is_some(), takes }
    }

    /// The item in it, 0 for none.
    pub fn item(self) -> i32 {
        self.item
    }

    /// Notes an operation that was done: what it gave, and the message that it received. Gives whether the hand holds
    /// something else now.
    #[inline]
    pub fn done(
        &mut self,
        program: &Program,
        request: Request,
        result: i32,
        received: Option<&Message>,
    ) -> bool {
        if !self.follows {
            return false;
        }
        let before = self.item;
        let keeps = |cell: CellId| program.variable(cell).holds_items;
        match request {
            // Most operations are none of these: what is cheap to see is looked at first.
            Request::Read { cell } if self.takes && keeps(cell) => self.take(result),
            Request::Write { cell, value } if value == self.item && keeps(cell) => self.put(value),
            Request::Atomic { op: AtomicOp::Swap, cell, a, .. } if keeps(cell) => {
                self.put(a);
                self.take(result);
            }
            Request::Send { channel, message, .. } if program.channel(channel).holds_items => {
                message.values().iter().for_each(|value| self.put(*value));
            }
            Request::Receive { channel, .. } if program.channel(channel).holds_items => {
                received.into_iter().flat_map(Message::values).for_each(|value| self.take(*value));
            }
            Request::Begin { activity, item } if program.activities[activity.index()].consumes => {
                self.item = item;
            }
            Request::End { activity } => {
                let activity = &program.activities[activity.index()];
                if activity.produces {
                    self.item = result;
                } else if activity.consumes {
                    self.item = 0;
                }
            }
            _ => {}
        }
        self.item != before
    }

    fn take(&mut self, value: i32) {
        if self.takes && item_parts(value).is_some() {
            self.item = value;
        }
    }

    fn put(&mut self, value: i32) {
        if self.item == value {
            self.item = 0;
        }
    }
}
