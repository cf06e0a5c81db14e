//! The words by which actors decide, in lines below a scene: shared variables, semaphores and mutexes with their values.

use crate::program::{MutexId, Object};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Lines, at most.
const LINES: usize = 3;
/// Values of one word that are shown, at most.
const VALUES: usize = 16;
/// Columns between two words.
const GAP: i32 = 3;

/// A word and its value or values.
type Word = (String, String);

/// The words, in lines of a width.
pub struct Words(Vec<Vec<Word>>);

impl Words {
    /// Those of a moment, for so many columns.
    pub fn of(sight: &Sight<'_>, width: i32) -> Words {
        Words(lines(words(sight), width))
    }

    /// Rows that they take where so many are free.
    pub fn rows(&self, free: i32) -> i32 {
        (self.0.len().min(LINES) as i32).min(free).max(0)
    }

    /// Draws as many lines as there are rows.
    pub fn draw(&self, brush: &mut Brush<'_>) {
        for (y, line) in self.0.iter().take(LINES).enumerate() {
            let mut x = 0;
            for (name, value) in line {
                x = brush.text(x, y as i32, name, Tone::Accent) + 1;
                x = brush.text(x, y as i32, value, Tone::Text) + GAP;
            }
        }
    }
}

/// The shared variables, semaphores and mutexes with their values; not what counts for a channel.
fn words(sight: &Sight<'_>) -> Vec<Word> {
    let (program, objects) = (sight.program, &sight.snapshot.objects);
    let shown = |name: &str, first: usize, size: Option<u32>, value: &dyn Fn(usize) -> Option<String>| {
        let all = size.unwrap_or(1) as usize;
        let mut values: Vec<String> = (first..first + all.min(VALUES)).filter_map(value).collect();
        if all > VALUES {
            values.push("…".into());
        }
        (name.to_string(), values.join(" "))
    };
    let semaphore = |at: usize| objects.semaphores.get(at).map(|s| s.value.to_string());
    let cells = program.variables.iter().map(|v| {
        let cell = |at: usize| {
            let value = *objects.cells.get(at)?;
            let item = if v.holds_items { sight.item(value) } else { None };
            Some(item.unwrap_or_else(|| value.to_string()))
        };
        shown(&v.name, v.base.index(), v.size, &cell)
    });
    let plain = program.semaphores.iter().filter(|s| s.end.is_none());
    let semaphores = plain.map(|s| shown(&s.name, s.base.index(), s.size, &semaphore));
    // Each mutex of an array has its own name: who holds which would be hard to count out.
    let mutexes = program.mutexes.iter().flat_map(|m| {
        let all = m.size.unwrap_or(1).min(VALUES as u32);
        (m.base.0..m.base.0 + all).map(MutexId)
    });
    let mutexes = mutexes.filter_map(|id| {
        let holder = objects.mutexes.get(id.index())?;
        let held = holder.map_or("free".to_string(), |actor| format!("held by {}", sight.short(actor)));
        Some((program.object_name(Object::Mutex(id)), held))
    });
    cells.chain(semaphores).chain(mutexes).collect()
}

/// Words one behind the other, as many in a line as have room.
fn lines(words: Vec<Word>, width: i32) -> Vec<Vec<Word>> {
    let mut lines: Vec<Vec<Word>> = Vec::new();
    let mut x = 0;
    for word in words {
        let long = (word.0.chars().count() + 1 + word.1.chars().count()) as i32;
        match lines.last_mut().filter(|_| x + long <= width) {
            Some(line) => line.push(word),
            None => {
                lines.push(vec![word]);
                x = 0;
            }
        }
        x += long + GAP;
    }
    lines
}
