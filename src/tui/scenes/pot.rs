//! The pot that all eat from: who rests, who stands in line, who is at the pot and how full that is, who eats, and the cook.

use super::named;
use crate::program::{ActorId, Instruction, MutexId, Object, SemaphoreId, SyncId, SyncOp};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Rows of the cook's room.
const COOK: i32 = 3;
/// The widest that a pot gets.
const WIDEST: i32 = 34;

/// The moment, as far as it is told by the problem's names.
struct Meal {
    servings: i32,
    /// How many servings a full pot has.
    room: i32,
    resting: Vec<ActorId>,
    /// Who is hungry and not at the pot.
    line: Vec<ActorId>,
    at_pot: Vec<ActorId>,
    eating: Vec<ActorId>,
    cooks: Vec<ActorId>,
    /// What is wrong with the pot.
    fault: Option<&'static str>,
}

/// Draws those who are away from the pot on the left, the line in the middle, and the pot with its cook on the right.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let Some(meal) = Meal::of(sight) else { return super::plain::draw(sight, brush) };
    let (w, h) = (brush.width(), brush.height());
    if w < 56 || h < 12 {
        return rows(sight, &meal, brush);
    }
    let (left, right) = (w * 24 / 100, w * 42 / 100);
    let middle = w - left - right - 2;
    let upper = h - h / 2;
    room(sight, "resting", &meal.resting, brush.part(0, 0, left, upper));
    room(sight, "eating", &meal.eating, brush.part(0, upper, left, h - upper));
    room(sight, "hungry", &meal.line, brush.part(left + 1, 0, middle, h));
    let mut side = brush.part(w - right, 0, right, h);
    let below = h / 3;
    let vessel = h - COOK - below;
    room(sight, "cook", &meal.cooks, side.part(0, 0, right, COOK));
    if meal.cooks.iter().any(|cook| sight.state(*cook) == "cooking") {
        let tone = if meal.fault.is_some() { Tone::Bad } else { Tone::Act };
        side.text(right / 2, COOK - 1, "▾", tone);
    }
    pot(&meal, &mut side.part(0, COOK, right, vessel));
    room(sight, "at the pot", &meal.at_pot, side.part(0, COOK + vessel, right, below));
}

fn room(sight: &Sight<'_>, title: &str, actors: &[ActorId], mut brush: Brush<'_>) {
    super::room::draw(sight, title, Tone::Border, actors, &mut brush);
}

impl Meal {
    /// None if this is another kind of problem.
    fn of(sight: &Sight<'_>) -> Option<Meal> {
        let states = named::has(sight, "savage", &["resting", "eating"]);
        if !states || !named::has(sight, "cook", &["cooking"]) {
            return None;
        }
        let servings = named::scalar(sight, "servings")?;
        let room = sight.constant("POT")?.max(1);
        let (resting, eating) =
            (sight.showing("savage", &["resting", "between"]), sight.showing("savage", &["eating"]));
        let locks = locks(sight);
        let hungry = sight.of_role("savage").into_iter();
        let hungry = hungry.filter(|actor| !resting.contains(actor) && !eating.contains(actor));
        let (at_pot, line) = hungry.partition(|actor| is_at_pot(sight, *actor, &locks));
        let cooks = sight.of_role("cook");
        let fault = fault(sight, servings, room, &cooks);
        Some(Meal { servings, room, resting, line, at_pot, eating, cooks, fault })
    }
}

/// What is wrong with the pot at this moment.
fn fault(sight: &Sight<'_>, servings: i32, room: i32, cooks: &[ActorId]) -> Option<&'static str> {
    let broken = |cook: &ActorId| sight.face(*cook).sign == "✗";
    // Cook and pot are looked at one after the other: who has just begun, or takes no time, may have filled it since.
    let late = |cook: &ActorId| servings > 0 && sight.is_settled(*cook) && !sight.snapshot.at_max;
    let cooking = |cook: &&ActorId| sight.state(**cook) == "cooking";
    match servings {
        i32::MIN..0 => Some("less than nothing!"),
        _ if servings > room => Some("more than it holds!"),
        _ if cooks.iter().filter(cooking).any(|cook| broken(cook) || late(cook)) => Some("not empty!"),
        _ => None,
    }
}

/// What is taken and given back in this program, and by that keeps others away from the pot.
fn locks(sight: &Sight<'_>) -> Vec<Object> {
    let program = sight.program;
    let semaphores = (0..program.semaphore_count()).map(|id| Object::Semaphore(SemaphoreId(id)));
    let mutexes = (0..program.mutex_count()).map(|id| Object::Mutex(MutexId(id)));
    let syncs = (0..sight.snapshot.objects.syncs.len() as u32).map(|id| Object::Sync(SyncId(id)));
    semaphores.chain(mutexes).chain(syncs).filter(|object| named::is_lock(sight, *object)).collect()
}

/// Whether one who is hungry is at the pot: it holds what keeps the others away, waits there for the cook, has its serving
/// and is about to eat, or nothing keeps it away at all.
fn is_at_pot(sight: &Sight<'_>, actor: ActorId, locks: &[Object]) -> bool {
    if locks.iter().any(|lock| sight.snapshot.holders(sight.program, *lock).contains(&actor)) {
        return true;
    }
    match sight.waits_for(actor) {
        Some(object) => !named::is_lock(sight, object),
        None => locks.is_empty() || is_about_to_eat(sight, actor),
    }
}

/// Whether the next thing an actor begins is an activity: it has done all it does at the pot.
fn is_about_to_eat(sight: &Sight<'_>, actor: ActorId) -> bool {
    let code = &sight.program.actors[actor.index()].code.instructions;
    let position = sight.snapshot.actors[actor.index()].position as usize;
    let decides = |i: &&Instruction| {
        matches!(
            i,
            Instruction::Wait { .. }
                | Instruction::Lock { .. }
                | Instruction::Sync { op: SyncOp::Enter | SyncOp::Lock, .. }
                | Instruction::Begin { .. }
        )
    };
    matches!(code.iter().skip(position).find(decides), Some(Instruction::Begin { .. }))
}

/// The pot, filled as far as it has servings, open at the top.
fn pot(meal: &Meal, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width().min(WIDEST), brush.height());
    let mut brush = brush.part((brush.width() - w) / 2, 0, w, h);
    let tone = if meal.fault.is_some() { Tone::Bad } else { Tone::Border };
    let (inner, rows) = (w - 4, h - 2);
    for y in 0..rows {
        brush.text(1, y, "│", tone);
        brush.text(w - 2, y, "│", tone);
    }
    brush.text(1, rows, &format!("╰{}╯", "─".repeat(inner.max(0) as usize)), tone);
    let places = i64::from(inner * rows);
    let filled = i64::from(meal.servings.clamp(0, meal.room)) * places / i64::from(meal.room);
    let food = if meal.fault.is_some() { Tone::Bad } else { Tone::Accent };
    for y in 0..rows {
        // From the bottom up; what does not make a row lies on top, on the left.
        let under = i64::from((rows - 1 - y) * inner);
        let wide = (filled - under).clamp(0, i64::from(inner)) as usize;
        brush.text(2, y, &"▓".repeat(wide), food);
    }
    let (text, tone) = caption(meal);
    brush.text_middle(h - 1, &text, tone);
}

/// How full the pot is, and what is wrong with it.
fn caption(meal: &Meal) -> (String, Tone) {
    let full = format!("{} of {}", meal.servings, meal.room);
    match meal.fault {
        Some(fault) => (format!("{full} · {fault}"), Tone::Bad),
        None => (full, Tone::Text),
    }
}

/// The same where there is little room: a row for each.
fn rows(sight: &Sight<'_>, meal: &Meal, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let (text, tone) = caption(meal);
    let bar = meal.room.min((w - 12 - text.chars().count() as i32).max(0));
    let filled = i64::from(meal.servings.clamp(0, meal.room)) * i64::from(bar) / i64::from(meal.room);
    brush.text(0, 0, "pot", if meal.fault.is_some() { Tone::Bad } else { Tone::Dim });
    let food = if meal.fault.is_some() { Tone::Bad } else { Tone::Accent };
    let x = brush.text(11, 0, &"▓".repeat(filled as usize), food);
    let x = brush.text(x, 0, &"·".repeat((i64::from(bar) - filled) as usize), Tone::Dim) + 1;
    brush.text(x, 0, &text, tone);
    let rooms = [
        ("cook", Tone::Border, meal.cooks.clone()),
        ("at the pot", Tone::Border, meal.at_pot.clone()),
        ("hungry", Tone::Border, meal.line.clone()),
        ("resting", Tone::Border, meal.resting.clone()),
        ("eating", Tone::Border, meal.eating.clone()),
    ];
    super::room::rows(sight, &rooms, &mut brush.part(0, 1, w, h - 1));
}
