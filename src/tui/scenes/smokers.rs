//! The cigarette smokers: what the agent has dealt, what of it lies on the table, who took it or noted it, and what each
//! smoker lacks. Thing k is what smoker k has plenty of.

use super::named;
use crate::program::{ActorId, Instruction, Object};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// What a cigarette is made of.
const THINGS: [&str; 3] = ["tobacco", "paper", "matches"];
/// The widest that the picture gets: smokers far from their table would be smokers at another one.
const WIDEST: i32 = 96;
/// Rows of a smoker's card.
const CARD: i32 = 6;

/// What can be told of the moment.
struct Deal {
    /// How many of each thing lie on the table.
    lies: [u32; 3],
    /// Which of them a helper has noted.
    noted: [bool; 3],
    /// Who has what was not dealt, from when that is known until it has smoked.
    meant: Option<usize>,
    smokers: Vec<ActorId>,
    agent: ActorId,
    /// Those who take part, of a role that a solution need not have.
    helpers: Vec<ActorId>,
}

/// Draws agent, table, helpers and smokers.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let Some(deal) = Deal::of(sight) else { return super::plain::draw(sight, brush) };
    let (w, h) = (brush.width(), brush.height());
    let helps = i32::from(!deal.helpers.is_empty());
    if w < 56 || h < 4 + helps + CARD {
        return rows(sight, &deal, brush);
    }
    let width = w.min(WIDEST);
    let gap = ((h - 4 - helps - CARD) / (2 + helps)).clamp(0, 2);
    let all = 4 + helps + CARD + gap * (2 + helps);
    let mut part = brush.part((w - width) / 2, (h - all) / 2, width, all);
    agent(sight, &deal, &mut part);
    table(&deal, &mut part.part(0, 1 + gap, width, 3));
    for (at, helper) in deal.helpers.iter().enumerate() {
        let (left, right) = column(at, width);
        super::room::people(sight, &[*helper], &mut part.part(left + 1, 4 + 2 * gap, right - left - 1, 1));
    }
    for at in 0..THINGS.len() {
        let (left, right) = column(at, width);
        smoker(sight, &deal, at, &mut part.part(left, all - CARD, right - left, CARD));
    }
}

/// The columns of a thing, its helper and its smoker.
fn column(at: usize, width: i32) -> (i32, i32) {
    let all = THINGS.len() as i32;
    (width * at as i32 / all, width * (at as i32 + 1) / all)
}

impl Deal {
    /// None if this is another kind of problem.
    fn of(sight: &Sight<'_>) -> Option<Deal> {
        let smokers = sight.of_role("smoker");
        let agent = *sight.of_role("agent").first()?;
        if smokers.len() != THINGS.len() || !named::has(sight, "smoker", &["smoking"]) {
            return None;
        }
        let meant = meant(sight, agent, &smokers);
        let of = |values: &[i32]| [0, 1, 2].map(|at| values[at].max(0) as u32);
        let lies = match (named::array(sight, "on_table", 3), named::cells(sight, "lies", 3)) {
            (Some(on_table), _) => [0, 1, 2].map(|at| named::value(sight, on_table[at])),
            (None, Some(lies)) => of(lies),
            // Where the program has no table, what was dealt lies there until somebody smokes it.
            (None, None) => {
                let left = meant.filter(|who| sight.state(smokers[*who]) != "smoking");
                [0, 1, 2].map(|at| u32::from(left.is_some_and(|who| who != at)))
            }
        };
        let noted = named::cells(sight, "noted", 3).map_or([false; 3], |n| of(n).map(|value| value != 0));
        let helpers = sight.of_role("helper").into_iter().filter(|helper| helps(sight, *helper)).collect();
        Some(Deal { lies, noted, meant, smokers, agent, helpers })
    }
}

/// Whether a solution has something to do for a helper but to come.
fn helps(sight: &Sight<'_>, helper: ActorId) -> bool {
    let come = |i: &&Instruction| {
        matches!(i, Instruction::Begin { .. } | Instruction::End { .. } | Instruction::Exit)
    };
    let code = &sight.program.actors[helper.index()].code.instructions;
    code.iter().filter(|i| i.is_visible()).any(|i| !come(&i))
}

/// Who has what was not dealt: from the write that says so until that one has smoked.
fn meant(sight: &Sight<'_>, agent: ActorId, smokers: &[ActorId]) -> Option<usize> {
    let kept = sight.program.variables.iter().find(|v| v.name == "kept" && v.size.is_none())?.base;
    let who = usize::try_from(named::scalar(sight, "kept")?).ok().filter(|who| *who < smokers.len())?;
    let view = |actor: ActorId| &sight.snapshot.actors[actor.index()];
    if sight.state(agent) == "dealing" {
        return None;
    }
    let code = &sight.program.actors[agent.index()].code.instructions;
    let ahead = code.iter().skip(view(agent).position as usize);
    let on = |i: &&Instruction| {
        !matches!(i, Instruction::Begin { .. } | Instruction::Jump { .. } | Instruction::Exit)
    };
    let writes = |i: &Instruction| matches!(i, Instruction::Write { cell, .. } if cell.span() == (kept.0, 1));
    if ahead.take_while(on).any(writes) {
        return None;
    }
    let smokes = sight.state(smokers[who]) == "smoking";
    let smoked = !smokes && view(smokers[who]).state_since > view(agent).state_since;
    (!smoked).then_some(who)
}

/// The names of things, in their order.
fn names(things: impl Iterator<Item = usize>) -> String {
    things.map(|at| THINGS[at]).collect::<Vec<_>>().join(" + ")
}

/// The agent, and what it has dealt for whom.
fn agent(sight: &Sight<'_>, deal: &Deal, brush: &mut Brush<'_>) {
    let face = sight.face(deal.agent);
    let x = brush.text(1, 0, face.sign, face.tone) + 1;
    let picked = sight.selected == Some(deal.agent);
    let x = brush.text(x, 0, &sight.short(deal.agent), if picked { Tone::Selected } else { Tone::Title }) + 1;
    let role = &sight.program.role_of(deal.agent).name;
    let x = if brush.width() < 56 { x } else { brush.text(x, 0, role, Tone::Dim) + 1 };
    let Some(who) = deal.meant else {
        brush.text(x, 0, face.word, face.tone);
        return;
    };
    let dealt = names((0..THINGS.len()).filter(|at| *at != who));
    let (smoker, short) = (deal.smokers[who], sight.short(deal.smokers[who]));
    let long = brush.width() >= 56;
    let (then, tone) = match (sight.state(smoker) == "smoking", sight.is_stuck(smoker)) {
        (true, _) => (format!("{short} smokes"), Tone::Act),
        (false, true) => (format!("{short} can never smoke"), Tone::Bad),
        (false, false) => (format!("{short} should smoke"), Tone::Accent),
    };
    // Who is meant says what was dealt, where there is no room for both.
    let x = if long { brush.text(x, 0, &format!("dealt {dealt}: "), Tone::Text) } else { x };
    brush.text(x, 0, &then, tone);
}

/// What lies on the table, each thing above the smoker who has it anyway.
fn table(deal: &Deal, brush: &mut Brush<'_>) {
    let width = brush.width();
    brush.frame("table", Tone::Border, Tone::Title);
    for at in 0..THINGS.len() {
        let (left, right) = column(at, width);
        let mut part = brush.part(left + 2, 1, right - left - 3, 1);
        thing(deal, at, &mut part);
    }
}

/// One thing, whether it lies there or is noted, and how many of it if there are several. Gives the column behind it.
fn thing(deal: &Deal, at: usize, brush: &mut Brush<'_>) -> i32 {
    let (sign, tone) = match (deal.lies[at], deal.noted[at]) {
        (0, false) => ("·".to_string(), Tone::Dim),
        (0, true) => ("noted".to_string(), Tone::Try),
        (1, false) => ("■".to_string(), Tone::Accent),
        (1, true) => ("■ noted".to_string(), Tone::Accent),
        (several, _) => (format!("■×{several}"), Tone::Bad),
    };
    let name = if deal.lies[at] > 0 || deal.noted[at] { Tone::Text } else { Tone::Dim };
    let x = brush.text(0, 0, THINGS[at], name) + 1;
    brush.text(x, 0, &sign, tone)
}

/// What a smoker took from the table and has not smoked, without what it has plenty of.
fn holds(sight: &Sight<'_>, smoker: ActorId, at: usize) -> Vec<usize> {
    let Some(on_table) = named::array(sight, "on_table", THINGS.len()) else { return Vec::new() };
    let smoked = named::entered(sight, smoker, "smoking");
    let holds = |thing: &usize| *thing != at && named::kept(sight, smoker, on_table[*thing]) > smoked;
    (0..THINGS.len()).filter(holds).collect()
}

/// What a smoker waits for, in the story's words where that can be said.
fn lacks(sight: &Sight<'_>, smoker: ActorId) -> Option<String> {
    let object = sight.waits_for(smoker)?;
    let table = named::array(sight, "on_table", THINGS.len()).unwrap_or_default();
    let thing = table.iter().position(|id| Object::Semaphore(*id) == object);
    Some(match thing {
        Some(thing) => format!("needs {}", THINGS[thing]),
        None => format!("→ {}", sight.waits_short(smoker)?),
    })
}

/// A smoker: what it does, what it has, what it lacks, and whether it is its turn.
fn smoker(sight: &Sight<'_>, deal: &Deal, at: usize, brush: &mut Brush<'_>) {
    let actor = deal.smokers[at];
    let face = sight.face(actor);
    let picked = sight.selected == Some(actor);
    let tone = match face.tone {
        tone @ (Tone::Bad | Tone::Dead | Tone::Act) => tone,
        _ if picked => Tone::Focus,
        _ => Tone::Border,
    };
    let name = match (picked, tone) {
        (true, _) => Tone::Selected,
        (_, Tone::Border) => Tone::Title,
        (_, tone) => tone,
    };
    brush.frame(&format!("{} {}", sight.short(actor), THINGS[at]), tone, name);
    let (w, h) = (brush.width() - 4, brush.height() - 2);
    let mut inside = brush.part(2, 1, w, h);
    let x = inside.text(0, 0, face.sign, face.tone) + 1;
    inside.text(x, 0, face.word, face.tone);
    let held = holds(sight, actor, at);
    let has = match held.len() {
        _ if sight.state(actor) == "smoking" => "has a cigarette".to_string(),
        0 => "has its own".to_string(),
        1 => format!("own + {}", THINGS[held[0]]),
        _ => "has all three".to_string(),
    };
    inside.text(0, 1, &has, if held.is_empty() { Tone::Dim } else { Tone::Text });
    if let Some(lacks) = lacks(sight, actor) {
        inside.text(0, 2, &lacks, face.tone);
    }
    if deal.meant == Some(at) && sight.state(actor) != "smoking" {
        inside.text(0, 3, "should smoke", if face.tone == Tone::Bad { Tone::Bad } else { Tone::Accent });
    }
}

/// The same where there is little room: a row for each.
fn rows(sight: &Sight<'_>, deal: &Deal, brush: &mut Brush<'_>) {
    let w = brush.width();
    agent(sight, deal, brush);
    let mut x = 1;
    for at in 0..THINGS.len() {
        x += thing(deal, at, &mut brush.part(x, 1, w - x, 1)) + 2;
    }
    let helpers = !deal.helpers.is_empty() && brush.height() > 6;
    let below = if helpers { brush.height() - THINGS.len() as i32 - 2 } else { 0 }.clamp(0, 3);
    super::room::people(sight, &deal.helpers, &mut brush.part(1, 2, w - 1, below));
    for (at, actor) in deal.smokers.iter().enumerate() {
        let (y, face) = (2 + below + at as i32, sight.face(*actor));
        let x = brush.text(1, y, face.sign, face.tone) + 1;
        let x = brush.text(x, y, &sight.short(*actor), named::tone(sight, *actor)) + 1;
        let has = names(std::iter::once(at).chain(holds(sight, *actor, at)));
        let x = brush.text(x, y, &has, Tone::Dim) + 1;
        let word = lacks(sight, *actor).unwrap_or_else(|| face.word.to_string());
        brush.text(x, y, &word, face.tone);
    }
}
