//! What passing messages costs: a row a mechanism, with bars, and why the selected one costs what it costs.

use super::kernel::hint_line;
use crate::ipc::Figures;
use crate::lab::SIZES;
use crate::mechanism::{Limit, Mechanism};
use crate::report::{self, Bars, Shown};
use crate::tui::brush::Brush;
use crate::tui::keys::Action;
use crate::tui::state::{App, Feed};
use crate::tui::theme::Tone;

/// Columns and rows at most, with the frame.
pub const SIZE: (u16, u16) = (150, 26);
/// Rows below the table: a line between, what the selected mechanism is and can, why, keys.
const FOOT: i32 = 7;
/// From this height on, there is a foot with more than keys.
const WITH_FOOT: i32 = 20;
/// From these widths on, there are round trips, what a message takes, and what the mechanism can.
const TRIPS: i32 = 52;
const EFFORT: i32 = 72;
const ABILITIES: i32 = 114;
/// Where names, rates and the first bars begin.
const NAME: i32 = 2;
const RATE_END: i32 = 20;
/// Bars of round trips begin at a microsecond and have so many decades.
const DECADES: f64 = 4.0;

/// Draws the table and its foot.
pub fn draw(app: &App, at: usize, size: usize, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let (at, bytes) = (at.min(Mechanism::ALL.len() - 1), SIZES[size % SIZES.len()]);
    sizes(app, bytes, &mut brush.part(0, 0, w, 1));
    let columns = Columns::lay_out(w);
    columns.head(app.carrier().is_some(), &mut brush.part(0, 1, w, 1));
    let foot_height = if h >= WITH_FOOT { FOOT } else { 1 };
    table(app, &columns, at, bytes, &mut brush.part(0, 2, w, h - 2 - foot_height));
    if foot_height > 1 {
        foot(app, report::by_route()[at], bytes, &mut brush.part(0, h - FOOT, w, FOOT - 1));
    }
    hint_line(&hints(app), false, brush);
}

fn hints(app: &App) -> Vec<(String, &'static str)> {
    let key = |action| app.keymap.key(action);
    let mut hints = vec![(format!("{} {}", key(Action::Left), key(Action::Right)), "size")];
    match app.lab().map(|lab| lab.active()) {
        Some(experiment) => {
            let own = experiment.feed == Feed::Own;
            if own && app.carrier().is_some() {
                hints.push(("enter".into(), "run over it"));
            }
            hints.push((key(Action::Restart), "anew"));
            if own {
                // The run goes on behind it, and takes time from it.
                let word = if experiment.paused { "go on" } else { "pause" };
                hints.push((key(Action::Pause), word));
            }
        }
        None => hints.push(("enter".into(), "measure anew")),
    }
    hints.push((key(Action::Back), "close"));
    hints
}

/// Which sizes there are, which one is shown, and what is being done.
fn sizes(app: &App, bytes: usize, brush: &mut Brush<'_>) {
    let w = brush.width();
    let mut x = brush.text(0, 0, if w >= TRIPS { "messages of " } else { "" }, Tone::Dim);
    for other in SIZES {
        let (text, tone) = match other == bytes {
            true => (format!("[{}]", report::bytes(other)), Tone::Selected),
            false => (format!(" {} ", report::bytes(other)), Tone::Text),
        };
        x = brush.text(x, 0, &text, tone) + 1;
    }
    let costs = &app.costs;
    let (text, tone) = match (&costs.error, costs.now, costs.cores) {
        (Some(error), ..) => (error.clone(), Tone::Bad),
        (None, Some((mechanism, size)), _) => {
            let (done, all) = (costs.done(size), Mechanism::ALL.len());
            (format!("measuring {mechanism}, {}: {done} of {all}", report::bytes(size)), Tone::Wait)
        }
        (None, None, _) if app.binary.is_none() && costs.cells.is_empty() => {
            ("no processes can be started here".into(), Tone::Wait)
        }
        (None, None, _) if costs.is_at_work() || costs.cells.is_empty() => {
            ("two processes start".into(), Tone::Wait)
        }
        (None, None, Some(cores)) => {
            let figures = report::by_route().into_iter().filter_map(|m| costs.figures(m, bytes));
            let disturbed = figures.into_iter().any(report::is_disturbed);
            let also = if disturbed { "; ~ disturbed" } else { "" };
            (format!("{}{also}", report::processors(cores)), Tone::Dim)
        }
        (None, None, None) => (String::new(), Tone::Dim),
    };
    let room = (w - x - 1).max(0) as usize;
    let text: String = text.chars().take(room).collect();
    brush.text_right(w, 0, &text, tone);
}

/// Where the columns end, and how long bars are; 0 for what has no room.
struct Columns {
    bar: i32,
    p50: i32,
    p99: i32,
    trip: (i32, i32),
    calls: i32,
    switches: i32,
    copies: i32,
    abilities: i32,
}

impl Columns {
    fn lay_out(w: i32) -> Columns {
        let first = RATE_END + 1;
        let mut columns = Columns {
            bar: (w - first).max(1),
            p50: 0,
            p99: 0,
            trip: (0, 0),
            calls: 0,
            switches: 0,
            copies: 0,
            abilities: 0,
        };
        if w < TRIPS {
            return columns;
        }
        let effort = if w >= EFFORT { 6 + 7 + 5 } else { 0 };
        let abilities = if w >= ABILITIES { 43 } else { 0 };
        let bars = w - first - 7 - 7 - 1 - effort - abilities;
        columns.bar = bars / 2;
        columns.p50 = first + columns.bar + 7;
        columns.p99 = columns.p50 + 7;
        columns.trip = (columns.p99 + 1, bars - bars / 2);
        let end = columns.trip.0 + columns.trip.1;
        if effort > 0 {
            (columns.calls, columns.switches, columns.copies) = (end + 6, end + 13, end + 18);
        }
        if abilities > 0 {
            columns.abilities = end + effort + 2;
        }
        columns
    }

    fn head(&self, runs: bool, brush: &mut Brush<'_>) {
        brush.text(0, 0, if runs { "▶ this run" } else { "" }, Tone::Accent);
        brush.text_right(RATE_END, 0, "msg/s", Tone::Dim);
        if self.bar > 7 {
            brush.text(RATE_END + 1, 0, "one way", Tone::Dim);
        }
        if self.p50 > 0 {
            brush.text_right(self.p50, 0, "p50 µs", Tone::Dim);
            brush.text_right(self.p99, 0, "p99 µs", Tone::Dim);
            let (x, long) = self.trip;
            brush.text(x, 0, "1µs", Tone::Dim);
            brush.text_right(x + long, 0, "10ms", Tone::Dim);
            if long > 20 {
                brush.part(x, 0, long, 1).text_middle(0, "there and back", Tone::Dim);
            }
        }
        if self.calls > 0 {
            brush.text_right(self.calls, 0, "calls", Tone::Dim);
            brush.text_right(self.switches, 0, "switch", Tone::Dim);
            brush.text_right(self.copies, 0, "copy", Tone::Dim);
        }
        if self.abilities > 0 {
            self.can(["who can meet", "whole", "urgent", "longest"], Tone::Dim, 0, brush);
        }
    }

    fn can(&self, words: [&str; 4], tone: Tone, y: i32, brush: &mut Brush<'_>) {
        for (text, by) in words.into_iter().zip([0, 18, 24, 31]) {
            brush.text(self.abilities + by, y, text, tone);
        }
    }
}

/// The rows, by the way that messages take.
fn table(app: &App, columns: &Columns, at: usize, bytes: usize, brush: &mut Brush<'_>) {
    let all = report::by_route();
    let mut lines: Vec<Result<usize, &str>> = Vec::new();
    for (number, mechanism) in all.iter().enumerate() {
        let route = report::route(*mechanism);
        if number == 0 || report::route(all[number - 1]) != route {
            lines.push(Err(report::ROUTES[route]));
        }
        lines.push(Ok(number));
    }
    let height = brush.height().max(0) as usize;
    let selected = lines.iter().position(|line| *line == Ok(at)).unwrap_or(0);
    // The first row is shown with its heading.
    let first = if selected < height { 0 } else { selected + 1 - height };
    let rates = all.iter().filter_map(|mechanism| Some(app.costs.figures(*mechanism, bytes)?.one_way.per_s));
    let fastest = rates.fold(0.0, f64::max);
    for (y, line) in lines.iter().skip(first).take(height).enumerate() {
        match line {
            Err(route) => drop(brush.text(0, y as i32, route, Tone::Title)),
            Ok(number) => {
                let w = brush.width();
                let mut row = brush.part(0, y as i32, w, 1);
                cells(app, columns, all[*number], (bytes, fastest), *number == at, &mut row);
            }
        }
    }
}

/// The row of one mechanism.
fn cells(
    app: &App,
    columns: &Columns,
    mechanism: Mechanism,
    (bytes, fastest): (usize, f64),
    selected: bool,
    brush: &mut Brush<'_>,
) {
    let tone = |tone: Tone| if selected { Tone::Selected } else { tone };
    if selected {
        let blank = " ".repeat(brush.width().max(0) as usize);
        brush.text(0, 0, &blank, Tone::Selected);
    }
    if app.carrier() == Some(mechanism) {
        brush.text(0, 0, "▶", tone(Tone::Accent));
    }
    brush.text(NAME, 0, mechanism.name(), tone(Tone::Text));
    let past = mechanism.abilities().kernel_copies == 0;
    let way = tone(if past { Tone::Good } else { Tone::Keyword });
    if columns.abilities > 0 {
        columns.can(abilities(mechanism), tone(Tone::Dim), 0, brush);
    }
    let figures = match app.costs.cells.get(&(mechanism, bytes)) {
        Some(Ok(figures)) => figures,
        Some(Err(why)) => {
            brush.text_right(RATE_END, 0, "–", tone(Tone::Dim));
            let end = if columns.abilities > 0 { columns.abilities - 1 } else { brush.width() };
            brush.part(0, 0, end, 1).text(RATE_END + 1, 0, why, tone(Tone::Dim));
            return;
        }
        None => {
            let now = app.costs.now == Some((mechanism, bytes));
            let (text, waits) = if now { ("measured now", Tone::Wait) } else { ("…", Tone::Dim) };
            brush.text(RATE_END + 1, 0, text, tone(waits));
            return;
        }
    };
    let shown = Shown::of(figures);
    brush.text_right(RATE_END, 0, &shown.per_s, tone(Tone::Text));
    let bars = if brush.theme.ascii { Bars::Ascii } else { Bars::Blocks };
    brush.text(RATE_END + 1, 0, &bars.draw(figures.one_way.per_s / fastest, columns.bar as usize), way);
    if columns.p50 > 0 {
        brush.text_right(columns.p50, 0, &shown.p50, tone(Tone::Text));
        brush.text_right(columns.p99, 0, &shown.p99, tone(Tone::Text));
        brush.text(columns.trip.0, 0, &trip(figures, columns.trip.1), way);
    }
    if columns.calls > 0 {
        brush.text_right(columns.calls, 0, &shown.calls, tone(Tone::Text));
        brush.text_right(columns.switches, 0, &shown.switches, tone(Tone::Text));
        let copies = mechanism.abilities().kernel_copies.to_string();
        brush.text_right(columns.copies, 0, &copies, tone(Tone::Text));
    }
}

/// A bar of round trips on a scale of powers of ten: up to the median, and paler up to the 99th percentile.
fn trip(figures: &Figures, long: i32) -> String {
    let times = &figures.round_trip.times;
    let columns = |nanos: f64| {
        let share = (nanos / 1e3).max(1.0).log10() / DECADES;
        ((share * f64::from(long)).round() as usize).clamp(1, long.max(1) as usize)
    };
    let (half, most) = (columns(times.p50), columns(times.p99));
    "█".repeat(half) + &"░".repeat(most.saturating_sub(half))
}

fn abilities(mechanism: Mechanism) -> [&'static str; 4] {
    let abilities = mechanism.abilities();
    let word = |can: bool| if can { "yes" } else { "no" };
    let longest = match abilities.limit {
        Limit::Stream => "only bytes",
        Limit::Fixed(_) => "one word",
        Limit::Chosen => "as chosen",
        Limit::Tunable(_) => "tunable",
    };
    [report::reach(mechanism), word(abilities.boundaries), word(abilities.priorities), longest]
}

/// The selected mechanism: its way, what it can and cannot do, and why it costs what it costs.
fn foot(app: &App, mechanism: Mechanism, bytes: usize, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let line = "─".repeat(w.max(0) as usize);
    brush.text(0, 0, &line, Tone::Border);
    let x = brush.text(0, 1, mechanism.title(), Tone::Title);
    let x = brush.text(x, 1, &format!(", {}  ", mechanism.man_page()), Tone::Dim);
    match mechanism.calls() {
        Some([into, out]) => {
            let x = brush.text(x, 1, &format!("A ─{into}▸"), Tone::Accent);
            let x = brush.text(x, 1, "▕kernel▏", Tone::Keyword);
            brush.text(x, 1, &format!("─{out}▸ B"), Tone::Accent);
        }
        None => drop(brush.text(x, 1, "A ─stores▸▕memory of both▏─loads▸ B", Tone::Good)),
    }
    let [meet, whole, urgent, _] = abilities(mechanism);
    let longest = match mechanism.abilities().limit {
        Limit::Stream => "only bytes".to_string(),
        Limit::Chosen => "as long as chosen".to_string(),
        _ => format!("longest {}", report::longest(mechanism)),
    };
    let can = format!("{meet} · in one piece: {whole} · urgent first: {urgent} · {longest}");
    brush.text(0, 2, &can, Tone::Dim);
    // Beside one that takes the other way.
    let past = |mechanism: Mechanism| mechanism.abilities().kernel_copies == 0;
    let mut others = [Mechanism::Pipe, Mechanism::Shm].into_iter().chain(report::by_route());
    let other = others.find_map(|other| {
        (past(other) != past(mechanism)).then(|| Some((other, app.costs.figures(other, bytes)?)))?
    });
    let mut why = report::why(mechanism, app.costs.figures(mechanism, bytes), other);
    if w >= ABILITIES {
        why += " There and back, one has to wake the other each time: that costs most of it, over any mechanism.";
    }
    brush.part(0, 3, w, h - 3).wrapped(0, 0, &why, Tone::Text);
}
