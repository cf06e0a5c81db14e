//! The slots of a buffer: what lies in each, where its two ends are, and which are concerned by a broken rule.

use crate::program::{
    Activity, ActivityId, ActorId, CellId, Instruction, Items, Program, Role, Variable, Violation, item_of,
    item_parts,
};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Columns inside a narrow slot: `■07`.
pub const NARROW: i32 = 3;
/// Columns inside a wide one, with room for a name: `■P0#316`.
pub const WIDE: i32 = 7;
/// Rows of a slot with the marks of the ends above and below.
pub const ROWS: i32 = 5;
/// Colours of producers, so that one sees whose items are where.
const MAKERS: [Tone; 4] = [Tone::Accent, Tone::Good, Tone::Keyword, Tone::Try];
/// What variables are called that say where the next item is put, and where the next one is taken.
const PUTS: [&str; 3] = ["in", "tail", "written"];
const TAKES: [&str; 3] = ["out", "head", "shown"];

/// What is in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Inside {
    Empty,
    /// An item that nobody has taken.
    Item(i32),
    /// A copy of an item that somebody has in hand already.
    Taken(i32),
    /// Something that is no item, by its name or value.
    Token(String),
}

/// A variable that says where one end of the buffer is.
#[derive(Clone, Copy, Debug)]
struct End<'a> {
    /// The last part of its name.
    name: &'a str,
    at: i32,
}

/// The slots of a buffer at one moment.
pub struct Slots<'s, 'a> {
    sight: &'s Sight<'a>,
    buffer: &'a Variable,
    cells: Vec<CellId>,
    /// Items in the hands of those who take items.
    hands: Vec<i32>,
    puts: Option<End<'a>>,
    takes: Option<End<'a>>,
}

impl<'s, 'a> Slots<'s, 'a> {
    /// Of a buffer: those slots that the program's instructions can touch.
    pub fn of(sight: &'s Sight<'a>, buffer: &'a Variable) -> Slots<'s, 'a> {
        let first = buffer.base.0;
        let cells = (first..first + touched(sight.program, buffer)).map(CellId).collect();
        let takers = takers(sight).into_iter();
        let hands = takers.map(|actor| sight.snapshot.actors[actor.index()].hand).collect();
        Slots { sight, buffer, cells, hands, puts: end(sight, &PUTS), takes: end(sight, &TAKES) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// How many hold something that nobody has taken.
    pub fn full(&self) -> usize {
        let full = |at: &usize| matches!(self.inside(*at), Inside::Item(_) | Inside::Token(_));
        (0..self.len()).filter(full).count()
    }

    /// Columns of a row of so many slots.
    pub fn columns(slots: usize, inner: i32) -> i32 {
        slots as i32 * (inner + 1) + 1
    }

    fn value(&self, at: usize) -> i32 {
        self.sight.snapshot.objects.cells.get(self.cells[at].index()).copied().unwrap_or(self.buffer.init)
    }

    fn inside(&self, at: usize) -> Inside {
        let value = self.value(at);
        let held = self.hands.contains(&value);
        if self.sight.snapshot.objects.items.contains(&self.cells[at]) {
            return if held { Inside::Taken(value) } else { Inside::Item(value) };
        }
        if item_parts(value).is_some() {
            return if held { Inside::Taken(value) } else { Inside::Empty };
        }
        let constants = &self.sight.program.constants;
        let named = constants.iter().find(|c| c.range.is_none() && c.value == value);
        let between = self.is_between_ends(at);
        match named {
            _ if value != self.buffer.init && between != Some(false) => {
                Inside::Token(named.map_or_else(|| value.to_string(), |c| c.name.clone()))
            }
            // It looks like what was there at the start; that something was put there, only the ends say.
            Some(constant) if between == Some(true) => Inside::Token(constant.name.clone()),
            _ => Inside::Empty,
        }
    }

    /// Whether a slot lies between where the next item is taken and where the next one is put; none where that is not
    /// known.
    fn is_between_ends(&self, at: usize) -> Option<bool> {
        let (Some(puts), Some(takes)) = (self.puts, self.takes) else { return None };
        // Only these two are known for the ends of a ring.
        if puts.name != "in" || takes.name != "out" {
            return None;
        }
        let size = self.len() as i32;
        let (ahead, filled) =
            ((at as i32 - takes.at).rem_euclid(size), (puts.at - takes.at).rem_euclid(size));
        if filled == 0 {
            // All are full, or none is.
            let others = (0..self.len()).filter(|other| *other != at);
            let out = |at: usize| self.sight.snapshot.objects.items.contains(&self.cells[at]);
            return (size > 1).then(|| others.into_iter().all(out));
        }
        Some(ahead < filled)
    }

    /// Whether a slot is what a broken rule is about.
    fn is_bad(&self, at: usize) -> bool {
        let Some(items) = &self.sight.program.items else { return false };
        let (value, is_item) = (self.value(at), item_parts(self.value(at)).is_some());
        let makers = maker(self.sight.program, items);
        self.sight.snapshot.actors.iter().enumerate().any(|(number, view)| {
            let number = number as u32;
            match view.breach.map(|breach| (breach.violation, breach.value)) {
                Some((Violation::Doubled, item)) => is_item && [item, view.hand].contains(&value),
                // What it made last is what it put over another one.
                Some((Violation::Lost, _)) if makers.actors().any(|maker| maker.0 == number) => {
                    let last = view.produced.checked_sub(1).map(|last| last as u32);
                    is_item && last.is_some_and(|last| item_of(number - makers.base.0, last) == value)
                }
                Some((Violation::Demand(_), _)) => self.is_at_both(at) && self.both_act(items),
                _ => false,
            }
        })
    }

    fn is_at_both(&self, at: usize) -> bool {
        [self.puts, self.takes].iter().all(|end| end.is_some_and(|end| end.at == at as i32))
    }

    /// Whether somebody makes an item and somebody else uses one up at this moment.
    fn both_act(&self, items: &Items) -> bool {
        [items.produce, items.consume].into_iter().all(|activity| {
            let activity: &Activity = &self.sight.program.activities[activity.index()];
            let mut role = self.sight.program.roles[activity.role.index()].actors();
            role.any(|actor| self.sight.snapshot.actors[actor.index()].state == activity.state)
        })
    }

    /// Draws the slots, as wide as there is room, with so many columns inside each.
    pub fn draw(&self, inner: i32, brush: &mut Brush<'_>) -> i32 {
        let count = self.len() as i32;
        let per_row = ((brush.width() - 1) / (inner + 1)).max(1);
        let rows = (count + per_row - 1) / per_row;
        let top = ((brush.height() - rows * ROWS) / 2).max(0);
        if rows * ROWS > brush.height().max(ROWS) {
            self.many(brush);
            return -1;
        }
        for row in 0..rows {
            let first = row * per_row;
            let here = per_row.min(count - first);
            let left = (brush.width() - Self::columns(here as usize, inner)).max(0) / 2;
            let line = "─".repeat(inner as usize);
            let edges = |ends: [&str; 3]| {
                format!("{}{}", ends[0], vec![line.as_str(); here as usize].join(ends[1])) + ends[2]
            };
            let y = top + row * ROWS;
            brush.text(left, y + 1, &edges(["╭", "┬", "╮"]), Tone::Border);
            brush.text(left, y + 3, &edges(["╰", "┴", "╯"]), Tone::Border);
            for k in 0..here {
                self.slot((first + k) as usize, inner, left + k * (inner + 1), y, brush);
            }
        }
        top
    }

    /// One slot, with the marks of the ends above and below.
    fn slot(&self, at: usize, inner: i32, x: i32, y: i32, brush: &mut Brush<'_>) {
        let marks = [(self.puts, "▾", y), (self.takes, "▴", y + 4)];
        for (end, sign, y) in marks {
            let Some(end) = end.filter(|end| end.at == at as i32) else { continue };
            let text = match sign {
                "▾" => format!("{}{sign}", end.name),
                _ => format!("{sign}{}", end.name),
            };
            let fits = text.chars().count() as i32 <= inner + 1;
            brush.text(x + 1, y, if fits { &text } else { sign }, Tone::Accent);
        }
        let bad = self.is_bad(at);
        for edge in [x, x + inner + 1] {
            brush.text(edge, y + 2, "│", Tone::Border);
        }
        let (text, tone) = self.content(at, inner);
        let tone = if bad { Tone::Bad } else { tone };
        let start = x + 1 + (inner - text.chars().count() as i32).max(0) / 2;
        brush.text(start, y + 2, &text, tone);
    }

    /// What a slot shows.
    fn content(&self, at: usize, inner: i32) -> (String, Tone) {
        let fits = |text: &String| text.chars().count() as i32 <= inner;
        let item = |sign: &str, value: i32| {
            let long = self.sight.item(value).map(|name| format!("{sign}{name}"));
            let number = item_parts(value).map_or(0, |(_, number)| number % 100);
            let short = if long.is_some() { format!("{sign}{number:02}") } else { sign.to_string() };
            long.filter(fits).unwrap_or(short)
        };
        match self.inside(at) {
            Inside::Empty => ("·".into(), Tone::Dim),
            Inside::Item(value) => (item("■", value), maker_tone(value)),
            Inside::Taken(value) => (item("□", value), Tone::Dim),
            Inside::Token(name) => {
                let long = Some(format!("■ {name}")).filter(fits);
                let first = name.chars().take(1);
                let short = if name.parse::<i32>().is_ok() { name.clone() } else { first.collect() };
                (long.unwrap_or(format!("■ {short}")), Tone::Text)
            }
        }
    }

    /// More slots than can be drawn one by one.
    fn many(&self, brush: &mut Brush<'_>) {
        let (w, h) = (brush.width().max(1), brush.height().max(1));
        let each = self.len().div_ceil((w * h) as usize).max(1);
        for group in 0..self.len().div_ceil(each) {
            let (x, y) = (group as i32 % w, group as i32 / w);
            let inside =
                (group * each..self.len().min((group + 1) * each)).find_map(|at| match self.inside(at) {
                    Inside::Item(value) => Some(maker_tone(value)),
                    Inside::Token(_) => Some(Tone::Text),
                    _ => None,
                });
            match inside {
                Some(tone) => brush.text(x, y, "■", tone),
                None => brush.text(x, y, "·", Tone::Dim),
            };
        }
    }
}

/// The colour of an item: its maker's.
pub fn maker_tone(item: i32) -> Tone {
    MAKERS[item_parts(item).map_or(0, |(maker, _)| maker as usize) % MAKERS.len()]
}

/// How many slots of a buffer the program's instructions can touch, from the first one on.
fn touched(program: &Program, buffer: &Variable) -> u32 {
    let size = buffer.size.unwrap_or(0);
    let (first, end) = (buffer.base.0, buffer.base.0 + size);
    let instructions = program.actors.iter().flat_map(|actor| &actor.code.instructions);
    let places = instructions.filter_map(|instruction| match instruction {
        Instruction::Read { cell, .. }
        | Instruction::Write { cell, .. }
        | Instruction::Atomic { cell, .. } => {
            let (from, len) = cell.span();
            (first..end).contains(&from).then(|| (from + len).min(end) - first)
        }
        _ => None,
    });
    places.max().unwrap_or(size)
}

fn end<'a>(sight: &Sight<'a>, names: &[&str]) -> Option<End<'a>> {
    let scalars = sight.program.variables.iter().filter(|v| v.size.is_none());
    let named = scalars.filter_map(|v| {
        let name = v.name.rsplit('.').next().filter(|name| names.contains(name))?;
        Some(End { name, at: *sight.snapshot.objects.cells.get(v.base.index())? })
    });
    named.min_by_key(|end| names.iter().position(|name| *name == end.name))
}

fn role_of(program: &Program, activity: ActivityId) -> &Role {
    &program.roles[program.activities[activity.index()].role.index()]
}

fn maker<'a>(program: &'a Program, items: &Items) -> &'a Role {
    role_of(program, items.produce)
}

/// Those who take items from where they lie: all but those who only make them.
fn takers(sight: &Sight<'_>) -> Vec<ActorId> {
    let Some(items) = &sight.program.items else { return Vec::new() };
    let makers = maker(sight.program, items);
    let both = makers.base == role_of(sight.program, items.consume).base;
    let all = (0..sight.snapshot.actors.len() as u32).map(ActorId);
    all.filter(|actor| both || makers.actors().all(|maker| maker != *actor)).collect()
}
