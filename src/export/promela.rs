//! A program as a model for SPIN (G. J. Holzmann, The SPIN Model Checker, 2003), with the same steps: one visible operation
//! with all that is local behind it is one `atomic`, and what is not needed any more is 0. So a search without
//! reduction (`-DNOREDUCE`) sees the same states.
//!
//! What differs: SPIN takes going round in an `await` for moving, so it finds no deadlock among those who do; it looks for
//! no partial deadlock; a result beyond 32 bits wraps around; and a rule that divides by zero ends SPIN instead of being broken.

use std::fmt::Write;

use super::expression::{binary, condition, operand, register, unary};
use super::operation::{Choice, choices};
use super::{items, objects, sync};
use crate::check::{self, Phase};
use crate::program::{ActorId, BinaryOp, Code, Instruction, Liveness, Operand, Program, Register};

/// What SPIN can run.
const MAX_PROCESSES: usize = 255;
/// Its channels, which are the lines of conditions and fair locks as well.
const MAX_QUEUES: usize = 255;
/// Messages in one of them.
const MAX_MESSAGES: u32 = 255;

/// A program for which SPIN has no room.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// More processes than SPIN has room for.
    #[error("SPIN runs at most {MAX_PROCESSES} processes, and this program has {0}; set fewer")]
    TooMany(usize),
    /// More channels than SPIN has room for.
    #[error(
        "SPIN has at most {MAX_QUEUES} queues, and the channels, conditions and fair locks of this program need {0}; \
         set fewer"
    )]
    TooManyQueues(usize),
    /// A channel for more messages than one of SPIN's.
    #[error(
        "a channel of SPIN's holds at most {MAX_MESSAGES} messages, and `{0}` holds {1}; make it smaller"
    )]
    TooLarge(String, u32),
}

/// Whether SPIN has room for a program.
fn fits(program: &Program) -> Result<(), Unfit> {
    if program.actors.len() > MAX_PROCESSES {
        return Err(Unfit::TooMany(program.actors.len()));
    }
    let queues = program.channel_count() as usize + sync::queues(program);
    if queues > MAX_QUEUES {
        return Err(Unfit::TooManyQueues(queues));
    }
    match program.channels.iter().find(|channel| channel.capacity > MAX_MESSAGES) {
        Some(channel) => Err(Unfit::TooLarge(channel.name.clone(), channel.capacity)),
        None => Ok(()),
    }
}

/// The model's text. `title` is the program's name.
pub fn promela(program: &Program, title: &str) -> Result<String, Unfit> {
    fits(program)?;
    let title = title.replace("*/", "* /");
    let mut out = format!(
        "/* {title}\n   spin -o1 -o2 -a MODEL.pml && gcc -O2 -DSAFETY -DNOREDUCE -DVECTORSZ=8192 -o pan pan.c && ./pan -m1000000\n   A search that says `max search depth \
         too small` is not complete: a larger -m.\n   Progress and livelock are not in it. With `spin -DPOSSIBLE=1 ...` an error shows that the first \
         `possible` is so. */\n\n"
    );
    if program.items.is_some() {
        items::declare(&mut out, program);
    }
    objects::declare(&mut out, program);
    let machines: Vec<Machine<'_>> = (0..program.actors.len()).map(|me| Machine::new(program, me)).collect();
    out.push_str(
        "\n/* Actors: position, so many more as there are once it has ended; visible state; open claims; whether it stands in a \
         line; registers. */\n",
    );
    machines.iter().for_each(|machine| machine.variables(&mut out));
    rules(&mut out, program);
    machines.iter().for_each(|machine| machine.process(&mut out));
    Ok(out)
}

/// What must hold behind every step, and what becomes of the followed item.
fn rules(out: &mut String, program: &Program) {
    let _ = writeln!(out, "\ninline rules() {{");
    if program.items.is_some() {
        items::rules(out, program);
    }
    for demand in &program.demands {
        let label = demand.label.replace("*/", "* /");
        let _ = writeln!(out, "  assert({});  /* {label} */", condition(program, &demand.condition));
    }
    for (at, possible) in program.possible.iter().enumerate() {
        let text = condition(program, &possible.condition);
        let _ = writeln!(out, "#if POSSIBLE == {}\n  assert(!{text});\n#endif", at + 1);
    }
    let _ = writeln!(out, "  at = 0; scratch = 0\n}}");
}

/// One actor.
struct Machine<'p> {
    program: &'p Program,
    me: usize,
    code: &'p Code,
    liveness: Liveness,
    /// The same actor in our own checker.
    ours: check::Machine<'p>,
}

impl<'p> Machine<'p> {
    fn new(program: &'p Program, me: usize) -> Machine<'p> {
        let code = &program.actors[me].code;
        let ours = check::Machine::new(program, ActorId(me as u32));
        Machine { program, me, code, liveness: Liveness::of(code), ours }
    }

    /// The number of instructions. So much more than where it ended is the position of an actor that has.
    fn end(&self) -> u32 {
        self.code.instructions.len() as u32
    }

    fn variables(&self, out: &mut String) {
        let (me, start) = (self.me, self.ours.start().local);
        let name = self.program.actor_name(self.ours.actor);
        let position = match start.phase {
            Phase::Done | Phase::Failed => self.end() + start.position,
            Phase::Ready | Phase::Queued | Phase::Idle => start.position,
        };
        let (shows, open) = (start.state, start.pending as i32);
        let _ = write!(
            out,
            "/* {name} */ int pc{me} = {position}; byte shows{me} = {shows}; int open{me} = {open}"
        );
        if self.program.has_queues() || !self.program.syncs.is_empty() {
            let _ = write!(out, "; bool queued{me} = 0");
        }
        for (of, value) in start.registers.iter().enumerate() {
            let _ = write!(out, "; int {} = {value}", register(me, Register(of as u16)));
        }
        let _ = writeln!(out, ";");
    }

    fn process(&self, out: &mut String) {
        let (me, end) = (self.me, self.end());
        if matches!(self.ours.start().local.phase, Phase::Done | Phase::Failed) {
            let _ = writeln!(out, "\nactive proctype p{me}() {{\nend_{me}: false\n}}");
            return;
        }
        self.over(out);
        self.settle(out);
        let _ = writeln!(out, "\nactive proctype p{me}() {{\n  do\n  :: atomic {{\n     if");
        for (position, instruction) in self.code.instructions.iter().enumerate() {
            for choice in choices(self.program, &self.ours, *instruction) {
                self.option(out, position as u32, &choice);
            }
        }
        let _ = writeln!(
            out,
            "     fi;\n     d_step {{ settle{me}(); rules() }};\n     if :: pc{me} >= {end} -> goto end_{me} :: else fi }}\n  \
             od;\nend_{me}: (pc{me} < {end})\n}}"
        );
    }

    fn option(&self, out: &mut String, position: u32, choice: &Choice) {
        let me = self.me;
        let guard = choice.guard.as_ref().map_or(String::new(), |guard| format!(" && {guard}"));
        let next = format!("at = {}", if choice.stays { position } else { position + 1 });
        let effect = choice.effect.iter().chain([&next]).cloned().collect::<Vec<_>>().join("; ");
        let effect = if choice.chooses { effect } else { format!("d_step {{ {effect} }}") };
        let line = self.code.line(position);
        let _ = writeln!(out, "     :: pc{me} == {position}{guard} -> {effect}  /* line {line} */");
    }

    /// What an actor does when it comes to its end: it gives back what it holds.
    fn over(&self, out: &mut String) {
        let me = self.me;
        let _ = writeln!(out, "\ninline over{me}(p) {{");
        for m in 0..self.program.mutex_count() {
            let _ = writeln!(out, "  mutex[{m}] = (mutex[{m}] == {} -> 0 : mutex[{m}]);", me + 1);
        }
        sync::given_back(self.program, me).iter().for_each(|gives| _ = writeln!(out, "  {gives};"));
        for of in 0..self.code.registers {
            let _ = writeln!(out, "  {} = 0;", register(me, Register(of)));
        }
        let _ = writeln!(out, "  at = {} + p\n}}", self.end());
    }

    /// Runs local instructions up to the next visible operation, and clears what is not needed there.
    fn settle(&self, out: &mut String) {
        let me = self.me;
        let _ = writeln!(out, "\ninline settle{me}() {{\n  do");
        for (position, instruction) in self.code.instructions.iter().enumerate() {
            let then = match self.local(position as u32, *instruction) {
                Some(then) => then,
                None => self.stops(position as u32, *instruction),
            };
            let _ = writeln!(out, "  :: at == {position} -> {then}");
        }
        let _ = writeln!(out, "  od;\n  pc{me} = at\n}}");
    }

    /// What is done at a position between two visible operations; none at one.
    fn local(&self, position: u32, instruction: Instruction) -> Option<String> {
        use Instruction::*;
        let me = self.me;
        let value = |of| operand(me, of);
        let next = format!("at = {}", position + 1);
        let set = |to, result: String| format!("{} = {result}; {next}", register(me, to));
        Some(match instruction {
            Copy { to, from } => set(to, value(from)),
            Unary { op, to, a } => set(to, unary(op, &value(a))),
            Binary { op: op @ (BinaryOp::Divide | BinaryOp::Remainder), to, a, b } => {
                let result = set(to, binary(op, &value(a), &value(b)));
                match b {
                    Operand::Constant(b) if b != 0 => result,
                    b => self.unless(&format!("{} == 0", value(b)), position, &result),
                }
            }
            Binary { op, to, a, b } => set(to, binary(op, &value(a), &value(b))),
            Bound { index, len } => {
                self.unless(&format!("{0} < 0 || {0} >= {len}", value(index)), position, &next)
            }
            Jump { to } | Spin { again: to } => format!("at = {to}"),
            Branch { condition, on, to } => {
                let is = if on { "!=" } else { "==" };
                format!("if :: {} {is} 0 -> at = {to} :: else -> {next} fi", value(condition))
            }
            Assert { condition, .. } => format!("assert({} != 0); {next}", value(condition)),
            Print { .. } => next,
            Exit => format!("over{me}({position}); break"),
            _ => return None,
        })
    }

    /// A fault of the program ends its actor.
    fn unless(&self, fault: &str, position: u32, then: &str) -> String {
        let me = self.me;
        format!("if :: {fault} -> assert(false); over{me}({position}); break :: else -> {then} fi")
    }

    /// What is done at a visible operation.
    fn stops(&self, position: u32, instruction: Instruction) -> String {
        let stops = [self.cleared(position), vec!["break".into()]].concat().join("; ");
        match instruction {
            Instruction::Choose { low: Operand::Constant(low), high: Operand::Constant(high), .. }
                if low <= high =>
            {
                stops
            }
            Instruction::Choose { low, high, .. } => {
                let none = format!("{} > {}", operand(self.me, low), operand(self.me, high));
                self.unless(&none, position, &stops)
            }
            _ => stops,
        }
    }

    fn cleared(&self, position: u32) -> Vec<String> {
        let mut needed = vec![1; usize::from(self.code.registers)];
        self.liveness.clear_dead(position, &mut needed);
        let dead = needed.iter().enumerate().filter(|(_, needed)| **needed == 0);
        dead.map(|(of, _)| format!("{} = 0", register(self.me, Register(of as u16)))).collect()
    }
}
