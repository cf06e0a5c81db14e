//! What an `always` or a `possible` says, with all indices filled in.

use super::ids::{ActorId, CellId, RoleId};
use super::instruction::{BinaryOp, UnaryOp};
use super::value;

/// A condition over the states of actors and the shared variables.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// A number.
    Constant(i32),
    /// A shared variable's value.
    Cell(CellId),
    /// 1 if the actor is in the state, else 0.
    InState(ActorId, u8),
    /// How many actors of the role are in the state.
    Count(RoleId, u8),
    /// An operation on one.
    Unary(UnaryOp, Box<Condition>),
    /// An operation on two.
    Binary(BinaryOp, Box<Condition>, Box<Condition>),
}

/// What a condition is evaluated on.
pub trait World {
    /// A shared variable's value.
    fn cell(&self, cell: CellId) -> i32;
    /// The state an actor shows.
    fn state(&self, actor: ActorId) -> u8;
    /// How many actors of a role show a state.
    fn count(&self, role: RoleId, state: u8) -> i32;
}

impl Condition {
    /// The condition's value; `None` if arithmetic in it fails.
    pub fn evaluate(&self, world: &impl World) -> Option<i32> {
        match self {
            Condition::Constant(value) => Some(*value),
            Condition::Cell(cell) => Some(world.cell(*cell)),
            Condition::InState(actor, state) => Some(i32::from(world.state(*actor) == *state)),
            Condition::Count(role, state) => Some(world.count(*role, *state)),
            Condition::Unary(op, a) => value::unary(*op, a.evaluate(world)?).ok(),
            Condition::Binary(BinaryOp::And, a, b) => {
                if a.evaluate(world)? == 0 {
                    Some(0)
                } else {
                    Some(i32::from(b.evaluate(world)? != 0))
                }
            }
            Condition::Binary(BinaryOp::Or, a, b) => {
                if a.evaluate(world)? != 0 {
                    Some(1)
                } else {
                    Some(i32::from(b.evaluate(world)? != 0))
                }
            }
            Condition::Binary(op, a, b) => value::binary(*op, a.evaluate(world)?, b.evaluate(world)?).ok(),
        }
    }

    /// Whether it holds. One whose arithmetic fails does not.
    pub fn holds(&self, world: &impl World) -> bool {
        self.evaluate(world).is_some_and(|value| value != 0)
    }

    /// Calls `visit` with every part that is no operation.
    pub fn atoms<'a>(&'a self, visit: &mut impl FnMut(&'a Condition)) {
        match self {
            Condition::Unary(_, a) => a.atoms(visit),
            Condition::Binary(_, a, b) => {
                a.atoms(visit);
                b.atoms(visit);
            }
            atom => visit(atom),
        }
    }

    /// Whether its arithmetic can fail: divide by zero, or leave 32 bits.
    fn may_fail(&self) -> bool {
        use BinaryOp::*;
        match self {
            Condition::Unary(op, a) => *op == UnaryOp::Negate || a.may_fail(),
            Condition::Binary(op, a, b) => {
                matches!(op, Add | Subtract | Multiply | Divide | Remainder) || a.may_fail() || b.may_fail()
            }
            _ => false,
        }
    }

    /// Calls `visit` with every part that is no operation, and which way it matters: `Some(true)` if the condition can
    /// only become false by this part becoming false (or smaller), `Some(false)` if only by it becoming true, `None` if
    /// either may do it.
    pub fn signed_atoms<'a>(
        &'a self,
        sign: Option<bool>,
        visit: &mut impl FnMut(&'a Condition, Option<bool>),
    ) {
        // A condition that cannot be evaluated counts as broken, and whether it can may depend on any part. If the whole
        // cannot fail, no part of it can.
        self.signed(sign.filter(|_| !self.may_fail()), visit);
    }

    fn signed<'a>(&'a self, sign: Option<bool>, visit: &mut impl FnMut(&'a Condition, Option<bool>)) {
        match self {
            Condition::Unary(UnaryOp::Not, a) => a.signed(sign.map(|sign| !sign), visit),
            Condition::Unary(_, a) => a.signed(None, visit),
            Condition::Binary(op, a, b) => {
                let sign = if matches!(op, BinaryOp::And | BinaryOp::Or) { sign } else { None };
                a.signed(sign, visit);
                b.signed(sign, visit);
            }
            atom => visit(atom, sign),
        }
    }
}
