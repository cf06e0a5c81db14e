//! What one look at a run brings.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::lanes::Show;
use crate::board::Waits;
use crate::monitor::Verdict;
use crate::program::{ActorId, Object};
use crate::snapshot::Snapshot;

/// One visible operation that an actor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// When, on the clock that stands still in a pause.
    pub at: Duration,
    /// Who.
    pub actor: ActorId,
    /// Its position in the actor's program.
    pub position: u32,
    /// What it gave.
    pub result: i32,
    /// Which object, where it concerned one.
    pub object: Option<Object>,
}

/// What one look at a run brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// The run as it is, in full.
    pub snapshot: Snapshot,
    /// Real time since the run began, without the time in which it was paused.
    pub clock: Duration,
    /// How actors have come to show something else since the moment before.
    pub changes: Vec<(ActorId, Duration, Show)>,
    /// Operations since the moment before, by time.
    pub events: Vec<Happened>,
    /// Operations that were overwritten before anyone read them.
    pub lost: u64,
    /// Verdicts that were not there before.
    pub verdicts: Vec<Verdict>,
    /// Lines that actors printed.
    pub prints: Vec<String>,
    /// How long each actor waited, if this was counted anew.
    pub waits: Option<Vec<Waits>>,
    /// Whether every actor has ended.
    pub over: bool,
}
