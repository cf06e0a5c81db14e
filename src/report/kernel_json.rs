//! Runs as the kernel sees them, for programs; the schema is `assets/ps.schema.json`.

use serde::Serialize;

use super::json::{SCHEMA, TOOL};
use crate::inspect::{Call, Process};
use crate::kernel::{KernelObject, Member, Picture, Spot};
use crate::run::RunId;

/// A run and what was seen of it.
pub struct SeenRun {
    /// Which.
    pub run: RunId,
    /// What it was started with; empty if its board cannot be read.
    pub program: String,
    /// Its processes and objects, or why they cannot be told.
    pub picture: Result<Picture, String>,
}

#[derive(Serialize)]
struct Document<'r> {
    schema: u32,
    tool: &'static str,
    command: &'static str,
    runs: Vec<RunJson<'r>>,
}

#[derive(Serialize)]
struct RunJson<'r> {
    run: String,
    program: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'r str>,
    not_asked: usize,
    sleep_is_told: bool,
    processes: Vec<ProcessJson<'r>>,
    objects: Vec<ObjectJson<'r>>,
}

#[derive(Serialize)]
struct ProcessJson<'r> {
    part: &'static str,
    name: &'r str,
    pid: u32,
    parent: Option<u32>,
    group: Option<u32>,
    session: Option<u32>,
    state: Option<char>,
    stat: Option<String>,
    threads: Option<u32>,
    call: Option<String>,
    waits_on: Option<SpotJson<'r>>,
    says_it_waits_for: Option<&'r str>,
    agrees: Option<bool>,
    commands: [String; 3],
}

#[derive(Serialize)]
struct SpotJson<'r> {
    kind: Option<&'static str>,
    name: &'r str,
    place: &'r str,
}

#[derive(Serialize)]
struct ObjectJson<'r> {
    kind: &'static str,
    name: &'r str,
    place: &'r str,
    value: Option<&'r str>,
    holder: Option<u32>,
    asleep: &'r [u32],
    counted_asleep: Option<u32>,
    size_bytes: Option<u64>,
    mode: Option<String>,
    owner: Option<&'r str>,
    uid: Option<u32>,
    inode: Option<u64>,
    users: Option<usize>,
    commands: &'r [String],
}

/// The document for these runs, in a line.
pub fn kernel_json(runs: &[SeenRun]) -> serde_json::Result<String> {
    let runs = runs.iter().map(run).collect();
    serde_json::to_string(&Document { schema: SCHEMA, tool: TOOL, command: "ps", runs })
}

fn run(seen: &SeenRun) -> RunJson<'_> {
    let picture = seen.picture.as_ref().ok();
    RunJson {
        run: seen.run.to_string(),
        program: &seen.program,
        error: seen.picture.as_ref().err().map(String::as_str),
        not_asked: picture.map_or(0, |picture| picture.unasked),
        sleep_is_told: picture.is_some_and(Picture::is_told),
        processes: picture.map_or(Vec::new(), |picture| picture.members.iter().map(process).collect()),
        objects: picture.map_or(Vec::new(), |picture| picture.objects.iter().map(object).collect()),
    }
}

fn process(member: &Member) -> ProcessJson<'_> {
    let known = member.process.as_ref();
    let of = |get: fn(&Process) -> u32| known.map(get);
    ProcessJson {
        part: member.part.word(),
        name: &member.name,
        pid: member.pid,
        parent: of(|p| p.parent),
        group: of(|p| p.group),
        session: of(|p| p.session),
        state: known.map(|p| p.state.0),
        stat: known.map(Process::stat),
        threads: of(|p| p.threads),
        call: match &member.call {
            Call::Inside(call) => Some(call.name()),
            _ => None,
        },
        waits_on: member.on.as_ref().map(spot),
        says_it_waits_for: member.waits_for.as_deref(),
        agrees: member.agrees(),
        commands: member.commands(),
    }
}

fn spot(spot: &Spot) -> SpotJson<'_> {
    SpotJson { kind: spot.kind.map(|kind| kind.name()), name: &spot.name, place: &spot.place }
}

fn object(object: &KernelObject) -> ObjectJson<'_> {
    let seen = object.seen.as_ref();
    ObjectJson {
        kind: object.kind.name(),
        name: &object.name,
        place: &object.place,
        value: object.value.as_deref(),
        holder: object.holder,
        asleep: &object.sleepers,
        counted_asleep: object.counted,
        size_bytes: seen.and_then(|seen| seen.size),
        mode: seen.map(|seen| format!("{:04o}", seen.mode)),
        owner: seen.map(|seen| seen.owner.as_str()),
        uid: seen.map(|seen| seen.uid),
        inode: seen.map(|seen| seen.inode),
        users: object.users,
        commands: &object.commands,
    }
}
