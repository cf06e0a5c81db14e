//! What is seen of a run, gathered into a history to be saved.

use std::sync::Arc;

use super::eyes::Eyes;
use super::history::History;
use super::subject::Subject;
use super::walking::Walking;
use crate::board::Detail;
use crate::program::ActorId;
use crate::run::{Supervisor, Tick};

/// Gathers a history while a run is looked at.
#[derive(Debug)]
pub struct Recorder {
    eyes: Eyes,
    history: History,
}

impl Recorder {
    /// Of a run that begins.
    pub fn new(supervisor: &Supervisor<'_>) -> Recorder {
        let program = supervisor.program();
        Recorder { eyes: Eyes::new(program), history: History::new(program) }
    }

    /// Takes in one look.
    pub fn saw(&mut self, supervisor: &Supervisor<'_>, tick: &Tick) {
        self.eyes.saw(&tick.snapshot, tick.verdicts.clone(), tick.prints.clone(), tick.over);
        if self.eyes.due() {
            self.gather(supervisor);
        }
    }

    fn gather(&mut self, supervisor: &Supervisor<'_>) {
        let program = supervisor.program();
        let moment = self.eyes.moment(program, supervisor.board(), || supervisor.snapshot(Detail::Full));
        self.history.add(program, moment);
    }

    /// All that was seen, up to now.
    pub fn finish(mut self, supervisor: &Supervisor<'_>) -> History {
        self.gather(supervisor);
        self.history
    }
}

/// The history of a walk: a picture for each place on it.
pub fn walked(subject: Arc<Subject>, moves: Vec<(ActorId, u32)>) -> History {
    Walking::along(subject, moves).history()
}
