//! Arithmetic on the language's numbers, 32-bit integers: what fails is a fault, never a wrap.

use serde::{Deserialize, Serialize};

use super::instruction::{BinaryOp, UnaryOp};

/// Why an actor cannot go on, or what an assertion found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// A result that 32 bits cannot hold.
    Overflow,
    /// Division or remainder by zero.
    DivisionByZero,
    /// An index outside its array.
    Index,
    /// `assert` found its condition false.
    Assertion,
    /// `choose(a..b)` with `a > b`.
    EmptyChoice,
}

/// `op a`.
pub fn unary(op: UnaryOp, a: i32) -> Result<i32, Fault> {
    match op {
        UnaryOp::Negate => a.checked_neg().ok_or(Fault::Overflow),
        UnaryOp::Not => Ok(i32::from(a == 0)),
    }
}

/// `a op b`.
#[inline]
pub fn binary(op: BinaryOp, a: i32, b: i32) -> Result<i32, Fault> {
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide if b == 0 => return Err(Fault::DivisionByZero),
        BinaryOp::Divide => a.checked_div(b),
        BinaryOp::Remainder if b == 0 => return Err(Fault::DivisionByZero),
        BinaryOp::Remainder => i32::try_from(i64::from(a).rem_euclid(i64::from(b).abs())).ok(),
        BinaryOp::Equal => Some(i32::from(a == b)),
        BinaryOp::NotEqual => Some(i32::from(a != b)),
        BinaryOp::Less => Some(i32::from(a < b)),
        BinaryOp::LessEqual => Some(i32::from(a <= b)),
        BinaryOp::Greater => Some(i32::from(a > b)),
        BinaryOp::GreaterEqual => Some(i32::from(a >= b)),
        BinaryOp::And => Some(i32::from(a != 0 && b != 0)),
        BinaryOp::Or => Some(i32::from(a != 0 || b != 0)),
        BinaryOp::Min => Some(a.min(b)),
        BinaryOp::Max => Some(a.max(b)),
    };
    result.ok_or(Fault::Overflow)
}
