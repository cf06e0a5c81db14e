//! What the kernel says of a process, as lines for people.

use super::{Call, On, Process, resident, segments, switches};

/// What the kernel says of a process, as lines of name and value, for people. Empty if there is no such process.
pub fn facts(pid: u32) -> Vec<(&'static str, String)> {
    let Some(process) = Process::read(pid) else { return Vec::new() };
    let mut facts = vec![("kernel's state", format!("{}: {}", process.state.0, process.state.words()))];
    match Call::read(pid) {
        Some(Call::Inside(call)) if call.on() != On::Else => facts.push(("system call", call.text())),
        Some(Call::Inside(call)) => facts.push(("system call", call.name())),
        Some(Call::Running) => facts.push(("system call", "none: it runs".into())),
        _ => {}
    }
    if let Some(switches) = switches(pid) {
        let text = format!("{} of its own, {} by force", switches.voluntary, switches.involuntary);
        facts.push(("context switches", text));
    }
    let faults = format!("{} minor, {} from disk", process.minor_faults, process.major_faults);
    facts.push(("page faults", faults));
    if let Some(memory) = resident(pid) {
        facts.push(("own memory", format!("{} KiB", memory.private)));
    }
    let shared = segments(pid).unwrap_or_default().into_iter().filter(|s| s.path.starts_with("/dev/shm/"));
    facts.extend(shared.map(|s| ("mapped", format!("{:x}-{:x}  {}", s.start, s.end, s.path))));
    facts
}
