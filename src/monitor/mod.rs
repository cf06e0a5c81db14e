//! Pictures to verdicts.
//!
//! Each detector owns one kind of verdict: it looks at a picture and remembers what it needs from earlier ones. What a
//! picture alone cannot prove, the [`Probe`] confirms where the run is.

mod breach;
mod deadlock;
mod livelock;
mod rounds;
mod starvation;
mod verdict;

pub use breach::latest as latest_breach;
pub use deadlock::{deadlock as deadlock_of, standings};
pub use rounds::judge as judge_rounds;
pub use verdict::{Cause, Certainty, Kind, Verdict, Wait};

use crate::program::{ActorId, Program, SemaphoreId};
use crate::snapshot::Snapshot;

/// An actor's process that ended without having said why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// Who.
    pub actor: ActorId,
    /// Its process.
    pub pid: u32,
    /// The signal that killed it, if one did.
    pub signal: Option<i32>,
}

/// A confirmed deadlock.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The full picture, of one moment for all who are in it.
    pub picture: Snapshot,
    /// How many processes the kernel shows asleep on what they wait for.
    pub asleep: usize,
    /// How many it was asked about.
    pub asked: usize,
}

/// What a probe says to a suspicion.
#[derive(Clone, Debug)]
pub enum Answer {
    /// They moved.
    No,
    /// Somebody is on the way: ask again at the next picture.
    LookAgain,
    /// It is so.
    Yes(Box<Proof>),
    /// These semaphores were changed by somebody outside the run: nothing can be proved on them.
    Outside(Vec<SemaphoreId>),
}

/// Looks closer at a run.
pub trait Probe {
    /// Whether these actors are blocked now, all at one moment, on what the picture says.
    fn confirm(&mut self, snapshot: &Snapshot, suspected: &[ActorId]) -> Answer;
}

/// All detectors.
#[derive(Debug)]
pub struct Monitor {
    deadlock: deadlock::Detector,
    breach: breach::Detector,
    starvation: starvation::Detector,
    livelock: livelock::Detector,
}

impl Monitor {
    /// For a program.
    pub fn new(program: &Program) -> Monitor {
        Monitor {
            deadlock: deadlock::Detector::default(),
            breach: breach::Detector::new(program),
            starvation: starvation::Detector::new(program),
            livelock: livelock::Detector::default(),
        }
    }

    /// Looks at one picture. Gives the verdicts that are new.
    pub fn observe(
        &mut self,
        program: &Program,
        snapshot: &Snapshot,
        deaths: &[Death],
        probe: &mut dyn Probe,
    ) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> =
            deaths.iter().map(|death| verdict::died(program, snapshot, death)).collect();
        verdicts.extend(self.breach.observe(program, snapshot));
        let deadlock = self.deadlock.observe(program, snapshot, probe);
        let anyone_stuck = self.deadlock.suspects();
        verdicts.extend(deadlock);
        if !anyone_stuck {
            verdicts.extend(self.starvation.observe(program, snapshot));
            verdicts.extend(self.livelock.observe(program, snapshot));
        }
        verdicts
    }
}
