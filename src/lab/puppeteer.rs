//! Real processes, led to where somebody looks, by a thread of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::subject::Subject;
use crate::board::Speed;
use crate::monitor::Verdict;
use crate::program::ActorId;
use crate::replay::Puppets;
use crate::run::{Plan, RunId, with_run};
use crate::snapshot::Snapshot;

/// Moves one after the other.
pub type Moves = Vec<(ActorId, u32)>;

/// Where the processes are.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Their run.
    pub run: RunId,
    /// After which moves.
    pub moves: Moves,
    /// Their picture.
    pub picture: Snapshot,
    /// What the monitor says, at the end of a way.
    pub verdict: Option<Verdict>,
}

/// The thread.
#[derive(Debug)]
pub struct Puppeteer {
    orders: Option<Sender<(Moves, bool)>>,
    news: Receiver<Result<Arrived, String>>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Puppeteer {
    /// Starts real processes that stand at their first steps.
    pub fn start(subject: Arc<Subject>, binary: PathBuf) -> std::io::Result<Puppeteer> {
        let (orders, wanted) = unbounded();
        let (report, news) = unbounded();
        let ending: Arc<AtomicBool> = Arc::default();
        let flag = ending.clone();
        let work = move || lead(&subject, &binary, &wanted, &report, &flag);
        let thread = std::thread::Builder::new().name("puppeteer".into()).spawn(work)?;
        Ok(Puppeteer { orders: Some(orders), news, ending, thread: Some(thread) })
    }

    /// Leads the processes to where these moves lead; `end` says that nothing follows, so that those who are blocked are
    /// let into their waits.
    pub fn go(&self, moves: &[(ActorId, u32)], end: bool) {
        if let Some(orders) = &self.orders {
            let _ = orders.send((moves.to_vec(), end));
        }
    }

    /// What is new, if anything is.
    pub fn news(&self) -> Option<Result<Arrived, String>> {
        self.news.try_recv().ok()
    }
}

impl Drop for Puppeteer {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Release);
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type News = Sender<Result<Arrived, String>>;

fn lead(
    subject: &Subject,
    binary: &std::path::Path,
    orders: &Receiver<(Moves, bool)>,
    news: &News,
    ending: &AtomicBool,
) {
    let plan = Plan {
        program: &subject.program,
        texts: subject.texts(),
        seed: 0,
        speed: Speed::MAX,
        binary: binary.to_path_buf(),
        gated: true,
    };
    let mut order = None;
    while !ending.load(Ordering::Acquire) {
        let Some(first) = order.take().or_else(|| orders.recv().ok()) else { return };
        let interrupted = || ending.load(Ordering::Acquire);
        let result = with_run(&plan, &interrupted, |supervisor| -> Result<_, String> {
            let run = supervisor.run();
            let mut puppets = Puppets::new(supervisor, &subject.program).map_err(|e| e.to_string())?;
            follow(run, &mut puppets, first, orders, news, ending)
        });
        match result {
            Ok(Ok(next)) => order = next,
            Ok(Err(error)) => drop(news.send(Err(error))),
            Err(error) => drop(news.send(Err(error.to_string()))),
        }
    }
}

/// Follows orders for as long as they only go on. Gives the one for which the processes must start again.
fn follow(
    run: RunId,
    puppets: &mut Puppets<'_, '_, '_>,
    first: (Moves, bool),
    orders: &Receiver<(Moves, bool)>,
    news: &News,
    ending: &AtomicBool,
) -> Result<Option<(Moves, bool)>, String> {
    const LOOK_EVERY: Duration = Duration::from_millis(50);
    let (mut done, mut freed) = (Moves::new(), false);
    let mut order = Some(first);
    loop {
        if let Some((moves, end)) = order.take() {
            if freed || !moves.starts_with(&done) {
                return Ok(Some((moves, end)));
            }
            for (actor, nth) in &moves[done.len()..] {
                puppets.step(*actor, *nth).map_err(|e| e.to_string())?;
            }
            done = moves;
            let (picture, verdict) = if end {
                freed = true;
                let stuck = puppets.is_stuck();
                let (picture, verdicts) = puppets.finish(stuck);
                (picture, verdicts.into_iter().find(Verdict::is_fault))
            } else {
                (puppets.picture(), None)
            };
            let _ = news.send(Ok(Arrived { run, moves: done.clone(), picture, verdict }));
        }
        match orders.recv_timeout(LOOK_EVERY) {
            // Only the latest matters.
            Ok(next) => order = Some(orders.try_iter().last().unwrap_or(next)),
            Err(RecvTimeoutError::Timeout) => puppets.look_after(),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
        }
        if ending.load(Ordering::Acquire) {
            return Ok(None);
        }
    }
}
