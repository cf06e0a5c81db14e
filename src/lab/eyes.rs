//! Looks that come many times a second, gathered into moments that come as often as a screen is drawn.

use std::time::{Duration, Instant};

use super::lanes::{MAX_LANES, Show};
use super::moment::{Happened, Moment};
use crate::board::{Board, Reader};
use crate::monitor::Verdict;
use crate::program::{ActorId, Object, Program};
use crate::snapshot::Snapshot;

/// Time between two moments: the pace of the screens.
const MOMENT_EVERY: Duration = Duration::from_millis(50);
/// Gathering a moment may take this part of the time at most.
const MOMENT_SHARE: u32 = 5;
/// How often waits are summed up, which reads some kilobytes an actor.
const WAITS_EVERY: Duration = Duration::from_millis(500);
/// Operations handed on with a moment; of more only the last ones.
const MAX_EVENTS: usize = 1024;
/// Changes kept while nobody asks for a moment.
const MAX_CHANGES: usize = 1 << 16;

/// Gathers looks into moments.
#[derive(Debug)]
pub(super) struct Eyes {
    readers: Vec<Reader>,
    shows: Vec<Option<Show>>,
    changes: Vec<(ActorId, Duration, Show)>,
    verdicts: Vec<Verdict>,
    prints: Vec<String>,
    over: bool,
    /// Real time spent in pauses that are over, and since when there is one.
    held: Duration,
    paused_since: Option<Duration>,
    next: Instant,
    next_waits: Instant,
}

impl Eyes {
    pub fn new(program: &Program) -> Eyes {
        let (actors, now) = (program.actors.len(), Instant::now());
        Eyes {
            // Of a crowd, nobody reads the single operations.
            readers: vec![Reader::default(); if actors > MAX_LANES { 0 } else { actors }],
            shows: vec![None; actors],
            changes: Vec::new(),
            verdicts: Vec::new(),
            prints: Vec::new(),
            over: false,
            held: Duration::ZERO,
            paused_since: None,
            next: now,
            next_waits: now,
        }
    }

    /// A time since the run began, on the clock that stands still in a pause.
    fn clock(&self, elapsed: Duration) -> Duration {
        let elapsed = self.paused_since.map_or(elapsed, |since| elapsed.min(since));
        elapsed.saturating_sub(self.held)
    }

    /// Takes in one look.
    pub fn saw(&mut self, snapshot: &Snapshot, verdicts: Vec<Verdict>, prints: Vec<String>, over: bool) {
        match (snapshot.paused, self.paused_since) {
            (true, None) => self.paused_since = Some(snapshot.elapsed),
            (false, Some(since)) => {
                self.held += snapshot.elapsed.saturating_sub(since);
                self.paused_since = None;
            }
            _ => {}
        }
        if !verdicts.is_empty() || over != self.over {
            self.next = Instant::now();
        }
        self.verdicts.extend(verdicts);
        self.prints.extend(prints);
        self.over = over;
        if snapshot.actors.len() > MAX_LANES || self.changes.len() > MAX_CHANGES {
            return;
        }
        for (number, view) in snapshot.actors.iter().enumerate() {
            let show = Show::of(view);
            let last = self.shows[number].replace(show);
            if last != Some(show) {
                let at = match last {
                    Some(last) if last.state != show.state => view.state_since,
                    _ => snapshot.elapsed,
                };
                self.changes.push((ActorId(number as u32), self.clock(at), show));
            }
        }
    }

    /// Whether it is time for a moment.
    pub fn due(&self) -> bool {
        Instant::now() >= self.next
    }

    /// Asks for a moment as soon as may be.
    pub fn hurry(&mut self) {
        self.next = Instant::now();
    }

    /// Gathers a moment. `look` makes a full picture.
    pub fn moment(
        &mut self,
        program: &Program,
        board: &Board<'_>,
        look: impl FnOnce() -> Snapshot,
    ) -> Moment {
        let began = Instant::now();
        let snapshot = look();
        let waits = (began >= self.next_waits).then(|| {
            self.next_waits = began + WAITS_EVERY;
            (0..program.actors.len() as u32).map(|actor| board.waits(program, ActorId(actor))).collect()
        });
        let (events, lost) = self.events(board);
        let moment = Moment {
            clock: self.clock(snapshot.elapsed),
            changes: std::mem::take(&mut self.changes),
            events,
            lost,
            verdicts: std::mem::take(&mut self.verdicts),
            prints: std::mem::take(&mut self.prints),
            waits,
            over: self.over,
            snapshot,
        };
        let now = Instant::now();
        self.next = now + MOMENT_EVERY.max((now - began) * MOMENT_SHARE);
        moment
    }

    /// New operations by time, and how many were lost.
    fn events(&mut self, board: &Board<'_>) -> (Vec<Happened>, u64) {
        let since = board.times();
        let mut events = Vec::new();
        let mut lost = 0;
        for number in 0..self.readers.len() {
            let actor = ActorId(number as u32);
            let before = self.readers[number].dropped;
            let mut reader = std::mem::take(&mut self.readers[number]);
            reader.drain(board.ring(actor), board.slot(actor).events(), |event| {
                let object = Object::unpack(event.object);
                let at = self.clock(since(event.at));
                events.push(Happened { at, actor, position: event.position, result: event.result, object });
            });
            lost += reader.dropped - before;
            self.readers[number] = reader;
        }
        events.sort_by_key(|event| event.at);
        if events.len() > MAX_EVENTS {
            lost += (events.len() - MAX_EVENTS) as u64;
            events.drain(..events.len() - MAX_EVENTS);
        }
        (events, lost)
    }
}
