//! Who changes something that an `always` mentions, checks it: publish, full fence, look.
//!
//! For a condition on the actor and one other this is exact: of two that overlap, at least the later one sees both.
//! Counts of one demand lie in one word and are of one moment. What fits neither form is confirmed by a second look
//! with nothing changed in between; such a condition may be missed, never invented.

use std::collections::HashMap;
use std::sync::atomic::{Ordering, fence};

use super::Actor;
use crate::board::{CountPlan, CountWord, LiveWorld, record_wait};
use crate::os::clock;
use crate::program::value::Fault;
use crate::program::{ActorId, BETWEEN, CellId, Condition, Demand, Program, TextId, Violation};

/// Looks at an unsteady world before giving up.
const MAX_LOOKS: usize = 16;

/// How a demand can be checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// It mentions this actor (or one cell) and at most one other actor: one look is exact.
    Pair,
    /// It only counts, in one word: the word is exact.
    Counts,
    /// Anything else.
    Mixed,
}

/// What this actor has to check when.
pub struct Watch<'a> {
    /// For each of its states, the demands that entering it could break: number, form.
    entering: Vec<Vec<(u32, Form)>>,
    /// For each of its states, the demands that leaving it could break.
    leaving: Vec<Vec<(u32, Form)>>,
    /// The words that count this actor's role: number, plan.
    words: Vec<(u32, CountWord, Form)>,
    /// Demands by the cell they mention.
    by_cell: HashMap<CellId, Vec<(u32, Form)>>,
    /// For each cell, whether anything must be checked when it is written.
    watched: Vec<bool>,
    demands: &'a [Demand],
    roles: Vec<(ActorId, u32)>,
}

impl<'a> Watch<'a> {
    /// What actor `me` has to check.
    pub fn new(program: &'a Program, me: ActorId) -> Watch<'a> {
        let role = program.actors[me.index()].role;
        let states = program.roles[role.index()].states.len();
        let (mut entering, mut leaving) = (vec![Vec::new(); states], vec![Vec::new(); states]);
        let mut by_cell: HashMap<CellId, Vec<(u32, Form)>> = HashMap::new();
        let plan = CountPlan::of(program);
        for (at, demand) in program.demands.iter().enumerate() {
            let form = form(demand, me);
            let mut mentions = |state: u8, sign: Option<bool>| {
                if sign != Some(true) {
                    push(&mut entering[usize::from(state)], (at as u32, form));
                }
                if sign != Some(false) {
                    push(&mut leaving[usize::from(state)], (at as u32, form));
                }
            };
            demand.condition.signed_atoms(Some(true), &mut |atom, sign| match *atom {
                Condition::InState(actor, state) if actor == me => mentions(state, sign),
                // The word of the counts must follow every change.
                Condition::Count(of, state) if of == role => mentions(state, None),
                Condition::Cell(cell) => push(by_cell.entry(cell).or_default(), (at as u32, form)),
                _ => {}
            });
        }
        let counted = |word: &CountWord| word.fields.iter().any(|f| f.role == role);
        let numbered = plan.words.into_iter().enumerate().filter(|(_, word)| counted(word));
        let words = numbered
            .map(|(at, word)| {
                let form = form(&program.demands[word.demand.index()], me);
                (at as u32, word, form)
            })
            .collect();
        let mut watched = vec![false; program.cell_count() as usize];
        for variable in program.variables.iter().filter(|v| v.range.is_some()) {
            let first = variable.base.index();
            watched[first..first + variable.size.unwrap_or(1) as usize].fill(true);
        }
        for cell in by_cell.keys() {
            watched[cell.index()] = true;
        }
        let roles = program.roles.iter().map(|r| (r.base, r.count)).collect();
        Watch { entering, leaving, words, by_cell, watched, demands: &program.demands, roles }
    }
}

fn push<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

fn form(demand: &Demand, me: ActorId) -> Form {
    let (mut others, mut cells, mut counts): (Vec<ActorId>, Vec<CellId>, usize) = (Vec::new(), Vec::new(), 0);
    demand.condition.atoms(&mut |atom| match *atom {
        Condition::InState(actor, _) if actor != me => push(&mut others, actor),
        Condition::Cell(cell) => push(&mut cells, cell),
        Condition::Count(..) => counts += 1,
        _ => {}
    });
    match (others.len(), cells.len(), counts) {
        (0..=1, 0, 0) | (0, 1, 0) => Form::Pair,
        (0, 0, 1..) => Form::Counts,
        _ => Form::Mixed,
    }
}

impl Actor<'_, '_> {
    /// Enters a state, and checks what mentions it or the one that it leaves.
    #[inline]
    pub(super) fn enter(&mut self, state: u8) {
        let left = std::mem::replace(&mut self.state, state);
        let now = clock::ticks();
        self.stamp = now;
        let some =
            |of: &[Vec<(u32, Form)>], state: u8| of.get(usize::from(state)).is_some_and(|d| !d.is_empty());
        let checked = some(&self.watch.leaving, left) || some(&self.watch.entering, state);
        if checked {
            // An exchange is a full fence as well, and cheaper than a store and a fence.
            self.slot.state().swap(u64::from(state), Ordering::SeqCst);
        } else {
            self.slot.state().store(u64::from(state), Ordering::Release);
        }
        self.slot.state_since().store(now, Ordering::Relaxed);
        let states = &self.program.role_of(self.me).states;
        if states.get(usize::from(left)).is_some_and(|s| s.plain) {
            let nanos = now.saturating_sub(self.since) as f64 * self.tick;
            let paused = self.control.held().saturating_sub(self.held);
            record_wait(self.tally.waits, (nanos as u64).saturating_sub(paused));
        }
        self.since = now;
        self.held = self.control.held();
        if state != BETWEEN {
            let entered = &self.tally.entered[usize::from(state)];
            entered.store(entered.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
        if checked {
            self.check_states(left, state);
        }
    }

    fn check_states(&mut self, left: u8, entered: u8) {
        let role = self.program.actors[self.me.index()].role;
        let mut broken = None;
        for (at, word, form) in &self.watch.words {
            let change = word.change(role, left, entered);
            if change == 0 {
                continue;
            }
            let value = self.board.count_word(*at).fetch_add(change, Ordering::SeqCst).wrapping_add(change);
            // After a death the words may be off by what the dead one did not come to count.
            let exact = *form == Form::Counts && self.board.tainted().load(Ordering::Acquire) == 0;
            let broke = match exact {
                true => !self.look(word.demand.0, None, Some((word, value))),
                false => self.surely_broken(word.demand.0, None),
            };
            if broke {
                broken = Some(word.demand);
            }
        }
        for (of, state) in [(&self.watch.leaving, left), (&self.watch.entering, entered)] {
            for &(demand, form) in of.get(usize::from(state)).map_or(&[][..], |d| d) {
                let broke = match form {
                    Form::Pair => !self.look(demand, None, None),
                    Form::Counts if self.watch.words.iter().any(|(_, w, _)| w.demand.0 == demand) => false,
                    Form::Counts | Form::Mixed => self.surely_broken(demand, None),
                };
                if broke {
                    broken = Some(crate::program::DemandId(demand));
                }
            }
        }
        if let Some(demand) = broken {
            self.violated(Violation::Demand(demand), 0);
        }
    }

    /// Checks what mentions a cell that was just written.
    #[inline]
    pub(super) fn written(&mut self, cell: CellId, value: i32) {
        if self.watch.watched[cell.index()] {
            self.check_cell(cell, value);
        }
    }

    fn check_cell(&mut self, cell: CellId, value: i32) {
        if let Some((low, high)) = self.program.variable(cell).range
            && !(low..=high).contains(&value)
        {
            self.violated(Violation::Range(cell), value);
        }
        fence(Ordering::SeqCst);
        let demands = self.watch.by_cell.get(&cell).cloned().unwrap_or_default();
        for (demand, form) in demands {
            let broke = match form {
                Form::Pair => !self.look(demand, Some((cell, value)), None),
                // The value may have been written over already; only what is there now counts.
                _ => self.surely_broken(demand, None),
            };
            if broke {
                self.violated(Violation::Demand(crate::program::DemandId(demand)), value);
            }
        }
    }

    /// Whether a demand holds by one look. One whose arithmetic fails does not hold.
    fn look(&self, demand: u32, written: Option<(CellId, i32)>, counts: Option<(&CountWord, u64)>) -> bool {
        let world = LiveWorld { board: self.board, written, counts, roles: &self.watch.roles };
        self.watch.demands[demand as usize].condition.holds(&world)
    }

    /// Whether a demand is false by two looks with no step of anybody it mentions in between.
    fn surely_broken(&self, demand: u32, written: Option<(CellId, i32)>) -> bool {
        for _ in 0..MAX_LOOKS {
            let before = self.versions(demand);
            if self.look(demand, written, None) {
                return false;
            }
            fence(Ordering::SeqCst);
            if !self.look(demand, written, None) && self.versions(demand) == before {
                return true;
            }
        }
        false
    }

    /// What changes with every step of the actors that a demand mentions, and the cells themselves.
    fn versions(&self, demand: u32) -> Vec<u64> {
        let mut versions = Vec::new();
        let mut actor = |actor: ActorId| {
            let slot = self.board.slot(actor);
            versions.push(slot.progress().load(Ordering::SeqCst));
            versions.push(slot.state().load(Ordering::SeqCst));
            versions.push(slot.state_since().load(Ordering::SeqCst));
        };
        let mut cells = Vec::new();
        self.watch.demands[demand as usize].condition.atoms(&mut |atom| match *atom {
            Condition::InState(who, _) => actor(who),
            Condition::Count(role, _) => {
                let (base, count) = self.watch.roles[role.index()];
                (0..count).for_each(|k| actor(ActorId(base.0 + k)));
            }
            Condition::Cell(cell) => cells.push(cell),
            _ => {}
        });
        versions.extend(cells.iter().map(|c| u64::from(self.board.cell(*c).load(Ordering::SeqCst))));
        versions
    }

    /// A fault of the program itself.
    pub(super) fn fault(&mut self, fault: Fault, text: Option<TextId>) {
        self.publish();
        match text {
            Some(text) => self.violated(Violation::Assertion(text), 0),
            None => self.violated(Violation::Fault(fault), 0),
        }
    }

    /// Notes a violation. The first one stays; all are counted.
    #[cold]
    pub(super) fn violated(&mut self, violation: Violation, value: i32) {
        let slot = self.slot;
        let seen = slot.violations().load(Ordering::Relaxed);
        if seen == 0 {
            slot.violation_at().store(clock::ticks(), Ordering::Relaxed);
            slot.violation_position().store(u64::from(self.frame.position), Ordering::Relaxed);
            slot.violation_value().store(value as u32 as u64, Ordering::Relaxed);
            slot.violation().store(violation.pack(), Ordering::Release);
        }
        slot.violations().store(seen + 1, Ordering::Release);
    }
}
