//! On a walk, in the place of the verdict: the step that led here, what lies ahead, and at the end what is wrong.

use super::View;
use crate::check::Ahead;
use crate::lab::Walking;
use crate::program::Program;
use crate::report;
use crate::tui::brush::{Brush, wrap};
use crate::tui::theme::Tone;

/// Draws it.
pub fn draw(view: &View<'_>, walking: &Walking, brush: &mut Brush<'_>) {
    let program = view.sight.program;
    let at = view.experiment.at.unwrap_or(0);
    let last = walking.steps.len();
    let mut x = match at.checked_sub(1).and_then(|at| walking.steps.get(at)) {
        None => brush.text(0, 0, "nobody has moved yet", Tone::Dim),
        Some(step) => {
            let lines: Vec<&str> = view.experiment.subject.lines().collect();
            let x = brush.text(0, 0, &format!("{} ", program.actor_name(step.actor)), Tone::Title);
            let x = brush.text(x, 0, &report::doing(program, &lines, step), Tone::Text) + 2;
            brush.text(x, 0, &report::effect(program, step), Tone::Accent)
        }
    };
    if walking.cycle.is_some_and(|cycle| at > cycle) {
        x = brush.text(x + 2, 0, "↻ from here on it repeats", Tone::Wait);
    }
    let edge = brush.width();
    let hint = match walking.may_be_real() {
        true => format!("{} lets real processes go along", view.keys.explain),
        false => "writes wait in buffers (total store order)".to_string(),
    };
    if !walking.is_real() && x + 2 + hint.chars().count() as i32 <= edge {
        brush.text_right(edge, 0, &hint, Tone::Accent);
    }
    let real = real(walking, at);
    if let Some((text, tone)) = &real {
        let (text, room) = (text.as_str(), edge - x - 2);
        if text.chars().count() as i32 <= room {
            brush.text_right(edge, 0, text, *tone);
        }
    }
    let mut lines: Vec<(String, Tone)> = Vec::new();
    match walking.kind.filter(|_| at == last) {
        Some(kind) => {
            let verdict = walking.real_at(at).and_then(|arrived| arrived.verdict.as_ref());
            let kernel = verdict.and_then(|verdict| verdict.asleep).filter(|(_, asked)| *asked > 0);
            let kernel =
                kernel.map(|(asleep, asked)| format!(": the kernel shows {asleep} of {asked} asleep there"));
            let head =
                format!("{} in {}{}", kind.to_uppercase(), report::counted(last), kernel.unwrap_or_default());
            lines.push((head, Tone::Bad));
            if let Some(score) = score(walking, last) {
                lines.push((score, Tone::Good));
            }
            lines
                .extend(wrap(&walking.text, edge.max(1) as usize).into_iter().map(|line| (line, Tone::Text)));
        }
        None => lines.push(ahead(program, walking, at, last)),
    }
    if let Some(Err(error)) = &walking.arrived {
        lines.extend(wrap(error, edge.max(1) as usize).into_iter().map(|line| (line, Tone::Bad)));
    }
    let movers = walking.movers();
    if !movers.is_empty() {
        let names: Vec<String> = movers.iter().map(|(actor, _)| view.sight.short(*actor)).collect();
        lines.push((format!("can move: {}", names.join(" ")), Tone::Dim));
    }
    let room = (brush.height() - 1).max(0) as usize;
    for (row, (line, tone)) in
        lines.iter().skip(super::offset(lines.len(), room, view.scroll)).take(room).enumerate()
    {
        brush.text(0, row as i32 + 1, line, *tone);
    }
}

/// Where the real processes are.
fn real(walking: &Walking, at: usize) -> Option<(String, Tone)> {
    if !walking.is_real() {
        return None;
    }
    Some(match walking.real_at(at) {
        Some(arrived) => {
            (format!("{} real processes stand here too", arrived.picture.actors.len()), Tone::Good)
        }
        None => ("the real processes are on their way …".into(), Tone::Dim),
    })
}

fn score(walking: &Walking, steps: usize) -> Option<String> {
    let best = walking.best.filter(|_| walking.own)?;
    let own = report::counted(steps);
    Some(if best >= steps {
        format!("you broke it in {own}: nobody can do it in fewer")
    } else {
        format!("you broke it in {own}; {best} {}", if best == 1 { "is enough" } else { "are enough" })
    })
}

/// How much of a way is left.
fn left(steps: usize) -> String {
    format!("{} {} left of this way", report::counted(steps), if steps == 1 { "is" } else { "are" })
}

/// What lies ahead.
fn ahead(program: &Program, walking: &Walking, at: usize, last: usize) -> (String, Tone) {
    let rest = if walking.own { String::new() } else { left(last - at) };
    let (text, tone) = match walking.ahead_of(at) {
        None => ("looking ahead …".to_string(), Tone::Dim),
        Some(Ahead::Fault { kind, steps, next }) => {
            let who =
                next.map_or(String::new(), |actor| format!("; {} would go there", program.actor_name(actor)));
            (format!("a {} is {} from here{who}", kind.name(), report::counted(steps)), Tone::Wait)
        }
        Some(Ahead::Nothing) => ("no way from here leads to a deadlock or a broken rule".into(), Tone::Good),
        Some(Ahead::Far { depth }) => {
            (format!("nothing goes wrong within {} from here", report::counted(depth as usize)), Tone::Dim)
        }
    };
    (if rest.is_empty() { text } else { format!("{rest} · {text}") }, tone)
}
