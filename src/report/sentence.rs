//! A verdict in one sentence.

use std::time::Duration;

use crate::monitor::{Cause, Kind, Verdict, Wait};
use crate::program::value::Fault;
use crate::program::{ActorId, Object, Program, Violation, item_parts};
use crate::snapshot::{Breach, Life, Snapshot};

/// So many waiting actors are told one by one; the rest are counted.
const MAX_TOLD: usize = 6;

/// What is wrong, in one sentence.
pub fn sentence(program: &Program, verdict: &Verdict, snapshot: &Snapshot) -> String {
    match &verdict.kind {
        Kind::Deadlock(cause) => deadlock(program, verdict, *cause, snapshot),
        Kind::Violation(breach) => violation(program, verdict, breach),
        Kind::Starvation { waited, overtaken, label } => {
            let actor = name(program, verdict.actors.first());
            format!(
                "{actor} has waited for {} on line {} while others were served {overtaken} times: \
                 «{label}» may never come true for it.",
                time(*waited),
                verdict.line
            )
        }
        Kind::Livelock { lasted, steps } => format!(
            "{} took {steps} steps in {} and nobody began anything: they keep making way for each other, or spin.",
            names(program, &verdict.actors),
            time(*lasted)
        ),
        Kind::Died { signal } => {
            let how = match signal {
                Some(libc::SIGKILL) => "was killed (SIGKILL)".to_string(),
                Some(signal) => format!("was ended by signal {signal}"),
                None => "ended without a word".to_string(),
            };
            format!("{} {how} at line {}.", name(program, verdict.actors.first()), verdict.line)
        }
        Kind::Outside(semaphores) => {
            let list: Vec<String> =
                semaphores.iter().map(|id| program.object_name(Object::Semaphore(*id))).collect();
            format!(
                "Somebody outside this run has changed {}: its value is not what the actors' posts and takes \
                 give, so nothing can be proved on it.",
                list.join(", ")
            )
        }
    }
}

/// The same in fewer words where there are many to tell: for screens. `short` gives an actor's short name.
pub fn brief(
    program: &Program,
    verdict: &Verdict,
    snapshot: &Snapshot,
    short: impl Fn(ActorId) -> String,
) -> String {
    let circle = &verdict.waits[..verdict.circle];
    if circle.is_empty() || !matches!(verdict.kind, Kind::Deadlock(Cause::CircularWait)) {
        return sentence(program, verdict, snapshot);
    }
    let same_line = circle.iter().all(|w| w.line == circle[0].line);
    let link = |(at, wait): (usize, &Wait)| {
        let waits = if at == 0 { "waits for" } else { "for" };
        let line = if same_line { String::new() } else { format!(" (line {})", wait.line) };
        let held: Vec<String> = wait.held_by.iter().map(|a| short(*a)).collect();
        let held = if held.is_empty() {
            "which nobody holds".into()
        } else {
            format!("held by {}", held.join(", "))
        };
        format!("{} {waits} {}{line}, {held}", short(wait.actor), objects(program, wait))
    };
    let mut links: Vec<String> = circle.iter().take(MAX_TOLD).enumerate().map(link).collect();
    if circle.len() > MAX_TOLD {
        links.push(format!("and so on around {} actors", circle.len()));
    }
    let place = if same_line { format!("On line {}, ", circle[0].line) } else { String::new() };
    let end = if verdict.total {
        "nobody can ever go on"
    } else {
        "they can never go on, though others were still running"
    };
    format!("{place}{}: {end}.", links.join("; "))
}

fn name(program: &Program, actor: Option<&ActorId>) -> String {
    actor.map_or("Somebody".to_string(), |actor| program.actor_name(*actor))
}

fn names(program: &Program, actors: &[ActorId]) -> String {
    let mut told: Vec<String> = actors.iter().take(MAX_TOLD).map(|a| program.actor_name(*a)).collect();
    if actors.len() > MAX_TOLD {
        told.push(format!("{} others", actors.len() - MAX_TOLD));
    }
    match told.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => told.join(""),
    }
}

/// The objects that somebody waits for, as a list.
pub fn objects(program: &Program, wait: &Wait) -> String {
    let mut list: Vec<String> =
        wait.objects.iter().take(MAX_TOLD).map(|object| program.object_name(*object)).collect();
    list.dedup();
    if wait.objects.len() > MAX_TOLD {
        list.push("…".into());
    }
    list.join(" or ")
}

fn deadlock(program: &Program, verdict: &Verdict, cause: Cause, snapshot: &Snapshot) -> String {
    let end = if verdict.total {
        "nobody can ever go on".to_string()
    } else {
        format!("{} can never go on, though others were still running", names(program, &verdict.actors))
    };
    match cause {
        Cause::CircularWait => {
            let circle = &verdict.waits[..verdict.circle];
            let mut links: Vec<String> = circle.iter().take(MAX_TOLD).map(|w| link(program, w)).collect();
            if circle.len() > MAX_TOLD {
                links.push(format!("and so on around {} actors", circle.len()));
            }
            format!("Everyone in this circle waits for the next: {}; {end}.", links.join("; "))
        }
        Cause::Orphaned => {
            let dead = |a: &&ActorId| snapshot.actors[a.index()].life == Life::Dead;
            let orphan = verdict.waits.iter().find_map(|w| {
                let holder = w.held_by.iter().find(dead).map(|holder| (holder, "held it when it died"));
                let other =
                    w.released_by.iter().find(dead).map(|other| (other, "was to signal it and is dead"));
                holder.or(other).map(|(who, did)| (w, who, did))
            });
            match orphan {
                Some((wait, who, did)) => format!(
                    "{} waits on line {} for {}; {} {did}, and the kernel gives nothing back for it; {end}.",
                    program.actor_name(wait.actor),
                    wait.line,
                    objects(program, wait),
                    program.actor_name(*who)
                ),
                None => format!("Somebody died and took with it what the others wait for; {end}."),
            }
        }
        Cause::LostWakeup => {
            nobody_left(program, verdict, "could signal that, so a wakeup was lost or never sent", &end)
        }
        Cause::Kept => {
            let links: Vec<String> =
                verdict.waits.iter().take(MAX_TOLD).map(|wait| link(program, wait)).collect();
            format!("{}, who will never give it back; {end}.", links.join("; "))
        }
        Cause::Communication => nobody_left(program, verdict, "would send or receive there", &end),
        Cause::Barrier => nobody_left(program, verdict, "will still come there", &end),
        Cause::Spinning => format!(
            "{} in an `await` that nobody is left to make true; {end}.",
            if verdict.actors.len() == 1 {
                format!("{} spins on line {}", names(program, &verdict.actors), verdict.line)
            } else {
                format!("{} spin", names(program, &verdict.actors))
            }
        ),
    }
}

fn nobody_left(program: &Program, verdict: &Verdict, who_could: &str, end: &str) -> String {
    // First those who wait for what nobody holds: they are the root of it.
    let (roots, rest): (Vec<&Wait>, Vec<&Wait>) = verdict.waits.iter().partition(|w| w.held_by.is_empty());
    let groups = alike(program, &roots);
    let mut told: Vec<String> = groups.iter().take(MAX_TOLD).map(|group| together(program, group)).collect();
    let others: usize = groups.iter().skip(MAX_TOLD).map(Vec::len).sum();
    if others > 0 {
        told.push(format!("so do {others} others"));
    }
    let behind = match rest.first() {
        None => String::new(),
        Some(first) => format!(
            "; behind them, {} waits for {}, held by {}",
            program.actor_name(first.actor),
            objects(program, first),
            names(program, &first.held_by)
        ),
    };
    format!("{}: nobody is left who {who_could}{behind}; {end}.", told.join("; "))
}

/// Those of one role who wait on the same line for the same, together.
fn alike<'w>(program: &Program, waits: &[&'w Wait]) -> Vec<Vec<&'w Wait>> {
    let kind = |wait: &Wait| program.actors[wait.actor.index()].role;
    let mut groups: Vec<Vec<&Wait>> = Vec::new();
    for wait in waits {
        let same = |group: &&mut Vec<&Wait>| {
            let first = group[0];
            kind(first) == kind(wait) && first.line == wait.line && first.objects == wait.objects
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(wait),
            None => groups.push(vec![wait]),
        }
    }
    groups
}

/// What some of one role wait for, who all wait for the same.
fn together(program: &Program, group: &[&Wait]) -> String {
    /// So few of a larger role are named.
    const NAMED: usize = 3;
    let (first, role) = (group[0], program.role_of(group[0].actor));
    let actors: Vec<ActorId> = group.iter().map(|wait| wait.actor).collect();
    let who = match (group.len(), role.count as usize) {
        (1, _) => format!("{} waits", program.actor_name(first.actor)),
        (2, 2) => format!("both {} wait", role.plural()),
        (some, all) if some == all => format!("all {all} {} wait", role.plural()),
        (..=NAMED, _) => format!("{} wait", names(program, &actors)),
        (some, _) => format!("{some} {} wait", role.plural()),
    };
    format!("{who} on line {} for {}", first.line, objects(program, first))
}

fn link(program: &Program, wait: &Wait) -> String {
    let held = match wait.held_by.as_slice() {
        [] => match wait.released_by.first() {
            Some(by) => format!("which only a stuck {} could signal", program.role_of(*by).name),
            None => "which nobody can signal".into(),
        },
        [holder] if *holder == wait.actor => "which it holds itself".into(),
        holders => format!("held by {}", names(program, holders)),
    };
    let (actor, line) = (program.actor_name(wait.actor), wait.line);
    format!("{actor} waits on line {line} for {}, {held}", objects(program, wait))
}

fn violation(program: &Program, verdict: &Verdict, breach: &Breach) -> String {
    let actor = name(program, verdict.actors.first());
    let line = verdict.line;
    let value = breach.value;
    match breach.violation {
        Violation::Demand(id) => {
            let label = program.demands.get(id.index()).map_or("", |d| &*d.label);
            format!("«{label}» was broken when {actor} came to line {line}.")
        }
        Violation::Range(cell) => {
            let range = program.variable(cell).range;
            let (low, high) = range.unwrap_or((0, 0));
            let object = program.object_name(Object::Cell(cell));
            format!("{actor} set {object} to {value} on line {line}, outside its range {low}..{high}.")
        }
        Violation::Assertion(text) => {
            let text = program.texts.get(text.index()).map_or("", String::as_str);
            format!("{actor} asserted `{text}` on line {line}, and it was false.")
        }
        Violation::Fault(fault) => {
            let what = match fault {
                Fault::Overflow => "a result did not fit into 32 bits",
                Fault::DivisionByZero => "it divided by zero",
                Fault::Index => "it used an index outside its array",
                Fault::Assertion => "an assertion was false",
                Fault::EmptyChoice => "it had to choose from an empty range",
            };
            format!("{actor} failed on line {line}: {what}.")
        }
        Violation::NotHeld(id) => {
            let mutex = program.object_name(Object::Mutex(id));
            format!("{actor} unlocked {mutex} on line {line} without holding it.")
        }
        Violation::NotLocked(id) => {
            let lock = program.object_name(Object::Sync(id));
            format!("{actor} unlocked {lock} on line {line} without holding it.")
        }
        Violation::Overflow(id) => {
            let semaphore = program.object_name(Object::Semaphore(id));
            format!("{actor} signalled {semaphore} on line {line} beyond the largest value of a semaphore.")
        }
        Violation::Doubled => {
            format!("{actor} took {} on line {line}, which had been used up already.", item(program, value))
        }
        Violation::NeverMade => {
            format!("{actor} took {value} on line {line} for an item, and nobody ever made it.")
        }
        Violation::Lost if value == 0 => {
            format!("An item is lost: {actor} overwrote or dropped its last copy on line {line}.")
        }
        Violation::Lost => format!(
            "At least {value} items are lost: more were made and not used up than there are places to keep them."
        ),
    }
}

fn item(program: &Program, item: i32) -> String {
    let role = program.items.as_ref().map(|i| program.activities[i.produce.index()].role);
    match (item_parts(item), role) {
        (Some((producer, number)), Some(role)) => {
            let role = &program.roles[role.index()];
            let who = if role.is_array { format!("{}[{producer}]", role.name) } else { role.name.clone() };
            format!("item {number} of {who}")
        }
        _ if item == 0 => "an item".into(),
        _ => format!("item {item}"),
    }
}

/// A time as people write it.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s < 1e-6 => format!("{:.0} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s if s < 100.0 => format!("{s:.1} s"),
        s => format!("{:.0}:{:02.0}", (s / 60.0).floor(), s % 60.0),
    }
}
