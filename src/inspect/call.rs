//! The system call that a process is in, and on what it sleeps there.

use std::fmt::Write;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use super::calls::{Takes, known};
use super::memory::peek;

/// Where a process is, as `/proc/PID/syscall` says (proc_pid_syscall(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// It runs, or may run at once.
    Running,
    /// Asleep in the kernel, but in no call: it waits for a page, for instance.
    Outside,
    /// In a call.
    Inside(SystemCall),
    /// The kernel will not tell us: the process belongs to somebody else, or security settings forbid it.
    Hidden,
}

/// A system call that a process is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCall {
    /// Who is in it.
    pub pid: u32,
    /// Its number on this architecture.
    pub number: i64,
    /// Its arguments as they stand in the registers.
    pub arguments: [u64; 6],
}

/// On what a process sleeps in its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// Until the word at this address of its own changes: a futex.
    Address(u64),
    /// Until something comes through a descriptor, or there is room.
    Descriptor(u32),
    /// Until something is in a System V queue, or there is room.
    SystemVQueue(i32),
    /// Until somebody opens the other end of this file.
    Path(String),
    /// Until a time is over, or anything else.
    Else,
}

impl Call {
    /// Asks the kernel; none if there is no such process.
    pub fn read(pid: u32) -> Option<Call> {
        match std::fs::read_to_string(format!("/proc/{pid}/syscall")) {
            Ok(line) => Some(Call::parse(pid, &line)),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Some(Call::Hidden),
            Err(_) => Path::new(&format!("/proc/{pid}")).exists().then_some(Call::Hidden),
        }
    }

    fn parse(pid: u32, line: &str) -> Call {
        let mut words = line.split_whitespace();
        let number = match words.next() {
            Some("running") => return Call::Running,
            Some(word) => word.parse().unwrap_or(-1),
            None => return Call::Hidden,
        };
        if number < 0 {
            return Call::Outside;
        }
        let mut argument = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
        let arguments = std::array::from_fn(|_| argument().unwrap_or(0));
        Call::Inside(SystemCall { pid, number, arguments })
    }
}

impl SystemCall {
    /// Its name, or its number where the name is not known.
    pub fn name(&self) -> String {
        known(self.number).map_or_else(|| format!("call {}", self.number), |(_, name, _)| name.to_string())
    }

    fn takes(&self) -> Takes {
        known(self.number).map_or(Takes::Nothing, |(.., takes)| *takes)
    }

    /// On what the process sleeps.
    pub fn on(&self) -> On {
        let descriptor = || On::Descriptor(self.arguments[0] as u32);
        match self.takes() {
            Takes::Futex if self.is_waiting() => On::Address(self.arguments[0]),
            Takes::Bytes(_) | Takes::Descriptor | Takes::PosixQueue | Takes::Epoll => descriptor(),
            Takes::SystemVQueue { .. } => On::SystemVQueue(self.arguments[0] as i32),
            Takes::Path => text_at(self.pid, self.arguments[1]).map_or(On::Else, On::Path),
            _ => On::Else,
        }
    }

    /// Whether a futex call is one that sleeps.
    fn is_waiting(&self) -> bool {
        FUTEX_OPERATIONS.iter().any(|(op, name)| *op == self.futex_operation() && !name.contains("WAKE"))
    }

    fn futex_operation(&self) -> i32 {
        self.arguments[1] as i32 & libc::FUTEX_CMD_MASK
    }

    /// The call with the arguments that matter, much as strace(1) writes it. What stands behind a pointer is read from
    /// the process, where the kernel lets us.
    pub fn text(&self) -> String {
        let [a, b, c, d, ..] = self.arguments;
        let name = self.name();
        match self.takes() {
            Takes::Futex => self.futex_text(),
            Takes::Bytes(at) => format!("{name}({}, …, {} bytes)", a as i32, self.arguments[at]),
            Takes::Descriptor => format!("{name}({}, …)", a as i32),
            Takes::PosixQueue => {
                format!("{name}({}, …, {c} bytes, {})", a as i32, self.deadline(self.arguments[4]))
            }
            Takes::SystemVQueue { receives: true } => {
                format!("{name}({}, …, {c} bytes, type {})", a as i32, d as i64)
            }
            Takes::SystemVQueue { receives: false } => format!("{name}({}, …, {c} bytes)", a as i32),
            Takes::SystemVSet => format!("{name}({}, …)", a as i32),
            Takes::ManyMillis => format!("{name}({b} descriptors, {})", millis(c as i32)),
            Takes::ManyUntil => format!("{name}({b} descriptors, {})", self.limit(c)),
            Takes::Epoll => format!("{name}({}, …, {})", a as i32, millis(d as i32)),
            Takes::Time(at) => format!("{name}({})", self.time(self.arguments[at])),
            Takes::Signals => format!("{name}(…, {})", self.limit(c)),
            Takes::Child if a as i32 == -1 => format!("{name}(any child)"),
            Takes::Child => format!("{name}({})", a as i32),
            Takes::Path => text_at(self.pid, b)
                .map_or_else(|| format!("{name}(…)"), |path| format!("{name}(\"{path}\")")),
            Takes::Nothing => format!("{name}()"),
        }
    }

    fn futex_text(&self) -> String {
        let [address, operation, value, limit, ..] = self.arguments;
        let known = FUTEX_OPERATIONS.iter().find(|(op, _)| *op == self.futex_operation());
        let mut text = format!("futex({address:#x}, ");
        match known {
            Some((_, name)) => text.push_str(name),
            None => drop(write!(text, "operation {operation}")),
        }
        if self.is_waiting() {
            // Only the oldest way to wait says how long; the others say until when.
            let limit = match self.futex_operation() {
                libc::FUTEX_WAIT => self.limit(limit),
                _ => self.deadline(limit),
            };
            let _ = write!(text, ", {}, {limit}", value as u32);
        }
        text + ")"
    }

    fn limit(&self, pointer: u64) -> String {
        if pointer == 0 { "no limit".into() } else { format!("at most {}", self.time(pointer)) }
    }

    fn deadline(&self, pointer: u64) -> String {
        if pointer == 0 { "no limit".into() } else { "until a deadline".into() }
    }

    /// The time that stands at an address.
    fn time(&self, pointer: u64) -> String {
        let mut bytes = [0; 16];
        if peek(self.pid, pointer, &mut bytes).is_err() {
            return "a time".into();
        }
        let half = |at: usize| u64::from_ne_bytes(std::array::from_fn(|k| bytes[at + k]));
        let time = Duration::from_secs(half(0)).saturating_add(Duration::from_nanos(half(8)));
        // To the millisecond: what is below only changes the picture.
        format!("{} s", time.as_millis() as f64 / 1e3)
    }
}

/// Operations of futex(2) that are told apart.
const FUTEX_OPERATIONS: [(i32, &str); 8] = [
    (libc::FUTEX_WAIT, "FUTEX_WAIT"),
    (libc::FUTEX_WAIT_BITSET, "FUTEX_WAIT_BITSET"),
    (libc::FUTEX_LOCK_PI, "FUTEX_LOCK_PI"),
    (FUTEX_LOCK_PI2, "FUTEX_LOCK_PI2"),
    (libc::FUTEX_WAIT_REQUEUE_PI, "FUTEX_WAIT_REQUEUE_PI"),
    (libc::FUTEX_WAKE, "FUTEX_WAKE"),
    (libc::FUTEX_WAKE_OP, "FUTEX_WAKE_OP"),
    (libc::FUTEX_WAKE_BITSET, "FUTEX_WAKE_BITSET"),
];
/// Since Linux 5.14.
const FUTEX_LOCK_PI2: i32 = 13;

fn millis(limit: i32) -> String {
    if limit < 0 { "no limit".into() } else { format!("at most {} s", f64::from(limit) / 1e3) }
}

/// A text that ends with a 0 byte, at an address of a process; none if it cannot be read or is no name.
fn text_at(pid: u32, address: u64) -> Option<String> {
    /// Bytes read at a time: no page is smaller, so none of them lies in a page that may not be there.
    const BLOCK: u64 = 4096;
    /// Longer than the names of anything that a process sleeps on while it opens it.
    const MOST: usize = 256;
    let mut text = Vec::new();
    let mut at = address;
    while text.len() < MOST {
        let mut bytes = vec![0; (BLOCK - at % BLOCK).min(MOST as u64) as usize];
        peek(pid, at, &mut bytes).ok()?;
        at = at.checked_add(bytes.len() as u64)?;
        if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
            text.extend_from_slice(&bytes[..end]);
            return String::from_utf8(text).ok().filter(|text| !text.chars().any(char::is_control));
        }
        text.append(&mut bytes);
    }
    None
}

/// The address of the futex that a process sleeps on; none if it does not sleep on one, or if the kernel will not tell.
pub fn sleeping_on(pid: u32) -> Option<u64> {
    let Call::Inside(call) = Call::read(pid)? else { return None };
    if let On::Address(address) = call.on() { Some(address) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(number: i64, arguments: [u64; 6]) -> SystemCall {
        // No process has this number, so nothing behind a pointer can be read.
        SystemCall { pid: u32::MAX, number, arguments }
    }

    #[test]
    fn lines_of_proc() {
        assert_eq!(Call::parse(1, "running\n"), Call::Running);
        assert_eq!(Call::parse(1, "-1 0x7ffe 0x7f0e\n"), Call::Outside);
        let line = format!("{} 0x7f10 0x189 0x0 0x0 0x0 0xffffffff 0x7ffe 0x7f0e\n", libc::SYS_futex);
        let Call::Inside(call) = Call::parse(1, &line) else { panic!("a call") };
        assert_eq!(call.arguments, [0x7f10, 0x189, 0, 0, 0, 0xffff_ffff]);
        assert_eq!(call.on(), On::Address(0x7f10));
        assert_eq!(call.text(), "futex(0x7f10, FUTEX_WAIT_BITSET, 0, no limit)");
        assert_eq!(Call::read(u32::MAX), None);
    }

    #[test]
    fn calls_say_on_what() {
        let on = |number, arguments| inside(number, arguments).on();
        assert_eq!(on(libc::SYS_read, [3, 0, 64, 0, 0, 0]), On::Descriptor(3));
        assert_eq!(on(libc::SYS_mq_timedreceive, [5, 0, 64, 0, 0, 0]), On::Descriptor(5));
        assert_eq!(on(libc::SYS_msgrcv, [7, 0, 64, 0, 0, 0]), On::SystemVQueue(7));
        assert_eq!(on(libc::SYS_futex, [16, libc::FUTEX_WAKE as u64, 1, 0, 0, 0]), On::Else);
        assert_eq!(on(libc::SYS_openat, [0, 16, 0, 0, 0, 0]), On::Else);
        assert_eq!(on(libc::SYS_nanosleep, [16, 0, 0, 0, 0, 0]), On::Else);
    }

    #[test]
    fn calls_as_strace_writes_them() {
        let text = |number, arguments| inside(number, arguments).text();
        assert_eq!(text(libc::SYS_read, [3, 0, 64, 0, 0, 0]), "read(3, …, 64 bytes)");
        assert_eq!(text(libc::SYS_msgrcv, [7, 0, 64, -2i64 as u64, 0, 0]), "msgrcv(7, …, 64 bytes, type -2)");
        assert_eq!(text(libc::SYS_wait4, [u32::MAX.into(), 0, 0, 0, 0, 0]), "wait4(any child)");
        assert_eq!(text(libc::SYS_epoll_pwait, [4, 0, 9, 1500, 0, 0]), "epoll_pwait(4, …, at most 1.5 s)");
        assert_eq!(text(libc::SYS_ppoll, [16, 2, 0, 0, 0, 0]), "ppoll(2 descriptors, no limit)");
        assert_eq!(text(libc::SYS_sched_yield, [0; 6]), "sched_yield()");
        assert_eq!(text(999_999, [0; 6]), "call 999999()");
        // Of a process that is gone, nothing behind a pointer can be read.
        assert_eq!(text(libc::SYS_nanosleep, [16, 0, 0, 0, 0, 0]), "nanosleep(a time)");
    }
}
