//! What was seen of a run, to look back at: pictures by what changed between them, operations, verdicts, lanes.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fits;
use super::lanes::Lanes;
use super::moment::{Happened, Moment};
use super::traffic;
use crate::board::Waits;
use crate::monitor::Verdict;
use crate::program::Program;
use crate::snapshot::{ActorView, Objects, Snapshot, Traffic};

/// Pictures between two that are kept whole.
const KEY_EVERY: usize = 64;
/// Memory that pictures may take, about; the oldest go first.
const MAX_BYTES: usize = 64 << 20;
/// Operations kept.
const MAX_EVENTS: usize = 20_000;
/// No run lasts longer; a recording that says so is forged.
const MOST_TIME: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// Operations kept with each verdict.
const LAST_EVENTS: usize = 12;
/// Printed lines kept.
const MAX_PRINTS: usize = 1000;

/// A picture: whole, or what differs from the one before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Picture {
    /// All of it.
    Whole(Box<Snapshot>),
    /// What differs.
    Change(Box<Change>),
}

/// What differs between a picture and the one before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    elapsed: Duration,
    run_time: Duration,
    paused: bool,
    at_max: bool,
    actors: Vec<(u32, ActorView)>,
    objects: Option<Objects>,
}

/// What was seen beside the pictures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Beside {
    /// The time that the latest picture shows, without pauses.
    pub clock: Duration,
    /// What each actor showed, when.
    pub lanes: Lanes,
    /// The last operations, oldest first.
    pub events: VecDeque<Happened>,
    /// Operations that nobody saw.
    pub lost: u64,
    /// All verdicts.
    pub verdicts: Vec<Verdict>,
    /// What actors printed.
    pub prints: VecDeque<String>,
    /// How long each actor waited.
    pub waits: Vec<Waits>,
    /// Whether every actor has ended.
    pub over: bool,
    /// The last operations before each verdict.
    pub before: Vec<Vec<Happened>>,
}

/// What was seen of a run.
#[derive(Debug)]
pub struct History {
    pictures: VecDeque<(Duration, Picture)>,
    /// Pictures that were dropped at the front.
    forgotten: usize,
    bytes: usize,
    latest: Option<Snapshot>,
    /// What was seen beside the pictures.
    pub beside: Beside,
}

impl History {
    /// Nothing seen yet.
    pub fn new(program: &Program) -> History {
        History {
            pictures: VecDeque::new(),
            forgotten: 0,
            bytes: 0,
            latest: None,
            beside: Beside {
                clock: Duration::ZERO,
                lanes: Lanes::new(program.actors.len()),
                events: VecDeque::new(),
                lost: 0,
                verdicts: Vec::new(),
                prints: VecDeque::new(),
                waits: vec![Waits::default(); program.actors.len()],
                over: false,
                before: Vec::new(),
            },
        }
    }

    /// Takes in a moment.
    pub fn add(&mut self, program: &Program, moment: Moment) {
        let Moment { mut snapshot, clock, changes, events, lost, verdicts, prints, waits, over } = moment;
        let beside = &mut self.beside;
        let found = !verdicts.is_empty();
        for (actor, at, show) in changes {
            beside.lanes.change(actor, at, show);
        }
        beside.lanes.picture(clock, &snapshot, |actor| program.actors[actor.index()].role.0);
        let mut channels = self.latest.as_ref().map(|s| s.objects.channels.clone()).unwrap_or_default();
        traffic::follow(program, &mut channels, &events);
        snapshot.objects.channels = channels;
        beside.events.extend(events);
        beside.events.drain(..beside.events.len().saturating_sub(MAX_EVENTS));
        beside.lost += lost;
        let held = snapshot.elapsed.saturating_sub(clock);
        for verdict in &verdicts {
            let moment = verdict.moment().saturating_sub(held);
            let last = beside.events.iter().rev().filter(|e| e.at <= moment).take(LAST_EVENTS);
            let mut last: Vec<Happened> = last.copied().collect();
            last.reverse();
            beside.before.push(last);
        }
        beside.verdicts.extend(verdicts);
        beside.prints.extend(prints);
        beside.prints.drain(..beside.prints.len().saturating_sub(MAX_PRINTS));
        if let Some(waits) = waits {
            beside.waits = waits;
        }
        beside.over = over;
        beside.clock = clock;
        self.keep(clock, snapshot, found);
    }

    /// Keeps a picture, unless it shows nothing new and nothing was `found`.
    fn keep(&mut self, clock: Duration, snapshot: Snapshot, found: bool) {
        let number = self.forgotten + self.pictures.len();
        let picture = match &self.latest {
            Some(before) if !number.is_multiple_of(KEY_EVERY) => match difference(before, &snapshot) {
                // A still picture needs no second one.
                change
                    if !found
                        && change.actors.is_empty()
                        && change.objects.is_none()
                        && change.paused == before.paused =>
                {
                    self.latest = Some(snapshot);
                    return;
                }
                change => Picture::Change(Box::new(change)),
            },
            _ => Picture::Whole(Box::new(snapshot.clone())),
        };
        self.bytes += size(&picture);
        self.pictures.push_back((clock, picture));
        self.latest = Some(snapshot);
        while self.bytes > MAX_BYTES && self.pictures.len() > 2 * KEY_EVERY {
            // The next ones are changes of what goes: they go with it.
            for _ in 0..KEY_EVERY {
                if let Some((_, picture)) = self.pictures.pop_front() {
                    self.bytes = self.bytes.saturating_sub(size(&picture));
                    self.forgotten += 1;
                }
            }
        }
    }

    /// The pictures as they are kept, oldest first.
    pub fn pictures(&self) -> impl Iterator<Item = &(Duration, Picture)> {
        self.pictures.iter()
    }

    /// Puts a history together again. None if it is not one of a run of this program.
    pub fn restore(
        program: &Program,
        pictures: VecDeque<(Duration, Picture)>,
        beside: Beside,
    ) -> Option<History> {
        let actors = program.actors.len();
        let in_time = |time: &Duration| *time < MOST_TIME;
        let sound = in_time(&beside.clock)
            && pictures.iter().all(|(clock, _)| in_time(clock))
            && beside.waits.len() == actors
            && (beside.lanes.each.is_empty() || beside.lanes.each.len() == actors)
            && beside.events.iter().all(|e| fits::event(program, e))
            && beside.before.iter().flatten().all(|e| fits::event(program, e))
            && beside.verdicts.iter().all(|v| fits::verdict(program, v));
        let mut history = History { beside, ..History::new(program) };
        let mut latest: Option<Snapshot> = None;
        for (_, picture) in &pictures {
            match (picture, &mut latest) {
                (Picture::Whole(whole), _) => latest = Some((**whole).clone()),
                (Picture::Change(change), Some(latest)) => apply(latest, change),
                (Picture::Change(_), None) => return None,
            }
            if !latest.as_ref().is_some_and(|snapshot| fits::snapshot(program, snapshot)) {
                return None;
            }
        }
        history.latest = latest;
        history.pictures = pictures;
        sound.then_some(history)
    }

    /// The latest picture.
    pub fn latest(&self) -> Option<&Snapshot> {
        self.latest.as_ref()
    }

    /// How many pictures there are to look back at.
    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    /// The number of the oldest picture that is kept. Numbers stay when older pictures are dropped.
    pub fn first(&self) -> usize {
        self.forgotten
    }

    /// The number of the latest picture.
    pub fn last(&self) -> usize {
        self.forgotten + self.pictures.len().saturating_sub(1)
    }

    /// When the picture of that number was taken, without pauses.
    pub fn time(&self, at: usize) -> Duration {
        self.pictures.get(at.saturating_sub(self.forgotten)).map_or(self.beside.clock, |(clock, _)| *clock)
    }

    /// The picture of that number; none if there is none.
    pub fn picture(&self, at: usize) -> Option<Snapshot> {
        let at = at.checked_sub(self.forgotten)?;
        let whole = (0..=at).rev().find(|k| matches!(self.pictures.get(*k), Some((_, Picture::Whole(_)))))?;
        let mut snapshot: Option<Snapshot> = None;
        for (_, picture) in self.pictures.range(whole..=at.min(self.pictures.len() - 1)) {
            match (picture, &mut snapshot) {
                (Picture::Whole(whole), _) => snapshot = Some((**whole).clone()),
                (Picture::Change(change), Some(snapshot)) => apply(snapshot, change),
                (Picture::Change(_), None) => return None,
            }
        }
        snapshot
    }
}

fn difference(before: &Snapshot, now: &Snapshot) -> Change {
    let differs = |(number, view): (usize, &ActorView)| {
        before.actors.get(number).is_none_or(|old| moved(old, view)).then(|| (number as u32, view.clone()))
    };
    Change {
        elapsed: now.elapsed,
        run_time: now.run_time,
        paused: now.paused,
        at_max: now.at_max,
        actors: now.actors.iter().enumerate().filter_map(differs).collect(),
        objects: (before.objects != now.objects).then(|| now.objects.clone()),
    }
}

/// Whether an actor did anything. Its times are not compared: they are measured anew for every picture.
fn moved(old: &ActorView, new: &ActorView) -> bool {
    let key = |v: &ActorView| (v.pid, v.life, v.steps, v.position, v.doing, v.state, v.rounds);
    key(old) != key(new) || old.ports != new.ports || old.breach.is_some() != new.breach.is_some()
}

fn apply(snapshot: &mut Snapshot, change: &Change) {
    snapshot.elapsed = change.elapsed;
    snapshot.run_time = change.run_time;
    snapshot.paused = change.paused;
    snapshot.at_max = change.at_max;
    for (number, view) in &change.actors {
        if let Some(place) = snapshot.actors.get_mut(*number as usize) {
            place.clone_from(view);
        }
    }
    if let Some(objects) = &change.objects {
        snapshot.objects.clone_from(objects);
    }
}

/// About how much memory a picture takes.
fn size(picture: &Picture) -> usize {
    let view = |v: &ActorView| size_of::<ActorView>() + v.entered.len() * 8 + v.ports.len() * 8;
    let objects = |o: &Objects| {
        o.semaphores.len() * 16
            + o.mutexes.len() * 8
            + o.cells.len() * 4
            + o.items.len() * 4
            + o.channels.len() * size_of::<Traffic>()
    };
    match picture {
        Picture::Whole(s) => {
            size_of::<Snapshot>() + s.actors.iter().map(view).sum::<usize>() + objects(&s.objects)
        }
        Picture::Change(c) => {
            size_of::<Change>()
                + c.actors.iter().map(|(_, v)| 8 + view(v)).sum::<usize>()
                + c.objects.as_ref().map_or(0, objects)
        }
    }
}
