//! Values, places and conditions as Promela expressions.

use crate::program::{ActorId, BinaryOp, Condition, Operand, Place, Program, Register, UnaryOp};

/// A register of an actor.
pub fn register(actor: usize, register: Register) -> String {
    format!("r{actor}_{}", register.0)
}

/// A value that an actor's instruction takes.
pub fn operand(actor: usize, operand: Operand) -> String {
    match operand {
        Operand::Register(of) => register(actor, of),
        Operand::Constant(value) => format!("({value})"),
    }
}

/// The index of an element.
pub fn place(actor: usize, place: Place) -> String {
    match place {
        Place::Fixed(id) => id.to_string(),
        Place::Indexed { base, index, .. } => format!("{base} + {}", register(actor, index)),
    }
}

/// An operation on one value.
pub fn unary(op: UnaryOp, a: &str) -> String {
    match op {
        UnaryOp::Negate => format!("(-{a})"),
        UnaryOp::Not => format!("({a} == 0)"),
    }
}

/// An operation on two values. Overflow, a fault here, wraps around in Promela.
pub fn binary(op: BinaryOp, a: &str, b: &str) -> String {
    use BinaryOp::*;
    let sign = match op {
        Add => "+",
        Subtract => "-",
        Multiply => "*",
        Divide => "/",
        Equal => "==",
        NotEqual => "!=",
        Less => "<",
        LessEqual => "<=",
        Greater => ">",
        GreaterEqual => ">=",
        And => return format!("(({a} != 0) && ({b} != 0))"),
        Or => return format!("(({a} != 0) || ({b} != 0))"),
        // Never negative, unlike C's.
        Remainder => {
            let size = format!("({b} < 0 -> -({b}) : {b})");
            return format!("((({a} % {b}) + {size}) % {size})");
        }
        Min => return format!("({a} < {b} -> {a} : {b})"),
        Max => return format!("({a} > {b} -> {a} : {b})"),
    };
    format!("({a} {sign} {b})")
}

/// A demand.
pub fn condition(program: &Program, of: &Condition) -> String {
    match of {
        Condition::Constant(value) => format!("({value})"),
        Condition::Cell(cell) => format!("cell[{}]", cell.0),
        Condition::InState(actor, state) => shows(*actor, *state),
        Condition::Count(role, state) => {
            let all: Vec<String> =
                program.roles[role.index()].actors().map(|actor| shows(actor, *state)).collect();
            if all.is_empty() { "(0)".into() } else { format!("({})", all.join(" + ")) }
        }
        Condition::Unary(op, a) => unary(*op, &condition(program, a)),
        Condition::Binary(op, a, b) => binary(*op, &condition(program, a), &condition(program, b)),
    }
}

fn shows(actor: ActorId, state: u8) -> String {
    format!("(shows{} == {state})", actor.0)
}
