//! The successors of a packed state, by looking up its actors' tables.

use super::layout::{Layout, Packed};
use super::model::Model;
use super::symmetry::Symmetry;
use super::tables::{ALONE, BLOCKED, Edge, FAR, QUIET, Tables, UNKNOWN};
use crate::program::{ActorId, CellId, RoleId, Violation, World};

/// All that expanding a state reads.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'s> {
    /// The model.
    pub model: &'s Model<'s>,
    /// Where the parts of a state lie.
    pub layout: &'s Layout,
    /// The moves.
    pub tables: &'s Tables,
    /// Which actors can be exchanged; none to tell them all apart.
    pub symmetry: Option<&'s Symmetry>,
}

/// What expanding a state found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expanded {
    /// All successors were given.
    Done {
        /// Whether any of them is more than going round in an `await`.
        moving: bool,
        /// Whether there was any.
        any: bool,
    },
    /// The tables do not know everything that is needed.
    Unknown,
}

/// Who needs to be tried in a state.
#[derive(Clone, Copy, Debug)]
enum Needed {
    /// Only this actor.
    Alone(usize),
    /// Everybody.
    All,
    /// The tables do not know everything that is needed.
    Unknown,
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Step<'e, const W: usize> {
    /// Who.
    pub actor: usize,
    /// How.
    pub edge: &'e Edge,
    /// To which state.
    pub to: Packed<W>,
    /// The rule that is broken on the way, for edges that need a note.
    pub breach: Option<Violation>,
    /// The list of demands to look at.
    pub watch: u32,
}

impl<'s> Scene<'s> {
    /// Calls `visit` with every step from a state.
    #[inline(always)]
    pub fn expand<const W: usize>(&self, state: &Packed<W>, mut visit: impl FnMut(Step<'s, W>)) -> Expanded {
        if self.tables.independent.is_some() {
            match self.needed(state) {
                Needed::Alone(actor) => return self.expand_actor(state, actor, &mut visit),
                Needed::All => {}
                Needed::Unknown => return Expanded::Unknown,
            }
        }
        let (mut moving, mut any) = (false, false);
        for actor in 0..self.tables.actors.len() {
            match self.expand_actor(state, actor, &mut visit) {
                Expanded::Unknown => return Expanded::Unknown,
                Expanded::Done { moving: m, any: a } => (moving, any) = (moving | m, any | a),
            }
        }
        Expanded::Done { moving, any }
    }

    /// Only the first actor at an operation that need not be tried in every order, if there is one.
    #[inline(always)]
    fn needed<const W: usize>(&self, state: &Packed<W>) -> Needed {
        for (actor, table) in self.tables.actors.iter().enumerate() {
            let row = table.rows.get(table.field.get(state) as usize);
            let edge = row.and_then(|row| table.edge(row, row.field.get(state)));
            let Some(edge) = edge else { return Needed::Unknown };
            // The first that will turn out to be so, not the first that is known to be: the choice must always be the same.
            if edge.flags & UNKNOWN != 0 {
                return Needed::Unknown;
            }
            if edge.flags & ALONE != 0 {
                return Needed::Alone(actor);
            }
        }
        Needed::All
    }

    /// The same for one actor.
    #[inline(always)]
    pub fn expand_actor<const W: usize>(
        &self,
        state: &Packed<W>,
        actor: usize,
        visit: &mut impl FnMut(Step<'s, W>),
    ) -> Expanded {
        let (mut moving, mut any) = (false, false);
        let table = &self.tables.actors[actor];
        let Some(mut row) = table.rows.get(table.field.get(state) as usize) else { return Expanded::Unknown };
        loop {
            let Some(mut edge) = table.edge(row, row.field.get(state)) else { return Expanded::Unknown };
            loop {
                if edge.flags & (UNKNOWN | BLOCKED) != 0 {
                    if edge.flags & UNKNOWN != 0 {
                        return Expanded::Unknown;
                    }
                    break;
                }
                let mut to = *state;
                to[usize::from(table.field.word) & (W - 1)] ^= edge.local;
                to[usize::from(row.field.word) & (W - 1)] ^= edge.object;
                let mut step = Step { actor, edge, to, breach: None, watch: edge.note };
                if edge.flags & (FAR | super::tables::BREACH) != 0 {
                    match self.noted(state, step) {
                        Some(noted) => step = noted,
                        None => return Expanded::Unknown,
                    }
                }
                if let Some(symmetry) = self.symmetry {
                    symmetry.canonical(&mut step.to);
                }
                visit(step);
                moving |= edge.flags & QUIET == 0;
                any = true;
                if edge.more == 0 {
                    break;
                }
                edge = table.more(edge.more);
            }
            if row.also == 0 {
                return Expanded::Done { moving, any };
            }
            row = &table.others[row.also as usize];
        }
    }

    /// A step of the rare kinds; none if the model has no number for what comes out.
    #[cold]
    fn noted<const W: usize>(&self, state: &Packed<W>, step: Step<'s, W>) -> Option<Step<'s, W>> {
        let note = &self.tables.notes[step.edge.note as usize];
        let from = self.layout.unpack(state);
        let (to, breach) = self.model.completed(&from, step.actor, note.act, note.object, &note.end).ok()?;
        Some(Step { to: self.layout.pack(&to)?, breach, watch: note.watch, ..step })
    }

    /// A state as what conditions are about.
    pub fn world<'w, const W: usize>(&'w self, state: &'w Packed<W>) -> PackedWorld<'w, W> {
        PackedWorld { scene: self, state }
    }

    /// Whether every actor has come to its end.
    pub fn is_over<const W: usize>(&self, state: &Packed<W>) -> bool {
        (0..self.tables.actors.len()).all(|actor| self.is_actor_over(state, actor))
    }

    /// Whether an actor has come to its end.
    pub fn is_actor_over<const W: usize>(&self, state: &Packed<W>, actor: usize) -> bool {
        self.model.local(actor, self.layout.fields[actor].get(state) as u32).is_over()
    }
}

/// A packed state as what conditions are about.
#[derive(Debug)]
pub struct PackedWorld<'w, const W: usize> {
    scene: &'w Scene<'w>,
    state: &'w Packed<W>,
}

impl<const W: usize> World for PackedWorld<'_, W> {
    fn cell(&self, cell: CellId) -> i32 {
        let model = self.scene.model;
        let object = model.cell(cell);
        let number = self.scene.layout.fields[model.actors() + object].get(self.state);
        model.value(object, number as u32)
    }

    fn state(&self, actor: ActorId) -> u8 {
        let number = self.scene.layout.fields[actor.index()].get(self.state);
        self.scene.model.local(actor.index(), number as u32).state
    }

    fn count(&self, role: RoleId, state: u8) -> i32 {
        let members = self.scene.model.program.roles[role.index()].actors();
        members.filter(|actor| World::state(self, *actor) == state).count() as i32
    }
}
