//! Recursive and fair mutexes in Promela.

use std::fmt::Write;

use super::expression::register;
use super::operation::{Choice, always, joins, when};
use super::sync::all;
use crate::program::{Program, Register, SyncKind, SyncOp};

const MUTEXES: &str = "\
inline take_mutex(m, me) { owner[m] = me; times[m]++ }
inline give_mutex(m, me) {
  assert(owner[m] == me);
  if
  :: owner[m] == me -> times[m]--; owner[m] = (times[m] > 0 -> me : 0)
  :: else
  fi
}
inline let_go(m, me) { if :: owner[m] == me -> times[m] = 0; owner[m] = 0 :: else fi }
";

fn is_fair(kind: SyncKind) -> bool {
    matches!(kind, SyncKind::Mutex { fair: true, .. })
}

fn mutexes(program: &Program) -> Option<(u32, String)> {
    all(program, |kind| matches!(kind, SyncKind::Mutex { .. }))
}

/// How many queues of SPIN's they take.
pub fn queues(program: &Program) -> usize {
    let fair = all(program, is_fair).is_some();
    mutexes(program).filter(|_| fair).map_or(0, |(count, _)| count as usize)
}

/// What they hold, and what is done to them.
pub fn declare(out: &mut String, program: &Program) {
    let Some((count, names)) = mutexes(program) else { return };
    let _ = write!(
        out,
        "\n/* mutexes: {names}: who holds each, from 1, and how often; 0 is nobody */\nbyte owner[{count}], \
         times[{count}];\n{MUTEXES}"
    );
    if let Some((_, names)) = all(program, is_fair) {
        let _ = write!(
            out,
            "/* fair: {names}: who waits, the first come first */\nchan turn[{count}] = [ACTORS] of {{ byte }};\n"
        );
    }
}

/// The options of an operation on one, which is recursive, fair, or both.
pub fn choices(
    me: usize,
    at: &str,
    op: SyncOp,
    (recursive, fair): (bool, bool),
    to: Option<Register>,
) -> Vec<Choice> {
    let (queued, name) = (format!("queued{me}"), me + 1);
    let take = || format!("take_mutex({at}, {name})");
    let gives = |value: u8| to.map(|to| format!("{} = {value}", register(me, to)));
    let free =
        if fair { format!("owner[{at}] == 0 && len(turn[{at}]) == 0") } else { format!("owner[{at}] == 0") };
    let may = if recursive { format!("({free} || owner[{at}] == {name})") } else { format!("({free})") };
    match op {
        SyncOp::Unlock => vec![always(vec![format!("give_mutex({at}, {name})")])],
        SyncOp::TryLock => vec![
            when(may.clone(), [take()].into_iter().chain(gives(1)).collect()),
            when(format!("!{may}"), gives(0).into_iter().collect()),
        ],
        _ if fair => vec![
            when(format!("!{queued} && {may}"), vec![take()]),
            joins(me, format!("!{queued} && !{may}"), format!("turn[{at}]!{name}")),
            when(
                format!("{queued} && owner[{at}] == 0 && turn[{at}]?[{name}]"),
                vec![format!("turn[{at}]?_"), take(), format!("{queued} = 0")],
            ),
        ],
        _ => vec![when(may, vec![take()])],
    }
}
