//! What a run came to, gathered while its processes still exist.

use std::time::Duration;

use crate::board::Event;
use crate::mechanism::Mechanism;
use crate::monitor::{Kind, Verdict};
use crate::program::{ActorId, Program};
use crate::run::{ActorSummary, Looks, Supervisor};
use crate::snapshot::Snapshot;

/// Events shown before a verdict.
const LAST_EVENTS: usize = 8;

/// One of the last events before the end.
#[derive(Clone, Debug)]
pub struct LastEvent {
    /// When, since the run began.
    pub at: Duration,
    /// Who.
    pub actor: ActorId,
    /// The line of its program.
    pub line: u32,
    /// The text of that line.
    pub text: String,
}

/// Everything that a report says of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The program's name, as the user gave it.
    pub name: String,
    /// The number that all random times came from.
    pub seed: u64,
    /// What carried the messages of its channels, if it has any.
    pub carrier: Option<Mechanism>,
    /// All verdicts, in the order in which they were found.
    pub verdicts: Vec<Verdict>,
    /// The last picture, in full.
    pub snapshot: Snapshot,
    /// By actor.
    pub summaries: Vec<ActorSummary>,
    /// The last events up to the moment of that verdict, oldest first.
    pub events: Vec<LastEvent>,
    /// Events written to the rings, and those overwritten before anyone read them.
    pub recorded: u64,
    /// See `recorded`.
    pub dropped: u64,
    /// Whether the user ended the run.
    pub interrupted: bool,
    /// Whether every actor came to its end.
    pub over: bool,
    /// Time until all processes ran.
    pub started_in: Duration,
    /// Memory that the actors' processes have for themselves, in KiB, together.
    pub memory_kib: Option<u64>,
    /// How much the monitor looked.
    pub looks: Looks,
}

impl Outcome {
    /// Gathers what is known of a run that is about to end.
    pub fn gather(
        name: &str,
        seed: u64,
        source: &str,
        supervisor: &Supervisor<'_>,
        verdicts: Vec<Verdict>,
    ) -> Outcome {
        let program = supervisor.program();
        let lines: Vec<&str> = source.lines().collect();
        let (events, dropped) = supervisor.events();
        let recorded = events.len() as u64 + dropped;
        let moment = judged(&verdicts).map_or(Duration::MAX, Verdict::moment);
        let before = events.partition_point(|(_, event)| supervisor.event_time(event) <= moment);
        let before = match judged(&verdicts) {
            Some(verdict) if matches!(verdict.kind, Kind::Violation(_)) => {
                broken_at(program, verdict, &events, before)
            }
            _ => before,
        };
        let last = events[before.saturating_sub(LAST_EVENTS)..before].iter().map(|(actor, event)| {
            let line = program.actors[actor.index()].code.line(event.position);
            let text = lines.get((line as usize).wrapping_sub(1)).map_or("", |l| l.trim());
            LastEvent { at: supervisor.event_time(event), actor: *actor, line, text: text.to_string() }
        });
        Outcome {
            name: name.to_string(),
            seed,
            carrier: None,
            verdicts,
            snapshot: supervisor.snapshot(crate::board::Detail::Full),
            summaries: supervisor.summaries(),
            events: last.collect(),
            recorded,
            dropped,
            interrupted: false,
            over: false,
            started_in: supervisor.started_in(),
            memory_kib: supervisor.memory_kib(),
            looks: supervisor.looks(),
        }
    }

    /// The verdict that a run is judged by: the first fault, or else the first event.
    pub fn verdict(&self) -> Option<&Verdict> {
        judged(&self.verdicts)
    }

    /// How evenly the actors of a role were served: the lowest index over the roles with more than one actor.
    pub fn jain(&self, program: &Program) -> Option<f64> {
        let index = |role: &crate::program::Role| {
            let first = role.base.index();
            let actors = &self.snapshot.actors[first..first + role.count as usize];
            jain(&actors.iter().map(|a| a.entered.iter().sum()).collect::<Vec<u64>>())
        };
        program.roles.iter().filter(|r| r.count > 1).filter_map(index).reduce(f64::min)
    }
}

fn judged(verdicts: &[Verdict]) -> Option<&Verdict> {
    verdicts.iter().find(|v| v.is_fault()).or_else(|| verdicts.first())
}

/// Where the events that lead to a broken rule end: behind the step that broke it, which is written down at about the same
/// time as the breach, before or after it. 0 if it was overwritten: what comes without it would mislead.
fn broken_at(program: &Program, verdict: &Verdict, events: &[(ActorId, Event)], near: usize) -> usize {
    let is_it = |(actor, event): &(ActorId, Event)| {
        program.actors[actor.index()].code.line(event.position) == verdict.line
    };
    let theirs = |(actor, _): &(ActorId, Event)| verdict.actors.first() == Some(actor);
    let after = events[near..].iter().position(theirs).map(|at| near + at).filter(|at| is_it(&events[*at]));
    let before = || events[..near].iter().rposition(theirs).filter(|at| is_it(&events[*at]));
    after.or_else(before).map_or(0, |at| at + 1)
}

/// Jain's index of fairness (Jain, Chiu, Hawe 1984): 1 if all were served alike, 1/n if one got everything; none if
/// nobody was served.
pub fn jain(served: &[u64]) -> Option<f64> {
    let sums = served.iter().map(|n| *n as f64).fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
    (sums.1 > 0.0).then(|| sums.0 * sums.0 / (served.len() as f64 * sums.1))
}
