//! The table: philosophers around it, plates, and forks that move from between two plates to the one that holds them.

use std::f64::consts::{PI, TAU};

use crate::program::{ActorId, End, MutexId, Object, SemaphoreArray, SemaphoreId};
use crate::tui::brush::Brush;
use crate::tui::face::{LEAVING, Sight};
use crate::tui::theme::Tone;

/// Columns and rows that plates lie inside of the cards.
const INSET: (f64, f64) = (2.5, 0.8);
/// How far from its place between two plates a fork goes to the one that holds it, as a part of the way.
const TAKEN: f64 = 0.56;

/// As large as there is room for, or smaller: parts of the radius.
const SMALLER: [f64; 6] = [1.0, 0.93, 0.86, 0.8, 0.73, 0.66];

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

    /// Whether a table of this size can be drawn.
    fn has_room(&self) -> bool {
        self.radius.0 >= 4.0 && self.radius.1 >= 1.0
    }

    /// Where plates and forks lie, if so many chairs are at cards of this size: none of them under a card, if that can be.
    fn plates(&self, card: Card, count: usize) -> Ellipse {
        let x = self.radius.0 - f64::from(card.width) / 2.0 - INSET.0;
        let y = self.radius.1 - f64::from(card.height) / 2.0 - INSET.1;
        let of = |part: f64| Ellipse {
            middle: self.middle,
            radius: ((x * part).max(1.0), (y * part.sqrt()).max(0.6)),
        };
        let hidden = |(x, y): (i32, i32)| {
            (0..count).any(|at| {
                let (left, top) = place(self, card, at, count);
                (left - 1..left + card.width).contains(&x) && (top..top + card.height).contains(&y)
            })
        };
        let free =
            |table: &Ellipse| (0..2 * count).all(|half| !hidden(table.at(half as f64 / (2 * count) as f64)));
        SMALLER.into_iter().map(of).filter(Ellipse::has_room).find(free).unwrap_or_else(|| of(1.0))
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
    let states = sight.program.roles[0].states.iter().map(|s| s.name.len() as i32);
    let word = states.max().unwrap_or(0).max(LEAVING.len() as i32);
    let digits = seats.len().to_string().len() as i32;
    let full = Card { width: word + digits + 6, height: 3 };
    let cards = [full, Card { width: word + digits + 3, height: 1 }, Card { width: digits + 2, height: 1 }];
    let fitting = cards.into_iter().find(|card| fits(*card, seats.len(), brush));
    match fitting {
        Some(card) => table(sight, &seats, &forks, card, brush),
        None => super::crowd::draw(sight, &seats, brush),
    }
}

/// The objects that are forks: one for each chair, by whatever name. Where the program has none, there are forks all the
/// same: they lie where they belong, and whoever eats has both.
fn forks(sight: &Sight<'_>, seats: usize) -> Vec<Option<Object>> {
    let size = Some(seats as u32);
    let is_fork = |s: &&SemaphoreArray| match s.end {
        // A fork that is a message lies on the table while it is in its channel.
        Some(end) => end == End::Messages && s.size == size,
        None => s.size == size && s.init == 1,
    };
    if let Some(array) = sight.program.semaphores.iter().find(is_fork) {
        return (0..seats as u32).map(|k| Some(Object::Semaphore(SemaphoreId(array.base.0 + k)))).collect();
    }
    match sight.program.mutexes.iter().find(|m| m.size == size) {
        Some(array) => (0..seats as u32).map(|k| Some(Object::Mutex(MutexId(array.base.0 + k)))).collect(),
        None => vec![None; seats],
    }
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

fn table(sight: &Sight<'_>, seats: &[ActorId], forks: &[Option<Object>], card: Card, brush: &mut Brush<'_>) {
    let count = seats.len();
    let ellipse = ellipse(card, count, brush);
    let table = ellipse.plates(card, count);
    if table.has_room() {
        for at in 0..EDGE_POINTS {
            let (x, y) = table.at(at as f64 / EDGE_POINTS as f64);
            brush.text(x, y, "·", Tone::Border);
        }
        waiting(sight, seats, forks, &table, brush);
        for (at, actor) in seats.iter().enumerate() {
            let (x, y) = table.at(at as f64 / count as f64);
            let (plate, tone) = match sight.acts(*actor) {
                true => ("◉", sight.face(*actor).tone),
                false => ("◯", Tone::Dim),
            };
            brush.text(x, y, plate, tone);
        }
        for number in 0..forks.len() {
            draw_fork(&lie(sight, seats, forks, number), number, &table, brush);
        }
        if forks.iter().all(Option::is_none) {
            pool(sight, count, brush);
        }
    }
    for (at, actor) in seats.iter().enumerate() {
        let (x, y) = place(&ellipse, card, at, count);
        philosopher(sight, *actor, card, &mut brush.part(x, y, card.width, card.height));
    }
}

/// How a fork lies.
struct Lie {
    /// Where, as a turn: fork k between the chairs k - 1 and k, or at the one of them that has it.
    turn: f64,
    tone: Tone,
    /// How many there are of it; none on its way as a message.
    copies: u32,
}

fn lie(sight: &Sight<'_>, seats: &[ActorId], forks: &[Option<Object>], number: usize) -> Lie {
    let count = seats.len();
    let between = (number as f64 - 0.5) / count as f64;
    let at = |chair: usize| {
        let side = if chair == number { 1.0 } else { -1.0 };
        let neighbour = chair == number || (chair + 1) % count == number;
        // One that is held from afar stays where it is.
        between + if neighbour { side * TAKEN * 0.5 / count as f64 } else { 0.0 }
    };
    let (left, right) = ((number + count - 1) % count, number);
    let copies = forks[number].map_or(0, |fork| on_table(sight, fork));
    // Whoever eats has both, whatever the program's semaphores say. Two who eat have the same one.
    match (sight.acts(seats[left]), sight.acts(seats[right])) {
        (true, true) if left != right && sight.is_settled(seats[left]) && sight.is_settled(seats[right]) => {
            return Lie { turn: between, tone: Tone::Bad, copies: 1 };
        }
        (false, false) => {}
        (theirs, _) => {
            let chair = if theirs { left } else { right };
            let more = if sight.is_settled(seats[chair]) { copies } else { 0 };
            return Lie { turn: at(chair), tone: sight.face(seats[chair]).tone, copies: more + 1 };
        }
    }
    let holder = forks[number].and_then(|fork| holder(sight, fork));
    match holder.and_then(|h| seats.iter().position(|s| *s == h).map(|chair| (h, chair))) {
        Some((holder, chair)) => Lie { turn: at(chair), tone: sight.face(holder).tone, copies: copies + 1 },
        None => Lie {
            turn: between,
            tone: Tone::Accent,
            copies: if forks[number].is_none() { 1 } else { copies },
        },
    }
}

/// How many of a fork lie on the table.
fn on_table(sight: &Sight<'_>, fork: Object) -> u32 {
    match fork {
        Object::Semaphore(id) => sight.snapshot.objects.semaphores.get(id.index()).map_or(0, |s| s.value),
        _ => u32::from(sight.snapshot.holders(sight.program, fork).is_empty()),
    }
}

/// Who has a fork: of one that is a message, whoever received it last.
fn holder(sight: &Sight<'_>, fork: Object) -> Option<ActorId> {
    let Object::Semaphore(id) = fork else {
        return sight.snapshot.holders(sight.program, fork).first().copied();
    };
    if sight.program.semaphore(id).end.is_none() {
        return sight.snapshot.holders(sight.program, fork).first().copied();
    }
    let channel = sight.snapshot.objects.channels.get(sight.program.channel_id(id).index())?;
    let received = channel.received?;
    (on_table(sight, fork) == 0).then_some(received.actor)
}

/// A fork; of several on one place also how many.
fn draw_fork(lie: &Lie, number: usize, ellipse: &Ellipse, brush: &mut Brush<'_>) {
    if lie.copies == 0 {
        return;
    }
    let (x, y) = ellipse.at(lie.turn);
    let tone = if lie.copies > 1 { Tone::Bad } else { lie.tone };
    let x = brush.text(x, y, "ψ", tone);
    if ellipse.radius.0 > 10.0 {
        let x = brush.text(x, y, &number.to_string(), tone);
        if lie.copies > 1 {
            brush.text(x, y, &format!("×{}", lie.copies), tone);
        }
    }
}

/// Where all forks are one semaphore, how many are left of it, in the middle of the table.
fn pool(sight: &Sight<'_>, count: usize, brush: &mut Brush<'_>) {
    let alone = |s: &&SemaphoreArray| s.size.is_none() && s.end.is_none() && s.init as usize == count;
    let Some(array) = sight.program.semaphores.iter().find(alone) else { return };
    let left = sight.snapshot.objects.semaphores.get(array.base.index()).map_or(0, |s| s.value);
    let (y, tone) = (brush.height() / 2, if left == 0 { Tone::Wait } else { Tone::Accent });
    brush.text_middle(y, &format!("{}: {left} of {count} left", array.name), tone);
}

/// From everyone who waits for a fork, a dotted way along the table to where the fork is: in a deadlock, a ring.
fn waiting(
    sight: &Sight<'_>,
    seats: &[ActorId],
    forks: &[Option<Object>],
    ellipse: &Ellipse,
    brush: &mut Brush<'_>,
) {
    let count = seats.len() as f64;
    for (at, actor) in seats.iter().enumerate() {
        let Some(object) = sight.waits_for(*actor) else { continue };
        let Some(number) = forks.iter().position(|f| *f == Some(object)) else { continue };
        let from = at as f64 / count;
        let mut to = lie(sight, seats, forks, number).turn;
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
        let tone = if picked && !sight.is_stuck(actor) { Tone::Focus } else { face.tone };
        brush.clear();
        let waits = sight.waits_short(actor);
        brush.frame("", tone, tone);
        if let Some(object) = waits {
            let width = brush.width();
            let shown = format!("→{object}");
            let mut edge = brush.part(1, 2, width - 2, 1);
            let end = edge.width() - 1;
            let start = (end - shown.chars().count() as i32).max(0);
            edge.text(start, 0, &shown, face.tone);
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
