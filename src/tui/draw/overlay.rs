//! What lies over a screen.

use ratatui::layout::Rect;

use super::lab::{middle, with_view};
use super::{Areas, costs, examined, explain, kernel, menu, process};
use crate::lab::Happened;
use crate::tui::brush::Brush;
use crate::tui::keys::{Scope, TABLE};
use crate::tui::panes::View;
use crate::tui::state::{App, Editable, Overlay, Screen};
use crate::tui::theme::Tone;
use crate::tui::update::matching;

/// Draws what is open.
pub fn draw(app: &App, overlay: &Overlay, brush: Brush<'_>, areas: &mut Areas) {
    let area = brush.area();
    let (title, size) = match overlay {
        Overlay::Help { .. } => ("keys: type to search, esc closes", (90, area.height.saturating_sub(2))),
        Overlay::Palette { .. } => ("command", (100, 18)),
        Overlay::Solutions { .. } => ("solutions", (86, 16)),
        Overlay::Parameters { values, .. } => ("parameters", (64, values.len() as u16 + 5)),
        Overlay::Check { .. } => ("every schedule", (92, area.height.saturating_sub(4).min(20))),
        Overlay::Explain { .. } => ("explained", (96, area.height.saturating_sub(2))),
        Overlay::Inspect { .. } => {
            ("one process, as the kernel sees it", (100, area.height.saturating_sub(2).min(50)))
        }
        Overlay::Kernel { watched, .. } => {
            let rows = (kernel::rows(watched) + 2).min(area.height.saturating_sub(2));
            ("the run, as the kernel sees it", (164, rows))
        }
        Overlay::Costs { .. } => ("what passing messages costs", costs::SIZE),
        Overlay::Log { .. } => {
            ("operations: type to filter, esc closes", (96, area.height.saturating_sub(2)))
        }
    };
    let place: Rect = middle(area, size.0.min(area.width), size.1.min(area.height));
    let mut brush = brush.into_part(
        i32::from(place.x - area.x),
        i32::from(place.y - area.y),
        i32::from(place.width),
        i32::from(place.height),
    );
    brush.clear();
    brush.frame(title, Tone::Focus, Tone::Focus);
    let (w, h) = (brush.width() - 4, brush.height() - 2);
    let mut inside = brush.part(2, 1, w, h);
    match overlay {
        Overlay::Help { filter, scroll } => help(app, filter, *scroll, &mut inside),
        Overlay::Palette { input, at } => palette(app, input, *at, &mut inside, areas),
        Overlay::Solutions { at } => solutions(app, *at, &mut inside, areas),
        Overlay::Parameters { at, values, typing } => parameters(*at, values, typing, &mut inside, areas),
        Overlay::Check { examination, at } => examined::draw(examination, *at, &mut inside, areas),
        Overlay::Explain { scroll } => in_lab(app, |view| explain::draw(app, view, *scroll, &mut inside)),
        Overlay::Inspect { actor, watched, scroll, .. } => {
            in_lab(app, |view| process::draw(app, view, *actor, watched, *scroll, &mut inside));
        }
        Overlay::Kernel { watched, at } => kernel::draw(app, watched, *at, &mut inside),
        Overlay::Costs { at, size } => costs::draw(app, *at, *size, &mut inside),
        Overlay::Log { filter, scroll } => in_lab(app, |view| log(view, filter, *scroll, &mut inside)),
    }
}

fn in_lab(app: &App, draw: impl FnOnce(&View<'_>)) {
    if let Screen::Lab(lab) = &app.screen {
        with_view(app, lab.active(), 0, draw);
    }
}

fn help(app: &App, filter: &str, scroll: usize, brush: &mut Brush<'_>) {
    let lower = filter.to_lowercase();
    let x = brush.text(0, 0, "search: ", Tone::Dim);
    brush.text(x, 0, &format!("{filter}▏"), Tone::Accent);
    let mut lines: Vec<(Option<String>, String, Tone)> = Vec::new();
    for (scope, head) in [
        (Scope::Lab, "where a run is shown"),
        (Scope::Menu, "in the menu"),
        (Scope::Everywhere, "everywhere"),
    ] {
        let fits = |e: &&crate::tui::keys::Entry| {
            e.scope == scope && (e.help.to_lowercase().contains(&lower) || e.name.contains(&lower))
        };
        let entries: Vec<_> = TABLE.iter().filter(fits).collect();
        if !entries.is_empty() {
            lines.push((None, head.to_string(), Tone::Title));
            for entry in entries {
                lines.push((Some(app.keymap.keys(entry).join(" ")), entry.help.to_string(), Tone::Text));
            }
        }
    }
    let signs =
        "signs: ○ at rest  ◐ trying  ◌ waiting  ● in its activity  ‖ frozen  ✝ dead  ■ done  ✗ broke a rule";
    let bars = "timeline: ─ at rest  ╌ trying  ░ waiting  █ in its activity  ▓ stuck  ▴ released  ▾ woken";
    let marks = "program: ▎ differs from its pair  ▸ where the selected process is";
    for line in [signs, bars, marks] {
        lines.push((None, line.to_string(), Tone::Dim));
    }
    let height = (brush.height() - 1).max(0) as usize;
    let first = scroll.min(lines.len().saturating_sub(height));
    for (y, (keys, text, tone)) in lines.iter().skip(first).take(height).enumerate() {
        let y = y as i32 + 1;
        match keys {
            Some(keys) => {
                brush.text(1, y, keys, Tone::Accent);
                brush.text(18, y, text, *tone);
            }
            None => drop(brush.text(0, y, text, *tone)),
        }
    }
    if first + height < lines.len() {
        let (edge, y) = (brush.width(), brush.height() - 1);
        brush.text_right(edge, y, " more ▾", Tone::Dim);
    }
}

fn palette(app: &App, input: &str, at: usize, brush: &mut Brush<'_>, areas: &mut Areas) {
    brush.text(0, 0, &format!(":{input}▏"), Tone::Accent);
    let found = matching(input, app.scope());
    let rows = (brush.height() - 1).max(0) as usize;
    let first = at.saturating_sub(rows.saturating_sub(1));
    let (w, h) = (brush.width(), brush.height());
    areas.rows = Some((brush.part(0, 1, w, h - 1).area(), first));
    if found.is_empty() {
        brush.text(0, 1, "no command is called so", Tone::Dim);
    }
    for (y, entry) in found.iter().skip(first).take(rows).enumerate() {
        let tone = if first + y == at { Tone::Selected } else { Tone::Text };
        brush.text(0, y as i32 + 1, &format!(" {:<16}", entry.name), tone);
        brush.text(18, y as i32 + 1, entry.help, Tone::Dim);
        brush.text_right(w, y as i32 + 1, &format!(" {}", app.keymap.key(entry.action)), Tone::Accent);
    }
}

fn solutions(app: &App, at: usize, brush: &mut Brush<'_>, areas: &mut Areas) {
    let Some(known) = app.problem() else { return };
    let list = brush.height() - 4;
    let rows = list.max(1) as usize;
    let first = at.saturating_sub(rows.saturating_sub(1));
    let w = brush.width();
    areas.rows = Some((brush.part(0, 0, w, list).area(), first));
    let widest = known.solutions.iter().map(|s| s.title.chars().count() as i32).max().unwrap_or(0);
    for (y, choice) in known.solutions.iter().skip(first).take(rows).enumerate() {
        menu::solution(choice, first + y == at, widest, y as i32, brush);
    }
    if let Some(choice) = known.solutions.get(at) {
        let about = choice.about.replace('\n', " ");
        brush.part(0, list + 1, w, 3).wrapped(0, 0, &about, Tone::Dim);
    }
}

fn parameters(at: usize, values: &[Editable], typing: &str, brush: &mut Brush<'_>, areas: &mut Areas) {
    let (w, h) = (brush.width(), brush.height());
    areas.rows = Some((brush.part(0, 0, w, h - 2).area(), 0));
    for (y, value) in values.iter().enumerate() {
        let tone = if y == at { Tone::Selected } else { Tone::Text };
        let shown = if y == at && !typing.is_empty() { typing.to_string() } else { value.value.to_string() };
        let bad = value.value < value.range.0 || value.value > value.range.1;
        brush.text(0, y as i32, &format!(" {:<12} ", value.name), tone);
        let x = brush.text(15, y as i32, &format!("◂ {shown} ▸"), if bad { Tone::Bad } else { Tone::Accent });
        brush.text(x + 2, y as i32, &format!("{} to {}", value.range.0, value.range.1), Tone::Dim);
    }
    brush.text(0, h - 1, "digits or arrows change, enter starts the run with these", Tone::Dim);
}

/// An operation as a line: when, who, where, what.
pub(super) fn event_line(view: &View<'_>, event: &Happened) -> String {
    let program = view.sight.program;
    let line = program.actors[event.actor.index()].code.line(event.position);
    let text = view.experiment.subject.lines().nth((line as usize).wrapping_sub(1)).unwrap_or("").trim();
    let object = event.object.map(|o| format!("  [{}]", program.object_name(o))).unwrap_or_default();
    format!(
        "{:>11.6} s  {:<5} {line:>4}: {text}{object}",
        event.at.as_secs_f64(),
        view.sight.short(event.actor)
    )
}

fn log(view: &View<'_>, filter: &str, scroll: usize, brush: &mut Brush<'_>) {
    let x = brush.text(0, 0, "filter: ", Tone::Dim);
    brush.text(x, 0, &format!("{filter}▏"), Tone::Accent);
    let history = &view.experiment.history;
    let lost = if history.beside.lost > 0 {
        format!("{} were overwritten unseen", history.beside.lost)
    } else {
        String::new()
    };
    let edge = brush.width();
    brush.text_right(edge, 0, &lost, Tone::Wait);
    let prints = history.beside.prints.iter().rev().map(|line| format!("printed: {line}"));
    let rows = (brush.height() - 1).max(0) as usize;
    let lower = filter.to_lowercase();
    let before = history.beside.events.iter().rev().filter(|e| e.at <= view.seen.clock);
    let fits = |line: &String| lower.is_empty() || line.to_lowercase().contains(&lower);
    let printed = prints.filter(fits).take(3);
    let lines: Vec<String> = printed
        .chain(before.map(|event| event_line(view, event)).filter(fits).skip(scroll))
        .take(rows)
        .collect();
    if lines.is_empty() {
        let many = view.seen.snapshot.actors.len() > crate::lab::MAX_LANES;
        let why =
            if many { "of so many actors, single operations are not followed" } else { "nothing that fits" };
        brush.text(0, 1, why, Tone::Dim);
    }
    for (y, line) in lines.iter().rev().enumerate() {
        brush.text(0, y as i32 + 1, line, Tone::Text);
    }
}
