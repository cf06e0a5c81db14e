//! The verdict: what was found, in one sentence, how sure it is, and which key tells more.

use super::View;
use crate::monitor::{Certainty, Kind, Verdict};
use crate::report;
use crate::tui::brush::{Brush, wrap};
use crate::tui::state::Phase;
use crate::tui::theme::Tone;

/// After so many seconds without its fault, a buggy program says how to find it.
const PATIENCE: f64 = 15.0;

/// Draws the verdict, or what stands in its place.
pub fn draw(view: &View<'_>, brush: &mut Brush<'_>) {
    if let Some(trouble) = &view.experiment.trouble {
        let first = trouble.remarks.first().map_or(trouble.text.as_str(), |r| r.message.as_str());
        let head = match trouble.remarks.len() {
            0 | 1 => "the saved text does not compile; the old one runs on".to_string(),
            n => format!("the saved text has {n} errors; the old one runs on"),
        };
        brush.text(0, 0, &head, Tone::Bad);
        brush.wrapped(0, 1, first, Tone::Text);
        return;
    }
    let program = view.sight.program;
    let Some(verdict) = view.seen.verdict else {
        return nothing(view, brush);
    };
    let (head, tone) = headline(verdict);
    let mut x = brush.text(0, 0, &head, tone) + 2;
    let sure = certainty(verdict);
    let room = brush.width() - x;
    // Where the kernel's word has no room, the proof stands alone.
    let sure =
        if sure.chars().count() as i32 > room { sure.split(';').next().unwrap_or(&sure) } else { &sure };
    x = brush.text(x, 0, sure, Tone::Dim) + 2;
    let hint = match (&program.fixed_by, verdict.is_fault()) {
        (Some(fix), true) => {
            format!("{} explains · {} runs the fix: {fix}", view.keys.explain, view.keys.toggle)
        }
        _ => format!("{} explains", view.keys.explain),
    };
    let edge = brush.width();
    if x + hint.chars().count() as i32 <= edge {
        brush.text_right(edge, 0, &hint, Tone::Accent);
    }
    let sentence = report::brief(program, verdict, view.seen.snapshot, |actor| view.sight.short(actor));
    below(view, &sentence, Tone::Text, brush);
}

/// A text below the first line, as far as it is scrolled.
fn below(view: &View<'_>, text: &str, tone: Tone, brush: &mut Brush<'_>) {
    let lines = wrap(text, brush.width().max(1) as usize);
    let room = (brush.height() - 1).max(0) as usize;
    let first = super::offset(lines.len(), room, view.scroll);
    for (row, line) in lines.iter().skip(first).take(room).enumerate() {
        brush.text(0, row as i32 + 1, line, tone);
    }
    if first + room < lines.len() && room > 0 {
        brush.text_right(brush.width(), room as i32, " more ▾", Tone::Dim);
    }
}

fn nothing(view: &View<'_>, brush: &mut Brush<'_>) {
    if let Phase::Ended = view.experiment.phase {
        brush.text(0, 0, "the run has ended", Tone::Title);
        return;
    }
    let seconds = view.seen.clock.as_secs_f64();
    let last = view.experiment.at.is_none_or(|at| at == view.experiment.history.last());
    let (head, rest) = if view.experiment.history.beside.over && last {
        (
            "every process came to its end, and nothing was wrong",
            format!("{} starts it again", view.keys.restart),
        )
    } else {
        (
            "no fault seen",
            // A fault that needs a rare schedule may stay away for a whole lecture.
            match view.sight.program.is_correct()
                || view.sight.program.expects.is_empty()
                || seconds < PATIENCE
            {
                true => {
                    format!("for {seconds:.0} s; seen is not proved: another schedule may still go wrong")
                }
                false => format!(
                    "for {seconds:.0} s, and yet there is one: {} finds a schedule, {} runs faster",
                    view.keys.check, view.keys.max_speed
                ),
            },
        )
    };
    let x = brush.text(0, 0, head, Tone::Good) + 1;
    brush.text(x, 0, &rest, Tone::Dim);
    let program = view.sight.program;
    let about = program.about.lines().collect::<Vec<_>>().join(" ");
    below(view, &about, Tone::Dim, brush);
}

/// The words that a verdict is announced with, and their tone.
pub fn headline(verdict: &Verdict) -> (String, Tone) {
    let cause = verdict.cause_name().map(|cause| format!(" · {cause}")).unwrap_or_default();
    let tone = if verdict.is_fault() { Tone::Bad } else { Tone::Dead };
    let tone = if matches!(verdict.kind, Kind::Died { .. }) { Tone::Wait } else { tone };
    (format!("{}{cause}", verdict.kind_name().to_uppercase()), tone)
}

/// How sure it is, and how soon it was found.
fn certainty(verdict: &Verdict) -> String {
    let after = verdict.found.saturating_sub(verdict.since);
    match (verdict.certainty, &verdict.kind) {
        (Certainty::Proved, Kind::Deadlock(_)) => {
            let kernel = match verdict.asleep {
                Some((asleep, asked)) if asked > 0 => {
                    format!("; the kernel shows {asleep} of {asked} asleep there")
                }
                _ => String::new(),
            };
            format!("proved {} after it closed{kernel}", report::time(after))
        }
        (Certainty::Proved, Kind::Violation(_)) => "seen at the instant".to_string(),
        (certainty, _) => certainty.name().to_string(),
    }
}
