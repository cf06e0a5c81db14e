//! The verdict at length: what was found, how sure it is, the circle, what would help, the solution's own comment.

use super::overlay::event_line;
use crate::monitor::{Kind, Verdict};
use crate::report;
use crate::tui::brush::{Brush, wrap};
use crate::tui::keys::Action;
use crate::tui::panes::{View, headline};
use crate::tui::state::App;
use crate::tui::theme::Tone;

/// Operations told.
const LAST: usize = 8;

/// Draws the explanation, scrolled by some lines.
pub fn draw(app: &App, view: &View<'_>, scroll: usize, brush: &mut Brush<'_>) {
    let lines = lines(app, view, brush.width().max(8) as usize);
    let height = brush.height().max(0) as usize;
    let first = scroll.min(lines.len().saturating_sub(height));
    for (y, (text, tone)) in lines.iter().skip(first).take(height).enumerate() {
        brush.text(0, y as i32, text, *tone);
    }
    if first + height < lines.len() {
        let (edge, y) = (brush.width(), brush.height() - 1);
        brush.text_right(edge, y, " more ▾", Tone::Dim);
    }
}

fn lines(app: &App, view: &View<'_>, width: usize) -> Vec<(String, Tone)> {
    let program = view.sight.program;
    let mut lines = Vec::new();
    let mut say = |text: &str, tone: Tone| {
        // What is laid out already must not be laid out anew.
        match text.contains("  ") {
            true => lines.push((text.to_string(), tone)),
            false => lines.extend(wrap(text, width).into_iter().map(|line| (line, tone))),
        }
    };
    if let Some(verdict) = view.seen.verdict {
        say(&headline(verdict).0, Tone::Bad);
        say("", Tone::Text);
        say(&report::sentence(program, verdict, view.seen.snapshot), Tone::Text);
        say("", Tone::Text);
        for line in waits(view, verdict) {
            say(&line, Tone::Bad);
        }
        if !verdict.waits.is_empty() {
            say("", Tone::Text);
        }
        if let Some(remedy) = report::remedy(program, verdict) {
            say("What would help", Tone::Title);
            say(&remedy, Tone::Text);
            say("", Tone::Text);
        }
        if !matches!(verdict.kind, Kind::Died { .. }) {
            say("The last steps", Tone::Title);
            for line in last_steps(view, verdict) {
                say(&line, Tone::Dim);
            }
            say("", Tone::Text);
        }
    } else {
        say("No fault was seen so far.", Tone::Good);
        say("Seen is not proved: another schedule may still go wrong.", Tone::Dim);
        say("", Tone::Text);
    }
    if let Some(pair) = &view.experiment.pair {
        let word = if program.is_correct() { "shows the buggy twin" } else { "shows the fix" };
        say(&format!("{} {word}: {pair}", app.keymap.key(Action::Toggle)), Tone::Accent);
        say("", Tone::Text);
    }
    say("What the text says of itself", Tone::Title);
    for paragraph in program.about.split("\n\n") {
        say(&paragraph.replace('\n', " "), Tone::Text);
        say("", Tone::Text);
    }
    lines
}

/// Waiting actors told one by one.
const MAX_WAITS: usize = 16;

/// Who waits for what, the circle first and drawn as one.
fn waits(view: &View<'_>, verdict: &Verdict) -> Vec<String> {
    let program = view.sight.program;
    let mut lines = Vec::new();
    for (at, wait) in verdict.waits.iter().enumerate().take(MAX_WAITS) {
        let sign = match at {
            0 if verdict.circle > 0 => "╭▶",
            _ if at < verdict.circle => "├▶",
            _ => "·",
        };
        let held: Vec<String> = wait.held_by.iter().map(|a| program.actor_name(*a)).collect();
        let held = match wait.objects.first() {
            Some(object) if held.is_empty() => format!("needs {}", program.awaited(*object)),
            _ => format!("held by {}", held.join(", ")),
        };
        let line = format!(
            "{sign} {} (pid {}) waits on line {} for {}: {held}",
            program.actor_name(wait.actor),
            wait.pid,
            wait.line,
            report::objects(program, wait)
        );
        lines.push(line);
    }
    if let Some(first) = verdict.waits.first().filter(|_| verdict.circle > 0) {
        lines.push(format!("╰─ back to {}: a circle", program.actor_name(first.actor)));
    }
    lines
}

/// The last operations before something was found.
fn last_steps(view: &View<'_>, verdict: &Verdict) -> Vec<String> {
    let beside = &view.experiment.history.beside;
    let at = beside.verdicts.iter().position(|v| std::ptr::eq(v, verdict));
    let before = at.and_then(|at| beside.before.get(at)).map_or(&[][..], Vec::as_slice);
    if before.is_empty() {
        return vec!["not known: of many actors, single operations are not followed".into()];
    }
    before.iter().skip(before.len().saturating_sub(LAST)).map(|event| event_line(view, event)).collect()
}
