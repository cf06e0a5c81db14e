//! From a program to a report: which searches are made, and what each of them answers.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::fair::Fairness;
use super::graph::{Graph, MAX_ACTORS, everyone};
use super::layout::{Layout, Packed};
use super::model::{Memory, Model, State};
use super::path;
use super::questions::{Finding, Questions, may_move};
use super::report::{Fault, FaultKind, Moves, Report};
use super::search::{Limits, Progress, Search, Site, Stop, Trouble};
use crate::os;
use crate::program::{ActorId, Program, Violation};

/// States that are looked at to learn which values the parts of states take, before they are packed tightly.
const SCOUTED: usize = 20_000;
/// Walks at random for the same purpose, and their steps.
const WALKS: (u32, u32) = (50, 400);
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
        let job = Job { options, limits, progress, scouted, start: &start };
        let result = match layout.bits.len() {
            1 => job.pass::<1>(&mut model, layout),
            2 => job.pass::<2>(&mut model, layout),
            4 => job.pass::<4>(&mut model, layout),
            _ => job.pass::<8>(&mut model, layout),
        };
        match result {
            Ok(Some(mut report)) => {
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

struct Job<'j> {
    options: &'j Options,
    limits: Limits,
    progress: &'j Progress,
    scouted: bool,
    start: &'j State,
}

impl Job<'_> {
    /// Whether it must end: the time is over, or somebody asks for it.
    fn is_late(&self) -> bool {
        self.progress.interrupt.load(Ordering::Relaxed)
            || self.limits.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// One attempt with a layout. None after scouting.
    fn pass<const W: usize>(&self, model: &mut Model<'_>, layout: Layout) -> Result<Option<Report>, Trouble> {
        let mut search =
            Search::<W>::new(model, layout, self.start.clone(), self.options.threads, self.options.kept)?;
        if !self.scouted {
            let limits = Limits { states: SCOUTED.min(self.limits.states), ..self.limits };
            search.wander(WALKS.0, WALKS.1)?;
            search.run(&limits, &Progress::default())?;
            return Ok(None);
        }
        let stop = search.run(&self.limits, self.progress)?;
        let mut report = Report::new(self.options, stop);
        report.states = search.store.len() as u64;
        report.transitions = search.transitions;
        report.depth = search.depth;
        report.bytes = search.bytes();
        let mut result = Outcome { search: &mut search, report, job: self };
        result.safety()?;
        if stop == Stop::Complete {
            result.whole()?;
        }
        Ok(Some(result.report))
    }
}

/// What a search that has ended says.
struct Outcome<'r, 'm, 'p, const W: usize> {
    search: &'r mut Search<'m, 'p, W>,
    report: Report,
    job: &'r Job<'r>,
}

impl<const W: usize> Outcome<'_, '_, '_, W> {
    /// The faults that single states and steps show.
    fn safety(&mut self) -> Result<(), Trouble> {
        // Before anybody takes a step.
        if let Some((_, violation)) = self.search.model.breach {
            self.report.faults.push(Fault::new(FaultKind::Violation(violation), Moves::default()));
        }
        if let Some(site) = self.search.found.stuck {
            let scene = self.search.scene();
            let actors =
                (0..self.search.model.actors()).filter(|actor| !scene.is_actor_over(&site.state, *actor));
            let actors = actors.map(|actor| ActorId(actor as u32)).collect();
            let moves = self.way_to(&site)?;
            self.report.faults.push(Fault::new(FaultKind::Deadlock(actors), moves));
        }
        let breaches: Vec<(u64, Site<W>)> =
            self.search.found.breaches.iter().map(|(v, s)| (*v, *s)).collect();
        // Of a property's instances, the one that is broken first.
        let program = self.search.model.program;
        let property = |violation: Violation| match violation {
            Violation::Demand(id) => Err(program.demands[id.index()].property),
            other => Ok(other.pack()),
        };
        let mut first: Vec<(Violation, Site<W>)> = Vec::new();
        for (violation, site) in breaches {
            let Some(violation) = Violation::unpack(violation) else { continue };
            match first.iter_mut().find(|(known, _)| property(*known) == property(violation)) {
                Some(known) if known.1 <= site => {}
                Some(known) => *known = (violation, site),
                None => first.push((violation, site)),
            }
        }
        first.sort_by_key(|(_, site)| *site);
        for (violation, site) in first {
            let mut moves = self.way_to(&site)?;
            if let Some(actor) = site.actor {
                let from = self.search.layout.unpack(&site.state);
                let mut last = self.search.model.moves_of(&from, actor).into_iter();
                let nth = last.position(|m| m.breach == Some(violation)).unwrap_or(0);
                moves.0.push((ActorId(actor as u32), nth as u32));
            }
            self.report.faults.push(Fault::new(FaultKind::Violation(violation), moves));
        }
        Ok(())
    }

    /// The faults that only all states together show.
    fn whole(&mut self) -> Result<(), Trouble> {
        let program = self.search.model.program;
        for unmet in std::mem::take(&mut self.search.found.unmet) {
            let label = program.possible[unmet as usize].label.to_string();
            self.report.faults.push(Fault::new(FaultKind::Serial(label), Moves::default()));
        }
        self.report.vacuous = super::vacuous::vacuous(self.search.model);
        if let Some(why) = self.search.model.left_out() {
            self.report.unasked = Some(why);
            return Ok(());
        }
        if self.search.model.actors() > MAX_ACTORS {
            self.report.unasked = Some(format!("there are more than {MAX_ACTORS} actors"));
            return Ok(());
        }
        if Graph::bytes(self.search) > self.job.limits.bytes {
            self.report.unasked = Some("the graph of all states does not fit into the memory allowed".into());
            return Ok(());
        }
        self.job.progress.phase.store(1, Ordering::Relaxed);
        // The graph knows states by their places in the store: searching again would move them.
        self.keep_levels()?;
        let graph = Graph::of(self.search)?;
        let Some(masks) = may_move(self.search, &graph, &|| self.job.is_late()) else {
            self.report.unasked = Some("the time was over".into());
            return Ok(());
        };
        if self.search.found.stuck.is_none() {
            self.partial(&graph, &masks)?;
        }
        if self.job.options.progress {
            self.progress(&graph, &masks)?;
        }
        Ok(())
    }

    /// Whether somebody can never move again while others can.
    fn partial(&mut self, graph: &Graph, masks: &[u64]) -> Result<(), Trouble> {
        let actors = self.search.model.actors();
        let who = |number: u32| everyone(actors) & !masks[number as usize] & !graph.movers(number, false);
        let stuck = |number: u32| who(number).count_ones();
        // As many as possible: those who are bound to get stuck as well are then part of the picture.
        let most = (0..graph.len() as u32).map(stuck).max().unwrap_or(0);
        if most == 0 {
            return Ok(());
        }
        let levels = self.search.levels.as_deref().unwrap_or_default();
        let wanted =
            |state: &Packed<W>| graph.number(self.search, state).is_some_and(|number| stuck(number) == most);
        if let Some((state, depth)) = path::first(levels, wanted) {
            let mask = graph.number(self.search, &state).map_or(0, who);
            let actors = (0..actors as u32).filter(|actor| mask >> actor & 1 == 1).map(ActorId).collect();
            let moves = self.way_to(&Site { depth, state, actor: None })?;
            self.report.faults.push(Fault::new(FaultKind::Deadlock(actors), moves));
        }
        Ok(())
    }

    /// Claims that stay open, and moving without getting anywhere.
    fn progress(&mut self, graph: &Graph, masks: &[u64]) -> Result<(), Trouble> {
        let program = self.search.model.program;
        let mut findings: Vec<Finding> = Vec::new();
        {
            let late = || self.job.is_late();
            let mut questions = Questions::new(self.search, graph, masks, &late);
            let strong = questions.livelock(Fairness::Strong);
            findings.extend(strong.or_else(|| questions.livelock(Fairness::Weak)));
            for (claim, progress) in program.progress.iter().enumerate() {
                let members = || program.roles[progress.role.index()].actors();
                for fairness in [Fairness::Strong, Fairness::Weak] {
                    // What breaks a claim under strong fairness breaks it under weak fairness too.
                    let known = findings.iter().any(|f| f.claim.is_some_and(|(c, _)| c == claim));
                    if known || late() {
                        continue;
                    }
                    findings.extend(members().find_map(|actor| questions.starvation(claim, actor, fairness)));
                }
            }
        }
        if self.job.is_late() {
            self.report.unasked = Some("the time was over".into());
        }
        for finding in findings {
            self.lasso(graph, &finding)?;
        }
        Ok(())
    }

    /// A fair cycle as a way to it and a way round it.
    fn lasso(&mut self, graph: &Graph, finding: &Finding) -> Result<(), Trouble> {
        let levels = self.search.levels.as_deref().unwrap_or_default();
        let on_it =
            |state: &Packed<W>| graph.number(self.search, state).is_some_and(|n| finding.cycle.has(n));
        let Some((state, depth)) = path::first(levels, on_it) else { return Ok(()) };
        let stem = path::way_to(self.search, levels, state, depth);
        let start = graph.number(self.search, &state).unwrap_or(0);
        let local = |state: u32, actor: usize| {
            self.search.layout.fields[actor].get(&graph.state(self.search, state)) as u32
        };
        let livelock = finding.claim.is_none();
        let follows = |from: u32, arc: super::graph::Arc| {
            finding.cycle.follows_with(&|arc| !livelock || !arc.begins(), &local, from, arc)
        };
        let also = |arc: super::graph::Arc| if livelock { !arc.is_quiet() } else { arc.begins() };
        let round = path::round(graph, &finding.cycle, &follows, &also, (start, self.search.model.actors()));
        let cycle = round.iter().skip(1).map(|number| graph.state(self.search, *number));
        let states: Vec<Packed<W>> = stem.iter().copied().chain(cycle).collect();
        let moves = self.moves(&states);
        let kind = match finding.claim {
            None => FaultKind::Livelock,
            Some((claim, actor)) => FaultKind::Starvation { claim, actor },
        };
        let fault = Fault {
            fairness: Some(finding.fairness),
            cycle: Some(stem.len() - 1),
            ..Fault::new(kind, moves)
        };
        self.report.faults.push(fault);
        Ok(())
    }

    /// Searches again if the levels were too many to keep.
    fn keep_levels(&mut self) -> Result<(), Trouble> {
        if self.search.levels.is_some() {
            return Ok(());
        }
        self.search.again()
    }

    /// The moves that lead to a fault.
    fn way_to(&mut self, site: &Site<W>) -> Result<Moves, Trouble> {
        self.keep_levels()?;
        let levels = self.search.levels.as_deref().unwrap_or_default();
        let states = path::way_to(self.search, levels, site.state, site.depth);
        Ok(self.moves(&states))
    }

    /// States one after the other as moves.
    fn moves(&mut self, states: &[Packed<W>]) -> Moves {
        let rows: Vec<Vec<u32>> = states.iter().map(|state| self.search.layout.unpack(state)).collect();
        let mut moves = Moves::default();
        for pair in rows.windows(2) {
            for actor in 0..self.search.model.actors() {
                let found = self.search.model.moves_of(&pair[0], actor).iter().position(|m| m.to == pair[1]);
                if let Some(nth) = found {
                    moves.0.push((ActorId(actor as u32), nth as u32));
                    break;
                }
            }
        }
        moves
    }
}
