//! The table: philosophers around it, plates, and forks that move from between two plates to the one that holds them.

use std::f64::consts::{PI, TAU};

use crate::program::{ActorId, End, MutexId, Object, SemaphoreArray, SemaphoreId};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Columns and rows that plates lie inside of the cards.
const INSET: (f64, f64) = (2.5, 0.8);
/// How far from its place between two plates a fork goes to the one that holds it, as a part of the way.
const TAKEN: f64 = 0.56;

/// Points that the table's edge is made of.
const EDGE_POINTS: usize = 96;

/// An ellipse in the middle of a scene.
struct Ellipse {
    middle: (f64, f64),
    radius: (f64, f64),
}

impl Ellipse {
    /// The cell at a turn. The first chair is at the top, and it goes round with the clock.
    fn at(&self, turn: f64) -> (i32, i32) {
        let angle = turn * TAU - PI / 2.0;
        let x = self.middle.0 + self.radius.0 * angle.cos();
        let y = self.middle.1 + self.radius.1 * angle.sin();
        (x.round() as i32, y.round() as i32)
    }

    /// Where plates and forks lie, if the chairs are at cards of this size.
    fn plates(&self, card: Card) -> Ellipse {
        let x = self.radius.0 - f64::from(card.width) / 2.0 - INSET.0;
        let y = self.radius.1 - f64::from(card.height) / 2.0 - INSET.1;
        Ellipse { middle: self.middle, radius: (x.max(1.0), y.max(0.6)) }
    }
}

/// A philosopher's card, as large as there is room for.
#[derive(Clone, Copy)]
struct Card {
    width: i32,
    height: i32,
}

/// Draws the table.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let seats: Vec<ActorId> = sight.of_role(&sight.program.roles[0].name);
    let forks = forks(sight, seats.len());
    let word = sight.program.roles[0].states.iter().map(|s| s.name.len() as i32).max().unwrap_or(0);
    let digits = seats.len().to_string().len() as i32;
    let full = Card { width: word + digits + 6, height: 3 };
    let cards = [full, Card { width: word + digits + 3, height: 1 }, Card { width: digits + 2, height: 1 }];
    let fitting = cards.into_iter().find(|card| fits(*card, seats.len(), brush));
    match fitting {
        Some(card) => table(sight, &seats, &forks, card, brush),
        None => super::crowd::draw(sight, &seats, brush),
    }
}

/// The objects that are forks: one for each chair, by whatever name.
fn forks(sight: &Sight<'_>, seats: usize) -> Vec<Object> {
    let size = Some(seats as u32);
    let is_fork = |s: &&SemaphoreArray| match s.end {
        // A fork that is a message lies on the table while it is in its channel.
        Some(end) => end == End::Messages && s.size == size,
        None => s.size == size && s.init == 1,
    };
    if let Some(array) = sight.program.semaphores.iter().find(is_fork) {
        return (0..seats as u32).map(|k| Object::Semaphore(SemaphoreId(array.base.0 + k))).collect();
    }
    let mutexes = sight.program.mutexes.iter().find(|m| m.size == size);
    mutexes.map_or(Vec::new(), |array| {
        (0..seats as u32).map(|k| Object::Mutex(MutexId(array.base.0 + k))).collect()
    })
}

fn ellipse(card: Card, count: usize, brush: &Brush<'_>) -> Ellipse {
    let (w, h) = (f64::from(brush.width()), f64::from(brush.height()));
    // A table much larger than its guests need would tear neighbours apart.
    let ry = ((h - f64::from(card.height)) / 2.0).min(6.0 + count as f64);
    let rx = ((w - f64::from(card.width)) / 2.0).min(ry * 2.2 + 9.0 + count as f64);
    Ellipse { middle: ((w - 1.0) / 2.0, (h - 1.0) / 2.0), radius: (rx.max(0.0), ry.max(0.0)) }
}

fn place(ellipse: &Ellipse, card: Card, at: usize, count: usize) -> (i32, i32) {
    let (x, y) = ellipse.at(at as f64 / count as f64);
    (x - card.width / 2, y - card.height / 2)
}

/// Whether cards of this size lie around the table without touching each other, with room for the table between.
fn fits(card: Card, count: usize, brush: &Brush<'_>) -> bool {
    if count == 0 || brush.width() < card.width || brush.height() < card.height + 4 {
        return false;
    }
    let ellipse = ellipse(card, count, brush);
    let places: Vec<(i32, i32)> = (0..count).map(|at| place(&ellipse, card, at, count)).collect();
    let inside = |(x, y): &(i32, i32)| *x >= 0 && *y >= 0 && y + card.height <= brush.height();
    places.iter().all(inside)
        && places.iter().enumerate().all(|(at, a)| {
            let next = &places[(at + 1) % count];
            count == 1 || (a.0 - next.0).abs() > card.width || (a.1 - next.1).abs() >= card.height
        })
}

fn table(sight: &Sight<'_>, seats: &[ActorId], forks: &[Object], card: Card, brush: &mut Brush<'_>) {
    let count = seats.len();
    let ellipse = ellipse(card, count, brush);
    let table = ellipse.plates(card);
    if table.radius.0 >= 4.0 && table.radius.1 >= 1.0 {
        for at in 0..EDGE_POINTS {
            let (x, y) = table.at(at as f64 / EDGE_POINTS as f64);
            brush.text(x, y, "·", Tone::Border);
        }
        waiting(sight, seats, forks, &table, brush);
        for (at, actor) in seats.iter().enumerate() {
            let (x, y) = table.at(at as f64 / count as f64);
            let face = sight.face(*actor);
            let plate = if face.tone == Tone::Act { "◉" } else { "◯" };
            brush.text(x, y, plate, if face.tone == Tone::Act { Tone::Act } else { Tone::Dim });
        }
        for (number, fork) in forks.iter().enumerate() {
            draw_fork(sight, seats, *fork, number, &table, brush);
        }
    }
    for (at, actor) in seats.iter().enumerate() {
        let (x, y) = place(&ellipse, card, at, count);
        philosopher(sight, *actor, card, &mut brush.part(x, y, card.width, card.height));
    }
}

/// Where a fork lies, as a turn: fork k between the chairs k - 1 and k, or at the one of them that holds it.
fn fork_turn(sight: &Sight<'_>, seats: &[ActorId], fork: Object, number: usize) -> (f64, Option<ActorId>) {
    let count = seats.len() as f64;
    let between = (number as f64 - 0.5) / count;
    let holder = sight.snapshot.holders(sight.program, fork).first().copied();
    let Some(chair) = holder.and_then(|h| seats.iter().position(|s| *s == h)) else {
        return (between, holder);
    };
    let side = if chair == number { 1.0 } else { -1.0 };
    let neighbour = chair == number || (chair + 1) % seats.len() == number;
    // One that is held from afar stays where it is.
    (between + if neighbour { side * TAKEN * 0.5 / count } else { 0.0 }, holder)
}

fn draw_fork(
    sight: &Sight<'_>,
    seats: &[ActorId],
    fork: Object,
    number: usize,
    ellipse: &Ellipse,
    brush: &mut Brush<'_>,
) {
    let (turn, holder) = fork_turn(sight, seats, fork, number);
    if let Object::Semaphore(id) = fork
        && sight.program.semaphore(id).end.is_some()
        && sight.snapshot.objects.semaphores.get(id.index()).is_none_or(|s| s.value == 0)
    {
        return;
    }
    let (x, y) = ellipse.at(turn);
    let tone = holder.map_or(Tone::Accent, |holder| sight.face(holder).tone);
    let x = brush.text(x, y, "ψ", tone);
    if ellipse.radius.0 > 10.0 {
        brush.text(x, y, &number.to_string(), tone);
    }
}

/// From everyone who waits for a fork, a dotted way along the table to where the fork is: in a deadlock, a ring.
fn waiting(sight: &Sight<'_>, seats: &[ActorId], forks: &[Object], ellipse: &Ellipse, brush: &mut Brush<'_>) {
    let count = seats.len() as f64;
    for (at, actor) in seats.iter().enumerate() {
        let Some(object) = sight.waits_for(*actor) else { continue };
        let Some(number) = forks.iter().position(|f| *f == object) else { continue };
        let from = at as f64 / count;
        let (mut to, _) = fork_turn(sight, seats, object, number);
        // The short way round.
        if to - from > 0.5 {
            to -= 1.0;
        } else if from - to > 0.5 {
            to += 1.0;
        }
        let tone = if sight.is_stuck(*actor) { Tone::Bad } else { Tone::Wait };
        let steps = ((to - from).abs() * ellipse.radius.0 * 8.0).ceil().max(2.0) as i32;
        for step in 1..steps {
            let turn = from + (to - from) * f64::from(step) / f64::from(steps);
            let (x, y) = ellipse.at(turn);
            brush.text(x, y, "•", tone);
        }
    }
}

/// A card: sign, number, state. Where there is no room for the word, sign and number.
fn philosopher(sight: &Sight<'_>, actor: ActorId, card: Card, brush: &mut Brush<'_>) {
    let face = sight.face(actor);
    let picked = sight.selected == Some(actor);
    let name_tone = if picked { Tone::Selected } else { Tone::Title };
    let row = card.height / 2;
    if card.height > 1 {
        let tone = if picked { Tone::Focus } else { face.tone };
        brush.clear();
        let waits = sight.waits_for(actor).map(|object| sight.program.object_name(object));
        brush.frame("", tone, tone);
        if let Some(object) = waits {
            let width = brush.width();
            let shown = format!("→{object}");
            let mut edge = brush.part(1, 2, width - 2, 1);
            let end = edge.width() - 1;
            edge.text_right(end, 0, &shown, face.tone);
        }
    }
    let left = if card.height > 1 { 2 } else { 0 };
    let x = brush.text(left, row, face.sign, face.tone);
    let gap = i32::from(card.height > 1);
    let x = brush.text(x + gap, row, &sight.short(actor), name_tone);
    if card.width > 6 {
        brush.text(x + 1, row, face.word, face.tone);
    }
}
