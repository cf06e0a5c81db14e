//! The shared objects as Promela declarations.

use std::fmt::Write;

use super::{channel, sync};
use crate::program::Program;

/// `name`, or `name[size]`.
pub fn sized(name: &str, size: Option<u32>) -> String {
    size.map_or(name.to_string(), |size| format!("{name}[{size}]"))
}

/// All that the actors share, and the inlines that change it.
pub fn declare(out: &mut String, program: &Program) {
    let _ = writeln!(out, "#define ACTORS {}\nint at, scratch;  /* 0 between steps */", program.actors.len());
    let spread = |init: i64, size: Option<u32>| std::iter::repeat_n(init, size.unwrap_or(1) as usize);
    // What counts for a channel is in the channel itself.
    let semaphores = || program.semaphores.iter().filter(|s| s.end.is_none());
    array(
        out,
        ("int", "sem"),
        semaphores().flat_map(|s| spread(i64::from(s.init), s.size)).collect(),
        semaphores().map(|s| sized(&s.name, s.size)).collect(),
    );
    array(
        out,
        ("byte", "mutex"),
        vec![0; program.mutex_count() as usize],
        program.mutexes.iter().map(|m| sized(&m.name, m.size)).collect(),
    );
    array(
        out,
        ("int", "cell"),
        program.variables.iter().flat_map(|v| spread(i64::from(v.init), v.size)).collect(),
        program.variables.iter().map(|v| sized(&v.name, v.size)).collect(),
    );
    if program.has_queues() {
        let count: u32 = semaphores().map(|s| s.size.unwrap_or(1)).sum();
        let _ = write!(
            out,
            "/* who waits for the fair ones, the first come first */\nbyte waiting[{count}], queue[{count} * ACTORS];\n{QUEUES}"
        );
    }
    sync::declare(out, program);
    channel::declare(out, program);
}

const QUEUES: &str = "\
inline leave_queue(s, who) {
  scratch = 0;
  do :: queue[(s) * ACTORS + scratch] != who -> scratch++ :: else -> break od;
  do
  :: scratch + 1 < waiting[s] ->
     queue[(s) * ACTORS + scratch] = queue[(s) * ACTORS + scratch + 1]; scratch++
  :: else -> break
  od;
  waiting[s]--;
  queue[(s) * ACTORS + waiting[s]] = 0
}
";

fn array(out: &mut String, (kind, name): (&str, &str), values: Vec<i64>, names: Vec<String>) {
    let count = values.len();
    if count == 0 {
        return;
    }
    let _ = writeln!(out, "\n/* {}: {} */", name, names.join(", "));
    match values.iter().all(|value| *value == values[0]) {
        true => _ = writeln!(out, "{kind} {name}[{count}] = {};", values[0]),
        false => {
            // A list takes no minus sign.
            let values: Vec<String> = values.iter().map(|value| (*value as u32).to_string()).collect();
            _ = writeln!(out, "{kind} {name}[{count}] = {{ {} }};", values.join(", "));
        }
    }
}
