//! What a check found, for people.

use std::fmt::Write;

use super::effort::{effort, thousands};
use super::remedy::{FENCE, advice, remedy, with_solution};
use super::sentence::sentence;
use super::style::Style;
use super::text::{circle, heading, waiting};
use crate::check::{Act, Fairness, Fault, FaultKind, Memory, Report, Stop, WalkStep, item};
use crate::monitor::{Verdict, deadlock_of, latest_breach};
use crate::program::{ActorId, Object, Program, SyncId, SyncKind, SyncOp};
use crate::schedule::Schedule;
use crate::snapshot::Snapshot;
use crate::vm::Request;

/// Steps that are told one by one; of longer ways, the beginning and the end.
const MAX_STEPS: usize = 60;

/// What a report is about.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'c> {
    /// The program.
    pub program: &'c Program,
    /// Its name, as the user gave it.
    pub name: &'c str,
    /// The text of the solution.
    pub source: &'c str,
    /// See [`crate::lang::fingerprint`].
    pub fingerprint: u32,
    /// What was found.
    pub report: &'c Report,
    /// What is assumed of the scheduler.
    pub fairness: Fairness,
}

/// A fault with all that is told of it.
#[derive(Clone, Debug)]
pub struct Told {
    /// For a deadlock or a violation: the verdict, as a live run would give it.
    pub verdict: Option<Verdict>,
    /// In one sentence.
    pub text: String,
    /// What would have helped.
    pub remedy: Option<String>,
    /// The steps.
    pub steps: Vec<WalkStep>,
    /// A picture before the first step and after each.
    pub pictures: Vec<Snapshot>,
}

impl Checked<'_> {
    /// The schedule of a fault.
    /// None if there is no way to walk, or none for real processes: at their gates, no write stays in a buffer.
    pub fn schedule(&self, fault: &Fault) -> Option<Schedule> {
        let walks = !fault.moves.0.is_empty() && self.report.memory == Memory::Sc;
        walks.then(|| Schedule::of(self.program, self.fingerprint, fault.moves.0.clone(), fault.cycle))
    }

    pub(super) fn tell(&self, fault: &Fault) -> Told {
        tell(self.program, self.report.memory, fault)
    }
}

/// All that is told of a fault.
pub fn tell(program: &Program, memory: Memory, fault: &Fault) -> Told {
    let (steps, pictures) = fault.walk(program, memory);
    let last = &pictures[pictures.len() - 1];
    let verdict = match &fault.kind {
        FaultKind::Deadlock(actors) => Some(deadlock_of(program, last, actors.clone(), last.elapsed)),
        FaultKind::Violation(_) => latest_breach(program, last),
        _ => None,
    };
    let text = match &verdict {
        Some(verdict) => sentence(program, verdict, last),
        None => words(program, fault, &steps, &pictures),
    };
    let remedy = match (&verdict, &fault.kind) {
        (Some(_), FaultKind::Violation(_)) if memory == Memory::Tso => Some(with_solution(program, FENCE)),
        (Some(verdict), _) => remedy(program, verdict),
        (None, kind) => advice(program, kind),
    };
    Told { verdict, text, remedy, steps, pictures }
}

fn words(program: &Program, fault: &Fault, steps: &[WalkStep], pictures: &[Snapshot]) -> String {
    let stem = fault.cycle.unwrap_or(0);
    let round = steps.len().saturating_sub(stem);
    let movers = |steps: &[WalkStep]| {
        let mut actors: Vec<ActorId> = steps.iter().map(|step| step.actor).collect();
        actors.sort_unstable();
        actors.dedup();
        actors.len()
    };
    let under = match fault.fairness {
        Some(Fairness::Strong) => "even if whoever can move again and again does",
        _ => "though whoever can always move does",
    };
    match &fault.kind {
        FaultKind::Starvation { claim, actor } => {
            let progress = &program.progress[*claim];
            format!(
                "«{}» need not come true for {}: after {} these {round} can repeat for ever, {under}, and {}.",
                progress.label,
                program.actor_name(*actor),
                counted(stem),
                passed_over(
                    program,
                    *actor,
                    &steps[stem.min(steps.len())..],
                    &pictures[stem.min(steps.len())..]
                )
            )
        }
        FaultKind::Livelock => format!(
            "After {} these {round} steps of {} actors can repeat for ever, {under}, and nobody begins anything.",
            counted(stem),
            movers(&steps[stem.min(steps.len())..])
        ),
        FaultKind::Serial(label) => {
            format!(
                "«{label}» is not possible: no schedule at all leads there. One lock too large makes it serial."
            )
        }
        FaultKind::Deadlock(_) | FaultKind::Violation(_) => String::new(),
    }
}

/// A number of steps, in words.
pub fn counted(steps: usize) -> String {
    format!("{steps} step{}", if steps == 1 { "" } else { "s" })
}

/// What becomes meanwhile of one who is passed over for ever.
fn passed_over(program: &Program, actor: ActorId, round: &[WalkStep], pictures: &[Snapshot]) -> String {
    let code = &program.actors[actor.index()].code;
    let mut lines: Vec<u32> =
        round.iter().filter(|step| step.actor == actor).map(|step| code.line(step.position)).collect();
    lines.sort_unstable();
    lines.dedup();
    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
    match (lines.as_slice(), pictures.last()) {
        ([], Some(last)) => {
            let line = code.line(last.actors[actor.index()].position);
            let objects: Vec<String> =
                last.waits_for(program, actor).iter().map(|object| program.object_name(*object)).collect();
            match objects.is_empty() {
                true => format!("each time it is passed over on line {line}"),
                false => format!(
                    "each time it is passed over where it waits, on line {line} for {}",
                    objects.join(" or ")
                ),
            }
        }
        ([], None) => "each time it is passed over".into(),
        ([line], _) => format!("it takes its steps on line {line} and never gets further"),
        ([rest @ .., last], _) => {
            format!("it goes round through lines {} and {last} and never gets further", rest.join(", "))
        }
    }
}

/// The report.
pub fn checked(checked: &Checked<'_>, style: Style) -> String {
    let mut out = String::new();
    let (program, report) = (checked.program, checked.report);
    let _ = writeln!(out, "{}  every schedule", heading(program, style));
    let faults: Vec<&Fault> = report.faults_under(checked.fairness).collect();
    match faults.first() {
        Some(fault) => first(&mut out, checked, fault, style),
        None => none(&mut out, checked, style),
    }
    for fault in faults.iter().skip(1) {
        let told = checked.tell(fault);
        let _ = writeln!(out, "also {}: {}", style.bad(fault.verdict().name()), told.text);
        if let Some(schedule) = checked.schedule(fault) {
            let _ = writeln!(out, "  fiveforks replay {} --schedule {schedule}", checked.name);
        }
    }
    for label in &report.vacuous {
        let _ = writeln!(
            out,
            "vacuous: «{label}» was never put to the test: nothing that it speaks of ever happens."
        );
    }
    let unproved = unproved(report);
    if let Some(why) = unproved.filter(|_| !faults.is_empty()) {
        let _ = writeln!(out, "Not everything was looked at: {why}.");
    }
    let _ = writeln!(out, "\n  {}", effort(program, report));
    out
}

/// Why not everything was proved, if so.
pub fn unproved(report: &Report) -> Option<String> {
    let so_far = || format!("{} states, to a depth of {}", thousands(report.states), report.depth);
    Some(match report.stop {
        Stop::Complete => {
            return report
                .unasked
                .as_ref()
                .map(|why| format!("partial deadlock and progress were not, as {why}"));
        }
        Stop::AfterFault => format!("after the first fault only a part was, {}", so_far()),
        Stop::States => format!("the limit of states was reached, at {}", so_far()),
        Stop::Memory => format!("the limit of memory was reached, at {}", so_far()),
        Stop::Time => format!("the limit of time was reached, at {}", so_far()),
        Stop::Interrupted => format!("it was interrupted, at {}", so_far()),
        Stop::Unbounded => format!(
            "{} can take more values than can be told apart; give it a range, or let it wrap around",
            report.unbounded.as_deref().unwrap_or("a variable")
        ),
    })
}

fn none(out: &mut String, checked: &Checked<'_>, style: Style) {
    let (program, report) = (checked.program, checked.report);
    if let Some(why) = unproved(report) {
        let _ = writeln!(out, "{}  {why}.", style.bad("NOT PROVED"));
        let _ = writeln!(out, "No fault was found in what was looked at; that is no proof.");
        return;
    }
    let fairness = match (checked.fairness, program.progress.is_empty()) {
        _ if !report.progress => "  (safety only: progress and livelock were not asked for)",
        (_, true) => "",
        (Fairness::Weak, _) => "  (under weak fairness: whoever can always move does)",
        (Fairness::Strong, _) => "  (under strong fairness: whoever can move again and again does)",
    };
    let _ = writeln!(out, "{}{fairness}", style.good("HOLDS"));
    for label in properties(program, report.progress) {
        let _ = writeln!(out, "  {} {label}", style.good("✓"));
    }
}

/// What a check proves of a program that holds; whether progress was asked for.
pub fn properties(program: &Program, progress: bool) -> Vec<&str> {
    let labels = program.demands.iter().map(|d| &*d.label).chain(program.possible.iter().map(|d| &*d.label));
    let claims = program.progress.iter().filter(|_| progress);
    let mut labels: Vec<&str> = labels.chain(claims.map(|p| p.label.as_str())).collect();
    labels.extend(program.items.iter().map(|i| i.label.as_str()));
    labels.insert(0, "nobody is ever stuck");
    let mut seen = std::collections::HashSet::new();
    labels.retain(|label| seen.insert(*label));
    labels
}

fn first(out: &mut String, checked: &Checked<'_>, fault: &Fault, style: Style) {
    let program = checked.program;
    let told = checked.tell(fault);
    let mut head = fault.verdict().name().to_uppercase();
    if let Some(cause) = told.verdict.as_ref().and_then(Verdict::cause_name) {
        head += &format!(" · {cause}");
    }
    let steps = match (&fault.kind, fault.cycle) {
        (FaultKind::Serial(_), _) => String::new(),
        (_, Some(stem)) => format!("  after {}, then {} that repeat", counted(stem), told.steps.len() - stem),
        (_, None) if fault.shortest => format!("  in {}; no schedule is shorter", counted(told.steps.len())),
        (_, None) => format!("  in {}", counted(told.steps.len())),
    };
    let fairness = match fault.fairness {
        Some(Fairness::Weak) => "  (weak fairness; under strong fairness it cannot happen)",
        Some(Fairness::Strong) => "  (even under strong fairness)",
        None => "",
    };
    let _ = writeln!(out, "{}{steps}{fairness}", style.bad(&head));
    let _ = writeln!(out, "{}", told.text);
    if let Some(remedy) = &told.remedy {
        let _ = writeln!(out, "{remedy}");
    }
    let _ = writeln!(out);
    if let Some(verdict) = &told.verdict {
        circle(out, program, verdict, style);
        waiting(out, program, verdict);
    }
    if told.steps.is_empty() {
        return;
    }
    table(out, checked, fault, &told.steps, style);
    if let Some(schedule) = checked.schedule(fault) {
        let _ = writeln!(out, "\nWalk the real processes through it:");
        let _ = writeln!(out, "  fiveforks replay {} --schedule {schedule}", checked.name);
    } else if checked.report.memory == Memory::Tso {
        let _ = writeln!(
            out,
            "\nReal processes are not led through this: at their gates no write stays in a buffer."
        );
    }
}

fn table(out: &mut String, checked: &Checked<'_>, fault: &Fault, steps: &[WalkStep], style: Style) {
    let program = checked.program;
    let lines: Vec<&str> = checked.source.lines().collect();
    let name = steps.iter().map(|step| program.actor_name(step.actor).len()).max().unwrap_or(0);
    let texts: Vec<String> = steps.iter().map(|step| doing(program, &lines, step)).collect();
    let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).min(44);
    for (at, (step, text)) in steps.iter().zip(&texts).enumerate() {
        if fault.cycle == Some(at) {
            let _ = writeln!(out, "  {}", style.bad("── from here on it repeats ──"));
        }
        if steps.len() > MAX_STEPS && (MAX_STEPS / 2..steps.len() - MAX_STEPS / 2).contains(&at) {
            if at == MAX_STEPS / 2 {
                let _ = writeln!(out, "   … {} steps …", steps.len() - MAX_STEPS);
            }
            continue;
        }
        let line = program.actors[step.actor.index()].code.line(step.position);
        let mut effect = effect(program, step);
        if step.breach.is_some() {
            effect += "  ✗";
        }
        let row = format!(
            "  {:>3}  {:name$}  line {line:<3} {text:width$}  {effect}",
            at + 1,
            program.actor_name(step.actor)
        );
        let _ = writeln!(out, "{}", row.trim_end());
    }
}

/// What a step does, in the words of its line.
pub fn doing(program: &Program, lines: &[&str], step: &WalkStep) -> String {
    let line = program.actors[step.actor.index()].code.line(step.position);
    let text = lines.get((line as usize).wrapping_sub(1)).map_or("", |line| line.trim());
    let text = text.split('#').next().unwrap_or("").trim_end();
    match step.act {
        Act::Operation(Request::Begin { activity, .. }) => {
            format!("{}() begins", program.activities[activity.index()].name)
        }
        Act::Operation(Request::End { activity }) => {
            format!("{}() ends", program.activities[activity.index()].name)
        }
        Act::Flush(cell, _) => format!("its write of {} is seen", program.object_name(Object::Cell(cell))),
        Act::Operation(Request::Read { cell }) => {
            format!("{text}  (reads {})", program.object_name(Object::Cell(cell)))
        }
        Act::Operation(_) => text.to_string(),
    }
}

/// How many are inside a monitor, a lock or a barrier after a step.
fn inside(program: &Program, id: SyncId, name: &str, count: i64) -> String {
    match (program.sync(id).kind, count) {
        (SyncKind::Barrier { .. }, 0) => format!("{name} is empty"),
        (SyncKind::Barrier { .. }, _) => format!("{name} lets {count} through"),
        (_, 0) => format!("{name} free"),
        (SyncKind::Mutex { .. }, _) => format!("{name} taken"),
        (SyncKind::Monitor { .. }, _) => format!("{name} entered"),
        (SyncKind::RwLock(_), _) => format!("{count} inside {name}"),
    }
}

/// What a step changes.
pub fn effect(program: &Program, step: &WalkStep) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (object, old, new) in &step.changed {
        let name = program.object_name(*object);
        parts.push(match (object, new) {
            (Object::Mutex(_), 0) => format!("{name} free"),
            (Object::Mutex(_), holder) => {
                format!("{name} held by {}", program.actor_name(ActorId(*holder as u32 - 1)))
            }
            (Object::Sync(id), _) => inside(program, *id, &name, *new),
            (Object::Semaphore(id), _) if program.semaphore(*id).end.is_some() => {
                format!("{} holds {new}", program.channel_name(program.channel_id(*id)))
            }
            _ => format!("{name} {old} → {new}"),
        });
    }
    match step.act {
        Act::Operation(Request::Sync { op: SyncOp::Await, .. }) if step.arrived => {
            parts.push("waits for a signal".into());
        }
        Act::Operation(Request::Sync { op: SyncOp::Signal, .. }) if step.arrived => {
            parts.push("hands over and steps aside".into());
        }
        Act::Operation(Request::Sync { op: SyncOp::Arrive, .. }) if step.arrived => {
            parts.push("waits for the others".into());
        }
        _ if step.arrived => parts.push("joins the queue".into()),
        Act::Operation(Request::WaitFor { .. } | Request::LockFor { .. }) if step.changed.is_empty() => {
            parts.push("gives up".into())
        }
        Act::Operation(Request::Write { .. }) if step.buffered => parts.push("waits in its buffer".into()),
        // The second of two updates that meant to add: what it wrote was there already.
        Act::Operation(Request::Write { cell, value }) if step.changed.is_empty() && value > item::STALE => {
            parts.push(format!("{} stays {value}", program.object_name(Object::Cell(cell))));
        }
        Act::Operation(Request::Read { .. }) => parts.extend(step.read.map(|value| format!("is {value}"))),
        Act::Operation(Request::Choose { low, .. }) => {
            parts.push(format!("chooses {}", i64::from(low) + i64::from(step.variant)));
        }
        _ => {}
    }
    parts.join(", ")
}
