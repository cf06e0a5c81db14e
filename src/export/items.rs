//! Where the followed item is, and what becomes of its copies.

use std::fmt::Write;

use super::channel;
use super::expression::register;
use crate::check::item;
use crate::program::{Program, Register};

/// An item that nobody follows, by its name in the model.
pub const ITEM: &str = "ITEM";
/// The item that is followed.
pub const TAGGED: &str = "FOLLOWED";
/// A copy of the followed item after it was used up.
pub const STALE: &str = "STALE";

/// Registers and shared variables: wherever an item can be, beside channels.
fn places(program: &Program) -> Vec<String> {
    let registers = (0..program.actors.len())
        .flat_map(|me| (0..program.actors[me].code.registers).map(move |of| register(me, Register(of))));
    registers.chain((0..program.cell_count()).map(|cell| format!("cell[{cell}]"))).collect()
}

/// The numbers that stand for items, and what asks for one.
pub fn declare(out: &mut String, program: &Program) {
    let numbers = [(ITEM, item::ITEM), (TAGGED, item::TAGGED), (STALE, item::STALE)];
    let _ = writeln!(
        out,
        "/* One item, which may be any, is followed: no copy of it may be used twice, and not all be lost. */"
    );
    // Without parentheses, which the pattern of a message cannot have.
    numbers.iter().for_each(|(name, value)| _ = writeln!(out, "#define {name} {value}"));
    let _ = writeln!(
        out,
        "bool follows, had, used;  /* an item; before the step, was a copy anywhere; was it used in it */"
    );
    let places = places(program).into_iter().map(|place| format!("{place} == item"));
    let all: Vec<String> = places.chain(channel::holding(program, "item")).collect();
    let _ = writeln!(
        out,
        "#define is_anywhere(item) ({})\ninline use_up(place) {{ if :: place == {TAGGED} -> place = {STALE} :: else fi }}",
        all.join(" || ")
    );
}

/// What becomes of the followed item behind every step.
pub fn rules(out: &mut String, program: &Program) {
    let registers = places(program).into_iter().map(|place| format!("use_up({place})"));
    let used: Vec<String> = registers.chain(channel::use_up(program)).collect();
    let _ = writeln!(
        out,
        "  if\n  :: used -> {}; used = 0\n  :: else -> assert(!had || is_anywhere({TAGGED}))  /* no item is lost */\n  fi;\n  had = \
         is_anywhere({TAGGED});\n  if :: !had && !is_anywhere({STALE}) -> follows = 0 :: else fi;",
        used.join("; ")
    );
}
