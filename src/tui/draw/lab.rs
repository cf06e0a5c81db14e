//! The lab screen.

use ratatui::layout::Rect;

use super::{Areas, hints, list, pane};
use crate::board::Speed;
use crate::lab::Walking;
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::keys::Action;
use crate::tui::panes::{self, Keys, View};
use crate::tui::state::{App, Experiment, Feed, Lab, Pane, Phase};
use crate::tui::theme::Tone;

/// From these sizes on, all panes are shown.
const FULL: (i32, i32) = (100, 30);
/// Below these, there is only a list.
const SMALL: (i32, i32) = (60, 17);

/// Draws one run, or two.
pub fn draw(app: &App, lab: &Lab, mut brush: Brush<'_>, areas: &mut Areas) {
    let (w, h) = (brush.width(), brush.height());
    if lab.experiments.len() > 1 && w >= SMALL.0 {
        let half = w / 2;
        for (at, experiment) in lab.experiments.iter().enumerate() {
            let (left, width) = if at == 0 { (0, half) } else { (half + 1, w - half - 1) };
            let part = brush.part(left, 0, width, h - 1);
            column(app, lab, experiment, at == lab.active, part);
        }
        for y in 0..h - 1 {
            brush.text(half, y, "│", Tone::Border);
        }
        return hints(app, &mut brush);
    }
    let experiment = lab.active();
    title(experiment, true, &mut brush.part(0, 0, w, 1));
    hints(app, &mut brush);
    if !begun(experiment, &mut brush.part(0, 1, w, h - 2)) {
        return;
    }
    if lab.zoom {
        show(app, lab, experiment, lab.focus, brush.part(0, 1, w, h - 2), Shape::Framed, areas);
    } else if w < SMALL.0 || h < SMALL.1 {
        list::draw(app, lab, experiment, brush.part(0, 1, w, h - 2));
    } else if w < FULL.0 || h < FULL.1 {
        small(app, lab, brush, areas);
    } else {
        full(app, lab, brush, areas);
    }
}

/// How a pane is set off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Framed,
    Ruled,
}

fn full(app: &App, lab: &Lab, mut brush: Brush<'_>, areas: &mut Areas) {
    let (w, h) = (brush.width(), brush.height() - 2);
    let actors = lab.active().subject.program.actors.len() as i32;
    let verdict = if h >= 50 { 5 } else { 4 };
    let timeline = actors.clamp(2, (h / 6).max(5)) + 2;
    let bottom = (h / 5).clamp(7, 14);
    let top = h - verdict - timeline - bottom;
    let experiment = lab.active();
    let half = w / 2;
    let third = w / 3;
    let parts = [
        (Pane::Scene, 0, 1, half - 1, top),
        (Pane::Program, half, 1, w - half, top),
        (Pane::Timeline, 0, 1 + top, w, timeline),
        (Pane::Waits, 0, 1 + top + timeline, third - 1, bottom),
        (Pane::Objects, third, 1 + top + timeline, third - 1, bottom),
        (Pane::Fairness, 2 * third, 1 + top + timeline, w - 2 * third, bottom),
        (Pane::Verdict, 0, 1 + h - verdict, w, verdict),
    ];
    for (pane, x, y, width, height) in parts {
        if x > 0 {
            divider(x - 1, y, height, &mut brush);
        }
        show(app, lab, experiment, pane, brush.part(x, y, width, height), Shape::Ruled, areas);
    }
}

/// Scene and program, one more pane, the verdict.
fn small(app: &App, lab: &Lab, mut brush: Brush<'_>, areas: &mut Areas) {
    let (w, h) = (brush.width(), brush.height() - 2);
    let actors = lab.active().subject.program.actors.len() as i32;
    let verdict = 5;
    let middle = (actors + 2).clamp(4, 7);
    let top = h - verdict - middle;
    let third = match lab.focus {
        Pane::Waits | Pane::Objects | Pane::Fairness => lab.focus,
        _ => Pane::Timeline,
    };
    let half = w / 2;
    let experiment = lab.active();
    let parts = [
        (Pane::Scene, 0, 1, half - 1, top),
        (Pane::Program, half, 1, w - half, top),
        (third, 0, 1 + top, w, middle),
        (Pane::Verdict, 0, 1 + h - verdict, w, verdict),
    ];
    for (pane, x, y, width, height) in parts {
        if x > 0 {
            divider(x - 1, y, height, &mut brush);
        }
        show(app, lab, experiment, pane, brush.part(x, y, width, height), Shape::Ruled, areas);
    }
}

/// A line between two panes.
fn divider(x: i32, y: i32, height: i32, brush: &mut Brush<'_>) {
    brush.text(x, y, "┬", Tone::Border);
    for row in y + 1..y + height {
        brush.text(x, row, "│", Tone::Border);
    }
}

/// One of two runs side by side.
fn column(app: &App, lab: &Lab, experiment: &Experiment, active: bool, mut brush: Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    title(experiment, active, &mut brush.part(0, 0, w, 1));
    if !begun(experiment, &mut brush.part(0, 1, w, h - 1)) {
        return;
    }
    let mut areas = Areas::default();
    let actors = experiment.subject.program.actors.len() as i32;
    let verdict = 6.min(h / 4).max(3);
    let timeline = (actors + 2).min(h / 4);
    let rest = h - 1 - verdict - timeline;
    let program = if h >= 34 { rest * 2 / 5 } else { 0 };
    let mut y = 1;
    for (pane, height) in [
        (Pane::Scene, rest - program),
        (Pane::Program, program),
        (Pane::Timeline, timeline),
        (Pane::Verdict, verdict),
    ] {
        show(app, lab, experiment, pane, brush.part(0, y, w, height), Shape::Ruled, &mut areas);
        y += height;
    }
}

/// Draws a pane with its border.
fn show(
    app: &App,
    lab: &Lab,
    experiment: &Experiment,
    which: Pane,
    brush: Brush<'_>,
    shape: Shape,
    areas: &mut Areas,
) {
    if brush.height() < 2 || brush.width() < 4 {
        return;
    }
    let focused = lab.focus == which && lab.experiments.len() == 1;
    let (mut inside, area) = pane(which.title(), focused, brush, shape == Shape::Ruled);
    areas.panes.push((area, which));
    with_view(app, experiment, lab.scrolled(which), |view| panes::draw(which, view, &mut inside));
}

/// Hands over what panes draw from.
pub(super) fn with_view(app: &App, experiment: &Experiment, scroll: isize, draw: impl FnOnce(&View<'_>)) {
    let Some(seen) = experiment.seen() else { return };
    let mentioned = [Action::Explain, Action::Toggle, Action::Restart, Action::Check, Action::MaxSpeed];
    let keys = mentioned.map(|action| app.keymap.key(action));
    let sight = Sight {
        program: &experiment.subject.program,
        snapshot: seen.snapshot,
        stuck: seen.stuck,
        selected: Some(experiment.selected),
        frozen: &experiment.frozen,
        over: experiment.subject.over,
        clock: seen.clock,
        stepwise: experiment.feed == Feed::Walked,
    };
    draw(&View {
        experiment,
        seen: &seen,
        sight,
        theme: app.theme,
        scroll,
        keys: Keys {
            explain: &keys[0],
            toggle: &keys[1],
            restart: &keys[2],
            check: &keys[3],
            max_speed: &keys[4],
        },
    });
}

/// Says why there is nothing to see yet, if so.
fn begun(experiment: &Experiment, brush: &mut Brush<'_>) -> bool {
    let middle = brush.height() / 2;
    match &experiment.phase {
        Phase::Failed(error) => {
            brush.text_middle(1, "it could not start", Tone::Bad);
            let width = brush.width() - 4;
            let height = brush.height() - 3;
            brush.part(2, 3, width, height).wrapped(0, 0, error, Tone::Text);
            false
        }
        Phase::Starting(_) if experiment.seen().is_none() => {
            let count = experiment.subject.program.actors.len();
            let plural = if count == 1 { "" } else { "es" };
            brush.text_middle(middle, &format!("starting {count} process{plural} …"), Tone::Dim);
            false
        }
        _ if experiment.seen().is_none() => {
            brush.text_middle(middle, "nothing seen yet", Tone::Dim);
            false
        }
        _ => true,
    }
}

/// The first row: what runs, whether it is right, time, speed, seed.
pub(super) fn title(experiment: &Experiment, active: bool, brush: &mut Brush<'_>) {
    let program = &experiment.subject.program;
    let w = brush.width();
    let line = "─".repeat(w.max(0) as usize);
    brush.text(0, 0, &line, if active { Tone::Focus } else { Tone::Border });
    let name =
        if program.solution.is_empty() { experiment.subject.name.clone() } else { program.solution.clone() };
    let right = status(experiment);
    let room = w - right.chars().count() as i32 - 3;
    let mut left = brush.part(1, 0, room - 1, 1);
    let long = format!(" {} · {name} ", program.problem);
    let shown = if long.chars().count() as i32 + 12 > room { format!(" {name} ") } else { long };
    let x = left.text(0, 0, &shown, Tone::Title);
    let (mark, tone) = match (program.expects.is_empty(), program.is_correct()) {
        (true, _) => ("", Tone::Dim),
        (_, true) => ("✓ correct ", Tone::Good),
        (_, false) => ("✗ buggy ", Tone::Bad),
    };
    left.text(x, 0, mark, tone);
    let held = (experiment.paused || experiment.at.is_some() && experiment.feed != Feed::Recorded)
        && experiment.feed != Feed::Walked;
    let tone = if held { Tone::Wait } else { Tone::Title };
    brush.text_right(w - 1, 0, &right, tone);
}

fn status(experiment: &Experiment) -> String {
    let Some(seen) = experiment.seen() else { return String::new() };
    let seconds = seen.clock.as_secs_f64();
    let clock = format!("{:02}:{:04.1}", seconds as u64 / 60, seconds % 60.0);
    let sign = match (experiment.at, experiment.paused, experiment.feed) {
        (at, _, Feed::Walked) => format!("step {} of {}", at.unwrap_or(0), experiment.history.last()),
        (_, paused, Feed::Recorded) => {
            let whole = experiment.history.beside.clock.as_secs_f64();
            format!(
                "{} {clock} of {:02}:{:04.1}",
                if paused { "⏸" } else { "▶" },
                whole as u64 / 60,
                whole % 60.0
            )
        }
        (Some(_), ..) => {
            let back = experiment.history.beside.clock.saturating_sub(seen.clock).as_secs_f64();
            format!("◀ {back:.1} s ago · {clock}")
        }
        (None, true, _) => format!("⏸ paused · {clock}"),
        (None, false, _) => format!("▶ {clock}"),
    };
    let speed = match experiment.speed {
        Speed::MAX => "max".to_string(),
        Speed(v) => format!("×{}", v as f64 / 1e6),
    };
    let rest = match experiment.feed {
        Feed::Own => format!("{speed} · seed {}", experiment.seed),
        Feed::Followed => "followed, read-only".to_string(),
        Feed::Recorded => format!("recording · seed {}", experiment.seed),
        Feed::Walked if experiment.walking.as_ref().is_some_and(Walking::is_real) => {
            "real processes".to_string()
        }
        Feed::Walked => "the model".to_string(),
    };
    format!(" {sign} · {rest} ")
}

/// A part of this size in the middle of another, as far as it fits.
pub(super) fn middle(outer: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(outer.width), height.min(outer.height));
    Rect { x: outer.x + (outer.width - width) / 2, y: outer.y + (outer.height - height) / 2, width, height }
}
