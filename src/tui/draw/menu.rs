//! The menu: problems with a small picture each, what they teach, their solutions.

use super::{Areas, hints};
use crate::program::{Expect, Expected, Under};
use crate::tui::brush::{Brush, wrap};
use crate::tui::state::{App, Choice, Teaching};
use crate::tui::theme::Tone;

/// Time that a picture of a postcard stays.
const PICTURE_MS: u128 = 700;
/// Rows of a postcard, with its border.
const CARD: i32 = 7;
/// Columns before a solution's title, and at least behind it.
const MARK: i32 = 12;
const SHOWS: i32 = 14;
/// Rows for what the selected solution is.
const ABOUT: i32 = 7;

/// Draws the menu.
pub fn draw(app: &App, mut brush: Brush<'_>, areas: &mut Areas) {
    let (w, h) = (brush.width(), brush.height());
    let line = "─".repeat(w.max(0) as usize);
    brush.text(0, 0, &line, Tone::Focus);
    brush.text(1, 0, " fiveforks ", Tone::Title);
    match app.menu.only {
        Some(only) => {
            let tag = format!(" only: {} · {} solutions ", only.words(), app.menu.count());
            brush.text_right(w - 1, 0, &tag, Tone::Accent);
        }
        None if w > 60 => {
            brush.text_right(w - 1, 0, " an operating-systems concurrency lab ", Tone::Dim);
        }
        None => {}
    }
    hints(app, &mut brush);
    let body = h - 2;
    if w < 60 || body < 12 {
        return list(app, &mut brush.part(0, 1, w, body), areas);
    }
    let cards = if w >= 100 { 30 } else { 23 };
    problems(app, &mut brush.part(0, 1, cards, body));
    if let Some(problem) = app.menu.current() {
        detail(app, problem, &mut brush.part(cards + 1, 1, w - cards - 2, body), areas);
    }
}

/// A postcard for each problem; where they have no room, one for the selected problem and a line for each other one.
fn problems(app: &App, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let count = app.menu.problems.len() as i32;
    let (card, line) = match h / count.max(1) {
        0..3 => ((h - count + 1).clamp(3, CARD), 1),
        fits => (fits.min(CARD), fits.min(CARD)),
    };
    // What has no room above the selected one is left out.
    let first = (app.menu.problem as i32 - (h - card) / line).max(0);
    let mut y = 0;
    for (at, problem) in app.menu.problems.iter().enumerate().skip(first as usize) {
        let selected = at == app.menu.problem;
        if selected || line >= 3 {
            postcard(app, problem, selected, brush.part(0, y, w, card));
        } else {
            brush.text(2, y, &problem.title, Tone::Title);
        }
        y += if selected { card } else { line };
    }
}

/// Problem and solutions below each other, where there is no room for more.
fn list(app: &App, brush: &mut Brush<'_>, areas: &mut Areas) {
    let Some(problem) = app.menu.current() else { return };
    let head = format!("{} ({} of {})", problem.title, app.menu.problem + 1, app.menu.problems.len());
    brush.text(1, 0, &head, Tone::Title);
    let (w, h) = (brush.width(), brush.height());
    solutions(app, problem, &mut brush.part(0, 1, w, h - 1), areas);
}

/// A problem's name and a picture that moves.
fn postcard(app: &App, problem: &Teaching, selected: bool, mut brush: Brush<'_>) {
    let (tone, title) = if selected { (Tone::Focus, Tone::Focus) } else { (Tone::Border, Tone::Title) };
    brush.frame(&problem.title, tone, title);
    let pictures = pictures(&problem.scene);
    let moving = selected && !app.theme.still;
    let at = if moving { (app.opened.elapsed().as_millis() / PICTURE_MS) as usize } else { 0 };
    let Some(picture) = pictures.get(at % pictures.len().max(1)) else { return };
    let (w, h) = (brush.width() - 2, brush.height() - 2);
    let mut inside = brush.part(1, 1, w, h);
    let top = (h - picture.len() as i32).max(0) / 2;
    let tall = picture.len() as i32;
    // Where the whole picture has no room, its middle is shown.
    let skip = ((tall - h).max(0) / 2) as usize;
    for (row, line) in picture.iter().skip(skip).take(h.max(0) as usize).enumerate() {
        signs(line, top + row as i32, &mut inside);
    }
}

/// A line of a picture, each sign in its tone.
fn signs(line: &str, y: i32, brush: &mut Brush<'_>) {
    let left = (brush.width() - line.chars().count() as i32).max(0) / 2;
    for (x, sign) in line.chars().enumerate() {
        let tone = match sign {
            '●' | '█' => Tone::Act,
            '◌' => Tone::Wait,
            '○' => Tone::Rest,
            'ψ' | '■' | '▓' => Tone::Accent,
            _ => Tone::Dim,
        };
        brush.text(left + x as i32, y, sign.encode_utf8(&mut [0; 4]), tone);
    }
}

/// What moves on the postcards.
fn pictures(scene: &str) -> &'static [[&'static str; 5]] {
    match scene {
        "table" => &[
            ["    ○    ", " ○  ψψ ● ", "   ( )ψ  ", " ○  ψψ ○ ", "         "],
            ["    ●    ", " ◌ ψ ψ ○ ", "   ( )   ", " ○ψψ ψ ○ ", "         "],
            ["    ○    ", " ● ψ ψ ○ ", "   ( )   ", " ◌ψψ ψ ● ", "         "],
        ],
        "buffer" => &[
            [
                "                ",
                " ● ▸ ■ ■ · · ▸ ○",
                "                ",
                " ○ ▸         ▸ ●",
                "                ",
            ],
            [
                "                ",
                " ○ ▸ ■ ■ ■ · ▸ ○",
                "                ",
                " ● ▸         ▸ ○",
                "                ",
            ],
            [
                "                ",
                " ○ ▸ ■ ■ ■ ■ ▸ ●",
                "                ",
                " ◌ ▸         ▸ ○",
                "                ",
            ],
        ],
        "library" => &[
            ["      ╭─────╮ ", " ○ ◌  │● ● ●│ ", " ○ ◌  │─────│ ", " ○    │─────│ ", "      ╰─────╯ "],
            ["      ╭─────╮ ", " ○ ◌  │●    │ ", " ○ ◌  │─────│ ", " ○ ○  │─────│ ", "      ╰─────╯ "],
            ["      ╭─────╮ ", " ○ ◌  │  █  │ ", " ○ ◌  │─────│ ", " ○ ○  │─────│ ", "      ╰─────╯ "],
        ],
        "barbershop" => &[
            ["  ◌ ◌ ·   ╭─╮  ", " ╰─┴─┴─╯  │●│  ", "          ╰┬╯  ", " ○  ○     ─┴─  ", "               "],
            ["  ◌ · ·   ╭─╮  ", " ╰─┴─┴─╯  │●│  ", "          ╰┬╯  ", " ○  ○  ○  ─┴─  ", "               "],
            ["  · · ·   ╭─╮  ", " ╰─┴─┴─╯  │○│  ", "          ╰┬╯  ", " ○  ○  ○  ─┴─  ", "               "],
        ],
        "mailboxes" => &[
            ["               ", " ● ▸ ▕■··▏ ▸ ◌ ", "               ", "               ", "               "],
            ["               ", " ○ ▸ ▕·■·▏ ▸ ◌ ", "               ", "               ", "               "],
            ["               ", " ○ ▸ ▕··■▏ ▸ ● ", "               ", "               ", "               "],
        ],
        "section" => &[
            ["  ○    ╭───╮ ", "  ◌    │ ● │ ", "  ○    │   │ ", "       ╰───╯ ", "   ■ ·       "],
            ["  ○    ╭───╮ ", "  ◌    │   │ ", "  ○    │   │ ", "       ╰───╯ ", "   · ·       "],
            ["  ○    ╭───╮ ", "       │ ● │ ", "  ◌    │   │ ", "       ╰───╯ ", "   · ■       "],
        ],
        _ => story(scene),
    }
}

/// What moves on the postcards of scenes of a single problem, and of any other.
fn story(scene: &str) -> &'static [[&'static str; 5]] {
    match scene {
        "smokers" => &[
            ["      ◌      ", "  ╭───────╮  ", "  │ ■ · ■ │  ", "  ╰───────╯  ", "  ◌   ◌   ◌  "],
            ["      ◌      ", "  ╭───────╮  ", "  │ · · · │  ", "  ╰───────╯  ", "  ◌   ●   ◌  "],
            ["      ○      ", "  ╭───────╮  ", "  │ · · · │  ", "  ╰───────╯  ", "  ◌   ◌   ◌  "],
        ],
        "pot" => &[
            [" ◌   │    │   ", " ◌ ▸ │▓▓▓▓│ ○ ", "     │▓▓▓▓│   ", " ○   ╰────╯   ", "              "],
            [" ◌   │    │   ", "   ▸ │    │ ○ ", "     │▓▓▓▓│   ", " ●   ╰────╯   ", "              "],
            [" ◌   │    │   ", " ◌ ▸ │    │ ● ", "     │    │   ", " ○   ╰────╯   ", "              "],
        ],
        "molecule" => &[
            ["  ●     ●  ", "   ╲   ╱   ", "     ●     ", "           ", " ○   ◌   ○ "],
            ["  ·     ·  ", "           ", "     ◌     ", "           ", " ○   ◌   ○ "],
            ["  ◌     ·  ", "           ", "     ◌     ", "           ", " ○   ○   ○ "],
        ],
        _ => &[
            ["         ", "  ●   ○  ", "    ■    ", "  ○   ○  ", "         "],
            ["         ", "  ○   ●  ", "    ■    ", "  ○   ○  ", "         "],
            ["         ", "  ○   ○  ", "    ■    ", "  ◌   ●  ", "         "],
        ],
    }
}

/// What the problem is about, and its solutions.
fn detail(app: &App, problem: &Teaching, brush: &mut Brush<'_>, areas: &mut Areas) {
    let (w, h) = (brush.width(), brush.height());
    let about: Vec<String> =
        problem.about.split("\n\n").flat_map(|p| wrap(&p.replace('\n', " "), w as usize)).collect();
    // Below the solutions there is always room for what the selected one is.
    let list = (problem.solutions.len() as i32).min((h - ABOUT - 4).max(h / 2));
    let room = (h - list - ABOUT - 3).clamp(1, about.len() as i32);
    let mut y = 0;
    brush.text(0, y, &problem.title, Tone::Title);
    y += 1;
    for line in about.iter().take(room as usize) {
        brush.text(0, y, line, Tone::Text);
        y += 1;
    }
    y += 1;
    solutions(app, problem, &mut brush.part(0, y, w, list), areas);
    y += list + 1;
    if let Some(choice) = problem.solutions.get(app.menu.solution) {
        brush.text(0, y, &format!("{}/{}", problem.id, choice.id), Tone::Accent);
        let about = choice.about.replace("\n\n", "\u{1}").replace('\n', " ").replace('\u{1}', "\n");
        brush.part(0, y + 1, w, h - y - 1).wrapped(0, 0, &about, Tone::Text);
    }
}

fn solutions(app: &App, problem: &Teaching, brush: &mut Brush<'_>, areas: &mut Areas) {
    let rows = brush.height().max(0) as usize;
    let last = problem.solutions.len().saturating_sub(rows);
    let first = app.menu.solution.saturating_sub(rows / 2).min(last);
    areas.rows = Some((brush.area(), first));
    let widest = problem.solutions.iter().map(|s| s.title.chars().count() as i32).max().unwrap_or(0);
    let widest = widest.min(brush.width() - MARK - SHOWS);
    for (y, choice) in problem.solutions.iter().skip(first).take(rows).enumerate() {
        solution(choice, first + y == app.menu.solution, widest, y as i32, brush);
    }
    let more = [(0, first), (rows as i32 - 1, last - first)];
    for (y, count) in more.into_iter().filter(|(_, count)| *count > 0) {
        let sign = if y == 0 { "▴" } else { "▾" };
        brush.text_right(brush.width(), y, &format!(" {count} more {sign}"), Tone::Dim);
    }
}

/// One solution: right or wrong, by word and sign; title; what it shows.
pub(super) fn solution(choice: &Choice, selected: bool, widest: i32, y: i32, brush: &mut Brush<'_>) {
    let (mark, tone) = if choice.correct { ("✓ correct", Tone::Good) } else { ("✗ buggy  ", Tone::Bad) };
    brush.text(0, y, if selected { "▸" } else { " " }, Tone::Focus);
    let x = brush.text(2, y, mark, tone) + 1;
    let width = widest.max(1) as usize;
    let title = match choice.title.chars().count() > width {
        true => choice.title.chars().take(width - 1).chain(['…']).collect(),
        false => format!("{:<width$}", choice.title),
    };
    let x = brush.text(x, y, &title, if selected { Tone::Selected } else { Tone::Text }) + 1;
    let fair =
        choice.expects.iter().any(|e| e.verdict == Expected::Starvation && e.under == Some(Under::Weak));
    let shows: Vec<&str> = match choice.correct {
        true if fair => vec!["holds if fair"],
        true => vec!["holds"],
        false => {
            let shown =
                |e: &&Expect| e.under.is_none_or(|under| under == Under::Tso) && e.verdict != Expected::Holds;
            choice.expects.iter().filter(shown).map(|e| e.verdict.name()).collect()
        }
    };
    brush.text(x, y, &fitting(&shows, brush.width() - x), Tone::Dim);
}

/// As many of the words as fit, and `…` for the others.
fn fitting(words: &[&str], width: i32) -> String {
    let all = words.join(", ");
    if all.chars().count() as i32 <= width {
        return all;
    }
    let mut some = (1..words.len()).rev().map(|some| format!("{}, …", words[..some].join(", ")));
    let shorter = some.find(|text| text.chars().count() as i32 <= width);
    shorter.unwrap_or_else(|| words.first().copied().unwrap_or_default().to_string())
}
