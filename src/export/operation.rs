//! One visible operation as the options of a Promela `do`: each a guard and what is done, in one indivisible step.

use super::expression::{operand, place, register};
use super::items::{ITEM, TAGGED};
use super::{channel, sync};
use crate::check::{Local, Machine, Phase};
use crate::program::{AtomicOp, Instruction, Operand, Place, Program, Register, SemaphoreId};

/// An option: when it can be taken, and what it does.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Beside being at the position.
    pub guard: Option<String>,
    /// Statements.
    pub effect: Vec<String>,
    /// Whether the actor stays where it is: it only joins a queue.
    pub stays: bool,
    /// Whether the statements choose, which a `d_step` must not.
    pub chooses: bool,
}

/// What can be done while a condition holds.
pub fn when(guard: impl Into<String>, effect: Vec<String>) -> Choice {
    Choice { guard: Some(guard.into()), effect, stays: false, chooses: false }
}

/// Joining a line.
pub fn joins(me: usize, guard: String, does: String) -> Choice {
    Choice { stays: true, ..when(guard, vec![does, format!("queued{me} = 1")]) }
}

/// What can always be done.
pub fn always(effect: Vec<String>) -> Choice {
    Choice { guard: None, effect, stays: false, chooses: false }
}

/// All options of an actor's operation; none for an instruction that is no step.
pub fn choices(program: &Program, machine: &Machine<'_>, instruction: Instruction) -> Vec<Choice> {
    use Instruction::*;
    let me = machine.actor.index();
    let set = |to: Register, value: &str| format!("{} = {value}", register(me, to));
    match instruction {
        Wait { semaphore } => take(program, me, semaphore, None, false),
        WaitFor { to, semaphore, .. } => take(program, me, semaphore, Some(to), true),
        TryWait { to, semaphore } => {
            let (s, at) = semaphore_at(me, semaphore);
            let free =
                if is_fair(program, semaphore) { format!("{s} > waiting[{at}]") } else { format!("{s} > 0") };
            vec![
                when(free.clone(), vec![format!("{s}--"), set(to, "1")]),
                when(format!("!({free})"), vec![set(to, "0")]),
            ]
        }
        Signal { semaphore } => vec![always(vec![format!("{}++", semaphore_at(me, semaphore).0)])],
        Value { to, semaphore } => {
            let (s, at) = semaphore_at(me, semaphore);
            let value = match is_fair(program, semaphore) {
                true => format!("({s} > waiting[{at}] -> {s} - waiting[{at}] : 0)"),
                false => s,
            };
            vec![always(vec![set(to, &value)])]
        }
        Lock { mutex } => {
            let m = format!("mutex[{}]", place(me, mutex));
            vec![when(format!("{m} == 0"), vec![format!("{m} = {}", me + 1)])]
        }
        TryLock { to, mutex } => {
            let m = format!("mutex[{}]", place(me, mutex));
            vec![
                when(format!("{m} == 0"), vec![format!("{m} = {}", me + 1), set(to, "1")]),
                when(format!("{m} != 0"), vec![set(to, "0")]),
            ]
        }
        LockFor { to, mutex, .. } => {
            let m = format!("mutex[{}]", place(me, mutex));
            let taken = vec![format!("{m} = {}", me + 1), set(to, "1")];
            vec![when(format!("{m} == 0"), taken), always(vec![set(to, "0")])]
        }
        Unlock { mutex } => {
            let m = format!("mutex[{}]", place(me, mutex));
            // Whoever does not hold it leaves it as it is.
            let held = format!("{m} == {}", me + 1);
            vec![always(vec![format!("assert({held})"), format!("{m} = ({held} -> 0 : {m})")])]
        }
        Read { to, cell } => vec![always(vec![set(to, &format!("cell[{}]", place(me, cell)))])],
        Write { cell, from } => {
            let c = format!("cell[{}]", place(me, cell));
            let write = format!("{c} = {}", operand(me, from));
            vec![always([Some(write), in_range(program, cell, &c)].into_iter().flatten().collect())]
        }
        Atomic { op, to, cell, a, b } => vec![always(atomic(program, me, op, (to, cell), (a, b)))],
        Begin { .. } | End { .. } | Moment { .. } => activity(program, machine, instruction),
        Choose { to, low, high } => {
            let (low, high, to) = (operand(me, low), operand(me, high), register(me, to));
            let pick = format!("do :: {to} < {high} -> {to}++ :: break od");
            vec![Choice { chooses: true, ..always(vec![format!("{to} = {low}"), pick]) }]
        }
        Sync { op, sync, to } => sync::choices(program, me, op, sync, to),
        Condition { op, monitor, condition } => sync::on_condition(program, me, op, monitor, condition),
        Send { channel, from, values, .. } => channel::send(program, me, channel, (from, values)),
        Receive { channel, to, values, wait, .. } => {
            channel::receive(program, me, channel, (to, values), wait)
        }
        Sleep { .. } | Fence => vec![always(Vec::new())],
        _ => Vec::new(),
    }
}

/// The beginning, the end or the moment of an activity.
fn activity(program: &Program, machine: &Machine<'_>, instruction: Instruction) -> Vec<Choice> {
    use Instruction::*;
    let me = machine.actor.index();
    match instruction {
        Begin { activity, item: taken } => {
            let consumes = program.items.is_some() && program.activities[activity.index()].consumes;
            let mut effect = show(machine, program.activities[activity.index()].state);
            if let Some(taken) = taken.filter(|_| consumes) {
                let taken = operand(me, taken);
                effect.push(format!("assert({taken} == {} || {taken} == {})", ITEM, TAGGED));
                effect.push(format!("used = ({taken} == {})", TAGGED));
            }
            vec![always(effect)]
        }
        End { activity, to } => {
            let effect = show(machine, program.activities[activity.index()].after);
            let made =
                to.filter(|_| program.items.is_some() && program.activities[activity.index()].produces);
            let Some(to) = made else {
                let zero = to.map(|to| format!("{} = 0", register(me, to)));
                return vec![always(effect.into_iter().chain(zero).collect())];
            };
            let plain = [effect.clone(), vec![format!("{} = {}", register(me, to), ITEM)]].concat();
            let tagged =
                [effect, vec![format!("{} = {}", register(me, to), TAGGED), "follows = 1; had = 1".into()]]
                    .concat();
            vec![always(plain), when("follows == 0", tagged)]
        }
        Moment { activity } => {
            vec![always(show(machine, program.activities[activity.index()].state))]
        }
        _ => Vec::new(),
    }
}

fn semaphore_at(me: usize, semaphore: Place) -> (String, String) {
    let at = place(me, semaphore);
    (format!("sem[{at}]"), at)
}

fn is_fair(program: &Program, semaphore: Place) -> bool {
    program.semaphore(SemaphoreId(semaphore.span().0)).fair
}

fn take(program: &Program, me: usize, semaphore: Place, to: Option<Register>, gives_up: bool) -> Vec<Choice> {
    let (s, at) = semaphore_at(me, semaphore);
    let result = |value: &str| to.map(|to| format!("{} = {value}", register(me, to)));
    let taken = || [Some(format!("{s}--")), result("1")].into_iter().flatten();
    if !is_fair(program, semaphore) {
        let give_up = gives_up.then(|| always(result("0").into_iter().collect()));
        return [when(format!("{s} > 0"), taken().collect())].into_iter().chain(give_up).collect();
    }
    let name = me + 1;
    let granted = |k: usize| format!("(queue[({at}) * ACTORS + {k}] == {name} && {s} > {k})");
    let granted = (0..program.actors.len()).map(granted).collect::<Vec<_>>().join(" || ");
    let leave = [format!("leave_queue({at}, {name})"), format!("queued{me} = 0")];
    let join = format!("queue[({at}) * ACTORS + waiting[{at}]] = {name}; waiting[{at}]++");
    let give_up = || leave.iter().cloned().chain(result("0")).collect();
    let mut choices = vec![
        when(format!("!queued{me} && {s} > waiting[{at}]"), taken().collect()),
        joins(me, format!("!queued{me} && {s} <= waiting[{at}]"), join),
        when(format!("queued{me} && ({granted})"), leave.iter().cloned().chain(taken()).collect()),
    ];
    if gives_up {
        choices.push(when(format!("queued{me} && !({granted})"), give_up()));
    }
    choices
}

fn in_range(program: &Program, cell: Place, c: &str) -> Option<String> {
    let (first, _) = cell.span();
    let (low, high) = program.variable(crate::program::CellId(first)).range?;
    Some(format!("assert({c} >= {low} && {c} <= {high})"))
}

fn atomic(
    program: &Program,
    me: usize,
    op: AtomicOp,
    (to, cell): (Register, Place),
    (a, b): (Operand, Operand),
) -> Vec<String> {
    let (c, a, b, to) =
        (format!("cell[{}]", place(me, cell)), operand(me, a), operand(me, b), register(me, to));
    let mut effect = match op {
        AtomicOp::TestAndSet => vec![format!("scratch = {c}"), format!("{c} = 1")],
        AtomicOp::Swap => vec![format!("scratch = {c}"), format!("{c} = {a}")],
        AtomicOp::FetchAdd => vec![format!("scratch = {c}"), format!("{c} = {c} + {a}")],
        AtomicOp::CompareAndSwap => {
            vec![format!("scratch = ({c} == {a})"), format!("{c} = (scratch -> {b} : {c})")]
        }
    };
    effect.push(format!("{to} = scratch"));
    effect.extend(in_range(program, cell, &c));
    effect
}

/// Entering a visible state, which opens and closes claims of progress.
fn show(machine: &Machine<'_>, state: u8) -> Vec<String> {
    let me = machine.actor.index();
    // What it makes of no claim open, and of all.
    let [opened, kept] = [0, u32::MAX].map(|pending| {
        let (registers, buffer) = (Box::default(), Vec::new());
        let mut local = Local { position: 0, registers, state, pending, phase: Phase::Ready, buffer };
        machine.show(&mut local, state);
        local.pending as i32
    });
    let pending = (opened, kept) != (0, -1);
    let pending = pending.then(|| format!("open{me} = (open{me} & ~{}) | {opened}", !kept));
    [format!("shows{me} = {state}")].into_iter().chain(pending).collect()
}
