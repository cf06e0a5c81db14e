//! A run observed with the kernel's eyes, by a thread of its own: asking about many processes takes longer than a frame.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::subject::Subject;
use crate::kernel::{Observer, Picture, Portrait};
use crate::program::ActorId;
use crate::run::{Follow, RunId};

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A look may take this part of the time.
const LOOK_SHARE: u32 = 8;
/// Looks that may lie unread.
const UNREAD: usize = 2;

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The whole run.
    Run,
    /// An actor's process, and the bytes of one of the objects that it shares.
    Actor(ActorId, Option<String>),
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// The whole run.
    Run(Box<Picture>),
    /// One process.
    Actor(Box<Portrait>),
}

/// A run that is observed, until this is dropped.
#[derive(Debug)]
pub struct Observation {
    /// Which run.
    pub run: RunId,
    wishes: Sender<Wish>,
    news: Receiver<Result<Observed, String>>,
}

impl Observation {
    /// Begins to observe a run.
    pub fn start(run: RunId, subject: Arc<Subject>, wish: Wish) -> std::io::Result<Observation> {
        let (wishes, wanted) = unbounded();
        let (report, news) = bounded(UNREAD);
        let work = move || {
            if let Err(error) = observe(run, &subject, wish, &wanted, &report) {
                let _ = report.send(Err(error));
            }
        };
        std::thread::Builder::new().name("observer".into()).spawn(work)?;
        Ok(Observation { run, wishes, news })
    }

    /// Looks at something else from now on.
    pub fn look_at(&self, wish: Wish) {
        let _ = self.wishes.send(wish);
    }

    /// What is new, if anything is.
    pub fn news(&self) -> Option<Result<Observed, String>> {
        self.news.try_recv().ok()
    }
}

fn observe(
    run: RunId,
    subject: &Subject,
    mut wish: Wish,
    wanted: &Receiver<Wish>,
    report: &Sender<Result<Observed, String>>,
) -> Result<(), String> {
    let follow = Follow::open(run).map_err(|error| error.to_string())?;
    let observer = Observer::new(&follow, &subject.program).map_err(|error| error.to_string())?;
    while follow.is_there() {
        let began = Instant::now();
        let observed = match &wish {
            Wish::Run => Some(Observed::Run(Box::new(observer.look()))),
            Wish::Actor(actor, chosen) => {
                observer.look_closer(*actor, chosen.as_deref()).map(|seen| Observed::Actor(Box::new(seen)))
            }
        };
        if let Some(observed) = observed {
            // Nobody has read the last ones: the next look will be newer.
            let _ = report.try_send(Ok(observed));
        }
        match wanted.recv_timeout(LOOK_EVERY.max(began.elapsed() * LOOK_SHARE)) {
            // Only the latest matters.
            Ok(next) => wish = wanted.try_iter().last().unwrap_or(next),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
    Err("the run has ended: its processes and its names in /dev/shm are gone".into())
}
