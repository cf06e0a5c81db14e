//! Starvation: somebody waits while others pass. Suspected only: a longer run might still serve it.

use std::time::Duration;

use super::verdict::{Certainty, Kind, Verdict};
use crate::program::{ActorId, Program};
use crate::snapshot::Snapshot;

/// How long somebody must have waited, in time of the run.
const LEAST_WAIT: Duration = Duration::from_secs(10);
/// For each actor the wait must have been longer by this: with many processes and few processors, everybody waits.
const WAIT_PER_ACTOR: Duration = Duration::from_millis(60);
/// How often others must have come first, for each rival and in all; at the highest speed, so many times more.
const OVERTAKEN_PER_RIVAL: u64 = 5;
const OVERTAKEN: u64 = 10;
const AT_MAX: u64 = 100;

/// A wait that is not over.
#[derive(Clone, Debug)]
struct Pending {
    /// How often the actor had entered the state that it waits in: a change means that it got on.
    visit: u64,
    since: Duration,
    /// How often all others had been served by then.
    served: u64,
    reported: bool,
}

/// Follows every open claim.
#[derive(Debug)]
pub struct Detector {
    /// For each claim, for each actor of its role.
    pending: Vec<Vec<Option<Pending>>>,
}

impl Detector {
    /// For a program.
    pub fn new(program: &Program) -> Detector {
        let actors = |role: crate::program::RoleId| vec![None; program.roles[role.index()].count as usize];
        Detector { pending: program.progress.iter().map(|claim| actors(claim.role)).collect() }
    }

    /// Looks at one picture.
    pub fn observe(&mut self, program: &Program, snapshot: &Snapshot) -> Option<Verdict> {
        let served = |actor: usize, role: crate::program::RoleId| -> u64 {
            let claims = program.progress.iter().filter(|c| c.role == role);
            claims.map(|c| snapshot.actors[actor].entered[usize::from(c.to)]).sum()
        };
        let by_actor: Vec<u64> =
            program.actors.iter().enumerate().map(|(at, a)| served(at, a.role)).collect();
        let all: u64 = by_actor.iter().sum();
        let mut found = None;
        for (claim, pending) in program.progress.iter().zip(&mut self.pending) {
            let base = program.roles[claim.role.index()].base;
            for (k, pending) in pending.iter_mut().enumerate() {
                let actor = base.index() + k;
                let view = &snapshot.actors[actor];
                if view.state != claim.from || view.life.is_over() {
                    *pending = None;
                    continue;
                }
                let visit = view.entered[usize::from(claim.from)];
                let others = all - by_actor[actor];
                let open = pending.get_or_insert_with(|| Pending {
                    visit,
                    since: snapshot.run_time,
                    served: others,
                    reported: false,
                });
                if open.visit != visit {
                    *open = Pending { visit, since: snapshot.run_time, served: others, reported: false };
                }
                let waited = snapshot.run_time.saturating_sub(open.since);
                let overtaken = others.saturating_sub(open.served);
                if !open.reported && starves(program, snapshot, waited, overtaken) {
                    open.reported = true;
                    let label = claim.label.clone();
                    found = found.or(Some(Verdict {
                        actors: vec![ActorId(actor as u32)],
                        line: program.actors[actor].code.line(view.position),
                        since: snapshot.elapsed.saturating_sub(waited),
                        ..Verdict::new(
                            Kind::Starvation { waited, overtaken, label },
                            Certainty::Suspected,
                            snapshot,
                        )
                    }));
                }
            }
        }
        found
    }
}

fn starves(program: &Program, snapshot: &Snapshot, waited: Duration, overtaken: u64) -> bool {
    let actors = program.actors.len() as u64;
    let factor = if snapshot.at_max { AT_MAX } else { 1 };
    let often = (OVERTAKEN_PER_RIVAL * actors.saturating_sub(1)).max(OVERTAKEN) * factor;
    waited >= LEAST_WAIT + WAIT_PER_ACTOR * actors as u32 && overtaken >= often
}
