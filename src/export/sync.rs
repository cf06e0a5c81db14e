//! Monitors, mutexes, read-write locks and barriers: what Promela keeps of each, and the options of each operation. The rules are
//! those of `sync`; who waits there is here whose `queued` is set, and the order of a line, where it matters, is a queue.

use std::fmt::Write;

use super::expression::{place, register};
use super::mutex;
use super::objects::sized;
use super::operation::{Choice, always, joins, when};
use crate::program::{Place, Preference, Program, Register, SyncArray, SyncId, SyncKind, SyncOp};

const MONITORS: &str = "\
#define is_free(m) (inside[m] == 0)
inline enter(m, me) { inside[m] = me }
";

const MESA: &str = "\
#define is_woken(m, k, me) (inside[m] == 0 && !(line[k]??[me]))
inline leave(m) { inside[m] = 0 }
inline wait(m, k, me) { line[k]!me; inside[m] = 0 }
inline signal(k) { if :: len(line[k]) > 0 -> line[k]?_ :: else fi }
inline broadcast(k) { do :: len(line[k]) > 0 -> line[k]?_ :: else -> break od }
";

const HOARE: &str = "\
#define is_handed(m, me) (inside[m] == me)
#define is_awaited(k) (len(line[k]) > 0)
inline hand_on(m) {
  if
  :: urgents[m] > 0 ->
     urgents[m]--; inside[m] = urgent[(m) * ACTORS + urgents[m]]; urgent[(m) * ACTORS + urgents[m]] = 0
  :: else -> inside[m] = 0
  fi
}
inline wait_hoare(m, k, me) { line[k]!me; hand_on(m) }
inline signal_hoare(m, k, me) {
  line[k]?inside[m]; urgent[(m) * ACTORS + urgents[m]] = me; urgents[m]++
}
";

const LOCKS: &str = "\
#define may_read(l) (!writing[l])
#define may_write(l) (held[l] == 0)
inline take(l, me, writes) { holds[(l) * ACTORS + me - 1]++; held[l]++; writing[l] = writes }
inline unlock(l, me) {
  assert(holds[(l) * ACTORS + me - 1] > 0);
  if
  :: holds[(l) * ACTORS + me - 1] > 0 ->
     holds[(l) * ACTORS + me - 1]--; held[l]--;
     writing[l] = writing[l] && held[l] > 0
  :: else
  fi
}
inline give_back(l, me) {
  held[l] = held[l] - holds[(l) * ACTORS + me - 1]; holds[(l) * ACTORS + me - 1] = 0;
  writing[l] = writing[l] && held[l] > 0
}
";

const FAIR_LOCKS: &str = "\
#define is_line(l) (len(ahead[l]) + len(behind[l]) > 0)
#define is_among(l, me) (ahead[l]??[me])
#define is_first(l, me) (len(ahead[l]) == 0 && behind[l]?[me, _])
inline join(l, me, writes) {
  if :: writes || len(behind[l]) > 0 -> behind[l]!me, writes :: else -> ahead[l]!me fi
}
inline read_in_turn(l, me) { ahead[l]??me; take(l, me, 0) }
inline write_in_turn(l, me) {
  behind[l]?_, _; take(l, me, 1);
  do :: behind[l]?[_, 0] -> behind[l]?scratch, _; ahead[l]!scratch :: else -> break od
}
";

const BARRIERS: &str = "\
inline arrive(b, me) { arrived[b]++; here[(b) * ACTORS + me - 1] = 1 }
inline open(b) {
  arrived[b] = 0;
  for (scratch : (b) * ACTORS .. (b) * ACTORS + ACTORS - 1) {
    if :: here[scratch] == 1 -> here[scratch] = 2 :: else fi
  }
}
inline go_on(b, me) { here[(b) * ACTORS + me - 1] = 0 }
";

/// The kinds that are numbered apart.
fn kind_of(sync: &SyncArray) -> u8 {
    match sync.kind {
        SyncKind::Monitor { .. } => 0,
        SyncKind::RwLock(_) => 1,
        SyncKind::Barrier { .. } => 2,
        SyncKind::Mutex { .. } => 3,
    }
}

/// Where a declaration's first element comes among all elements of its kind.
fn first(program: &Program, id: SyncId) -> u32 {
    let of = kind_of(program.sync(id));
    let before = program.syncs.iter().filter(|s| kind_of(s) == of && s.base < program.sync(id).base);
    before.map(|s| s.size.unwrap_or(1)).sum()
}

/// The index of the element that a place means, among all of its kind.
fn index(program: &Program, me: usize, sync: Place) -> String {
    let (base, _) = sync.span();
    let array = program.sync(SyncId(base));
    let within = base - array.base.0 + first(program, array.base);
    place(
        me,
        match sync {
            Place::Fixed(_) => Place::Fixed(within),
            Place::Indexed { len, index, .. } => Place::Indexed { base: within, len, index },
        },
    )
}

/// Declarations of one kind: how many elements, and their names.
pub(super) fn all(program: &Program, of: impl Fn(SyncKind) -> bool) -> Option<(u32, String)> {
    let some = || program.syncs.iter().filter(|s| of(s.kind));
    let names: Vec<String> = some().map(|s| sized(&s.name, s.size)).collect();
    let count = some().map(|s| s.size.unwrap_or(1)).sum();
    (count > 0).then(|| (count, names.join(", ")))
}

/// How many queues of SPIN's it takes.
pub fn queues(program: &Program) -> usize {
    let fair = |kind| matches!(kind, SyncKind::RwLock(Preference::Fair));
    let locks =
        all(program, |kind| matches!(kind, SyncKind::RwLock(_))).filter(|_| all(program, fair).is_some());
    let all = program.condition_count() as usize + locks.map_or(0, |(count, _)| 2 * count as usize);
    all + mutex::queues(program)
}

/// What they hold, and what is done to them.
pub fn declare(out: &mut String, program: &Program) {
    mutex::declare(out, program);
    monitors(out, program);
    locks(out, program);
    if let Some((count, names)) = all(program, |kind| matches!(kind, SyncKind::Barrier { .. })) {
        let _ = write!(
            out,
            "\n/* barriers: {names}: how many wait, and of each actor whether it waits (1), or was let through and has not gone \
             on yet (2) */\nbyte arrived[{count}], here[{count} * ACTORS];\n{BARRIERS}"
        );
    }
}

fn monitors(out: &mut String, program: &Program) {
    let Some((count, names)) = all(program, |kind| matches!(kind, SyncKind::Monitor { .. })) else { return };
    let _ = write!(
        out,
        "\n/* monitors: {names}: who is inside, from 1; 0 is nobody */\nbyte inside[{count}];\n{MONITORS}"
    );
    if program.condition_count() > 0 {
        let names: Vec<String> = program.conditions.iter().map(|k| sized(&k.name, k.size)).collect();
        let _ = write!(
            out,
            "/* conditions: {}: who waits, the first come first */\nchan line[{}] = [ACTORS] of {{ byte }};\n",
            names.join(", "),
            program.condition_count()
        );
    }
    if let Some((_, names)) = all(program, |kind| matches!(kind, SyncKind::Monitor { hoare: false, .. })) {
        let _ = write!(out, "/* Mesa's: {names}: who is woken comes in again like anybody */\n{MESA}");
    }
    if let Some((_, names)) = all(program, |kind| matches!(kind, SyncKind::Monitor { hoare: true, .. })) {
        let _ = write!(
            out,
            "/* Hoare's: {names}: who is woken is inside; who woke it waits to go on, the latest last */\nbyte urgent[{count} \
             * ACTORS], urgents[{count}];\n{HOARE}"
        );
    }
}

fn locks(out: &mut String, program: &Program) {
    let Some((count, names)) = all(program, |kind| matches!(kind, SyncKind::RwLock(_))) else { return };
    let _ = write!(
        out,
        "\n/* read-write locks: {names}: how often each actor holds it, how often all do, and whether to write */\nint \
         holds[{count} * ACTORS], held[{count}]; bit writing[{count}];\n{LOCKS}"
    );
    let of = |preference| all(program, |kind| kind == SyncKind::RwLock(preference));
    if let Some((_, names)) = of(Preference::Writers) {
        let _ = write!(out, "/* for writers: {names}: how many of them wait */\nbyte writers[{count}];\n");
    }
    if let Some((_, names)) = of(Preference::Fair) {
        let _ = write!(
            out,
            "/* fair: {names}: the line, the first come first: readers ahead of the first writer, and all others with whether \
             they write */\nchan ahead[{count}] = [ACTORS] of {{ byte }};\nchan behind[{count}] = [ACTORS] of {{ byte, bit \
             }};\n{FAIR_LOCKS}"
        );
    }
}

/// The options of an operation on a monitor, a lock or a barrier.
pub fn choices(program: &Program, me: usize, op: SyncOp, sync: Place, to: Option<Register>) -> Vec<Choice> {
    let at = index(program, me, sync);
    match program.sync(SyncId(sync.span().0)).kind {
        SyncKind::Mutex { recursive, fair } => mutex::choices(me, &at, op, (recursive, fair), to),
        SyncKind::Monitor { .. } if op == SyncOp::Enter => {
            vec![when(format!("is_free({at})"), vec![format!("enter({at}, {})", me + 1)])]
        }
        SyncKind::Monitor { hoare, .. } => {
            vec![always(vec![format!("{}({at})", if hoare { "hand_on" } else { "leave" })])]
        }
        SyncKind::RwLock(_) if op == SyncOp::Unlock => {
            vec![always(vec![format!("unlock({at}, {})", me + 1)])]
        }
        SyncKind::RwLock(preference) => lock(me, &at, preference, op == SyncOp::Write),
        SyncKind::Barrier { parties } => {
            let gives = |value| to.map(|to| format!("{} = {value}", register(me, to)));
            let with = |does, value| [does].into_iter().chain(gives(value)).collect();
            let (queued, name) = (format!("queued{me}"), me + 1);
            vec![
                joins(
                    me,
                    format!("!{queued} && arrived[{at}] + 1 < {parties}"),
                    format!("arrive({at}, {name})"),
                ),
                when(format!("!{queued} && arrived[{at}] + 1 >= {parties}"), with(format!("open({at})"), 1)),
                when(
                    format!("{queued} && here[({at}) * ACTORS + {me}] == 2"),
                    with(format!("go_on({at}, {name}); {queued} = 0"), 0),
                ),
            ]
        }
    }
}

fn lock(me: usize, at: &str, preference: Preference, writes: bool) -> Vec<Choice> {
    let (queued, name, bit) = (format!("queued{me}"), me + 1, u8::from(writes));
    let may = if writes { format!("may_write({at})") } else { format!("may_read({at})") };
    let take = || format!("take({at}, {name}, {bit})");
    match (preference, writes) {
        (Preference::Readers, _) => vec![when(may, vec![take()])],
        (Preference::Writers, false) => vec![when(format!("{may} && writers[{at}] == 0"), vec![take()])],
        (Preference::Writers, true) => vec![
            when(format!("!{queued} && {may}"), vec![take()]),
            joins(me, format!("!{queued} && !{may}"), format!("writers[{at}]++")),
            when(
                format!("{queued} && {may}"),
                vec![format!("writers[{at}]--"), take(), format!("{queued} = 0")],
            ),
        ],
        (Preference::Fair, _) => {
            let (turn, does) =
                if writes { ("is_first", "write_in_turn") } else { ("is_among", "read_in_turn") };
            vec![
                when(format!("!{queued} && {may} && !is_line({at})"), vec![take()]),
                joins(
                    me,
                    format!("!{queued} && !({may} && !is_line({at}))"),
                    format!("join({at}, {name}, {bit})"),
                ),
                when(
                    format!("{queued} && {may} && {turn}({at}, {name})"),
                    vec![format!("{does}({at}, {name})"), format!("{queued} = 0")],
                ),
            ]
        }
    }
}

/// The options of an operation on a condition.
pub fn on_condition(
    program: &Program,
    me: usize,
    op: SyncOp,
    monitor: SyncId,
    condition: Place,
) -> Vec<Choice> {
    let (k, m) = (place(me, condition), index(program, me, Place::Fixed(monitor.0)));
    let (queued, name) = (format!("queued{me}"), me + 1);
    let hoare = matches!(program.sync(monitor).kind, SyncKind::Monitor { hoare: true, .. });
    let handed = || when(format!("{queued} && is_handed({m}, {name})"), vec![format!("{queued} = 0")]);
    match (op, hoare) {
        (SyncOp::Await, false) => vec![
            joins(me, format!("!{queued}"), format!("wait({m}, {k}, {name})")),
            when(
                format!("{queued} && is_woken({m}, {k}, {name})"),
                vec![format!("enter({m}, {name})"), format!("{queued} = 0")],
            ),
        ],
        (SyncOp::Await, true) => {
            vec![joins(me, format!("!{queued}"), format!("wait_hoare({m}, {k}, {name})")), handed()]
        }
        (SyncOp::Signal, true) => vec![
            when(format!("!{queued} && !is_awaited({k})"), Vec::new()),
            joins(me, format!("!{queued} && is_awaited({k})"), format!("signal_hoare({m}, {k}, {name})")),
            handed(),
        ],
        (SyncOp::Broadcast, _) => vec![always(vec![format!("broadcast({k})")])],
        _ => vec![always(vec![format!("signal({k})")])],
    }
}

/// What an actor gives back when it comes to its end.
pub fn given_back(program: &Program, me: usize) -> Vec<String> {
    let name = me + 1;
    let of = |sync: &SyncArray| {
        let from = first(program, sync.base);
        let does = match sync.kind {
            SyncKind::Monitor { hoare: true, .. } => {
                |m, name| format!("if :: inside[{m}] == {name} -> hand_on({m}) :: else fi")
            }
            SyncKind::Monitor { .. } => {
                |m, name| format!("if :: inside[{m}] == {name} -> leave({m}) :: else fi")
            }
            SyncKind::Mutex { .. } => |m, name| format!("let_go({m}, {name})"),
            SyncKind::RwLock(_) => |l, name| format!("give_back({l}, {name})"),
            // Whoever was let through has gone on before it comes to its end.
            SyncKind::Barrier { .. } => return Vec::new(),
        };
        (from..from + sync.size.unwrap_or(1)).map(|at| does(at, name)).collect::<Vec<String>>()
    };
    program.syncs.iter().flat_map(of).collect()
}
