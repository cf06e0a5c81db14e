//! How acts can end: what they make of their actor and of the object that they touch.

use super::content::{self, Content, Gift};
use super::local::{Local, Phase, STALE, Settled, TAGGED};
use super::model::{Act, End, Model};
use crate::program::{ActorId, CellId, Violation};
use crate::vm::Request;

/// Outcomes of one `choose` that are followed.
pub const MAX_CHOICES: usize = 4096;

impl Model<'_> {
    /// All ways in which an act can end when the object that it touches holds the content of this number; none if the
    /// actor is blocked.
    pub fn ends(
        &mut self,
        actor: usize,
        local: u32,
        act: Act,
        object: Option<usize>,
        content: u32,
    ) -> Vec<End> {
        let before = self.local(actor, local).clone();
        let request = match act {
            Act::Flush(_, value) => return vec![self.flush(actor, before, object, value)],
            Act::Operation(request) => request,
        };
        let Some(object) = object else { return self.ends_alone(actor, &before, request) };
        let held = self.content(object, content).clone();
        let queued = before.phase == Phase::Queued;
        let outcomes = content::outcomes(self.program, ActorId(actor as u32), request, queued, &held);
        let end = |outcome: content::Outcome| {
            let settled = match outcome.result {
                Some(result) => self.machines[actor].complete(&before, request, result),
                None => {
                    let local = Local { phase: Phase::Queued, ..before.clone() };
                    Settled { local, breach: None, quiet: false }
                }
            };
            let vanishes = |item| before.holds(item) && !settled.local.holds(item);
            let overwritten = |item| held.holds(item) && outcome.content != held;
            // Made, and kept by nobody.
            let dropped = outcome.content == Content::Tag(true) && outcome.content != held;
            let far = [TAGGED, STALE].into_iter().any(|item| vanishes(item) || overwritten(item))
                || (dropped && !settled.local.holds(TAGGED))
                || (self.is_robust() && settled.local.is_over());
            End {
                local: self.locals[self.families[actor]].intern(settled.local),
                content: self.contents[self.domains[object]].intern(outcome.content),
                breach: outcome.breach.or(settled.breach),
                quiet: settled.quiet,
                far,
            }
        };
        outcomes.into_iter().map(end).collect()
    }

    /// What an actor's read gives in a state: what it wrote last itself, as long as that waits in its buffer.
    pub fn reads(&self, state: &[u32], actor: ActorId, act: Act) -> Option<i32> {
        let Act::Operation(Request::Read { cell }) = act else { return None };
        let object = self.cell(cell);
        let shared = self.value(object, state[self.actors() + object]);
        Some(own_write(self.local(actor.index(), state[actor.index()]), cell).unwrap_or(shared))
    }

    /// Operations that touch no object.
    fn ends_alone(&mut self, actor: usize, before: &Local, request: Request) -> Vec<End> {
        let own = match request {
            Request::Read { cell } => own_write(before, cell),
            _ => None,
        };
        if let Request::Choose { low, high } = request {
            self.truncated |= i64::from(high) - i64::from(low) >= MAX_CHOICES as i64;
        }
        let results = own.map_or_else(|| content::alone(request, MAX_CHOICES), |value| vec![value]);
        let end = |result| {
            let mut settled = self.machines[actor].complete(before, request, Gift::Value(result));
            if let Request::Write { cell, value } = request {
                settled.local.buffer.push((cell, value));
                let range = self.program.variable(cell).range;
                if range.is_some_and(|(low, high)| !(low..=high).contains(&value)) {
                    settled.breach = Some(Violation::Range(cell));
                }
            }
            let vanishes = |item| before.holds(item) && !settled.local.holds(item);
            let far = vanishes(TAGGED) || vanishes(STALE) || (self.is_robust() && settled.local.is_over());
            End {
                local: self.locals[self.families[actor]].intern(settled.local),
                content: 0,
                breach: settled.breach,
                quiet: settled.quiet,
                far,
            }
        };
        results.into_iter().map(end).collect()
    }

    fn flush(&mut self, actor: usize, mut before: Local, object: Option<usize>, value: i32) -> End {
        before.buffer.remove(0);
        // What was there is overwritten; whether a followed item was, is looked at each time.
        let far = self.program.items.is_some() || (self.is_robust() && before.is_over());
        let content =
            object.map_or(0, |object| self.contents[self.domains[object]].intern(Content::Cell(value)));
        End {
            local: self.locals[self.families[actor]].intern(before),
            content,
            breach: None,
            quiet: false,
            far,
        }
    }
}

/// The latest of an actor's own buffered writes to a variable.
fn own_write(local: &Local, cell: CellId) -> Option<i32> {
    local.buffer.iter().rev().find(|(to, _)| *to == cell).map(|(_, value)| *value)
}
