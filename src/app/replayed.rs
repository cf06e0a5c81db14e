//! How a replay ended, as JSON.

use serde::Serialize;

use crate::monitor::Verdict;
use crate::program::{ActorId, Program};
use crate::replay::Astray;
use crate::report::{self, SCHEMA, TOOL};
use crate::schedule::Schedule;
use crate::snapshot::Snapshot;

#[derive(Serialize)]
struct Document<'d> {
    schema: u32,
    tool: &'static str,
    command: &'static str,
    program: &'d str,
    steps: usize,
    schedule: String,
    followed: bool,
    limit_reached: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    astray: Option<String>,
    verdict: Option<VerdictJson>,
    blocked: Vec<BlockedJson>,
}

#[derive(Serialize)]
struct VerdictJson {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    certainty: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_asked: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel_asleep: Option<usize>,
}

#[derive(Serialize)]
pub struct BlockedJson {
    pub actor: String,
    pub pid: u32,
    pub line: u32,
    #[serde(rename = "for")]
    pub object: String,
}

/// The one document of a replay.
pub fn json(
    name: &str,
    program: &Program,
    schedule: &Schedule,
    astray: Option<&Astray>,
    limit_reached: bool,
    ending: Option<&(Snapshot, Vec<Verdict>)>,
) -> String {
    let verdict = ending.and_then(|(snapshot, verdicts)| {
        let verdict = verdicts.iter().find(|v| v.is_fault())?;
        Some(VerdictJson {
            kind: verdict.kind_name(),
            cause: verdict.cause_name(),
            certainty: verdict.certainty.name(),
            text: report::sentence(program, verdict, snapshot),
            kernel_asked: verdict.asleep.map(|(_, asked)| asked),
            kernel_asleep: verdict.asleep.map(|(asleep, _)| asleep),
        })
    });
    let blocked = ending.map_or_else(Vec::new, |(snapshot, _)| blocked(program, snapshot));
    let document = Document {
        schema: SCHEMA,
        tool: TOOL,
        command: "replay",
        program: name,
        steps: schedule.steps.len(),
        schedule: schedule.to_string(),
        followed: astray.is_none(),
        limit_reached,
        astray: astray.map(ToString::to_string),
        verdict,
        blocked,
    };
    serde_json::to_string(&document).unwrap_or_default()
}

/// Who waits for what.
pub fn blocked(program: &Program, snapshot: &Snapshot) -> Vec<BlockedJson> {
    let of = |(at, view): (usize, &crate::snapshot::ActorView)| {
        let actor = ActorId(at as u32);
        let object = snapshot.waits_for(program, actor).first().copied()?;
        Some(BlockedJson {
            actor: program.actor_name(actor),
            pid: view.pid,
            line: program.actors[at].code.line(view.position),
            object: program.object_name(object),
        })
    };
    snapshot.actors.iter().enumerate().filter_map(of).collect()
}
