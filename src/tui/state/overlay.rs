//! What lies over a screen: help, palette, lists, and what was typed into them.

use std::time::Instant;

use super::experiment::{Experiment, Feed, Seen};
use crate::inspect;
use crate::lab::Examination;
use crate::program::{ActorId, Object};
use crate::snapshot::Doing;

/// A constant that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Editable {
    pub name: String,
    pub value: i32,
    pub range: (i32, i32),
}

/// What lies over a screen.
#[derive(Debug)]
pub enum Overlay {
    /// All keys.
    Help {
        /// Only lines with this in them.
        filter: String,
        /// Lines scrolled by.
        scroll: usize,
    },
    /// Commands by name.
    Palette {
        /// What was typed.
        input: String,
        /// Which of those that fit.
        at: usize,
    },
    /// The solutions of the problem.
    Solutions {
        /// Which of them.
        at: usize,
    },
    /// Constants.
    Parameters {
        /// Which of them.
        at: usize,
        /// All.
        values: Vec<Editable>,
        /// Digits being typed.
        typing: String,
    },
    /// The verdict at length.
    Explain {
        /// Lines scrolled by.
        scroll: usize,
    },
    /// A check, on its way or done.
    Check {
        /// The check.
        examination: Box<Examination>,
        /// Which of the faults that it found.
        at: usize,
    },
    /// What the kernel says of a process.
    Inspect {
        /// Whose.
        actor: ActorId,
        /// What it says: name and value.
        facts: Vec<(String, String)>,
        /// When it was asked.
        read: Option<Instant>,
        /// Lines scrolled by.
        scroll: usize,
    },
    /// Operations.
    Log {
        /// Only lines with this in them.
        filter: String,
        /// Lines scrolled up from the end.
        scroll: usize,
    },
}

/// What kernel and board say of an actor.
pub(super) fn facts(seen: &Seen<'_>, actor: ActorId, experiment: &Experiment) -> Vec<(String, String)> {
    let program = &experiment.subject.program;
    let Some(view) = seen.snapshot.actors.get(actor.index()) else { return Vec::new() };
    let code = &program.actors[actor.index()].code;
    let line = code.line(view.position);
    let text = experiment.subject.lines().nth((line as usize).wrapping_sub(1)).unwrap_or("").trim();
    let mut facts = vec![
        ("actor".into(), program.actor_name(actor)),
        ("life".into(), view.life.name().into()),
        ("line".into(), format!("{line}: {text}")),
        ("steps".into(), view.steps.to_string()),
        ("instruction".into(), format!("{} of {}", view.position, code.instructions.len())),
    ];
    let mut add = |name: &str, value: String| facts.push((name.into(), value));
    if let Doing::Blocked(object) | Doing::BlockedFor(object) = view.doing {
        add("waits for", format!("{}{}", program.object_name(object), named(experiment, object)));
        add("its address there", format!("{:#x}", view.address));
    }
    let held = held(seen, actor, experiment);
    if !held.is_empty() {
        add("holds", held.join(", "));
    }
    if experiment.at.is_some() || matches!(experiment.feed, Feed::Recorded | Feed::Walked) {
        add("kernel", "knows nothing of the past".into());
        return facts;
    }
    add("process", view.pid.to_string());
    for (name, value) in inspect::facts(view.pid) {
        add(name, value);
    }
    facts
}

fn named(experiment: &Experiment, object: Object) -> String {
    match (object, experiment.run) {
        (Object::Semaphore(id), Some(run)) if !experiment.subject.program.semaphore(id).fair => {
            format!(" (/dev/shm/sem.{})", run.semaphore(&experiment.subject.program, id))
        }
        _ => String::new(),
    }
}

/// What an actor holds, by name.
fn held(seen: &Seen<'_>, actor: ActorId, experiment: &Experiment) -> Vec<String> {
    let program = &experiment.subject.program;
    program
        .objects()
        .filter(|object| seen.snapshot.holders(program, *object).contains(&actor))
        .map(|object| program.object_name(object))
        .collect()
}
