//! What lies over a screen when it shows the kernel: what is looked at, and what came of it.

use super::experiment::{Experiment, Feed, Phase};
use crate::lab::{Observation, Observed, Walking, Wish};
use crate::run::RunId;

/// A run or a process, observed while somebody looks.
#[derive(Debug, Default)]
pub struct Watched {
    observation: Option<Observation>,
    /// What was seen last.
    pub seen: Option<Observed>,
    /// Why nothing is to be seen.
    pub why: Option<String>,
}

impl Watched {
    /// Takes in what is new; begins to look at a run, or at another one. Gives whether anything changed.
    pub fn advance(&mut self, experiment: &Experiment, wish: impl Fn() -> Wish) -> bool {
        let run = match run_of(experiment) {
            Ok(run) => run,
            Err(why) => {
                let changed = self.why.as_ref() != Some(&why);
                *self = Watched { why: Some(why), ..Watched::default() };
                return changed;
            }
        };
        let mut changed = false;
        if self.observation.as_ref().is_none_or(|observation| observation.run != run) {
            *self = match Observation::start(run, experiment.subject.clone(), wish()) {
                Ok(observation) => Watched { observation: Some(observation), ..Watched::default() },
                Err(error) => {
                    Watched { why: Some(format!("cannot start a thread: {error}")), ..Watched::default() }
                }
            };
            changed = true;
        }
        while let Some(news) = self.observation.as_ref().and_then(Observation::news) {
            changed = true;
            match news {
                Ok(seen) => (self.seen, self.why) = (Some(seen), None),
                Err(error) => (self.seen, self.why) = (None, Some(error)),
            }
        }
        changed
    }

    /// Looks at something else from now on.
    pub fn look_at(&mut self, wish: Wish) {
        if let Some(observation) = &self.observation {
            observation.look_at(wish);
        }
    }
}

/// The run whose processes there are now, or why there are none.
fn run_of(experiment: &Experiment) -> Result<RunId, String> {
    let why = |why: &str| Err(why.to_string());
    match (experiment.feed, &experiment.phase) {
        (Feed::Recorded, _) => why("this is a recording: its processes and its names in /dev/shm are gone"),
        (Feed::Walked, _) => {
            let run = experiment.walking.as_ref().and_then(Walking::real_run);
            run.map_or_else(|| why("this is a walk through the model: no processes run"), Ok)
        }
        (_, Phase::Failed(_)) => why("it could not start: there are no processes"),
        (_, Phase::Ended) => why("the run has ended: its processes and its names in /dev/shm are gone"),
        _ => experiment.run.map_or_else(|| why("the processes are being started"), Ok),
    }
}
