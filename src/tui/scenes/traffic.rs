//! What is known of the messages of one channel at a moment: who sends, who receives, what lies inside.

use std::time::Duration;

use crate::program::{ActorId, Channel, ChannelId, Instruction, Object, Place};
use crate::snapshot::{Life, Passage};
use crate::tui::face::Sight;

/// Values of more characters are not written beside a message.
const LONGEST: usize = 5;
/// Who sent or received is named for so long at least, whoever comes next.
const FRESH: Duration = Duration::from_millis(600);
/// Slots drawn one by one, at most.
const SLOTS: u32 = 8;

/// Whose hand is at one end of a channel, and what it does there; each with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hand {
    /// It is about to send or to receive.
    Busy(String),
    /// It sleeps until it can.
    Asleep(String),
    /// It did so last, or could.
    Away(String),
}

impl Hand {
    /// Who.
    pub fn name(&self) -> &str {
        let (Hand::Busy(name) | Hand::Asleep(name) | Hand::Away(name)) = self;
        name
    }
}

/// A message that went in or came out.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its value, where it is known and short.
    pub value: String,
    /// How long ago.
    pub age: Duration,
}

/// The messages of a channel.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The channel's name.
    pub name: String,
    /// Who sends.
    pub sender: Hand,
    /// Who receives.
    pub receiver: Hand,
    /// Messages in the channel, and how many it holds.
    held: (u32, u32),
    /// The message that was sent last.
    pub sent: Option<Letter>,
    /// The one that was received last.
    pub received: Option<Letter>,
    /// Messages sent and received so far, where they are counted.
    pub counts: Option<(u64, u64)>,
}

impl Traffic {
    /// Looks at a channel.
    pub fn of(sight: &Sight<'_>, channel: &Channel, id: ChannelId) -> Traffic {
        let (room, messages) = (channel.ends.room(id.0), channel.ends.messages(id.0));
        let seen = sight.snapshot.objects.channels.get(id.index()).copied().unwrap_or_default();
        let inside = sight.snapshot.objects.semaphores.get(messages.index()).map_or(0, |s| s.value);
        let letter = |passage: Passage| Letter {
            value: value(sight, channel, passage.value),
            age: since(sight, passage),
        };
        Traffic {
            name: name(sight, channel, id),
            sender: hand(sight, id, Object::Semaphore(room), seen.sent, true),
            receiver: hand(sight, id, Object::Semaphore(messages), seen.received, false),
            held: (inside, channel.capacity),
            sent: seen.sent.map(letter),
            received: seen.received.map(letter),
            counts: counts(sight, channel, id),
        }
    }

    /// What lies inside, in so many columns.
    pub fn inside(&self, room: i32) -> String {
        let (inside, capacity) = self.held;
        let number = format!(" {inside} of {capacity} ");
        if capacity <= SLOTS && (number.len() as i32 + capacity as i32) < room {
            let slots: String = (0..capacity).map(|k| if k < inside { '■' } else { '·' }).collect();
            return format!(" {slots}{number}");
        }
        if inside > 0 { format!(" ■{number}") } else { number }
    }

    /// Whether somebody is at one of its ends now.
    pub fn is_in_use(&self) -> bool {
        [&self.sender, &self.receiver].into_iter().any(|hand| matches!(hand, Hand::Busy(_)))
    }
}

/// A channel's name.
pub fn name(sight: &Sight<'_>, channel: &Channel, id: ChannelId) -> String {
    let text = sight.program.object_name(Object::Semaphore(channel.ends.messages(id.0)));
    text.trim_start_matches("a message in ").to_string()
}

/// How long ago a message last went into a channel or came out; none if none is known to have.
pub fn age(sight: &Sight<'_>, id: ChannelId) -> Option<Duration> {
    let seen = sight.snapshot.objects.channels.get(id.index())?;
    [seen.sent, seen.received].into_iter().flatten().map(|passage| since(sight, passage)).min()
}

/// How long ago something passed.
fn since(sight: &Sight<'_>, passage: Passage) -> Duration {
    sight.clock.saturating_sub(passage.at)
}

/// The value of a message, if it is known and short: an item by its maker.
fn value(sight: &Sight<'_>, channel: &Channel, value: i32) -> String {
    let text = match channel.holds_items {
        true => sight.item(value).unwrap_or_default(),
        false if channel.values == 1 => value.to_string(),
        false => String::new(),
    };
    if text.chars().count() <= LONGEST { text } else { String::new() }
}

/// Who is at an end: who has just done it, else who is about to, else who sleeps there, else who did it last, else who
/// could.
fn hand(sight: &Sight<'_>, id: ChannelId, object: Object, last: Option<Passage>, sends: bool) -> Hand {
    let actors = || (0..sight.snapshot.actors.len() as u32).map(ActorId);
    let alive = |actor: &ActorId| !sight.snapshot.actors[actor.index()].life.is_over();
    let blocked = |actor: &ActorId| alive(actor) && sight.waits_for(*actor) == Some(object);
    let fresh = if sight.stepwise { Duration::ZERO } else { FRESH };
    if let Some(passage) = last.filter(|passage| since(sight, *passage) <= fresh) {
        let name = sight.short(passage.actor);
        return if blocked(&passage.actor) { Hand::Asleep(name) } else { Hand::Away(name) };
    }
    if let Some(actor) =
        actors().find(|actor| is_at(sight, *actor, id, sends) && sight.waits_for(*actor).is_none())
    {
        return Hand::Busy(sight.short(actor));
    }
    let mut asleep = actors().filter(blocked);
    if let Some(first) = asleep.next() {
        let more = asleep.count();
        let name = sight.short(first);
        return Hand::Asleep(if more > 0 { format!("{name}+{more}") } else { name });
    }
    if let Some(passage) = last {
        return Hand::Away(sight.short(passage.actor));
    }
    let able: Vec<ActorId> = actors().filter(|actor| could(sight, *actor, id, sends)).collect();
    Hand::Away(match able.as_slice() {
        [one] => sight.short(*one),
        [] => "nobody".into(),
        several => format!("any of {}", several.len()),
    })
}

/// The channels that an instruction sends to or receives from.
fn ends(instruction: &Instruction, sends: bool) -> Option<Place> {
    match instruction {
        Instruction::Send { channel, .. } if sends => Some(*channel),
        Instruction::Receive { channel, .. } if !sends => Some(*channel),
        _ => None,
    }
}

/// Whether an actor's next step sends to this channel, or receives from it.
fn is_at(sight: &Sight<'_>, actor: ActorId, id: ChannelId, sends: bool) -> bool {
    let view = &sight.snapshot.actors[actor.index()];
    let code = &sight.program.actors[actor.index()].code;
    let place = code.instructions.get(view.position as usize).and_then(|i| ends(i, sends));
    view.life == Life::Running && place == Some(Place::Fixed(id.0))
}

/// Whether an actor's program has such an operation anywhere.
fn could(sight: &Sight<'_>, actor: ActorId, id: ChannelId, sends: bool) -> bool {
    let code = &sight.program.actors[actor.index()].code;
    let spans = code.instructions.iter().filter_map(|i| ends(i, sends)).map(Place::span);
    spans.into_iter().any(|(first, len)| (first..first + len).contains(&id.0))
}

/// Messages sent and received, as the actors count them.
fn counts(sight: &Sight<'_>, channel: &Channel, id: ChannelId) -> Option<(u64, u64)> {
    let messages = channel.ends.messages(id.0);
    let each = sight
        .snapshot
        .actors
        .iter()
        .zip(&sight.program.actors)
        .filter_map(|(view, actor)| view.ports.get(actor.ports.slot(messages)? as usize));
    let sum = |(sent, received): (u64, u64), (posts, takes): &(u32, u32)| {
        (sent + u64::from(*posts), received + u64::from(*takes))
    };
    each.fold(None, |all, port| Some(sum(all.unwrap_or_default(), port)))
}
