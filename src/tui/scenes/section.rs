//! The critical section: who is outside, who tries, who is inside, and below them the words by which they decide. A room
//! is a state of the first role, so the scene also fits other problems in which all go the same way.

use crate::program::{ActorId, Program};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Lines for the words, at most.
const WORDS: usize = 3;
/// Values of one word that are shown, at most.
const VALUES: usize = 16;

/// A room: its name, its tone, who is in it.
type Room<'a> = (&'a str, Tone, Vec<ActorId>);

/// Draws a room for each state from left to right, below each other where that is narrow, and the words.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let words = lines(&words(sight), w);
    let below = (words.len().min(WORDS) as i32).min(h / 4);
    let rooms = rooms(sight);
    let upper = h - below;
    if w < 56 || (w - 1) / (rooms.len().max(1) as i32) < 12 {
        super::room::rows(sight, &rooms, &mut brush.part(0, 0, w, upper));
    } else {
        let all = rooms.len() as i32;
        for (at, (name, tone, actors)) in rooms.iter().enumerate() {
            let (left, right) = (w * at as i32 / all, w * (at as i32 + 1) / all);
            let mut part = brush.part(left, 0, right - left, upper);
            super::room::draw(sight, name, *tone, actors, &mut part);
        }
    }
    for (y, line) in words.iter().take(below as usize).enumerate() {
        let mut x = 0;
        for (name, value) in line {
            x = brush.text(x, upper + y as i32, name, Tone::Accent) + 1;
            x = brush.text(x, upper + y as i32, value, Tone::Text) + GAP;
        }
    }
}

/// The rooms: one for each state of the first role, and one for each role that goes another way.
fn rooms<'a>(sight: &Sight<'a>) -> Vec<Room<'a>> {
    let program: &'a Program = sight.program;
    let Some(first) = program.roles.iter().find(|role| role.count > 0) else { return Vec::new() };
    let mut rooms: Vec<Room<'a>> =
        first.states.iter().map(|state| (state.name.as_str(), Tone::Border, Vec::new())).collect();
    for role in &program.roles {
        let same = role.states.first().map(|s| &s.name) == first.states.first().map(|s| &s.name);
        if !same && role.count > 0 {
            rooms.push((role.name.as_str(), Tone::Border, role.actors().collect()));
            continue;
        }
        for actor in role.actors() {
            // Who is between two states has left the one before, and is on the way back to the first.
            let at = first.states.iter().position(|s| s.name == sight.state(actor)).unwrap_or(0);
            rooms[at].2.push(actor);
        }
    }
    for (at, (_, tone, actors)) in rooms.iter_mut().enumerate() {
        let broken = actors.iter().any(|actor| sight.snapshot.actors[actor.index()].breach.is_some());
        let acts = at > 0 && first.states.get(at).is_some_and(|state| !state.plain);
        *tone = match (broken, acts && !actors.is_empty()) {
            (true, _) => Tone::Bad,
            (_, true) => Tone::Act,
            _ => Tone::Border,
        };
    }
    rooms
}

/// Columns between two words.
const GAP: i32 = 3;

/// The shared variables, semaphores and mutexes with their values; not what counts for a channel.
fn words(sight: &Sight<'_>) -> Vec<(String, String)> {
    let (program, objects) = (sight.program, &sight.snapshot.objects);
    let shown = |name: &str, first: usize, size: Option<u32>, value: &dyn Fn(usize) -> Option<String>| {
        let all = size.unwrap_or(1) as usize;
        let mut values: Vec<String> = (first..first + all.min(VALUES)).filter_map(value).collect();
        if all > VALUES {
            values.push("…".into());
        }
        (name.to_string(), values.join(" "))
    };
    let cell = |at: usize| objects.cells.get(at).map(i32::to_string);
    let semaphore = |at: usize| objects.semaphores.get(at).map(|s| s.value.to_string());
    let mutex = |at: usize| {
        let holder = objects.mutexes.get(at)?;
        Some(holder.map_or("free".to_string(), |actor| format!("held by {}", sight.short(actor))))
    };
    let cells = program.variables.iter().map(|v| shown(&v.name, v.base.index(), v.size, &cell));
    let plain = program.semaphores.iter().filter(|s| s.end.is_none());
    let semaphores = plain.map(|s| shown(&s.name, s.base.index(), s.size, &semaphore));
    let mutexes = program.mutexes.iter().map(|m| shown(&m.name, m.base.index(), m.size, &mutex));
    cells.chain(semaphores).chain(mutexes).collect()
}

/// Words one behind the other, as many in a line as have room.
fn lines(words: &[(String, String)], width: i32) -> Vec<Vec<(String, String)>> {
    let mut lines: Vec<Vec<(String, String)>> = Vec::new();
    let mut x = 0;
    for (name, value) in words {
        let long = (name.chars().count() + 1 + value.chars().count()) as i32;
        match lines.last_mut().filter(|_| x + long <= width) {
            Some(line) => line.push((name.clone(), value.clone())),
            None => {
                lines.push(vec![(name.clone(), value.clone())]);
                x = 0;
            }
        }
        x += long + GAP;
    }
    lines
}
