//! The barbershop: the street, the door, the waiting room with its chairs, the barber's chair.

use crate::program::{ActorId, Object};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Columns of one chair beside its guest's name: arms, sign, and the gap to the next.
const CHAIR: i32 = 5;

/// Draws the rooms of the shop, from the street on the left to the barbers on the right.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let customers = |states: &[&str]| sight.showing("customer", states);
    let street = customers(&["away", "leaving"]);
    let sitting = sight.by_arrival(customers(&["sitting"]));
    let served = customers(&["in_chair"]);
    let called = customers(&["called"]);
    let rest: Vec<ActorId> = sight
        .of_role("customer")
        .into_iter()
        .filter(|a| ![&street, &sitting, &served, &called].iter().any(|room| room.contains(a)))
        .collect();
    let rest = sight.by_arrival(rest);
    let (w, h) = (brush.width(), brush.height());
    let chairs = sight.constant("CHAIRS").unwrap_or(0).max(0);
    if w < 56 {
        let taken = format!("sit {}/{chairs}", sitting.len());
        let full = if sitting.len() as i32 > chairs { Tone::Bad } else { Tone::Border };
        let rooms = [
            ("street", Tone::Border, street),
            ("standing", Tone::Border, rest),
            (taken.as_str(), full, sitting),
            ("haircut", Tone::Act, [served, called].concat()),
            ("barber", Tone::Border, sight.of_role("barber")),
        ];
        return super::room::rows(sight, &rooms, brush);
    }
    let (left, right) = (w * 30 / 100, w * 34 / 100);
    let middle = w - left - right - 2;
    let top = (h / 2).max(4);
    room(sight, "street", Tone::Border, &street, brush.part(0, 0, left, h));
    room(sight, "standing", Tone::Border, &rest, brush.part(left + 1, 0, middle, h - top));
    waiting_room(sight, &sitting, chairs, brush.part(left + 1, h - top, middle, top));
    barbers(sight, &served, &called, brush.part(w - right, 0, right, h));
}

fn room(sight: &Sight<'_>, title: &str, tone: Tone, actors: &[ActorId], mut brush: Brush<'_>) {
    super::room::draw(sight, title, tone, actors, &mut brush);
}

/// Chairs, and who sits on them. Nobody has a chair of its own, so they are filled from the left; one who sits where no
/// chair is left breaks the rule, and is shown so.
fn waiting_room(sight: &Sight<'_>, sitting: &[ActorId], chairs: i32, mut brush: Brush<'_>) {
    let over = sitting.len() as i32 > chairs;
    let tone = if over { Tone::Bad } else { Tone::Border };
    let title = format!("chairs: {} of {chairs}", sitting.len());
    brush.frame(&title, tone, if over { Tone::Bad } else { Tone::Title });
    let (w, h) = (brush.width() - 4, brush.height() - 2);
    let mut inside = brush.part(2, 1, w, h);
    let widest = sitting.iter().map(|a| sight.short(*a).chars().count() as i32).max().unwrap_or(2);
    let chair = widest.max(2) + CHAIR;
    let columns = (w / chair).max(1);
    let places = chairs.max(sitting.len() as i32);
    if places > columns * h {
        return super::room::people(sight, sitting, &mut inside);
    }
    for place in 0..places {
        let (x, y) = (place % columns * chair, place / columns);
        let empty = format!("╰{}╯", " ".repeat((chair - 4) as usize));
        let Some(actor) = sitting.get(place as usize) else {
            inside.text(x, y, &empty, Tone::Dim);
            continue;
        };
        let face = sight.face(*actor);
        let tone = if place >= chairs { Tone::Bad } else { face.tone };
        if place < chairs {
            inside.text(x, y, &empty, Tone::Border);
        }
        let x = inside.text(x + 1, y, face.sign, tone);
        let picked = sight.selected == Some(*actor);
        inside.text(x, y, &sight.short(*actor), if picked { Tone::Selected } else { tone });
    }
}

/// The barbers, and below them who is in their chairs, or on the way there.
fn barbers(sight: &Sight<'_>, served: &[ActorId], called: &[ActorId], mut brush: Brush<'_>) {
    let barbers = sight.of_role("barber");
    let tone = match (served.len(), barbers.len()) {
        (s, b) if s > b => Tone::Bad,
        (0, _) => Tone::Border,
        _ => Tone::Act,
    };
    let title = match (served.len(), called.len()) {
        (0, 0) => "chair: empty".to_string(),
        (0, _) => "chair: coming".to_string(),
        (1, _) => "chair: taken".to_string(),
        (n, _) if n > barbers.len() => format!("chair: {n} in it!"),
        (n, _) => format!("chairs: {n} taken"),
    };
    brush.frame(&title, tone, if tone == Tone::Border { Tone::Title } else { tone });
    let (w, h) = (brush.width() - 4, brush.height() - 2);
    // What the only one waits for has a line of its own.
    let rows = if barbers.len() == 1 { 2 } else { barbers.len() as i32 };
    let upper = rows.min(h / 2).max(1);
    let mut above = brush.part(2, 1, w, upper);
    match barbers.as_slice() {
        // Who gets up from the chair has still to say so.
        [one] => {
            let leaving = sight.showing("customer", &["between"]).len();
            barber(sight, *one, served.len() + called.len() + leaving, &mut above)
        }
        _ => super::room::people(sight, &barbers, &mut above),
    }
    brush.text(2, 1 + upper, &"╌".repeat(w.max(0) as usize), Tone::Dim);
    super::room::people(sight, &[served, called].concat(), &mut brush.part(2, 2 + upper, w, h - upper - 1));
}

/// The one barber. It sleeps if it waits and nobody has come to it: while somebody is in the chair, or on the way there, it
/// waits for that one.
fn barber(sight: &Sight<'_>, actor: ActorId, guests: usize, brush: &mut Brush<'_>) {
    let face = sight.face(actor);
    let object = sight.waits_for(actor);
    let for_a_guest = object.is_some_and(|object| {
        sight.snapshot.holders(sight.program, object).is_empty() && !matches!(object, Object::Mutex(_))
    });
    let word = match (face.word, guests) {
        ("waiting", 0) if for_a_guest => "asleep",
        (word, _) => word,
    };
    let x = brush.text(0, 0, face.sign, face.tone) + 1;
    let name = if sight.selected == Some(actor) { Tone::Selected } else { Tone::Text };
    let x = brush.text(x, 0, &sight.short(actor), name) + 1;
    brush.text(x, 0, word, face.tone);
    if let Some(name) = sight.waits_short(actor) {
        let tone = if sight.is_stuck(actor) { Tone::Bad } else { Tone::Accent };
        brush.text(0, 1, &format!("→ {name}"), tone);
    }
}
