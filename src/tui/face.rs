//! How an actor looks: a sign, a word, a tone. Every scene and pane asks here, so an actor looks alike everywhere.

use std::collections::BTreeSet;
use std::time::Duration;

use super::theme::Tone;
use crate::lab::{Mode, Show};
use crate::mechanism::Mechanism;
use crate::program::{ActorId, BETWEEN, Object, Place, Program, item_parts};
use crate::snapshot::{Doing, Snapshot};

/// The word for who is between two states.
pub const LEAVING: &str = "leaving";

/// A picture of a run takes less time than this.
const SETTLED: Duration = Duration::from_millis(20);

/// One moment, as a scene draws it.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// What runs.
    pub program: &'a Program,
    /// The moment.
    pub snapshot: &'a Snapshot,
    /// Who can never go on.
    pub stuck: &'a [ActorId],
    /// The selected actor.
    pub selected: Option<ActorId>,
    /// Who was stopped by SIGSTOP.
    pub frozen: &'a BTreeSet<ActorId>,
    /// What carries the messages.
    pub over: Mechanism,
    /// Its time, without pauses: what moves by itself goes by it.
    pub clock: Duration,
    /// Whether it is a step of a walk: between steps no time passes.
    pub stepwise: bool,
}

/// How an actor looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Face<'a> {
    /// One character.
    pub sign: &'static str,
    /// What it does, in a word.
    pub word: &'a str,
    /// What that means.
    pub tone: Tone,
}

/// How something that is shown of an actor of a role looks.
pub fn face_of(program: &Program, role: u32, show: Show) -> Face<'_> {
    let role = &program.roles[role as usize];
    let state = role.states.get(usize::from(show.state));
    // Between two states one is on the way from what it did back to the first.
    let word = state.map_or(LEAVING, |s| s.name.as_str());
    let (sign, tone) = match (show.mode, state) {
        (Mode::Dead, _) => return Face { sign: "✝", word: "dead", tone: Tone::Dead },
        (Mode::Done, _) => return Face { sign: "■", word: "done", tone: Tone::Dim },
        (Mode::Waiting, _) => ("◌", Tone::Wait),
        (Mode::Active, None) => ("·", Tone::Try),
        (Mode::Active, Some(state)) if state.plain => ("◐", Tone::Try),
        (Mode::Active, Some(_)) if show.state == 0 => ("○", Tone::Rest),
        (Mode::Active, Some(_)) => ("●", Tone::Act),
    };
    Face { sign, word, tone }
}

impl<'a> Sight<'a> {
    /// How an actor looks.
    pub fn face(&self, actor: ActorId) -> Face<'a> {
        let view = &self.snapshot.actors[actor.index()];
        let show = Show::of(view);
        let face = face_of(self.program, self.program.actors[actor.index()].role.0, show);
        let over = matches!(show.mode, Mode::Dead | Mode::Done);
        if self.frozen.contains(&actor) && !over {
            return Face { sign: "‖", word: "frozen", tone: Tone::Dead };
        }
        // What it does next is no fault any more.
        if view.breach.is_some_and(|breach| view.state_since <= breach.at) && !over {
            return Face { sign: "✗", tone: Tone::Bad, ..face };
        }
        if self.is_stuck(actor) { Face { tone: Tone::Bad, ..face } } else { face }
    }

    /// Whether an actor can never go on.
    pub fn is_stuck(&self, actor: ActorId) -> bool {
        self.stuck.contains(&actor)
    }

    /// Whether an actor is in its activity: neither in the first state nor in one in which it only gets on.
    pub fn acts(&self, actor: ActorId) -> bool {
        let view = &self.snapshot.actors[actor.index()];
        let states = &self.program.role_of(actor).states;
        let plain = states.get(usize::from(view.state)).is_none_or(|state| state.plain);
        !plain && view.state != 0 && Show::of(view).mode == Mode::Active
    }

    /// Whether an actor shows its state for long enough that others, looked at a little earlier or later, go with it.
    pub fn is_settled(&self, actor: ActorId) -> bool {
        let view = &self.snapshot.actors[actor.index()];
        self.stepwise || self.snapshot.elapsed.saturating_sub(view.state_since) >= SETTLED
    }

    /// What an actor waits for without or with a limit of time, if it waits for an object.
    pub fn waits_for(&self, actor: ActorId) -> Option<Object> {
        match self.snapshot.actors[actor.index()].doing {
            Doing::BlockedFor(object) => Some(object),
            Doing::Blocked(object) if !matches!(object, Object::Condition(_)) => Some(object),
            // Who was signalled waits for the monitor.
            Doing::Blocked(_) | Doing::Spinning => {
                self.snapshot.waits_for(self.program, actor).first().copied()
            }
            _ => None,
        }
    }

    /// The name of what an actor waits for. Who looks at one element of an array after the other waits for the array: which
    /// one it looks at is known to itself alone.
    pub fn waits_name(&self, actor: ActorId) -> Option<String> {
        let object = self.waits_for(actor)?;
        let view = &self.snapshot.actors[actor.index()];
        let places = self.program.actors[actor.index()].code.awaited(view.position);
        match (view.doing, object, places.first()) {
            (Doing::Spinning, Object::Cell(cell), Some(Place::Indexed { .. })) => {
                Some(self.program.variable(cell).name.clone())
            }
            _ => Some(self.program.object_name(object)),
        }
    }

    /// The same where there is little room: without its monitor's name, and a message as its channel.
    pub fn waits_short(&self, actor: ActorId) -> Option<String> {
        let name = self.waits_name(actor)?;
        let name = name.strip_prefix("a message in ").or(name.strip_prefix("room in ")).unwrap_or(&name);
        Some(name.rsplit_once('.').map_or(name, |(_, last)| last).to_string())
    }

    /// An actor's short name: its role's first letters, as many as needed, and its number.
    pub fn short(&self, actor: ActorId) -> String {
        short_name(self.program, actor)
    }

    /// All actors of a role that show one of some states. The name `between` is no state's.
    pub fn showing(&self, role: &str, states: &[&str]) -> Vec<ActorId> {
        self.of_role(role).into_iter().filter(|actor| states.contains(&self.state(*actor))).collect()
    }

    /// The same actors, whoever came to its state first at the front.
    pub fn by_arrival(&self, mut actors: Vec<ActorId>) -> Vec<ActorId> {
        actors.sort_by_key(|actor| self.snapshot.actors[actor.index()].state_since);
        actors
    }

    /// All actors of a role.
    pub fn of_role(&self, role: &str) -> Vec<ActorId> {
        let found = self.program.roles.iter().find(|r| r.name == role);
        found.map_or(Vec::new(), |r| r.actors().collect())
    }

    /// The name of the state that an actor shows; `between` between two.
    pub fn state(&self, actor: ActorId) -> &'a str {
        let view = &self.snapshot.actors[actor.index()];
        if view.state == BETWEEN {
            return "between";
        }
        self.program.state_name(self.program.actors[actor.index()].role, view.state)
    }

    /// An item as its maker and number; none for what no producer made.
    pub fn item(&self, value: i32) -> Option<String> {
        let (producer, number) = item_parts(value)?;
        let role = self.program.activities[self.program.items.as_ref()?.produce.index()].role;
        let role = &self.program.roles[role.index()];
        let actor = ActorId(role.base.0 + producer);
        (producer < role.count).then(|| format!("{}#{number}", self.short(actor)))
    }

    /// A constant's value.
    pub fn constant(&self, name: &str) -> Option<i32> {
        self.program.constants.iter().find(|c| c.name == name).map(|c| c.value)
    }
}

/// An actor's short name: `R0`, `W1`, `B`.
pub fn short_name(program: &Program, actor: ActorId) -> String {
    let role = program.role_of(actor);
    let shared = |len: usize| {
        let start: Vec<char> = role.name.chars().take(len).collect();
        program.roles.iter().filter(|r| r.name.chars().take(len).eq(start.iter().copied())).count() > 1
    };
    let len = (1..role.name.len()).find(|len| !shared(*len)).unwrap_or(role.name.len());
    let mut letters: String = role.name.chars().take(len).collect();
    if let Some(first) = letters.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    let only = program.roles.len() == 1;
    // At a table the places are numbered, and there is little room.
    if only && program.scene.as_deref() == Some("table") {
        letters.clear();
    }
    let index = program.actors[actor.index()].index;
    if role.is_array {
        format!("{letters}{index}")
    } else if only {
        role.name.clone()
    } else {
        letters
    }
}
