//! What would have helped: the condition that a fault needs, and the solution that mends it.

use crate::check::FaultKind;
use crate::monitor::{Cause, Kind, Verdict};
use crate::program::{Object, Program, SyncKind};

/// What helps where writes are buffered.
pub(super) const FENCE: &str = "Where a write must be seen before the next read, a `fence()` belongs between them; an atomic operation does the same.";

/// What would have helped: the condition that the fault needs, and the solution that mends it.
pub fn remedy(program: &Program, verdict: &Verdict) -> Option<String> {
    let general = match &verdict.kind {
        Kind::Deadlock(cause) => deadlock(program, verdict, *cause),
        Kind::Violation(_) if program.speaks_of_tso() => FENCE,
        Kind::Violation(_) if has_mesa_monitor(program) => {
            "Somebody came in between steps that belong together, or did not wait for what must come first. In a monitor, \
             whoever was woken enters anew, perhaps after others: look again with `while`, not once with `if`."
        }
        Kind::Violation(_) => {
            "Somebody came in between steps that belong together, or did not wait for what must come first: keep the steps \
             under one lock, and let whoever comes too early wait."
        }
        Kind::Starvation { .. } => IN_ORDER,
        Kind::Livelock { .. } => NO_SYMMETRY,
        Kind::Died { .. } | Kind::Outside(_) => return None,
    };
    Some(with_solution(program, general))
}

/// What helps against what only a check finds: that something goes on for ever, or is never possible.
pub(super) fn advice(program: &Program, kind: &FaultKind) -> Option<String> {
    let general = match kind {
        FaultKind::Starvation { .. } => IN_ORDER,
        FaultKind::Livelock => NO_SYMMETRY,
        FaultKind::Serial(_) => "Hold a lock only around what must be alone.",
        FaultKind::Deadlock(_) | FaultKind::Violation(_) => return None,
    };
    Some(with_solution(program, general))
}

const IN_ORDER: &str = "Let them through in the order of arrival: a turnstile, a queue, a fair semaphore.";
const NO_SYMMETRY: &str = "Break the symmetry: an order, a random pause, or waiting instead of giving back.";

pub(super) fn with_solution(program: &Program, general: &str) -> String {
    match &program.fixed_by {
        Some(fixed) => format!("{general} See the solution `{fixed}`."),
        None => general.to_string(),
    }
}

fn deadlock(program: &Program, verdict: &Verdict, cause: Cause) -> &'static str {
    let circle = &verdict.waits[..verdict.circle];
    match cause {
        Cause::CircularWait if circle.iter().any(|w| w.held_by.contains(&w.actor)) => {
            let read_write = |o: &Object| is_sync(program, o, |kind| matches!(kind, SyncKind::RwLock(_)));
            if circle.iter().all(|w| w.objects.iter().all(read_write)) {
                "A read lock cannot become a write lock: each of the readers would wait for the others to leave. Give it \
                 back first, or take the write lock from the start."
            } else {
                "Whoever takes it a second time waits for itself: take it once, or take a recursive mutex."
            }
        }
        Cause::CircularWait => {
            "A deadlock needs mutual exclusion, hold and wait, no preemption and a circle (Coffman 1971): break one, \
             for instance by taking things in one order."
        }
        Cause::LostWakeup if verdict.waits.iter().any(at_condition) => {
            "A condition forgets a signal for which nobody waits, and wakes one process, perhaps one that cannot use it: \
             look at the state before each wait, and signal everyone whom a change lets go on."
        }
        Cause::LostWakeup => {
            "A signal must not come between looking and going to sleep, and whoever sleeps needs somebody who will \
             signal: a semaphore remembers signals, a flag and a test do not."
        }
        Cause::Barrier => {
            "A barrier opens when as many have come as it is made for: let that be as many as really come, every round."
        }
        Cause::Kept => {
            "Whoever takes a lock must give it back on every way that it can go on, also on the rare one."
        }
        Cause::Communication => {
            "Somebody must send first: nobody may wait for an answer whose question waits for the answer, and a buffer that \
             is full makes a sender wait like a receiver."
        }
        Cause::Orphaned => {
            "A semaphore has no owner, so nobody returns what a dead process took; a robust mutex tells the next one."
        }
        Cause::Spinning => "Whoever makes the condition true must not wait for the spinner.",
    }
}

fn at_condition(wait: &crate::monitor::Wait) -> bool {
    wait.held_by.is_empty() && wait.objects.iter().any(|o| matches!(o, Object::Condition(_)))
}

fn is_sync(program: &Program, object: &Object, is: impl Fn(SyncKind) -> bool) -> bool {
    matches!(object, Object::Sync(id) | Object::Write(id) if is(program.sync(*id).kind))
}

/// Whether there is a condition on which who is woken must enter again (B. W. Lampson, D. D. Redell, Experience with
/// Processes and Monitors in Mesa, 1980).
fn has_mesa_monitor(program: &Program) -> bool {
    let mesa = program.syncs.iter().any(|s| matches!(s.kind, SyncKind::Monitor { hoare: false, .. }));
    mesa && !program.conditions.is_empty()
}
