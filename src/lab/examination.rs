//! A check in a thread of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::subject::Subject;
use crate::check::{self, Memory, Options, Progress, Report};
use crate::inspect;
use crate::report;

/// Of the machine's memory, this part.
const SHARE_OF_MEMORY: u64 = 4;
/// So long at most: whoever wants more uses the command line.
const TIME: Duration = Duration::from_secs(120);

/// What was found.
#[derive(Debug)]
pub struct Examined {
    /// All of it.
    pub report: Report,
    /// Each fault in a sentence.
    pub texts: Vec<String>,
}

/// A check in the background. Dropping it ends it.
#[derive(Debug)]
pub struct Examination {
    /// What is checked.
    pub subject: Arc<Subject>,
    /// How far it is.
    pub progress: Arc<Progress>,
    /// How it is done.
    pub options: Options,
    /// When it began.
    pub began: Instant,
    /// What it found, once it is done.
    pub result: Option<Result<Examined, String>>,
    thread: Option<JoinHandle<Result<Examined, String>>>,
}

impl Examination {
    /// Begins to check a program.
    pub fn start(subject: Arc<Subject>) -> std::io::Result<Examination> {
        let progress: Arc<Progress> = Arc::default();
        let options = Options {
            memory: Memory::of(&subject.program),
            // A run may go on beside it, and somebody looks at the screen.
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            progress: true,
            states: usize::MAX,
            bytes: (inspect::memory_bytes() / SHARE_OF_MEMORY) as usize,
            time: Some(TIME),
            after_fault: Options::AFTER_FAULT,
            kept: Options::KEPT,
            reduction: check::Reduction::default(),
        };
        let (theirs, how, what) = (progress.clone(), options.clone(), subject.clone());
        let work = move || {
            let report = check::check(&what.program, &how, &theirs).map_err(|refusal| refusal.to_string())?;
            let text = |fault| report::tell(&what.program, report.memory, fault).text;
            Ok(Examined { texts: report.faults.iter().map(text).collect(), report })
        };
        let thread = std::thread::Builder::new().name("checker".into()).spawn(work)?;
        let began = Instant::now();
        Ok(Examination { subject, progress, options, began, result: None, thread: Some(thread) })
    }

    /// Looks whether it is done. Gives whether it is so since this look.
    pub fn look(&mut self) -> bool {
        let Some(thread) = self.thread.take_if(|thread| thread.is_finished()) else { return false };
        let failed = |_| Err("the checker failed".to_string());
        self.result = Some(thread.join().unwrap_or_else(failed));
        true
    }
}

impl Drop for Examination {
    fn drop(&mut self) {
        self.progress.interrupt.store(true, Ordering::Relaxed);
    }
}
