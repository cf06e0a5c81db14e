//! Water: which atoms drift, which wait, how much hydrogen each oxygen has taken, and which atoms bond. More than two of
//! hydrogen or one of oxygen in a bond are of two molecules.

use super::named;
use crate::program::{ActorId, SemaphoreId};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Atoms of hydrogen in a molecule.
const HYDROGEN: usize = 2;
/// Atoms of oxygen in it.
const OXYGEN: usize = 1;
/// Columns that the name of the room on the left needs.
const LEFT: i32 = 14;
/// Columns of a room's name where rooms are rows.
const NAME: i32 = 11;
/// Rows that the picture of a molecule needs.
const PICTURE: i32 = 3;

/// The moment, as far as it is told by the problem's names.
struct Vessel {
    drifting: Vec<ActorId>,
    /// Oxygen that waits.
    oxygen: Vec<ActorId>,
    /// Hydrogen that waits.
    hydrogen: Vec<ActorId>,
    /// Hydrogen and oxygen of the molecule that bonds, no more than belong to one.
    bond: [Vec<ActorId>; 2],
    /// Who bonds beside these.
    over: Vec<ActorId>,
    /// Who has bonded, has not gone yet, and does not belong to the molecule shown.
    bonded: Vec<ActorId>,
    /// What hydrogen offers itself by, if the solution has it.
    offered: Option<SemaphoreId>,
}

/// Draws the drifting atoms on the left, those that wait in the middle, and the molecule on the right.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let Some(vessel) = Vessel::of(sight) else { return super::plain::draw(sight, brush) };
    let (w, h) = (brush.width(), brush.height());
    if w < 56 || h < 10 {
        return rows(sight, &vessel, brush);
    }
    let (left, right) = ((w * 24 / 100).max(LEFT), w * 38 / 100);
    let middle = w - left - right;
    let upper = h / 2;
    let mut part = brush.part(0, 0, left, h);
    super::room::draw(sight, "drifting", Tone::Border, &vessel.drifting, &mut part);
    let mut part = brush.part(left, 0, middle, upper);
    part.frame("oxygen waits", Tone::Border, Tone::Title);
    takers(sight, &vessel, &mut part.part(2, 1, middle - 4, upper - 2));
    let mut part = brush.part(left, upper, middle, h - upper);
    super::room::draw(sight, "hydrogen waits", Tone::Border, &vessel.hydrogen, &mut part);
    molecule(sight, &vessel, &mut brush.part(w - right, 0, right, h));
}

impl Vessel {
    /// None if this is another kind of problem.
    fn of(sight: &Sight<'_>) -> Option<Vessel> {
        let states = ["drifting", "waiting", "bonding"];
        if !named::has(sight, "hydrogen", &states) || !named::has(sight, "oxygen", &states) {
            return None;
        }
        let both = |states: &[&str]| -> Vec<ActorId> {
            ["oxygen", "hydrogen"].iter().flat_map(|role| sight.showing(role, states)).collect()
        };
        let mut bonded = Vec::new();
        let mut over = Vec::new();
        let bond = [("hydrogen", HYDROGEN), ("oxygen", OXYGEN)].map(|(role, room)| {
            let mut atoms = sight.showing(role, &["bonding"]);
            // Who came last is the one too many.
            atoms.sort_by_key(|atom| sight.snapshot.actors[atom.index()].state_since);
            over.extend(atoms.split_off(atoms.len().min(room)));
            // Who has bonded stays a part of the molecule until it goes.
            let mut gone = sight.showing(role, &["bonded", "between"]);
            let stays = gone.len().min(room - atoms.len());
            bonded.extend(gone.split_off(stays));
            atoms.extend(gone);
            atoms
        });
        let offered = named::semaphore(sight, "offered");
        let (oxygen, hydrogen) =
            (sight.showing("oxygen", &["waiting"]), sight.showing("hydrogen", &["waiting"]));
        Some(Vessel { drifting: both(&["drifting"]), oxygen, hydrogen, bond, over, bonded, offered })
    }

    /// How many of hydrogen an oxygen that waits has taken.
    fn taken(&self, sight: &Sight<'_>, oxygen: ActorId) -> Option<usize> {
        let taken = named::kept(sight, oxygen, self.offered?);
        let used = named::entered(sight, oxygen, "bonding") * HYDROGEN as i64;
        Some((taken - used).clamp(0, HYDROGEN as i64) as usize)
    }
}

/// The hydrogen that an oxygen has taken, and the places that are left.
fn places(taken: usize) -> String {
    "H".repeat(taken) + &"·".repeat(HYDROGEN - taken)
}

/// Oxygen that waits, with what it has taken.
fn takers(sight: &Sight<'_>, vessel: &Vessel, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let has = |atom: &ActorId| vessel.taken(sight, *atom).is_some_and(|taken| taken > 0);
    let (mut shown, mut rest) = (vessel.oxygen.clone(), Vec::new());
    if shown.len() as i32 > h || vessel.offered.is_none() {
        // Where not all have a line of their own, those do who have taken something, and the others the lines below.
        (shown, rest) = vessel.oxygen.iter().partition(|atom| has(atom));
        let lines = (h / 2).max(0) as usize;
        rest.extend(shown.split_off(shown.len().min(lines)));
    }
    let lines = shown.len() as i32;
    super::room::people(sight, &rest, &mut brush.part(0, lines, w, h - lines));
    for (y, atom) in shown.iter().enumerate() {
        let (y, face) = (y as i32, sight.face(*atom));
        let x = brush.text(0, y, face.sign, face.tone) + 1;
        let x = brush.text(x, y, &sight.short(*atom), named::tone(sight, *atom)) + 1;
        let taken = vessel.taken(sight, *atom).unwrap_or(0);
        let tone = match (face.tone, taken) {
            (Tone::Bad, _) => Tone::Bad,
            (_, 0) => Tone::Dim,
            _ => Tone::Accent,
        };
        let x = brush.text(x, y, &places(taken), tone) + 1;
        if let Some(name) = sight.waits_short(*atom) {
            brush.text(x, y, &format!("→ {name}"), face.tone);
        }
    }
}

/// How many bond, as the molecule's name.
fn title(sight: &Sight<'_>, vessel: &Vessel) -> (String, Tone) {
    let bonding = |role: &str| sight.showing(role, &["bonding"]).len();
    let (hydrogen, oxygen) = (bonding("hydrogen"), bonding("oxygen"));
    // Of those who were too many, one may have gone and another have stayed.
    let broken = vessel.bond.iter().flatten().any(|atom| sight.face(*atom).sign == "✗");
    match (hydrogen, oxygen, broken || !vessel.over.is_empty()) {
        (0, 0, false) => ("no bond".to_string(), Tone::Border),
        (_, _, false) => (format!("bond: {hydrogen} H, {oxygen} O"), Tone::Act),
        (_, _, true) => (format!("bond: {hydrogen} H, {oxygen} O!"), Tone::Bad),
    }
}

/// The molecule: who is in it, who is too many, and who has bonded before.
fn molecule(sight: &Sight<'_>, vessel: &Vessel, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let (name, tone) = title(sight, vessel);
    brush.frame(&name, tone, if tone == Tone::Border { Tone::Title } else { tone });
    let mut inside = brush.part(2, 1, w - 4, h - 2);
    let (w, h) = (w - 4, h - 2);
    let lists = [("too many", Tone::Bad, &vessel.over), ("has bonded", Tone::Dim, &vessel.bonded)];
    // Room for both, so that the molecule stays where it is.
    let list = ((h - PICTURE) / 3).max(1);
    let upper = h - 2 * list;
    let spread = (w / 2 - 6).clamp(2, 8);
    let (middle, y) = (w / 2, (upper - PICTURE) / 2);
    let lines = [(-spread / 2 - 1, "╲"), (spread / 2 + 1, "╱")];
    for (at, (dx, line)) in lines.into_iter().enumerate() {
        let bound = vessel.bond[0].get(at).is_some() && !vessel.bond[1].is_empty();
        inside.text(middle + dx, y + 1, if bound { line } else { " " }, Tone::Act);
        let left = if at == 0 { middle - spread - 3 } else { middle + spread - 1 };
        atom(sight, vessel.bond[0].get(at), "H", left, y, &mut inside);
    }
    atom(sight, vessel.bond[1].first(), "O", middle - 2, y + 2, &mut inside);
    for (at, (name, tone, atoms)) in lists.into_iter().enumerate() {
        if atoms.is_empty() {
            continue;
        }
        let y = upper + at as i32 * list;
        let x = inside.text(0, y, name, tone) + 1;
        super::room::people(sight, atoms, &mut inside.part(x, y, w - x, list));
    }
}

/// An atom in its place in the molecule, or the empty place.
fn atom(sight: &Sight<'_>, atom: Option<&ActorId>, kind: &str, x: i32, y: i32, brush: &mut Brush<'_>) {
    let Some(atom) = atom else {
        brush.text(x, y, &format!("· {kind}"), Tone::Dim);
        return;
    };
    let face = sight.face(*atom);
    let x = brush.text(x, y, face.sign, face.tone) + 1;
    let picked = sight.selected == Some(*atom);
    brush.text(x, y, &sight.short(*atom), if picked { Tone::Selected } else { face.tone });
}

/// The same where there is little room: a row for each.
fn rows(sight: &Sight<'_>, vessel: &Vessel, brush: &mut Brush<'_>) {
    let (_, tone) = title(sight, vessel);
    let bond: Vec<ActorId> = vessel.bond.iter().flatten().chain(&vessel.over).copied().collect();
    let name = if tone == Tone::Bad { "two bonds!" } else { "bond" };
    // What each has taken says more than that it waits, if there is room for all.
    let short = |atom: &ActorId| sight.short(*atom).len() as i32 + HYDROGEN as i32 + 4;
    let fits = vessel.oxygen.iter().map(short).sum::<i32>() <= brush.width() - NAME;
    let inline = fits && vessel.offered.is_some();
    let rooms = [
        ("drifting", Tone::Border, vessel.drifting.clone()),
        ("oxygen", Tone::Border, if inline { Vec::new() } else { vessel.oxygen.clone() }),
        ("hydrogen", Tone::Border, vessel.hydrogen.clone()),
        (name, tone, bond),
        ("has bonded", Tone::Border, vessel.bonded.clone()),
    ];
    super::room::rows(sight, &rooms, brush);
    let (mut x, y) = (NAME, (brush.height() / rooms.len() as i32).max(1));
    for atom in vessel.oxygen.iter().filter(|_| inline) {
        let face = sight.face(*atom);
        let at = brush.text(x, y, face.sign, face.tone);
        let at = brush.text(at, y, &sight.short(*atom), named::tone(sight, *atom)) + 1;
        let taken = vessel.taken(sight, *atom).unwrap_or(0);
        brush.text(at, y, &places(taken), if face.tone == Tone::Bad { Tone::Bad } else { Tone::Accent });
        x += short(atom);
    }
}
