//! What a check found, for programs: one JSON document, whose schema is `assets/check.schema.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::checked::{Checked, doing, effect, unproved};
use super::expectation::{Comparison, ComparisonJson};
use super::{SCHEMA, TOOL};
use crate::check::{Fairness, Fault, Memory};
use crate::monitor::Verdict;

#[derive(Serialize)]
struct Document<'r> {
    schema: u32,
    tool: &'static str,
    command: &'static str,
    program: &'r str,
    problem: &'r str,
    solution: &'r str,
    parameters: BTreeMap<&'r str, i32>,
    elapsed_s: f64,
    fairness_assumed: &'static str,
    memory_model: &'static str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_proved: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<ComparisonJson>,
    faults: Vec<FaultJson>,
    vacuous: &'r [String],
    progress_asked: bool,
    reductions: Vec<&'static str>,
    states: u64,
    transitions: u64,
    depth: u32,
    threads: usize,
    store_bytes: usize,
    bytes_per_state: f64,
    transitions_per_s: f64,
}

#[derive(Serialize)]
struct FaultJson {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fairness: Option<&'static str>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    shortest: bool,
    steps: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats_from: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    trace: Vec<StepJson>,
}

#[derive(Serialize)]
struct StepJson {
    actor: String,
    line: u32,
    operation: String,
    changed: Vec<ChangeJson>,
    #[serde(skip_serializing_if = "String::is_empty")]
    effect: String,
}

#[derive(Serialize)]
struct ChangeJson {
    object: String,
    from: i64,
    to: i64,
}

/// The document. `comparison` is there if it was asked for.
pub fn checked_json(checked: &Checked<'_>, comparison: Option<&Comparison<'_>>) -> String {
    let (program, report) = (checked.program, checked.report);
    let faults: Vec<&Fault> = report.faults_under(checked.fairness).collect();
    let document = Document {
        schema: SCHEMA,
        tool: TOOL,
        command: "check",
        program: checked.name,
        problem: &program.problem,
        solution: &program.solution,
        parameters: program.constants.iter().map(|c| (c.name.as_str(), c.value)).collect(),
        elapsed_s: report.elapsed.as_secs_f64(),
        fairness_assumed: fairness_name(checked.fairness),
        memory_model: match report.memory {
            Memory::Sc => "sc",
            Memory::Tso => "tso",
        },
        verdict: match faults.first() {
            Some(fault) => fault.verdict().name(),
            None if report.is_complete() => "holds",
            None => "not proved",
        },
        not_proved: unproved(report),
        comparison: comparison.map(ComparisonJson::of),
        faults: faults.into_iter().map(|fault| fault_json(checked, fault)).collect(),
        vacuous: &report.vacuous,
        progress_asked: report.progress,
        reductions: [(report.partial_order, "partial-order"), (!report.symmetry.is_empty(), "symmetry")]
            .into_iter()
            .filter_map(|(used, name)| used.then_some(name))
            .collect(),
        states: report.states,
        transitions: report.transitions,
        depth: report.depth,
        threads: report.threads,
        store_bytes: report.bytes,
        bytes_per_state: report.bytes as f64 / report.states.max(1) as f64,
        transitions_per_s: report.transitions as f64 / report.searched.as_secs_f64().max(1e-9),
    };
    serde_json::to_string(&document).unwrap_or_default()
}

/// The word for a fairness.
pub fn fairness_name(fairness: Fairness) -> &'static str {
    match fairness {
        Fairness::Weak => "weak",
        Fairness::Strong => "strong",
    }
}

fn fault_json(checked: &Checked<'_>, fault: &Fault) -> FaultJson {
    let program = checked.program;
    let told = checked.tell(fault);
    let lines: Vec<&str> = checked.source.lines().collect();
    let step = |step: &crate::check::WalkStep| StepJson {
        actor: program.actor_name(step.actor),
        line: program.actors[step.actor.index()].code.line(step.position),
        operation: doing(program, &lines, step),
        changed: step
            .changed
            .iter()
            .map(|(object, from, to)| ChangeJson {
                object: program.object_name(*object),
                from: *from,
                to: *to,
            })
            .collect(),
        effect: effect(program, step),
    };
    FaultJson {
        kind: fault.verdict().name(),
        cause: told.verdict.as_ref().and_then(Verdict::cause_name),
        fairness: fault.fairness.map(fairness_name),
        text: told.text,
        remedy: told.remedy,
        shortest: fault.shortest,
        steps: told.steps.len(),
        repeats_from: fault.cycle,
        schedule: checked.schedule(fault).map(|schedule| schedule.to_string()),
        trace: told.steps.iter().map(step).collect(),
    }
}
