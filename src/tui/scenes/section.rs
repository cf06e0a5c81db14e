//! The critical section: who is outside, who tries, who is inside, and below them the words by which they decide. A room
//! is a state of the first role, so the scene also fits other problems in which all go the same way.

use super::words::Words;
use crate::program::{ActorId, Program};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// A room: its name, its tone, who is in it.
type Room<'a> = (&'a str, Tone, Vec<ActorId>);

/// Draws a room for each state from left to right, below each other where that is narrow, and the words.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let words = Words::of(sight, w);
    let below = words.rows(h / 4);
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
    words.draw(&mut brush.part(0, upper, w, below));
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
