//! Moves as tables: what an actor in a local state does to an object with a content, looked up by these two numbers.
//!
//! A move changes two fields of a packed state, so an edge is two words to xor. Tables grow between the rounds of a
//! search and are only read within one: no thread ever waits for them.

use std::collections::HashMap;

use super::independent::Independent;
use super::layout::{Field, Layout, MAX_WORDS};
use super::model::{Act, End, Model};
use super::watch::Watch;
use crate::vm::Request;

/// Nobody has looked yet what happens here.
pub const UNKNOWN: u8 = 1;
/// The actor is blocked.
pub const BLOCKED: u8 = 2;
/// It only goes round in an `await`.
pub const QUIET: u8 = 4;
/// Other parts of the state may change too: ask the model.
pub const FAR: u8 = 8;
/// A rule is broken on the way.
pub const BREACH: u8 = 16;
/// It need not be tried in every order: see [`super::independent`].
pub const ALONE: u8 = 32;
/// An activity begins.
pub const BEGINS: u8 = 64;
/// One outcome of a choice.
pub const CHOICE: u8 = 128;

/// One way in which a move can end.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// What changes in the actor's word.
    pub local: u64,
    /// What changes in the object's word.
    pub object: u64,
    /// Another way in which it can end: its number among the edges; 0 if there is none.
    pub more: u32,
    /// Which demands must be looked at: a number of [`Watch`], or of `notes` with [`FAR`] or [`BREACH`].
    pub note: u32,
    /// The constants above.
    pub flags: u8,
}

/// Contents of one object for which a row has an edge each. Rows of objects with more are sparse, so that the tables do
/// not grow with the square of a number.
const MAX_DENSE: usize = 512;

const NOT_YET: Edge = Edge { local: 0, object: 0, more: 0, note: 0, flags: UNKNOWN };

/// What an actor in a local state may do.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The first of its edges, one for each content of the object.
    first: u32,
    /// For how many contents there are edges; none if they are kept by content instead, because there are so many.
    len: u32,
    /// Where the object lies; a field of no bits if none is touched.
    pub field: Field,
    /// Another act: its number among `others`; 0 if there is none.
    pub also: u32,
}

/// What rare edges need beside their flags.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// What the actor does.
    pub act: Act,
    /// To which object.
    pub object: Option<usize>,
    /// How it ends.
    pub end: End,
    /// Which demands must be looked at.
    pub watch: u32,
}

/// One actor's tables.
#[derive(Debug, Default)]
pub struct ActorTable {
    /// Where its local state lies.
    pub field: Field,
    /// By local state.
    pub rows: Vec<Row>,
    /// Second acts.
    pub others: Vec<Row>,
    edges: Vec<Edge>,
    /// For rows that are sparse: the edges' numbers, by the row's first and the content.
    sparse: HashMap<(u32, u32), u32>,
}

impl ActorTable {
    /// The edge for an object's content; none if it is not known yet.
    #[inline(always)]
    pub fn edge(&self, row: &Row, content: u64) -> Option<&Edge> {
        if content < u64::from(row.len) {
            return self.edges.get(row.first as usize + content as usize);
        }
        if row.len == 0 { self.sparse_edge(row, content) } else { None }
    }

    #[cold]
    fn sparse_edge(&self, row: &Row, content: u64) -> Option<&Edge> {
        let number = self.sparse.get(&(row.first, u32::try_from(content).ok()?))?;
        self.edges.get(*number as usize)
    }

    /// The edge of this number.
    #[inline(always)]
    pub fn more(&self, number: u32) -> &Edge {
        &self.edges[number as usize]
    }
}

/// A value came up that the layout has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgrown;

/// All tables.
#[derive(Debug)]
pub struct Tables {
    /// By actor.
    pub actors: Vec<ActorTable>,
    /// What rare edges need.
    pub notes: Vec<Note>,
    /// Which demands a move can break.
    pub watch: Watch,
    /// Which moves need not be tried in every order; none if all are.
    pub independent: Option<Independent>,
}

impl Tables {
    /// Empty ones.
    pub fn new(model: &Model<'_>, layout: &Layout, independent: Option<Independent>) -> Tables {
        let table = |actor: usize| ActorTable {
            field: layout.fields[actor],
            edges: vec![NOT_YET],
            others: vec![Row { first: 0, len: 0, field: Field::default(), also: 0 }],
            rows: Vec::new(),
            sparse: HashMap::new(),
        };
        Tables {
            actors: (0..model.actors()).map(table).collect(),
            notes: Vec::new(),
            watch: Watch::new(model.program),
            independent,
        }
    }

    /// Fills in all that a state needs to be expanded.
    pub fn learn(&mut self, model: &mut Model<'_>, layout: &Layout, state: &[u32]) -> Result<(), Outgrown> {
        for actor in 0..model.actors() {
            self.know_rows(model, layout, actor, state[actor]);
            for (number, act) in model.acts(actor, state[actor]).into_iter().enumerate() {
                let object = model.touches(actor, state[actor], act);
                let content = object.map_or(0, |object| state[model.actors() + object]);
                let first =
                    self.know_edge(model, layout, (actor, state[actor], number), act, object, content)?;
                self.know_far(model, layout, state, actor, first)?;
            }
        }
        Ok(())
    }

    /// Lets the model give numbers to what a move that changes other parts too makes of a state.
    fn know_far(
        &self,
        model: &mut Model<'_>,
        layout: &Layout,
        state: &[u32],
        actor: usize,
        first: usize,
    ) -> Result<(), Outgrown> {
        let mut at = first;
        loop {
            let edge = self.actors[actor].edges[at];
            if edge.flags & FAR != 0 {
                let note = self.notes[edge.note as usize];
                let (to, _) = model.complete(state, actor, note.act, note.object, &note.end);
                layout.pack::<MAX_WORDS>(&to).ok_or(Outgrown)?;
            }
            match edge.more {
                0 => return Ok(()),
                more => at = more as usize,
            }
        }
    }

    fn know_rows(&mut self, model: &Model<'_>, layout: &Layout, actor: usize, local: u32) {
        for number in self.actors[actor].rows.len() as u32..=local {
            let acts = model.acts(actor, number);
            let table = &mut self.actors[actor];
            let row = |act: Option<&Act>, also| {
                let object = act.and_then(|act| model.touches(actor, number, *act));
                let field = object.map_or(Field::default(), |object| layout.fields[model.actors() + object]);
                Row { first: 0, len: 0, field, also }
            };
            let also = match acts.get(1) {
                None => 0,
                second => {
                    table.others.push(row(second, 0));
                    table.others.len() as u32 - 1
                }
            };
            let mut first = row(acts.first(), also);
            if acts.is_empty() {
                // One edge that is blocked for ever.
                first = Row { first: table.edges.len() as u32, len: 1, ..first };
                table.edges.push(Edge { flags: BLOCKED, ..NOT_YET });
            }
            table.rows.push(first);
        }
    }

    fn know_edge(
        &mut self,
        model: &mut Model<'_>,
        layout: &Layout,
        (actor, local, number): (usize, u32, usize),
        act: Act,
        object: Option<usize>,
        content: u32,
    ) -> Result<usize, Outgrown> {
        let first =
            self.room(actor, local, number, content, object.map_or(1, |o| model.count(model.actors() + o)));
        if self.actors[actor].edges[first].flags & UNKNOWN == 0 {
            return Ok(first);
        }
        let ends = model.ends(actor, local, act, object, content);
        let mut edges = Vec::new();
        for end in ends {
            edges.push(self.edge(model, layout, (actor, local), act, object, content, end)?);
        }
        let table = &mut self.actors[actor];
        if edges.iter().any(|edge| edge.flags & ALONE == 0) {
            edges.iter_mut().for_each(|edge| edge.flags &= !ALONE);
        }
        let Some((head, rest)) = edges.split_first() else {
            table.edges[first] = Edge { flags: BLOCKED, ..NOT_YET };
            return Ok(first);
        };
        let mut more = 0;
        for edge in rest.iter().rev() {
            table.edges.push(Edge { more, ..*edge });
            more = table.edges.len() as u32 - 1;
        }
        table.edges[first] = Edge { more, ..*head };
        Ok(first)
    }

    /// Makes room for an object's contents behind a row. Gives the number of the edge for this content.
    fn room(&mut self, actor: usize, local: u32, number: usize, content: u32, contents: usize) -> usize {
        let table = &mut self.actors[actor];
        let also = table.rows[local as usize].also;
        let row = match number {
            0 => &mut table.rows[local as usize],
            _ => &mut table.others[also as usize],
        };
        if contents > MAX_DENSE && (row.len > 0 || row.first == 0) {
            // From now on sparse, with what is known of it already.
            let (old, len) = (row.first, row.len);
            (row.first, row.len) = (table.edges.len() as u32, 0);
            table.sparse.extend((0..len).map(|content| ((row.first, content), old + content)));
            // Its own number, which no other row gets.
            table.edges.push(NOT_YET);
        }
        if row.len == 0 && row.first > 0 {
            let next = table.edges.len() as u32;
            let number = *table.sparse.entry((row.first, content)).or_insert(next);
            if number == next {
                table.edges.push(NOT_YET);
            }
            return number as usize;
        }
        if content >= row.len {
            let len = contents.max(content as usize + 1).next_power_of_two();
            let first = table.edges.len();
            let old = row.first as usize..(row.first + row.len) as usize;
            (row.first, row.len) = (first as u32, len as u32);
            table.edges.extend_from_within(old);
            table.edges.resize(first + len, NOT_YET);
        }
        (row.first + content) as usize
    }

    #[allow(clippy::too_many_arguments)]
    fn edge(
        &mut self,
        model: &Model<'_>,
        layout: &Layout,
        (actor, local): (usize, u32),
        act: Act,
        object: Option<usize>,
        content: u32,
        end: End,
    ) -> Result<Edge, Outgrown> {
        let mine = layout.fields[actor];
        let theirs = object.map_or(Field::default(), |object| layout.fields[model.actors() + object]);
        if u64::from(end.local) > mine.mask || u64::from(end.content) > theirs.mask {
            return Err(Outgrown);
        }
        let states = (model.local(actor, local).state, model.local(actor, end.local).state);
        let mut note = self.watch.number(model, actor, states, act);
        let mut flags = 0;
        let mut flag = |on: bool, bit| flags |= if on { bit } else { 0 };
        flag(end.quiet, QUIET);
        flag(end.far, FAR);
        flag(end.breach.is_some(), BREACH);
        flag(matches!(act, Act::Operation(Request::Begin { .. })), BEGINS);
        flag(matches!(act, Act::Operation(Request::Choose { .. })), CHOICE);
        let alone = |independent: &Independent| {
            independent.is_alone(actor, model.local(actor, local).position)
                && !self.watch.repairs(model, actor, states, act)
        };
        let noted = QUIET | FAR | BREACH;
        if flags & noted == 0 && self.independent.as_ref().is_some_and(alone) {
            flags |= ALONE;
        }
        if end.far || end.breach.is_some() {
            self.notes.push(Note { act, object, end, watch: note });
            note = self.notes.len() as u32 - 1;
        }
        let local = mine.change(local, end.local);
        Ok(Edge { local, object: theirs.change(content, end.content), more: 0, note, flags })
    }
}
