//! From a program to a report: which searches are made, and what each of them answers.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::answers::{Answers, property};
use super::layout::Layout;
use super::model::{Memory, Model, State};
use super::report::{Fault, FaultKind, Report};
use super::search::{Limits, Manner, Progress, Reduction, Search, Stop, Trouble};
use crate::os;
use crate::program::{ActorId, Program};

/// States that are looked at to learn which values the parts of states take, before they are packed tightly.
const SCOUTED: usize = 5_000;
/// Walks at random for the same purpose, and their steps.
const WALKS: (u32, u32) = (20, 200);
/// States among which a shorter way is looked for, at least.
const SHORTENED: usize = 3_000_000;
/// Values of one part of a state. More are taken for a number without bound.
const MAX_VALUES: usize = 1 << 20;

/// How to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// How memory behaves.
    pub memory: Memory,
    /// Threads.
    pub threads: usize,
    /// Whether to ask for progress and livelock as well.
    pub progress: bool,
    /// States, at most.
    pub states: usize,
    /// Bytes of memory, at most.
    pub bytes: usize,
    /// Time, at most.
    pub time: Option<Duration>,
    /// States looked at once a fault was found, to find those of other kinds.
    pub after_fault: usize,
    /// Bytes of levels to keep for the way back to a fault; if they are more, it is searched again.
    pub kept: usize,
    /// Which reductions may be used. Where progress is asked for, or writes are buffered, none is.
    pub reduction: Reduction,
}

impl Options {
    /// States that are looked at once a fault was found, unless somebody wants only the first.
    pub const AFTER_FAULT: usize = 1_000_000;
    /// Bytes of levels to keep.
    pub const KEPT: usize = super::search::MAX_KEPT;
}

/// Why a check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The state does not fit.
    #[error(
        "a state of this program takes {0} bits, and at most {max} can be checked; set fewer actors or smaller arrays",
        max = 62 * super::layout::MAX_WORDS
    )]
    TooWide(u32),
    /// No memory.
    #[error("{0}")]
    Os(#[from] os::Error),
}

/// Checks a program that was compiled for all actors.
pub fn check(program: &Program, options: &Options, progress: &Progress) -> Result<Report, Refusal> {
    let model = Model::new(program, options.memory);
    let start = model.start();
    check_from(model, start, options, progress)
}

/// Checks what can come after a state.
pub(super) fn check_from(
    mut model: Model<'_>,
    start: State,
    options: &Options,
    progress: &Progress,
) -> Result<Report, Refusal> {
    let began = Instant::now();
    let limits = Limits {
        states: options.states,
        bytes: options.bytes,
        deadline: options.time.map(|time| began + time),
        after_fault: options.after_fault,
        depth: None,
    };
    // How many values to make room for, by part of the state.
    let mut room: Vec<usize> = (0..model.width()).map(|at| (model.count(at) * 2).max(16)).collect();
    let mut scouted = false;
    loop {
        let layout = match Layout::of(room.iter().copied()) {
            Ok(layout) => layout,
            // Without spare room, then.
            Err(_) if !scouted => {
                scouted = true;
                room = (0..model.width()).map(|at| model.count(at)).collect();
                continue;
            }
            Err(bits) => return Err(Refusal::TooWide(bits)),
        };
        let reduction = match options.progress || options.memory == Memory::Tso || !scouted {
            true => Reduction::default(),
            false => options.reduction,
        };
        let job = Job { options, limits, progress, scouted, reduction, start: &start };
        match job.any_pass(&mut model, layout.clone()) {
            Ok(Some(mut report)) => {
                job.shorten(&mut model, layout, &mut report);
                report.elapsed = began.elapsed();
                return Ok(report);
            }
            Ok(None) => {
                scouted = true;
                room = (0..model.width()).map(|at| model.count(at)).collect();
            }
            Err(Trouble::Os(error)) => return Err(error.into()),
            Err(Trouble::Outgrown) => {
                for (at, room) in room.iter_mut().enumerate() {
                    let count = model.count(at);
                    if count > room.next_power_of_two() {
                        *room = count * 2;
                    }
                    if count > MAX_VALUES {
                        let mut report = Report::new(options, Stop::Unbounded);
                        report.unbounded = Some(part_name(&model, at));
                        report.elapsed = began.elapsed();
                        return Ok(report);
                    }
                }
            }
        }
    }
}

fn part_name(model: &Model<'_>, at: usize) -> String {
    match at.checked_sub(model.actors()) {
        None => format!("the local variables of {}", model.program.actor_name(ActorId(at as u32))),
        Some(object) => {
            model.object(object).map_or("what is followed".into(), |o| model.program.object_name(o))
        }
    }
}

/// What is asked of a model.
#[derive(Clone, Copy, Debug)]
pub struct Job<'j> {
    /// How to check.
    pub options: &'j Options,
    /// When to stop.
    pub limits: Limits,
    /// Who may look on, and ask for the end.
    pub progress: &'j Progress,
    scouted: bool,
    reduction: Reduction,
    start: &'j State,
}

impl Job<'_> {
    /// Whether it must end: the time is over, or somebody asks for it.
    pub fn is_late(&self) -> bool {
        self.progress.interrupt.load(Ordering::Relaxed)
            || self.limits.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Why it must end.
    pub fn late_because(&self) -> &'static str {
        match self.progress.interrupt.load(Ordering::Relaxed) {
            true => "it was interrupted",
            false => "the time was over",
        }
    }

    /// Looks for shorter ways to broken rules than those found with a reduction that does not keep them the shortest.
    fn shorten(&self, model: &mut Model<'_>, layout: Layout, report: &mut Report) {
        let doubted = |fault: &&mut Fault| !fault.shortest && matches!(fault.kind, FaultKind::Violation(_));
        let Some(depth) = report.faults.iter_mut().filter(doubted).map(|f| f.moves.0.len()).max() else {
            return;
        };
        let limits = Limits {
            states: self.limits.states.min(SHORTENED.max(2 * report.states as usize)),
            after_fault: usize::MAX,
            depth: Some(depth.saturating_sub(1) as u32),
            ..self.limits
        };
        let reduction = Reduction { partial_order: false, ..self.reduction };
        let job = Job { limits, reduction, ..*self };
        // Whatever stops it, what was found is not worse for it.
        let Ok(Some(unreduced)) = job.any_pass(model, layout) else { return };
        let program = model.program;
        for fault in report.faults.iter_mut().filter(doubted) {
            let same = |other: &&Fault| match (&fault.kind, &other.kind) {
                (FaultKind::Violation(a), FaultKind::Violation(b)) => {
                    property(program, *a) == property(program, *b)
                }
                _ => false,
            };
            fault.shortest =
                unreduced.stop == Stop::Complete || fault.moves.0.len() as u32 <= unreduced.depth;
            let shorter = |other: &&Fault| same(other) && other.moves.0.len() <= fault.moves.0.len();
            if let Some(shorter) = unreduced.faults.iter().find(shorter) {
                *fault = shorter.clone();
            }
        }
    }

    fn any_pass(&self, model: &mut Model<'_>, layout: Layout) -> Result<Option<Report>, Trouble> {
        match layout.bits.len() {
            1 => self.pass::<1>(model, layout),
            2 => self.pass::<2>(model, layout),
            4 => self.pass::<4>(model, layout),
            _ => self.pass::<8>(model, layout),
        }
    }

    /// One attempt with a layout. None after scouting.
    fn pass<const W: usize>(&self, model: &mut Model<'_>, layout: Layout) -> Result<Option<Report>, Trouble> {
        let manner =
            Manner { threads: self.options.threads, kept: self.options.kept, reduction: self.reduction };
        let mut search = Search::<W>::new(model, layout, self.start.clone(), manner)?;
        if !self.scouted {
            let limits = Limits { states: SCOUTED.min(self.limits.states), ..self.limits };
            search.wander(WALKS.0, WALKS.1)?;
            search.run(&limits, &Progress::default())?;
            return Ok(None);
        }
        let began = Instant::now();
        let stop = search.run(&self.limits, self.progress)?;
        let mut report = Report::new(self.options, stop);
        report.searched = began.elapsed();
        report.states = search.store.len() as u64;
        report.transitions = search.transitions;
        report.depth = search.depth;
        report.bytes = search.bytes();
        report.partial_order = self.reduction.partial_order;
        report.symmetry = search.symmetry().map_or_else(Vec::new, |symmetry| symmetry.classes().collect());
        let mut result = Answers { search: &mut search, report, job: self };
        result.safety()?;
        if stop == Stop::Complete && self.limits.depth.is_none() {
            result.whole()?;
        }
        Ok(Some(result.report))
    }
}
