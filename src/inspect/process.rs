//! One line of `ps`: what the kernel keeps of a process.

use std::fs;
use std::time::Duration;

/// A process, from `/proc/PID/stat` (proc_pid_stat(5)). A number that the kernel will not name is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// What it does.
    pub state: State,
    /// Who started it.
    pub parent: u32,
    /// Its process group: what a terminal's Ctrl-C and `kill -9 -GROUP` reach at once.
    pub group: u32,
    /// Its session: what a terminal belongs to.
    pub session: u32,
    /// Its threads.
    pub threads: u32,
    /// Faults that the kernel answered from memory.
    pub minor_faults: u64,
    /// Faults for which it had to read a disk.
    pub major_faults: u64,
    /// Time on a processor in the program itself.
    pub user: Duration,
    /// Time on a processor in the kernel.
    pub system: Duration,
    /// Its priority among others: below 0 it goes before, above 0 it stands back (nice(1)).
    pub nice: i64,
    /// The group that its terminal listens to; -1 without a terminal.
    pub foreground: i64,
}

/// What a process does, as a letter of proc(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State(pub char);

impl Default for State {
    fn default() -> State {
        State('?')
    }
}

/// The letters of proc(5) for what a process does.
const STATES: [(char, &str); 8] = [
    ('R', "running, or ready to run"),
    ('S', "asleep until something comes"),
    ('D', "asleep in the kernel, undisturbed by signals"),
    ('T', "stopped by a signal"),
    ('t', "stopped by a debugger"),
    ('Z', "ended, and not yet waited for: a zombie"),
    ('X', "gone"),
    ('I', "idle"),
];

impl State {
    /// What the letter means.
    pub fn words(self) -> &'static str {
        STATES
            .iter()
            .find(|(letter, _)| *letter == self.0)
            .map_or("in a state of its own", |(_, words)| words)
    }

    /// Whether it has come to its end.
    pub fn is_over(self) -> bool {
        matches!(self.0, 'Z' | 'X')
    }
}

impl Process {
    /// Asks the kernel; none if there is no such process.
    pub fn read(pid: u32) -> Option<Process> {
        Process::parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(pid: u32, stat: &str) -> Option<Process> {
        // The name before it may hold spaces and brackets.
        let words: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |at: usize| words.get(at)?.parse::<i64>().ok();
        let whole = |at: usize| number(at).map(|n| n.max(0) as u64);
        let hertz = rustix::param::clock_ticks_per_second().max(1);
        let time = |at: usize| Some(Duration::from_millis(whole(at)? * 1000 / hertz));
        Some(Process {
            pid,
            state: State(words.first()?.chars().next()?),
            parent: whole(1)? as u32,
            group: whole(2)? as u32,
            session: whole(3)? as u32,
            foreground: number(5)?,
            minor_faults: whole(7)?,
            major_faults: whole(9)?,
            user: time(11)?,
            system: time(12)?,
            nice: number(16)?,
            threads: whole(17)? as u32,
        })
    }

    /// The word that `ps -o stat` shows: the letter, then `<` or `N` for a priority, `s` for a session's leader, `l` for
    /// several threads, `+` for the terminal's foreground.
    pub fn stat(&self) -> String {
        let mut word = self.state.0.to_string();
        match self.nice {
            ..0 => word.push('<'),
            0 => {}
            _ => word.push('N'),
        }
        let flags = [
            (self.session == self.pid, 's'),
            (self.threads > 1, 'l'),
            (self.foreground == i64::from(self.group), '+'),
        ];
        word.extend(flags.iter().filter(|(is, _)| *is).map(|(_, flag)| flag));
        word
    }

    /// Time on a processor so far, as exactly as the kernel will say it.
    pub fn processor_time(&self) -> Duration {
        // The scheduler counts nanoseconds, but only a thread at a time.
        let exact = || {
            let text = fs::read_to_string(format!("/proc/{}/schedstat", self.pid)).ok()?;
            text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
        };
        let coarse = self.user + self.system;
        if self.threads == 1 { exact().unwrap_or(coarse) } else { coarse }
    }
}

/// How often a process gave the processor up, and how often it was taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// It waited for something.
    pub voluntary: u64,
    /// Its time was over.
    pub involuntary: u64,
}

/// The context switches of a process so far.
pub fn switches(pid: u32) -> Option<Switches> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').trim().parse().ok()
    };
    Some(Switches {
        voluntary: field("voluntary_ctxt_switches")?,
        involuntary: field("nonvoluntary_ctxt_switches")?,
    })
}

/// The kernel's function that a process sleeps in; none if it does not sleep, or the kernel will not tell.
pub fn wait_channel(pid: u32) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/{pid}/wchan")).ok()?;
    let name = name.trim();
    (!name.is_empty() && name != "0").then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_hides_nothing() {
        let stat = "7 (a) b) (c) S 1 6 7 34816 6 4194560 120 0 3 0 5 7 0 0 20 0 4 0 99 1 2";
        let process = Process::parse(7, stat).expect("a process");
        assert_eq!((process.parent, process.group, process.session, process.threads), (1, 6, 7, 4));
        assert_eq!((process.minor_faults, process.major_faults), (120, 3));
        assert_eq!(process.stat(), "Ssl+");
        assert_eq!(process.state.words(), "asleep until something comes");
        assert!(Process::parse(7, "7 (cut").is_none() && Process::parse(7, "7 (cut) S 1").is_none());
    }
}
