//! What each actor showed, when: the lanes of a timeline.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::program::ActorId;
use crate::snapshot::{ActorView, Doing, Life, Snapshot};

/// More actors than this are counted instead of followed one by one.
pub const MAX_LANES: usize = 64;
/// Changes kept of each lane, and pictures of the counts.
const MAX_CHANGES: usize = 4096;

/// How an actor gets along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mode {
    /// It takes steps, or is busy with an activity.
    Active,
    /// It waits for an object.
    Waiting,
    /// It came to its end.
    Done,
    /// Its process is gone, or could not go on.
    Dead,
}

/// What an actor shows: its state, and how it gets along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Show {
    /// The visible state.
    pub state: u8,
    /// How it gets along in it.
    pub mode: Mode,
}

impl Show {
    /// What an actor shows.
    pub fn of(view: &ActorView) -> Show {
        let mode = match (view.life, view.doing) {
            (Life::Done, _) => Mode::Done,
            (Life::Failed | Life::Dead, _) => Mode::Dead,
            (_, Doing::Blocked(_) | Doing::BlockedFor(_) | Doing::Spinning) => Mode::Waiting,
            _ => Mode::Active,
        };
        Show { state: view.state, mode }
    }
}

/// One actor's past: from when on it showed what.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lane {
    changes: VecDeque<(Duration, Show)>,
}

/// What a lane shows in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What it showed longest.
    pub show: Show,
    /// Whether it changed to that within the stretch.
    pub begins: bool,
}

impl Lane {
    fn push(&mut self, at: Duration, show: Show) {
        if self.changes.back().is_some_and(|(_, last)| *last == show) {
            return;
        }
        if self.changes.len() == MAX_CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back((at, show));
    }

    /// When it came to show what it shows last.
    pub fn last_change(&self) -> Option<Duration> {
        self.changes.back().map(|(at, _)| *at)
    }

    /// What it showed longest between two times; none if nothing is known of them.
    pub fn stretch(&self, from: Duration, to: Duration) -> Option<Stretch> {
        let after = self.changes.partition_point(|(at, _)| *at <= from);
        let mut best: Option<(Duration, Stretch)> = None;
        for at in after.saturating_sub(1)..self.changes.len() {
            let (start, show) = self.changes[at];
            if start >= to {
                break;
            }
            let end = self.changes.get(at + 1).map_or(to, |(next, _)| (*next).min(to));
            let time = end.saturating_sub(start.max(from));
            if best.is_none_or(|(most, _)| time > most) {
                best = Some((time, Stretch { show, begins: start > from }));
            }
        }
        best.map(|(_, stretch)| stretch)
    }
}

/// The shows of all actors, counted by role.
pub type Counts = Vec<(u32, Show, u32)>;

/// The lanes of a run: one an actor where they are few, counts by state where they are many.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lanes {
    /// By actor; empty where there are more than [`MAX_LANES`].
    pub each: Vec<Lane>,
    /// The shows of all actors, counted, by time.
    pub counts: VecDeque<(Duration, Counts)>,
}

impl Lanes {
    /// For so many actors.
    pub fn new(actors: usize) -> Lanes {
        Lanes { each: vec![Lane::default(); if actors > MAX_LANES { 0 } else { actors }], ..Lanes::default() }
    }

    /// Takes in a change of one actor.
    pub fn change(&mut self, actor: ActorId, at: Duration, show: Show) {
        if let Some(lane) = self.each.get_mut(actor.index()) {
            lane.push(at, show);
        }
    }

    /// Takes in a picture, for the counts. `role` gives an actor's role.
    pub fn picture(&mut self, at: Duration, snapshot: &Snapshot, role: impl Fn(ActorId) -> u32) {
        if !self.each.is_empty() {
            return;
        }
        let mut counts = Counts::new();
        for (number, view) in snapshot.actors.iter().enumerate() {
            let key = (role(ActorId(number as u32)), Show::of(view));
            match counts.iter_mut().find(|(r, s, _)| (*r, *s) == key) {
                Some((_, _, count)) => *count += 1,
                None => counts.push((key.0, key.1, 1)),
            }
        }
        if self.counts.len() == MAX_CHANGES {
            self.counts.pop_front();
        }
        self.counts.push_back((at, counts));
    }

    /// The counts at a time: those of the last picture before it.
    pub fn counts_at(&self, at: Duration) -> Option<&[(u32, Show, u32)]> {
        let after = self.counts.partition_point(|(t, _)| *t <= at);
        self.counts.get(after.checked_sub(1)?).map(|(_, counts)| counts.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(state: u8) -> Show {
        Show { state, mode: Mode::Active }
    }

    #[test]
    fn a_stretch_shows_what_lasted_longest() {
        let ms = Duration::from_millis;
        let mut lane = Lane::default();
        assert_eq!(lane.stretch(ms(0), ms(10)), None);
        lane.push(ms(0), show(0));
        lane.push(ms(100), show(1));
        lane.push(ms(110), show(2));
        assert_eq!(lane.stretch(ms(0), ms(50)), Some(Stretch { show: show(0), begins: false }));
        assert_eq!(lane.stretch(ms(90), ms(115)), Some(Stretch { show: show(0), begins: false }));
        assert_eq!(lane.stretch(ms(95), ms(125)), Some(Stretch { show: show(2), begins: true }));
        assert_eq!(lane.stretch(ms(300), ms(310)), Some(Stretch { show: show(2), begins: false }));
    }
}
