//! The program: its text, each actor on the line it is at, what it waits for, and what differs from the pair.

use super::{View, window};
use crate::lab::{Mark, is_heading};
use crate::lang::BUILTINS;
use crate::program::ActorId;
use crate::tui::brush::Brush;
use crate::tui::theme::Tone;

/// Columns before the text: mark, line number, pointer.
const GUTTER: i32 = 6;
/// More actors than this on one line are counted.
const MAX_NAMED: usize = 12;

const KEYWORDS: [&str; 39] = [
    "process",
    "loop",
    "while",
    "if",
    "elif",
    "else",
    "for",
    "in",
    "break",
    "continue",
    "return",
    "def",
    "let",
    "await",
    "assert",
    "exit",
    "pass",
    "semaphore",
    "fair",
    "mutex",
    "recursive",
    "rwlock",
    "monitor",
    "condition",
    "barrier",
    "channel",
    "shared",
    "const",
    "not",
    "and",
    "or",
    "true",
    "false",
    "expect",
    "solution",
    "problem",
    "fixed",
    "role",
    "always",
];

/// Draws the text.
pub fn draw(view: &View<'_>, brush: &mut Brush<'_>) {
    let lines: Vec<&str> = match view.experiment.trouble.as_ref().and_then(|t| t.solution.as_deref()) {
        Some(text) => text.lines().collect(),
        None => view.experiment.subject.lines().collect(),
    };
    let here = at_lines(view, lines.len());
    let first_code = first_code(&lines);
    let wanted = wanted(view, first_code);
    let height = brush.height().max(0) as usize;
    let first =
        first_code + window(lines.len() - first_code, height, wanted - first_code.min(wanted), view.scroll);
    for (row, number) in (first..lines.len().min(first + height)).enumerate() {
        line(view, lines[number], number, here.get(number).map_or(&[][..], Vec::as_slice), row as i32, brush);
    }
}

/// The line to keep in sight: that of the first error, else that of the selected actor.
fn wanted(view: &View<'_>, first: usize) -> usize {
    if let Some(remark) = view.experiment.trouble.as_ref().and_then(|t| t.remarks.iter().find(|r| r.line > 0))
    {
        return remark.line as usize - 1;
    }
    let selected = view.experiment.selected;
    let position = view.seen.snapshot.actors.get(selected.index()).map_or(0, |a| a.position);
    let actor = view.sight.program.actors.get(selected.index());
    let line = actor.map_or(0, |actor| actor.code.line(position)) as usize;
    line.saturating_sub(1).max(first)
}

/// The first line that is neither comment nor heading: what stands above it is shown elsewhere.
fn first_code(lines: &[&str]) -> usize {
    let above = |line: &&str| line.starts_with('#') || is_heading(line);
    lines.iter().position(|line| !above(line)).unwrap_or(0)
}

/// The actors at each line, from 0.
fn at_lines(view: &View<'_>, lines: usize) -> Vec<Vec<ActorId>> {
    let mut here = vec![Vec::new(); lines];
    for (number, actor) in view.seen.snapshot.actors.iter().enumerate() {
        if actor.life.is_over() {
            continue;
        }
        let line = view.sight.program.actors[number].code.line(actor.position) as usize;
        if let Some(place) = line.checked_sub(1).and_then(|line| here.get_mut(line)) {
            place.push(ActorId(number as u32));
        }
    }
    here
}

fn line(view: &View<'_>, text: &str, number: usize, here: &[ActorId], y: i32, brush: &mut Brush<'_>) {
    let remark = view
        .experiment
        .trouble
        .as_ref()
        .and_then(|t| t.remarks.iter().find(|r| r.line as usize == number + 1));
    let mark =
        view.experiment.marks.iter().find(|(line, _)| *line as usize == number + 1).map(|(_, mark)| *mark);
    match mark {
        Some(Mark::Added | Mark::Changed) => drop(brush.text(0, y, "▎", Tone::Changed)),
        Some(Mark::LessBefore) => drop(brush.text(0, y, "╌", Tone::Changed)),
        None => {}
    }
    let stuck = here.iter().any(|actor| view.sight.is_stuck(*actor));
    let number_tone = match (remark, stuck) {
        (Some(_), _) | (_, true) => Tone::Bad,
        _ => Tone::Dim,
    };
    brush.text_right(4, y, &(number + 1).to_string(), number_tone);
    if here.contains(&view.experiment.selected) {
        brush.text(4, y, "▸", Tone::Focus);
    }
    let end = code(text, GUTTER, y, mark == Some(Mark::Changed) || mark == Some(Mark::Added), brush);
    match remark {
        Some(remark) => drop(brush.text(end + 2, y, &format!("◂ {}", remark.message), Tone::Bad)),
        None => {
            let alive = |actor: ActorId| !view.seen.snapshot.actors[actor.index()].life.is_over();
            let delayed = view.experiment.delayed.iter();
            let held = delayed.filter(|(actor, delay)| delay.line as usize == number + 1 && alive(*actor));
            let held: Vec<String> = held.map(|(actor, _)| view.sight.short(*actor)).collect();
            let end = match held.is_empty() {
                true => end,
                false => brush.text(end + 2, y, &format!("◂ {} held up", held.join(", ")), Tone::Dead),
            };
            markers(view, here, end, y, brush);
        }
    }
}

/// The text of a line in the tones of its words. Gives the column behind it.
fn code(text: &str, mut x: i32, y: i32, changed: bool, brush: &mut Brush<'_>) -> i32 {
    let (code, comment) = text.split_at(text.find('#').unwrap_or(text.len()));
    let mut rest = code;
    // Whether a value stands before: `in` is a keyword behind one, and else somebody's variable.
    let mut behind_value = false;
    while let Some(c) = rest.chars().next() {
        let word = c.is_alphanumeric() || c == '_';
        let end = rest.find(|d: char| (d.is_alphanumeric() || d == '_') != word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let keyword = KEYWORDS.contains(&piece) && (piece != "in" || behind_value);
        if !piece.trim().is_empty() {
            let literal = matches!(piece, "true" | "false");
            behind_value = if word { !keyword || literal } else { piece.trim_end().ends_with([')', ']']) };
        }
        let tone = if keyword {
            Tone::Keyword
        } else if BUILTINS.iter().any(|b| b.name == piece) {
            Tone::Accent
        } else if changed {
            Tone::Changed
        } else {
            Tone::Text
        };
        x = brush.text(x, y, piece, tone);
        rest = after;
    }
    brush.text(x, y, comment, Tone::Dim)
}

/// Who is at this line, at its right end: with what they wait for if there is room, else by sign and number, else counted.
fn markers(view: &View<'_>, here: &[ActorId], end: i32, y: i32, brush: &mut Brush<'_>) {
    if here.is_empty() {
        return;
    }
    let room = brush.width() - end - 2;
    let named = |objects: bool| -> Vec<(String, Tone, bool)> {
        let one = |actor: &ActorId| {
            let face = view.sight.face(*actor);
            let object = view.sight.waits_name(*actor).filter(|_| objects);
            let goods = object.map(|name| format!(" {name}")).unwrap_or_default();
            let picked = *actor == view.experiment.selected;
            (format!("{}{}{goods}", face.sign, view.sight.short(*actor)), face.tone, picked)
        };
        here.iter().map(one).collect()
    };
    let width = |list: &[(String, Tone, bool)]| {
        list.iter().map(|(text, ..)| text.chars().count() as i32 + 1).sum::<i32>() - 1
    };
    if here.len() <= MAX_NAMED {
        for list in [named(true), named(false)] {
            if width(&list) <= room {
                let mut x = brush.width() - width(&list);
                for (text, tone, picked) in list {
                    x = brush.text(x, y, &text, if picked { Tone::Selected } else { tone }) + 1;
                }
                return;
            }
        }
    }
    let face = view.sight.face(here[0]);
    let edge = brush.width();
    brush.text_right(edge, y, &format!(" {}×{}", face.sign, here.len()), face.tone);
}
