//! What each mechanism of message passing costs, measured by a thread of its own for as long as somebody looks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use crossbeam::channel::{Receiver, Sender, unbounded};

use crate::ipc::{Bench, Figures, TIME_EACH};
use crate::mechanism::Mechanism;
use crate::report;

/// The sizes of messages that are measured, in bytes.
pub const SIZES: [usize; 3] = [8, 1 << 10, 64 << 10];

/// One mechanism with messages of one size.
type Cell = (Mechanism, usize);

/// What the thread says.
enum News {
    /// It measures on these processors.
    On([usize; 2]),
    /// It begins with this.
    Begins(Cell),
    /// What came of it.
    Has(Cell, Result<Figures, String>),
}

/// What was measured, and the thread that measures the rest. Dropping it ends the thread, with all of its processes.
#[derive(Debug, Default)]
pub struct Measuring {
    /// What was measured: figures, or why there are none.
    pub cells: BTreeMap<Cell, Result<Figures, String>>,
    /// What is being measured.
    pub now: Option<Cell>,
    /// The processors of the two processes, once they are chosen.
    pub cores: Option<[usize; 2]>,
    /// Why nothing can be measured.
    pub error: Option<String>,
    work: Option<Work>,
}

/// The thread.
#[derive(Debug)]
struct Work {
    /// Bytes that are measured first.
    first: Arc<AtomicUsize>,
    end: Arc<AtomicBool>,
    news: Receiver<News>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Measuring {
    /// Measures on, messages of so many bytes first, while `wish` is there; ends the thread, without waiting for it, when
    /// it is not. The binary plays the processes. Gives whether anything is new.
    pub fn advance(&mut self, wish: Option<(&Path, usize)>) -> bool {
        let mut changed = self.take();
        match (&self.work, wish) {
            (Some(work), None) => work.end.store(true, Ordering::Release),
            (Some(work), Some((_, bytes))) => work.first.store(bytes, Ordering::Relaxed),
            (None, Some((binary, bytes))) if self.error.is_none() && !self.missing().is_empty() => {
                match Work::begin(binary.to_path_buf(), self.missing(), bytes) {
                    Ok(work) => self.work = Some(work),
                    Err(error) => self.error = Some(format!("cannot start a thread: {error}")),
                }
                changed = true;
            }
            _ => {}
        }
        changed
    }

    /// Forgets what was measured, so that it is measured anew.
    pub fn begin_anew(&mut self) {
        if let Some(work) = &self.work {
            work.end.store(true, Ordering::Release);
        }
        self.cells.clear();
        self.error = None;
    }

    /// Whether a thread measures, or is about to end.
    pub fn is_at_work(&self) -> bool {
        self.work.is_some()
    }

    /// How many mechanisms have been measured with messages of so many bytes.
    pub fn done(&self, bytes: usize) -> usize {
        Mechanism::ALL.iter().filter(|mechanism| self.cells.contains_key(&(**mechanism, bytes))).count()
    }

    /// The figures of a mechanism, if there are any.
    pub fn figures(&self, mechanism: Mechanism, bytes: usize) -> Option<&Figures> {
        self.cells.get(&(mechanism, bytes))?.as_ref().ok()
    }

    fn missing(&self) -> Vec<Cell> {
        let all = SIZES.into_iter().flat_map(|bytes| report::by_route().map(|mechanism| (mechanism, bytes)));
        all.filter(|cell| !self.cells.contains_key(cell)).collect()
    }

    /// Takes in what is new.
    fn take(&mut self) -> bool {
        let Some(work) = &mut self.work else { return false };
        // First whether it is over: what it said before that is there then.
        let over = work.thread.as_ref().is_none_or(JoinHandle::is_finished);
        let ending = work.end.load(Ordering::Acquire);
        let mut changed = over;
        for news in work.news.try_iter() {
            changed = true;
            match news {
                News::On(cores) => self.cores = Some(cores),
                News::Begins(cell) => self.now = Some(cell),
                // What was being measured when it was to end is no figure.
                News::Has(..) if ending => {}
                News::Has(cell, outcome) => drop(self.cells.insert(cell, outcome)),
            }
        }
        if over {
            let outcome = work.thread.take().map(JoinHandle::join);
            self.error = match outcome {
                Some(Ok(Err(error))) => Some(error),
                Some(Err(_)) => Some("the measuring failed".into()),
                _ => self.error.take(),
            };
            (self.work, self.now) = (None, None);
        }
        changed
    }
}

impl Work {
    fn begin(binary: PathBuf, cells: Vec<Cell>, bytes: usize) -> std::io::Result<Work> {
        let (told, news) = unbounded();
        let first = Arc::new(AtomicUsize::new(bytes));
        let end: Arc<AtomicBool> = Arc::default();
        let (order, flag) = (first.clone(), end.clone());
        let work = move || measure(binary, cells, &order, &flag, &told);
        let thread = std::thread::Builder::new().name("measurer".into()).spawn(work)?;
        Ok(Work { first, end, news, thread: Some(thread) })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn measure(
    binary: PathBuf,
    mut cells: Vec<Cell>,
    first: &AtomicUsize,
    end: &AtomicBool,
    news: &Sender<News>,
) -> Result<(), String> {
    let mut bench = Bench::set_up(binary, None, TIME_EACH).map_err(|error| error.to_string())?;
    let _ = news.send(News::On(bench.cores));
    let ended = || end.load(Ordering::Acquire);
    while !ended() && !cells.is_empty() {
        let bytes = first.load(Ordering::Relaxed);
        let at = cells.iter().position(|cell| cell.1 == bytes).unwrap_or(0);
        let cell = cells.remove(at);
        let _ = news.send(News::Begins(cell));
        let outcome = bench.measure(cell.0, cell.1, &ended);
        if !ended() {
            let _ = news.send(News::Has(cell, outcome));
        }
    }
    Ok(())
}
