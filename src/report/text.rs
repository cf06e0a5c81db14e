//! A report that a person likes to read.

use std::fmt::Write;

use super::outcome::Outcome;
use super::remedy::remedy;
use super::sentence::{objects, sentence, time};
use super::style::Style;
use crate::monitor::{Certainty, Kind, Verdict};
use crate::program::{ActorId, Program, RoleId};
use crate::snapshot::Snapshot;

/// Roles with more actors than this are summed up.
const MAX_ROWS: u32 = 12;
/// A circle with more actors than this is shown in part.
const MAX_CIRCLE: usize = 8;

/// The whole report.
pub fn report(program: &Program, outcome: &Outcome, style: Style) -> String {
    let mut out = String::new();
    let carrier = outcome.carrier.map(|over| format!("  over a {}", over.title())).unwrap_or_default();
    let _ = writeln!(out, "{}{carrier}  seed {}", heading(program, style), outcome.seed);
    match outcome.verdict() {
        Some(verdict) => self::verdict(&mut out, program, verdict, outcome, style),
        None => {
            let end = if outcome.over { "every process came to its end" } else { "as long as it ran" };
            let line = format!("no fault seen in {} ({end})", time(outcome.snapshot.elapsed));
            let _ = writeln!(out, "{}", style.good(&line));
            let _ = writeln!(out, "Seen is not proved: another schedule may still go wrong.");
        }
    }
    for further in outcome.verdicts.iter().skip(1) {
        let _ = writeln!(out, "also: {}", sentence(program, further, &outcome.snapshot));
    }
    let _ = writeln!(out);
    for role in 0..program.roles.len() {
        table(&mut out, program, RoleId(role as u32), outcome, style);
    }
    footer(&mut out, program, outcome);
    out
}

/// A program's titles, constants and processes, in a line.
pub(super) fn heading(program: &Program, style: Style) -> String {
    let solution =
        if program.solution.is_empty() { String::new() } else { format!(" · {}", program.solution) };
    let title = format!("{}{solution}", program.problem);
    let settable = program.constants.iter().filter(|c| c.range.is_some());
    let settings: Vec<String> = settable.map(|c| format!("{} = {}", c.name, c.value)).collect();
    let processes = program.actors.len();
    let plural = if processes == 1 { "" } else { "es" };
    let settings = if settings.is_empty() { String::new() } else { format!("  {}", settings.join(", ")) };
    format!("{}{settings}  {processes} process{plural}", style.bold(&title))
}

fn verdict(out: &mut String, program: &Program, verdict: &Verdict, outcome: &Outcome, style: Style) {
    out.push_str(&verdict_text(program, verdict, &outcome.snapshot, style));
    if !matches!(verdict.kind, Kind::Died { .. }) {
        last_events(out, program, outcome);
    }
}

/// A verdict with what there is to say of it.
pub fn verdict_text(program: &Program, verdict: &Verdict, snapshot: &Snapshot, style: Style) -> String {
    let mut out = String::new();
    let cause = verdict.cause_name().map(|cause| format!(" · {cause}")).unwrap_or_default();
    let sure = match (verdict.certainty, verdict.asleep) {
        (Certainty::Proved, Some((asleep, asked))) if asked > 0 => {
            format!("proved; the kernel shows {asleep} of {asked} asleep there")
        }
        (certainty, _) => certainty.name().to_string(),
    };
    let after = verdict.found.saturating_sub(verdict.since);
    let when = match verdict.kind {
        Kind::Deadlock(_) | Kind::Violation(_) => {
            format!("after {}, found {} later", time(verdict.since), time(after))
        }
        _ => format!("after {}", time(verdict.found)),
    };
    let head = format!("{}{cause}", verdict.kind_name().to_uppercase());
    let _ = writeln!(out, "{}  {when}  ({sure})", style.bad(&head));
    let _ = writeln!(out, "{}", sentence(program, verdict, snapshot));
    if let Some(remedy) = remedy(program, verdict) {
        let _ = writeln!(out, "{remedy}");
    }
    let _ = writeln!(out);
    circle(&mut out, program, verdict, style);
    waiting(&mut out, program, verdict);
    out
}

/// The circle, each waiting for what the next one holds.
pub(super) fn circle(out: &mut String, program: &Program, verdict: &Verdict, style: Style) {
    let circle = &verdict.waits[..verdict.circle];
    let Some(first) = circle.first() else { return };
    let width = circle.iter().map(|w| program.actor_name(w.actor).len()).max().unwrap_or(0);
    let goods = circle.iter().map(|w| objects(program, w).chars().count()).max().unwrap_or(0);
    for (at, wait) in circle.iter().enumerate() {
        if at == MAX_CIRCLE - 1 && circle.len() > MAX_CIRCLE {
            let _ = writeln!(out, "  {}   … {} more", style.bad("│"), circle.len() - MAX_CIRCLE + 1);
        }
        if at >= MAX_CIRCLE - 1 && at + 1 < circle.len() {
            continue;
        }
        let corner = if at == 0 { "╭─▶" } else { "├─▶" };
        let _ = writeln!(
            out,
            "  {} {:width$}  waits for {:goods$}  line {:<3}{}",
            style.bad(corner),
            program.actor_name(wait.actor),
            objects(program, wait),
            wait.line,
            process(wait.pid)
        );
    }
    let holds = if circle.last().is_some_and(|w| w.held_by.is_empty()) {
        "who could signal it"
    } else {
        "who holds it"
    };
    let _ = writeln!(out, "  {} back to {}, {holds}\n", style.bad("╰──"), program.actor_name(first.actor));
}

/// A process, where there is one.
fn process(pid: u32) -> String {
    if pid == 0 { String::new() } else { format!(" pid {pid}") }
}

/// Those who are stuck and not part of the circle.
pub(super) fn waiting(out: &mut String, program: &Program, verdict: &Verdict) {
    let rest = &verdict.waits[verdict.circle..];
    for wait in rest.iter().take(MAX_CIRCLE) {
        let held = match wait.held_by.as_slice() {
            [] => format!("needs {}", wait.objects.first().map_or("", |o| program.awaited(*o))),
            [one] => format!("held by {}", program.actor_name(*one)),
            several => format!("held by {} actors", several.len()),
        };
        let (actor, goods) = (program.actor_name(wait.actor), objects(program, wait));
        let (line, process) = (wait.line, process(wait.pid));
        let _ = writeln!(out, "      {actor}  waits for {goods}, {held}  line {line} {process}");
    }
    if rest.len() > MAX_CIRCLE {
        let _ = writeln!(out, "      … {} more", rest.len() - MAX_CIRCLE);
    }
    if !rest.is_empty() {
        let _ = writeln!(out);
    }
}

fn last_events(out: &mut String, program: &Program, outcome: &Outcome) {
    if outcome.events.is_empty() {
        return;
    }
    let _ = writeln!(out, "  The last steps:");
    let width = outcome.events.iter().map(|e| program.actor_name(e.actor).len()).max().unwrap_or(0);
    for event in &outcome.events {
        let at = event.at.as_secs_f64();
        let actor = program.actor_name(event.actor);
        let _ = writeln!(out, "  {at:>12.6} s  {actor:width$}  line {:<3} {}", event.line, event.text);
    }
    let _ = writeln!(out);
}

/// Who did what.
fn table(out: &mut String, program: &Program, id: RoleId, outcome: &Outcome, style: Style) {
    let role = &program.roles[id.index()];
    if role.count == 0 {
        return;
    }
    let shown: Vec<usize> = (0..role.states.len()).filter(|s| !role.states[*s].plain).collect();
    let mut head = format!("  {:<18}", role.name);
    for state in &shown {
        let _ = write!(head, "{:>12}", role.states[*state].name);
    }
    let _ = write!(head, "{:>11}{:>11}{:>11}{:>12}", "wait p50", "p99", "max", "switches");
    let _ = writeln!(out, "{}", style.dim(&head));
    let first = role.base.0;
    let actors: Vec<ActorId> = (first..first + role.count).map(ActorId).collect();
    if role.count <= MAX_ROWS {
        for actor in &actors {
            row(out, &program.actor_name(*actor), &[*actor], &shown, outcome);
        }
    } else {
        row(out, &format!("all {}", role.count), &actors, &shown, outcome);
        let served = |actor: &&ActorId| outcome.snapshot.actors[actor.index()].entered.iter().sum::<u64>();
        for (word, actor) in
            [("least", actors.iter().min_by_key(served)), ("most", actors.iter().max_by_key(served))]
        {
            if let Some(actor) = actor {
                row(out, &format!("{word}: {}", program.actor_name(*actor)), &[*actor], &shown, outcome);
            }
        }
    }
}

fn row(out: &mut String, name: &str, actors: &[ActorId], states: &[usize], outcome: &Outcome) {
    let mut line = format!("  {name:<18}");
    for state in states {
        let entered: u64 = actors.iter().map(|a| outcome.snapshot.actors[a.index()].entered[*state]).sum();
        let _ = write!(line, "{entered:>12}");
    }
    let summaries = || actors.iter().map(|a| &outcome.summaries[a.index()]);
    let longest = |of: fn(&crate::board::Waits) -> std::time::Duration| {
        summaries().map(|s| of(&s.waits)).max().unwrap_or_default()
    };
    if summaries().any(|s| s.waits.count > 0) {
        let (p50, p99, max) = (longest(|w| w.p50), longest(|w| w.p99), longest(|w| w.max));
        let _ = write!(line, "{:>11}{:>11}{:>11}", time(p50), time(p99), time(max));
    } else {
        let _ = write!(line, "{:>11}{:>11}{:>11}", "–", "–", "–");
    }
    let switches: u64 = summaries().filter_map(|s| s.switches).map(|s| s.voluntary + s.involuntary).sum();
    let _ = writeln!(out, "{line}{switches:>12}");
}

fn footer(out: &mut String, program: &Program, outcome: &Outcome) {
    let steps: u64 = outcome.snapshot.actors.iter().map(|a| a.steps).sum();
    let mut parts = vec![format!("{steps} steps in {}", time(outcome.snapshot.elapsed))];
    if let Some(jain) = outcome.jain(program) {
        parts.push(format!("fairness {jain:.3} (Jain: 1 is even)"));
    }
    if outcome.dropped > 0 {
        let kept = outcome.recorded - outcome.dropped;
        parts.push(format!("{kept} events kept, {} overwritten", outcome.dropped));
    }
    let _ = writeln!(out, "\n  {}", parts.join(" · "));
}
