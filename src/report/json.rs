//! A report for programs: one JSON document, whose schema is `assets/report.schema.json`. Units are in the names.

use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

use super::outcome::Outcome;
use super::remedy::remedy;
use super::sentence::sentence;
use crate::monitor::{Kind, Verdict};
use crate::program::{ActorId, Program, RoleId};

/// The version of the documents' schema.
pub const SCHEMA: u32 = 1;
/// The name and version of this program.
pub const TOOL: &str = concat!("fiveforks ", env!("CARGO_PKG_VERSION"));

#[derive(Serialize)]
struct Report<'r> {
    schema: u32,
    tool: &'static str,
    command: &'static str,
    program: &'r str,
    problem: &'r str,
    solution: &'r str,
    parameters: BTreeMap<&'r str, i32>,
    seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<crate::mechanism::Mechanism>,
    elapsed_s: f64,
    interrupted: bool,
    started_in_s: f64,
    verdict: VerdictJson,
    further_verdicts: Vec<VerdictJson>,
    actors: Vec<ActorJson<'r>>,
    fairness: Fairness,
    events: Events,
    monitor: MonitorJson,
}

#[derive(Serialize)]
struct MonitorJson {
    looks: u64,
    looks_per_s: f64,
    spent_s: f64,
    longest_gap_s: f64,
    private_memory_kib: Option<u64>,
}

#[derive(Serialize)]
struct VerdictJson {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    certainty: &'static str,
    after_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<bool>,
    actors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<KernelJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    circle: Vec<String>,
    waits: Vec<WaitJson>,
}

#[derive(Serialize)]
struct KernelJson {
    asked: usize,
    asleep: usize,
}

#[derive(Serialize)]
struct WaitJson {
    actor: String,
    pid: u32,
    line: u32,
    #[serde(rename = "for")]
    object: String,
    held_by: Vec<String>,
}

#[derive(Serialize)]
struct ActorJson<'r> {
    name: String,
    pid: u32,
    life: &'static str,
    state: &'r str,
    line: u32,
    steps: u64,
    activities: BTreeMap<&'r str, u64>,
    wait_ms: WaitsJson,
    context_switches: Option<SwitchesJson>,
}

#[derive(Serialize)]
struct WaitsJson {
    count: u64,
    p50: f64,
    p99: f64,
    max: f64,
}

#[derive(Serialize)]
struct SwitchesJson {
    voluntary: u64,
    involuntary: u64,
}

#[derive(Serialize)]
struct Fairness {
    jain: Option<f64>,
}

#[derive(Serialize)]
struct Events {
    recorded: u64,
    dropped: u64,
}

/// The document.
pub fn report(program: &Program, outcome: &Outcome) -> String {
    let judged = outcome.verdict();
    let report = Report {
        schema: SCHEMA,
        tool: TOOL,
        command: "run",
        program: &outcome.name,
        problem: &program.problem,
        solution: &program.solution,
        parameters: program.constants.iter().map(|c| (c.name.as_str(), c.value)).collect(),
        seed: outcome.seed,
        over: outcome.carrier,
        elapsed_s: outcome.snapshot.elapsed.as_secs_f64(),
        interrupted: outcome.interrupted,
        started_in_s: outcome.started_in.as_secs_f64(),
        verdict: judged.map_or_else(|| nothing_seen(outcome), |v| verdict(program, outcome, v)),
        further_verdicts: outcome
            .verdicts
            .iter()
            .filter(|v| judged.is_some_and(|j| j != *v))
            .map(|v| verdict(program, outcome, v))
            .collect(),
        actors: (0..program.actors.len() as u32).map(|a| actor(program, outcome, ActorId(a))).collect(),
        fairness: Fairness { jain: outcome.jain(program) },
        events: Events { recorded: outcome.recorded, dropped: outcome.dropped },
        monitor: MonitorJson {
            looks: outcome.looks.count,
            looks_per_s: outcome.looks.count as f64 / outcome.snapshot.elapsed.as_secs_f64().max(1e-9),
            spent_s: outcome.looks.spent.as_secs_f64(),
            longest_gap_s: outcome.looks.longest_gap.as_secs_f64(),
            private_memory_kib: outcome.memory_kib,
        },
    };
    serde_json::to_string(&report).unwrap_or_default()
}

fn nothing_seen(outcome: &Outcome) -> VerdictJson {
    let after_s = outcome.snapshot.elapsed.as_secs_f64();
    VerdictJson {
        kind: "no fault seen".into(),
        cause: None,
        certainty: "seen",
        after_s,
        latency_s: None,
        total: None,
        actors: Vec::new(),
        line: None,
        text: format!("No fault was seen in {after_s:.1} s; another schedule may still go wrong."),
        remedy: None,
        fixed_by: None,
        kernel: None,
        circle: Vec::new(),
        waits: Vec::new(),
    }
}

fn verdict(program: &Program, outcome: &Outcome, verdict: &Verdict) -> VerdictJson {
    let name = |actor: &ActorId| program.actor_name(*actor);
    let wait = |w: &crate::monitor::Wait| WaitJson {
        actor: name(&w.actor),
        pid: w.pid,
        line: w.line,
        object: super::sentence::objects(program, w),
        held_by: w.held_by.iter().map(name).collect(),
    };
    let deadlock = matches!(verdict.kind, Kind::Deadlock(_));
    VerdictJson {
        kind: verdict.kind_name().into(),
        cause: verdict.cause_name(),
        certainty: verdict.certainty.name(),
        after_s: verdict.since.as_secs_f64(),
        latency_s: deadlock.then(|| verdict.found.saturating_sub(verdict.since).as_secs_f64()),
        total: deadlock.then_some(verdict.total),
        actors: verdict.actors.iter().map(name).collect(),
        line: (verdict.line > 0).then_some(verdict.line),
        text: sentence(program, verdict, &outcome.snapshot),
        remedy: remedy(program, verdict),
        fixed_by: program.fixed_by.clone(),
        kernel: verdict.asleep.map(|(asleep, asked)| KernelJson { asked, asleep }),
        circle: verdict.waits[..verdict.circle].iter().map(|w| name(&w.actor)).collect(),
        waits: verdict.waits.iter().map(wait).collect(),
    }
}

fn actor<'r>(program: &'r Program, outcome: &Outcome, id: ActorId) -> ActorJson<'r> {
    let (view, summary) = (&outcome.snapshot.actors[id.index()], &outcome.summaries[id.index()]);
    let role: RoleId = program.actors[id.index()].role;
    let states = &program.roles[role.index()].states;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    ActorJson {
        name: program.actor_name(id),
        pid: view.pid,
        life: view.life.name(),
        state: program.state_name(role, view.state),
        line: program.actors[id.index()].code.line(view.position),
        steps: view.steps,
        activities: states
            .iter()
            .zip(&view.entered)
            .filter(|(state, _)| !state.plain)
            .map(|(state, count)| (state.name.as_str(), *count))
            .collect(),
        wait_ms: WaitsJson {
            count: summary.waits.count,
            p50: millis(summary.waits.p50),
            p99: millis(summary.waits.p99),
            max: millis(summary.waits.max),
        },
        context_switches: summary
            .switches
            .map(|s| SwitchesJson { voluntary: s.voluntary, involuntary: s.involuntary }),
    }
}
