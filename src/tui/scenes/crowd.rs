//! Many actors: a sign for each, in rows, and how many there are of each kind.

use crate::program::ActorId;
use crate::tui::brush::Brush;
use crate::tui::face::{Face, Sight};
use crate::tui::theme::Tone;

/// Draws a sign an actor; where there are more actors than places, a sign stands for several and shows the worst off.
pub fn draw(sight: &Sight<'_>, actors: &[ActorId], brush: &mut Brush<'_>) {
    let (width, rows) = (brush.width(), brush.height() - 1);
    if rows < 0 || width < 1 || actors.is_empty() {
        return;
    }
    let places = |step: i32| (width / step * rows) as usize;
    let step = if places(2) >= actors.len() { 2 } else { 1 };
    let each = actors.len().div_ceil(places(step).max(1)).max(1);
    let columns = (width / step).max(1);
    let mut counts: Vec<(Face<'_>, usize)> = Vec::new();
    for (at, group) in actors.chunks(each).enumerate() {
        let mut worst: Option<Face<'_>> = None;
        for actor in group {
            let face = sight.face(*actor);
            match counts.iter_mut().find(|(f, _)| *f == face) {
                Some((_, count)) => *count += 1,
                None => counts.push((face, 1)),
            }
            if worst.is_none_or(|w| gravity(face.tone) > gravity(w.tone)) {
                worst = Some(face);
            }
        }
        let (x, y) = (at as i32 % columns * step, at as i32 / columns);
        if let Some(face) = worst.filter(|_| rows > 0) {
            let picked = sight.selected.is_some_and(|s| group.contains(&s));
            brush.text(x, y, face.sign, if picked { Tone::Selected } else { face.tone });
        }
    }
    legend(&mut counts, each, brush);
}

/// How many there are of each kind, the most first.
fn legend(counts: &mut [(Face<'_>, usize)], each: usize, brush: &mut Brush<'_>) {
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let (mut x, y) = (0, brush.height() - 1);
    for (face, count) in counts.iter() {
        x = brush.text(x, y, face.sign, face.tone);
        x = brush.text(x, y, &format!(" {count} {}  ", face.word), Tone::Text);
    }
    if each > 1 {
        brush.text(x, y, &format!("a sign is {each}"), Tone::Dim);
    }
}

/// What must not be hidden by others.
fn gravity(tone: Tone) -> u8 {
    match tone {
        Tone::Bad => 5,
        Tone::Dead => 4,
        Tone::Act => 3,
        Tone::Wait => 2,
        Tone::Try => 1,
        _ => 0,
    }
}
