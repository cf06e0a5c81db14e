//! What shared objects hold, and what each operation does to one: the meaning of the language's operations, in one place.

use crate::program::{ActorId, AtomicOp, CellId, Program, SyncOp, Violation, value::Fault};
use crate::sync::{self, Effect, Held};
use crate::vm::{Message, Request};

use super::local::{ITEM, STALE, TAGGED};

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Content {
    /// A semaphore's value.
    Semaphore(u32),
    /// A fair semaphore's value, and who waits, the first come first. The first `value` of them have been handed one.
    Fair(u32, Vec<ActorId>),
    /// Who holds a mutex.
    Mutex(Option<ActorId>),
    /// What a monitor, a read-write lock or a barrier holds.
    Sync(Held),
    /// The messages in a channel, the oldest first.
    Channel(Vec<Message>),
    /// A shared variable's value.
    Cell(i32),
    /// Whether an item is followed.
    Tag(bool),
}

impl Content {
    /// Whether a copy of this item is in it.
    pub fn holds(&self, item: i32) -> bool {
        match self {
            Content::Cell(value) => *value == item,
            Content::Channel(messages) => messages.iter().any(|m| m.values().contains(&item)),
            _ => false,
        }
    }

    /// The same with every copy of an item turned into another.
    pub fn renamed(&self, from: i32, to: i32) -> Content {
        let rename = |value: &mut i32| {
            if *value == from {
                *value = to;
            }
        };
        let mut content = self.clone();
        match &mut content {
            Content::Cell(value) => rename(value),
            Content::Channel(messages) => messages.iter_mut().flat_map(|m| &mut m.values).for_each(rename),
            _ => {}
        }
        content
    }
}

/// What an operation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gift {
    /// A value, where it gives one.
    Value(i32),
    /// A message, or none.
    Message(Option<Message>),
}

/// One way in which an operation can end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the operation gives; none if the actor only joins a queue.
    pub result: Option<Gift>,
    /// What the object holds afterwards.
    pub content: Content,
    /// A rule that was broken.
    pub breach: Option<Violation>,
}

fn gives(result: i32, content: Content) -> Outcome {
    Outcome { result: Some(Gift::Value(result)), content, breach: None }
}

/// A semaphore's largest value (SEM_VALUE_MAX, sem_post(3)).
const MOST: u32 = i32::MAX as u32;

/// All ways in which an actor's operation on an object can end now; none if it is blocked. `queued` says whether the actor
/// stands in the object's queue.
pub fn outcomes(
    program: &Program,
    me: ActorId,
    request: Request,
    queued: bool,
    content: &Content,
) -> Vec<Outcome> {
    match (request, content) {
        (
            Request::Wait { .. }
            | Request::WaitFor { .. }
            | Request::TryWait { .. }
            | Request::Signal { .. }
            | Request::Value { .. },
            _,
        ) => semaphore(me, request, queued, content),
        (Request::Lock { .. }, Content::Mutex(holder)) => match holder {
            None => vec![gives(1, Content::Mutex(Some(me)))],
            Some(_) => Vec::new(),
        },
        // It may time out at any moment, also when the mutex is free: the time may be over before it looks.
        (Request::LockFor { .. }, Content::Mutex(holder)) => {
            let take = holder.is_none().then(|| gives(1, Content::Mutex(Some(me))));
            take.into_iter().chain([gives(0, content.clone())]).collect()
        }
        (Request::TryLock { .. }, Content::Mutex(holder)) => vec![match holder {
            None => gives(1, Content::Mutex(Some(me))),
            Some(_) => gives(0, content.clone()),
        }],
        (Request::Unlock { mutex }, Content::Mutex(holder)) => vec![match holder {
            Some(holder) if *holder == me => gives(1, Content::Mutex(None)),
            _ => Outcome { breach: Some(Violation::NotHeld(mutex)), ..gives(1, content.clone()) },
        }],
        (Request::Sync { op, number }, Content::Sync(held)) => {
            synchronize(program, me, op, number, queued, held).into_iter().collect()
        }
        (Request::Send { channel, message, .. }, Content::Channel(messages)) => {
            if messages.len() >= program.channel(channel).capacity as usize {
                return Vec::new();
            }
            let messages = messages.iter().copied().chain([message]).collect();
            vec![gives(1, Content::Channel(messages))]
        }
        (Request::Receive { wait, .. }, Content::Channel(messages)) => receive(wait, messages),
        (Request::Read { .. }, Content::Cell(value)) => vec![gives(*value, content.clone())],
        (Request::Write { cell, value }, Content::Cell(_)) => vec![written(program, cell, value, value)],
        (Request::Atomic { op, cell, a, b }, Content::Cell(value)) => {
            vec![atomic(program, op, cell, (a, b), *value)]
        }
        (Request::End { .. }, Content::Tag(followed)) => {
            let follow = (!followed).then(|| gives(TAGGED, Content::Tag(true)));
            [gives(ITEM, content.clone())].into_iter().chain(follow).collect()
        }
        (Request::Begin { item, .. }, Content::Tag(_)) => {
            let breach = match item {
                ITEM | TAGGED => None,
                STALE => Some(Violation::Doubled),
                _ => Some(Violation::NeverMade),
            };
            vec![Outcome { breach, ..gives(0, content.clone()) }]
        }
        _ => Vec::new(),
    }
}

/// All ways in which an operation that touches no object can end; of very many, only the first `most`.
pub fn alone(request: Request, most: usize) -> Vec<i32> {
    match request {
        Request::Choose { low, high } => (low..=high).take(most).collect(),
        _ => vec![0],
    }
}

/// The operations on semaphores.
fn semaphore(me: ActorId, request: Request, queued: bool, content: &Content) -> Vec<Outcome> {
    match (request, content) {
        (
            Request::Wait { .. } | Request::WaitFor { .. } | Request::TryWait { .. },
            Content::Semaphore(value),
        ) => {
            let take = value.checked_sub(1).map(|left| gives(1, Content::Semaphore(left)));
            let give_up = || gives(0, content.clone());
            match request {
                Request::Wait { .. } => take.into_iter().collect(),
                // It may time out at any moment, also when there is one: the time may be over before it looks.
                Request::WaitFor { .. } => take.into_iter().chain([give_up()]).collect(),
                _ => vec![take.unwrap_or_else(give_up)],
            }
        }
        (
            Request::Wait { .. } | Request::WaitFor { .. } | Request::TryWait { .. },
            Content::Fair(value, waiting),
        ) => fair(me, request, queued, *value, waiting),
        (Request::Signal { semaphore }, Content::Semaphore(value)) => vec![match *value {
            MOST => Outcome { breach: Some(Violation::Overflow(semaphore)), ..gives(1, content.clone()) },
            value => gives(1, Content::Semaphore(value + 1)),
        }],
        (Request::Signal { .. }, Content::Fair(value, waiting)) => {
            vec![gives(1, Content::Fair(value.saturating_add(1), waiting.clone()))]
        }
        (Request::Value { .. }, Content::Semaphore(value)) => vec![gives(*value as i32, content.clone())],
        (Request::Value { .. }, Content::Fair(value, waiting)) => {
            vec![gives(value.saturating_sub(waiting.len() as u32) as i32, content.clone())]
        }
        _ => Vec::new(),
    }
}

fn synchronize(
    program: &Program,
    me: ActorId,
    op: SyncOp,
    number: u32,
    queued: bool,
    held: &Held,
) -> Option<Outcome> {
    let id = program.sync_of(op, number);
    let condition = program.condition_within(op, number);
    match sync::apply(program.sync(id).kind, held, op, condition, me, queued) {
        Effect::Gives(result, to) => Some(gives(result, Content::Sync(to))),
        Effect::Queues(to) => Some(Outcome { result: None, content: Content::Sync(to), breach: None }),
        Effect::Blocked => None,
        Effect::NotHeld => {
            let breach = Some(Violation::NotLocked(id));
            Some(Outcome { breach, ..gives(1, Content::Sync(held.clone())) })
        }
    }
}

fn receive(wait: bool, messages: &[Message]) -> Vec<Outcome> {
    let gift = |message: Option<Message>, left: &[Message]| Outcome {
        result: Some(Gift::Message(message)),
        content: Content::Channel(left.to_vec()),
        breach: None,
    };
    match messages.split_first() {
        Some((oldest, left)) => vec![gift(Some(*oldest), left)],
        None if wait => Vec::new(),
        None => vec![gift(None, messages)],
    }
}

/// A value is written; what the operation gives is `result`.
fn written(program: &Program, cell: CellId, value: i32, result: i32) -> Outcome {
    let outside = program.variable(cell).range.is_some_and(|(low, high)| !(low..=high).contains(&value));
    let breach = outside.then_some(Violation::Range(cell));
    Outcome { breach, ..gives(result, Content::Cell(value)) }
}

fn atomic(program: &Program, op: AtomicOp, cell: CellId, (a, b): (i32, i32), old: i32) -> Outcome {
    match op {
        AtomicOp::TestAndSet => written(program, cell, 1, old),
        AtomicOp::Swap => written(program, cell, a, old),
        AtomicOp::FetchAdd => {
            let overflow = old.checked_add(a).is_none().then_some(Violation::Fault(Fault::Overflow));
            let outcome = written(program, cell, old.wrapping_add(a), old);
            Outcome { breach: overflow.or(outcome.breach), ..outcome }
        }
        AtomicOp::CompareAndSwap if old == a => written(program, cell, b, 1),
        AtomicOp::CompareAndSwap => gives(0, Content::Cell(old)),
    }
}

fn fair(me: ActorId, request: Request, queued: bool, value: u32, waiting: &[ActorId]) -> Vec<Outcome> {
    if queued {
        let place = waiting.iter().position(|actor| *actor == me).unwrap_or(waiting.len());
        let mut others = waiting.to_vec();
        others.retain(|actor| *actor != me);
        // What was handed to it is its own: it cannot give up any more.
        if (place as u32) < value {
            return vec![gives(1, Content::Fair(value - 1, others))];
        }
        return match request {
            Request::WaitFor { .. } => vec![gives(0, Content::Fair(value, others))],
            _ => Vec::new(),
        };
    }
    let free = value > waiting.len() as u32;
    match request {
        _ if free => vec![gives(1, Content::Fair(value - 1, waiting.to_vec()))],
        Request::TryWait { .. } => vec![gives(0, Content::Fair(value, waiting.to_vec()))],
        _ => {
            let mut queue = waiting.to_vec();
            queue.push(me);
            vec![Outcome { result: None, content: Content::Fair(value, queue), breach: None }]
        }
    }
}
