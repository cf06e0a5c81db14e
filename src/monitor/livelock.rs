//! Livelock: several actors take steps, and nobody's activity ever begins. Suspected only.

use std::time::Duration;

use super::verdict::{Certainty, Kind, Verdict};
use crate::program::{ActorId, Program};
use crate::snapshot::{ActorView, Doing, Snapshot};

/// How long nothing must have begun, in time of the run.
const LEAST: Duration = Duration::from_secs(6);
/// For each actor it must have been longer by this.
const PER_ACTOR: Duration = Duration::from_millis(60);
/// Steps that an actor must have taken meanwhile to count as busy; how many such actors it takes.
const STEPS: u64 = 10;
const ACTORS: usize = 2;

/// Steps at the slowest pace of the program that all ways to an activity surely need fewer of.
const SLOW_STEPS: u32 = 40;

/// Watches for the last beginning of an activity.
#[derive(Debug, Default)]
pub struct Detector {
    entered: u64,
    since: Duration,
    real_since: Duration,
    steps: Vec<u64>,
    reported: bool,
}

impl Detector {
    /// Looks at one picture.
    pub fn observe(&mut self, program: &Program, snapshot: &Snapshot) -> Option<Verdict> {
        let entered: u64 = snapshot.actors.iter().flat_map(|a| &a.entered).sum();
        // Asleep in a state of its own trying (a back-off, say) is not an activity.
        let acting = |(at, view): (usize, &ActorView)| {
            let states = &program.role_of(ActorId(at as u32)).states;
            view.doing == Doing::Busy && states.get(usize::from(view.state)).is_some_and(|s| !s.plain)
        };
        let resting = snapshot.actors.iter().enumerate().any(acting);
        if entered != self.entered || resting || self.steps.is_empty() {
            self.entered = entered;
            self.since = snapshot.run_time;
            self.real_since = snapshot.elapsed;
            self.steps = snapshot.actors.iter().map(|a| a.steps).collect();
            return None;
        }
        let lasted = snapshot.run_time.saturating_sub(self.since);
        // Whoever walks slowly needs longer to get to its activity.
        let slowest = program.roles.iter().map(|role| u64::from(role.pace.1)).max().unwrap_or(0);
        let pace = if snapshot.at_max { Duration::ZERO } else { Duration::from_millis(slowest) };
        let least = LEAST.max(pace * SLOW_STEPS) + PER_ACTOR * program.actors.len() as u32;
        if self.reported || lasted < least {
            return None;
        }
        let moved = |at: &usize| snapshot.actors[*at].steps.saturating_sub(self.steps[*at]);
        let moving: Vec<usize> = (0..snapshot.actors.len()).filter(|at| moved(at) >= STEPS).collect();
        // A program may well work without any activity; somebody must be trying for one that it never gets to.
        let tries = |at: &usize| {
            let (actor, view) = (&program.actors[*at], &snapshot.actors[*at]);
            program.progress.iter().any(|claim| claim.role == actor.role && claim.from == view.state)
        };
        if moving.len() < ACTORS || !moving.iter().any(tries) {
            return None;
        }
        self.reported = true;
        let steps = moving.iter().map(moved).sum();
        Some(Verdict {
            line: program.actors[moving[0]].code.line(snapshot.actors[moving[0]].position),
            actors: moving.iter().map(|at| ActorId(*at as u32)).collect(),
            since: self.real_since,
            ..Verdict::new(Kind::Livelock { lasted, steps }, Certainty::Suspected, snapshot)
        })
    }
}
