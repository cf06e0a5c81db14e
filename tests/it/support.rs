//! What several tests need: commands, runs that are ended whatever happens, and what is left of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use fiveforks::lang::{self, Scope, Source, Sources};
use fiveforks::program::Program;

/// After so long a test hangs. Far beyond what anything here takes, even on a busy machine.
const WATCHDOG: Duration = Duration::from_secs(120);

/// The binary.
pub const BINARY: &str = env!("CARGO_BIN_EXE_fiveforks");

/// A command of the binary.
pub fn fiveforks(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::null()).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Runs a command to its end.
pub fn output(arguments: &[&str]) -> Output {
    fiveforks(arguments).output().expect("the binary runs")
}

/// Standard output and standard error as texts.
pub fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The report of a run as JSON, and its exit status.
pub fn report(arguments: &[&str]) -> (serde_json::Value, i32) {
    let output = output(&[&["run"], arguments, &["--format", "json"]].concat());
    let (out, err) = texts(&output);
    let value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}\n{out}\n{err}"));
    (value, output.status.code().unwrap_or(-1))
}

/// Waits until something is so. Ends the test if it never comes.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < WATCHDOG, "hangs: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A program's text in a file of its own, removed afterwards.
pub struct TempProgram(pub PathBuf);

impl TempProgram {
    /// Writes it.
    pub fn new(name: &str, text: &str) -> TempProgram {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (pid, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(format!("fiveforks-test-{pid}-{count}"));
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(format!("{name}.fork"));
        fs::write(&path, text).expect("a file");
        TempProgram(path)
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().expect("a path of UTF-8")
    }
}

impl Drop for TempProgram {
    fn drop(&mut self) {
        let _ = self.0.parent().map(fs::remove_dir_all);
    }
}

/// A run in the background. Dropping it ends it and checks nothing.
pub struct Running {
    /// The supervisor's process.
    pub child: Child,
}

impl Running {
    /// Starts a run, and waits until all its actors are there.
    pub fn start(arguments: &[&str], actors: usize) -> Running {
        let mut command = fiveforks(&[&["run"], arguments].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let running = Running { child: command.spawn().expect("the binary runs") };
        until("all actors start", || (running.actors().len() == actors).then_some(()));
        let run = running.run();
        until("the run begins", || board_life(&run, actors).then_some(()));
        running
    }

    /// The supervisor's process number.
    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// The processes that play actors, in the order of their numbers.
    pub fn actors(&self) -> Vec<i32> {
        let mut actors: Vec<(u32, i32)> = children(self.pid())
            .into_iter()
            .filter_map(|pid| {
                let line = command_line(pid);
                let number = line.iter().position(|w| w == "__actor").and_then(|at| line.get(at + 2));
                Some((number?.parse().ok()?, pid))
            })
            .collect();
        actors.sort_unstable();
        actors.into_iter().map(|(_, pid)| pid).collect()
    }

    /// The guard's process.
    pub fn guard(&self) -> Option<i32> {
        children(self.pid()).into_iter().find(|pid| command_line(*pid).iter().any(|w| w == "__guard"))
    }

    /// The run's identity.
    pub fn run(&self) -> String {
        let of = |pid: i32| {
            let line = command_line(pid);
            line.iter().position(|w| w == "__actor").and_then(|at| line.get(at + 1).cloned())
        };
        until("an actor starts", || children(self.pid()).into_iter().find_map(of))
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Output {
        let child = std::mem::replace(&mut self.child, Command::new("true").spawn().expect("true"));
        child.wait_with_output().expect("an end")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether all actors of a run are past their start: the word for their life on the board says so.
fn board_life(run: &str, actors: usize) -> bool {
    const LAYOUT_SLOTS: usize = (3 + 3) * 8;
    const SLOT_BYTES: usize = 32 * 8;
    const LIFE: usize = 18 * 8;
    let Ok(bytes) = fs::read(format!("/dev/shm/fiveforks.{run}.board")) else { return false };
    let word = |at: usize| bytes.get(at..at + 8).map(|b| u64::from_le_bytes(b.try_into().expect("8 bytes")));
    let Some(slots) = word(LAYOUT_SLOTS) else { return false };
    (0..actors).all(|k| word(slots as usize + k * SLOT_BYTES + LIFE).is_some_and(|life| life >= 2))
}

/// The children of a process.
pub fn children(pid: i32) -> Vec<i32> {
    // The kernel keeps them by the thread that started them.
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|w| w.parse().ok()).collect::<Vec<i32>>())
        .collect()
}

/// The words of a process's command line.
pub fn command_line(pid: i32) -> Vec<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    bytes.split(|b| *b == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// Processes that belong to a run and are not zombies.
pub fn processes_of(run: &str) -> Vec<i32> {
    let pids = fs::read_dir("/proc").expect("/proc").flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| command_line(*pid).iter().any(|word| word == run)).collect()
}

/// Names in /dev/shm that belong to a run.
pub fn names_of(run: &str) -> Vec<String> {
    let entries = fs::read_dir("/dev/shm").expect("/dev/shm").flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.contains(run)).collect()
}

/// Requires that a run leaves no process and no name, once everybody had the time to notice.
pub fn assert_gone(run: &str) {
    until("its processes end", || processes_of(run).is_empty().then_some(()));
    until("its names go", || names_of(run).is_empty().then_some(()));
}

/// Sends a signal.
pub fn signal(pid: i32, signal: rustix::process::Signal) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// A self-contained program, compiled.
pub fn compile(text: &str) -> Program {
    let sources = sources(text);
    match lang::compile(&sources, &[], Scope::All) {
        Ok(compiled) => compiled.program,
        Err(diagnostics) => panic!("{}", diagnostics.render(&sources, false)),
    }
}

/// The sources of a self-contained program.
pub fn sources(text: &str) -> Sources {
    Sources { problem: None, solution: Source { name: "test.fork".into(), text: text.into() } }
}

/// All files below a folder of the project.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}
