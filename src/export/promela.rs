//! A program as a model for SPIN (G. J. Holzmann, The SPIN Model Checker, 2003), with the same steps: one visible operation
//! with all that is local behind it is one `d_step`, and what is not needed any more is 0. So a search without
//! reduction (`-DNOREDUCE`) sees the same states.
//!
//! What differs: SPIN takes going round in an `await` for moving, so it finds no deadlock among those who do; it looks for
//! no partial deadlock; a result beyond 32 bits wraps around; and a rule that divides by zero ends SPIN instead of being broken.

use std::fmt::Write;

use super::expression::{binary, condition, operand, register, unary};
use super::operation::{Choice, choices};
use crate::check::{self, Phase, item};
use crate::program::{ActorId, Code, Instruction, Liveness, Program, Register};

/// What SPIN can run.
const MAX_PROCESSES: usize = 255;

/// There are more actors than SPIN has room for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// More processes than SPIN has room for.
    #[error("SPIN runs at most {MAX_PROCESSES} processes, and this program has {0}; set fewer")]
    TooMany(usize),
    /// An object that is not exported.
    #[error(
        "the export knows semaphores, mutexes and shared variables, and this program has {0} `{1}`; \
         `fiveforks check` takes it"
    )]
    Object(&'static str, String),
}

/// The model's text. `title` is the program's name.
pub fn promela(program: &Program, title: &str) -> Result<String, Unfit> {
    if program.actors.len() > MAX_PROCESSES {
        return Err(Unfit::TooMany(program.actors.len()));
    }
    if let Some(sync) = program.syncs.first() {
        return Err(Unfit::Object(sync.kind.noun(), sync.name.clone()));
    }
    if let Some(channel) = program.channels.first() {
        return Err(Unfit::Object("channel", channel.name.clone()));
    }
    let title = title.replace("*/", "* /");
    let mut out = format!(
        "/* {title}\n   spin -o1 -o2 -a MODEL.pml && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m1000000\n   A search that says `max search depth \
         too small` is not complete: a larger -m.\n   Progress and livelock are not in it. With `spin -DPOSSIBLE=1 ...` an error shows that the first \
         `possible` is so. */\n\n"
    );
    objects(&mut out, program);
    let machines: Vec<Machine<'_>> = (0..program.actors.len()).map(|me| Machine::new(program, me)).collect();
    machines.iter().for_each(|machine| machine.variables(&mut out));
    rules(&mut out, program);
    machines.iter().for_each(|machine| machine.process(&mut out));
    Ok(out)
}

fn objects(out: &mut String, program: &Program) {
    let _ = writeln!(out, "int at, scratch, used, had;  /* 0 between steps */");
    let mut array = |kind: &str, name: &str, count: usize, values: Vec<i64>, names: Vec<String>| {
        if count == 0 {
            return;
        }
        let _ = writeln!(out, "/* {}: {} */", name, names.join(", "));
        match values.iter().all(|value| *value == values[0]) {
            true => _ = writeln!(out, "{kind} {name}[{count}] = {};", values[0]),
            false => {
                let values: Vec<String> = values.iter().map(i64::to_string).collect();
                _ = writeln!(out, "{kind} {name}[{count}] = {{ {} }};", values.join(", "));
            }
        }
    };
    let sized =
        |name: &String, size: Option<u32>| size.map_or(name.clone(), |size| format!("{name}[{size}]"));
    let spread = |init: i64, size: Option<u32>| std::iter::repeat_n(init, size.unwrap_or(1) as usize);
    array(
        "int",
        "sem",
        program.semaphore_count() as usize,
        program.semaphores.iter().flat_map(|s| spread(i64::from(s.init), s.size)).collect(),
        program.semaphores.iter().map(|s| sized(&s.name, s.size)).collect(),
    );
    array(
        "byte",
        "mutex",
        program.mutex_count() as usize,
        vec![0; program.mutex_count() as usize],
        program.mutexes.iter().map(|m| sized(&m.name, m.size)).collect(),
    );
    array(
        "int",
        "cell",
        program.cell_count() as usize,
        program.variables.iter().flat_map(|v| spread(i64::from(v.init), v.size)).collect(),
        program.variables.iter().map(|v| sized(&v.name, v.size)).collect(),
    );
    if program.has_queues() {
        let (actors, semaphores) = (program.actors.len(), program.semaphore_count());
        let _ = write!(
            out,
            "byte waiting[{semaphores}], queue[{}];\ninline leave(s, who) {{\n  scratch = 0;\n  do :: queue[(s) * {actors} + scratch] != who -> \
             scratch++ :: else -> break od;\n  do :: scratch + 1 < waiting[s] -> queue[(s) * {actors} + scratch] = queue[(s) * {actors} + \
             scratch + 1]; scratch++ :: else -> break od;\n  waiting[s]--;\n  queue[(s) * {actors} + waiting[s]] = 0\n}}\n",
            semaphores as usize * actors
        );
    }
}

/// What must hold behind every step, and what becomes of the followed item.
fn rules(out: &mut String, program: &Program) {
    let _ = writeln!(out, "\ninline rules() {{");
    if program.items.is_some() {
        let places = item_places(program);
        let any = |value: i32| {
            let all: Vec<String> = places.iter().map(|place| format!("{place} == {value}")).collect();
            format!("({})", all.join(" || "))
        };
        let _ = writeln!(out, "  if :: used ->");
        for place in &places {
            let _ = writeln!(
                out,
                "    if :: {place} == {} -> {place} = {} :: else fi;",
                item::TAGGED,
                item::STALE
            );
        }
        let (tagged, stale) = (any(item::TAGGED), any(item::STALE));
        let _ = writeln!(out, "    skip\n  :: else fi;");
        let _ = writeln!(out, "  assert(!had || used || {tagged});  /* no item is lost */");
        let _ = writeln!(out, "  if :: !{tagged} && !{stale} -> follows = 0 :: else fi;");
    }
    for demand in &program.demands {
        let label = demand.label.replace("*/", "* /");
        let _ = writeln!(out, "  assert({});  /* {label} */", condition(program, &demand.condition));
    }
    for (at, possible) in program.possible.iter().enumerate() {
        let text = condition(program, &possible.condition);
        let _ = writeln!(out, "#if POSSIBLE == {}\n  assert(!{text});\n#endif", at + 1);
    }
    let _ = writeln!(out, "  at = 0; scratch = 0; had = 0; used = 0\n}}");
}

/// Wherever an item can be.
fn item_places(program: &Program) -> Vec<String> {
    let registers = (0..program.actors.len())
        .flat_map(|me| (0..program.actors[me].code.registers).map(move |of| register(me, Register(of))));
    registers.chain((0..program.cell_count()).map(|cell| format!("cell[{cell}]"))).collect()
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

    /// The position behind the last instruction: the actor has come to its end.
    fn end(&self) -> u32 {
        self.code.instructions.len() as u32
    }

    fn variables(&self, out: &mut String) {
        let (me, start) = (self.me, self.ours.start().local);
        let name = self.program.actor_name(self.ours.actor);
        let position = match start.phase {
            Phase::Done | Phase::Failed => self.end(),
            Phase::Ready | Phase::Queued | Phase::Idle => start.position,
        };
        let (shows, open) = (start.state, start.pending as i32);
        let _ = write!(
            out,
            "/* {name} */ int pc{me} = {position}; byte shows{me} = {shows}; int open{me} = {open}"
        );
        if self.program.has_queues() {
            let _ = write!(out, "; bool queued{me} = 0");
        }
        for (of, value) in start.registers.iter().enumerate() {
            let _ = write!(out, "; int {} = {value}", register(me, Register(of as u16)));
        }
        let _ = writeln!(out, ";");
        if me == 0 && self.program.items.is_some() {
            let _ = writeln!(out, "bool follows = 0;");
        }
    }

    fn process(&self, out: &mut String) {
        self.settle(out);
        let (me, end) = (self.me, self.end());
        let _ = writeln!(out, "active proctype p{me}() {{\n  do");
        for (position, instruction) in self.code.instructions.iter().enumerate() {
            for choice in choices(self.program, &self.ours, *instruction) {
                self.option(out, position as u32, &choice);
            }
        }
        let _ = writeln!(out, "  od;\nend_{me}: (pc{me} != {end})\n}}");
    }

    fn option(&self, out: &mut String, position: u32, choice: &Choice) {
        let (me, end) = (self.me, self.end());
        let guard = choice.guard.as_ref().map_or(String::new(), |guard| format!(" && {guard}"));
        let had = self.program.items.as_ref().map(|_| {
            let all = item_places(self.program);
            let all: Vec<String> = all.iter().map(|place| format!("{place} == {}", item::TAGGED)).collect();
            format!("had = ({})", all.join(" || "))
        });
        let mut effect: Vec<String> = had.into_iter().chain(choice.effect.iter().cloned()).collect();
        if !choice.stays {
            effect.extend([format!("at = {}", position + 1), format!("settle{me}()")]);
        }
        effect.push("rules()".into());
        let step = if choice.chooses { "atomic" } else { "d_step" };
        let line = self.code.line(position);
        let _ = writeln!(
            out,
            "  :: atomic {{ pc{me} == {position}{guard} -> /* line {line} */\n       {step} {{ {} }};\n       if :: pc{me} == {end} -> \
             goto end_{me} :: else fi }}",
            effect.join("; ")
        );
    }

    /// Runs local instructions up to the next visible operation, and clears what is not needed there.
    fn settle(&self, out: &mut String) {
        let me = self.me;
        let _ = writeln!(out, "\ninline settle{me}() {{\n  do");
        for (position, instruction) in self.code.instructions.iter().enumerate() {
            let position = position as u32;
            let next = format!("at = {}", position + 1);
            let then = match self.local(*instruction, &next) {
                Some(then) => then,
                None => [self.cleared(position), vec!["break".into()]].concat().join("; "),
            };
            let _ = writeln!(out, "  :: at == {position} -> {then}");
        }
        let _ = writeln!(out, "  od;\n  pc{me} = at\n}}");
    }

    /// What is done at a position between two visible operations; none at one.
    fn local(&self, instruction: Instruction, next: &str) -> Option<String> {
        use Instruction::*;
        let me = self.me;
        let value = |of| operand(me, of);
        Some(match instruction {
            Copy { to, from } => format!("{} = {}; {next}", register(me, to), value(from)),
            Unary { op, to, a } => format!("{} = {}; {next}", register(me, to), unary(op, &value(a))),
            Binary { op, to, a, b } => {
                format!("{} = {}; {next}", register(me, to), binary(op, &value(a), &value(b)))
            }
            Bound { index, len } => format!("assert({0} >= 0 && {0} < {len}); {next}", value(index)),
            Jump { to } | Spin { again: to } => format!("at = {to}"),
            Branch { condition, on, to } => {
                let is = if on { "!=" } else { "==" };
                format!("if :: {} {is} 0 -> at = {to} :: else -> {next} fi", value(condition))
            }
            Assert { condition, .. } => format!("assert({} != 0); {next}", value(condition)),
            Print { .. } => next.to_string(),
            Exit => {
                let held = (0..self.program.mutex_count())
                    .map(|m| format!("mutex[{m}] = (mutex[{m}] == {} -> 0 : mutex[{m}])", me + 1));
                let cleared =
                    (0..self.code.registers).map(|of| format!("{} = 0", register(me, Register(of))));
                let end = [format!("at = {}", self.end()), "break".into()];
                held.chain(cleared).chain(end).collect::<Vec<_>>().join("; ")
            }
            _ => return None,
        })
    }

    fn cleared(&self, position: u32) -> Vec<String> {
        let mut needed = vec![1; usize::from(self.code.registers)];
        self.liveness.clear_dead(position, &mut needed);
        let dead = needed.iter().enumerate().filter(|(_, needed)| **needed == 0);
        dead.map(|(of, _)| format!("{} = 0", register(self.me, Register(of as u16)))).collect()
    }
}
