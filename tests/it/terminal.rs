//! The screens on a real terminal: what a user types, what the terminal shows, and how it is left.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;
use rustix::process::Signal;
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::{Running, assert_gone, children, command_line, signal, until};

/// A program on a terminal of its own.
struct OnTerminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    tty: PathBuf,
    modes: LocalModes,
}

fn cells(count: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(count).expect("at least one")
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl OnTerminal {
    fn start(arguments: &[&str], (columns, rows): (u16, u16)) -> OnTerminal {
        OnTerminal::start_with(arguments, (columns, rows), &[])
    }

    /// In a shell that brings it back with `fg` after each line that it reads.
    fn start_in_shell(arguments: &[&str], size: (u16, u16)) -> OnTerminal {
        let script = "set -m; \"$0\" \"$@\"; read x; fg; read x; fg";
        let words = ["-c", script, env!("CARGO_BIN_EXE_fiveforks")];
        OnTerminal::start_program("sh", &[&words, arguments].concat(), size, &[])
    }

    fn start_with(arguments: &[&str], size: (u16, u16), environment: &[(&str, &str)]) -> OnTerminal {
        OnTerminal::start_program(env!("CARGO_BIN_EXE_fiveforks"), arguments, size, environment)
    }

    fn start_program(
        program: &str,
        arguments: &[&str],
        (columns, rows): (u16, u16),
        environment: &[(&str, &str)],
    ) -> OnTerminal {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a terminal");
        let tty = pair.master.tty_name().expect("its name");
        let modes = local_modes(&tty);
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("XDG_CONFIG_HOME", "/nonexistent");
        command.env_remove("NO_COLOR");
        command.env("RUST_BACKTRACE", "0");
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd(std::env::temp_dir());
        let child = pair.slave.spawn_command(command).expect("the binary runs");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(columns), 0)));
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let writer = pair.master.take_writer().expect("its input");
        let seen = screen.clone();
        // The slave stays open in `pair` as long as the reader runs, so that what was written last is not lost.
        let slave = pair.slave;
        std::thread::spawn(move || {
            let _slave = slave;
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                seen.lock().expect("a screen").process(&bytes[..read]);
            }
        });
        OnTerminal { master: pair.master, child, writer, screen, tty, modes }
    }

    fn pid(&self) -> i32 {
        self.child.process_id().expect("a process") as i32
    }

    fn text(&self) -> String {
        self.screen.lock().expect("a screen").screen().contents()
    }

    fn shows(&self, what: &str) {
        let mut last = String::new();
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            until(&format!("the screen shows `{what}`"), || {
                last = self.text();
                last.contains(what).then_some(())
            });
        }));
        assert!(found.is_ok(), "never saw `{what}`; the screen is\n{last}");
    }

    fn types(&mut self, bytes: &str) {
        self.writer.write_all(bytes.as_bytes()).expect("typed");
        self.writer.flush().expect("typed");
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.lock().expect("a screen").screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size(columns, rows)).expect("resized");
    }

    /// The run's identity.
    fn run(&self) -> String {
        run_of(self.pid())
    }

    fn waits_for_its_end(&mut self) -> u32 {
        let child = &mut self.child;
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            until("it ends", || child.try_wait().expect("a child").map(|status| status.exit_code()))
        }));
        ended.unwrap_or_else(|_| panic!("it does not end; the screen is\n{}", self.text()))
    }

    /// Requires that the terminal is as it was.
    fn is_as_before(&self) {
        until("the terminal's modes are put back", || (local_modes(&self.tty) == self.modes).then_some(()));
        until("the first screen is back, with its cursor", || {
            let parser = self.screen.lock().expect("a screen");
            let screen = parser.screen();
            let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
            (!screen.alternate_screen() && !screen.hide_cursor() && !mouse).then_some(())
        });
    }
}

/// The run that a process supervises.
fn run_of(pid: i32) -> String {
    let of = |pid: i32| {
        let line = command_line(pid);
        line.iter().position(|w| w == "__actor").and_then(|at| line.get(at + 1).cloned())
    };
    until("an actor starts", || children(pid).into_iter().find_map(of))
}

impl Drop for OnTerminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn local_modes(tty: &Path) -> LocalModes {
    let file = std::fs::File::open(tty).expect("the terminal opens");
    tcgetattr(&file).expect("modes").local_modes
}

fn kernel_state(pid: i32) -> Option<char> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.chars().next()
}

#[test]
fn the_first_moment() {
    let mut it = OnTerminal::start(&[], (120, 36));
    it.shows("Dining Philosophers");
    it.types("\r");
    it.shows("Left fork first");
    let run = it.run();
    it.types("M");
    it.shows("DEADLOCK");
    it.shows("circular wait");
    it.shows("nobody can ever go on");
    it.types("b");
    it.shows("Lower fork first");
    it.shows("correct");
    assert_gone(&run);
    it.types("\r");
    it.shows("What the text says of itself");
    it.types("\x1b");
    until("the explanation is closed", || (!it.text().contains("explained")).then_some(()));
    let second = it.run();
    it.types("q");
    assert_eq!(it.waits_for_its_end(), 0);
    it.is_as_before();
    assert_gone(&second);
}

#[test]
fn a_killed_process_leaves_the_terminal_sane() {
    let mut it = OnTerminal::start(&["dining-philosophers/ordered"], (120, 36));
    it.shows("who waits for whom");
    let run = it.run();
    signal(it.pid(), Signal::KILL);
    it.waits_for_its_end();
    it.is_as_before();
    assert_gone(&run);
}

#[test]
fn a_panic_leaves_the_terminal_sane_and_is_told() {
    let mut it =
        OnTerminal::start_with(&["dining-philosophers/ordered"], (80, 24), &[("FIVEFORKS_TEST_PANIC", "1")]);
    assert_ne!(it.waits_for_its_end(), 0);
    it.is_as_before();
    it.shows("a panic for a test");
}

#[test]
fn a_hangup_or_a_request_to_end_is_obeyed() {
    for end in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut it = OnTerminal::start(&["dining-philosophers/ordered"], (80, 24));
        it.shows("timeline");
        let run = it.run();
        signal(it.pid(), end);
        it.waits_for_its_end();
        it.is_as_before();
        assert_gone(&run);
    }
}

/// Here no other descriptor of the terminal's master may live, so the test holds it itself.
#[test]
fn a_terminal_that_goes_away_ends_it() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("its name");
    let size = rustix::termios::Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&master, size).expect("its size");
    let slave =
        || std::fs::File::options().read(true).write(true).open(name.to_str().expect("a path")).expect("it");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fiveforks"));
    command.args(["dining-philosophers/ordered", "--speed", "max"]).env("XDG_CONFIG_HOME", "/nonexistent");
    command.stdin(slave()).stdout(slave()).stderr(slave());
    let mut child = command.spawn().expect("the binary runs");
    drop(command);
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("timeline") {
        let mut bytes = [0; 4096];
        let read = rustix::io::read(&master, &mut bytes).expect("output");
        seen.extend_from_slice(&bytes[..read]);
    }
    let run = run_of(child.id() as i32);
    drop(master);
    until("it ends", || child.try_wait().expect("a child"));
    assert_gone(&run);
}

#[test]
fn ctrl_z_and_fg() {
    let mut it = OnTerminal::start_in_shell(&["dining-philosophers/ordered", "--speed", "max"], (100, 30));
    it.shows("who waits for whom");
    let fiveforks = until("the shell starts it", || children(it.pid()).first().copied());
    let run = run_of(fiveforks);
    for _ in 0..2 {
        it.types("\x1a");
        until("it stops", || (kernel_state(fiveforks) == Some('T')).then_some(()));
        it.is_as_before();
        it.types("\r");
        until("the screens are back", || {
            it.screen.lock().expect("a screen").screen().alternate_screen().then_some(())
        });
        it.shows("who waits for whom");
    }
    it.types("q");
    it.waits_for_its_end();
    it.is_as_before();
    assert_gone(&run);
}

#[test]
fn without_a_shell_ctrl_z_does_not_stop_it_for_ever() {
    let mut it = OnTerminal::start(&["dining-philosophers/ordered"], (120, 36));
    it.shows("who waits for whom");
    it.types("\x1a");
    it.shows("no shell is there");
    it.types("q");
    assert_eq!(it.waits_for_its_end(), 0);
    it.is_as_before();
}

#[test]
fn a_storm_of_sizes_and_keys() {
    let mut random = Pcg32::seed_from_u64(5);
    let mut it = OnTerminal::start(&["sleeping-barber/rendezvous", "--speed", "max"], (80, 24));
    it.shows("timeline");
    for _ in 0..150 {
        let (columns, rows) = (random.random_range(1..=220), random.random_range(1..=70));
        it.resize(columns, rows);
        let key = ["\t", "z", "?", "\x1b", "j", "k", "p", "\x1b", "\x1b[A", ":"][random.random_range(0..10)];
        it.types(key);
        std::thread::sleep(std::time::Duration::from_millis(3));
    }
    it.resize(120, 36);
    it.types("\x1b");
    std::thread::sleep(std::time::Duration::from_millis(100));
    it.types("\x03");
    it.waits_for_its_end();
    it.is_as_before();
}

#[test]
fn a_run_of_another_terminal_is_followed_and_not_touched() {
    let running = Running::start(&["dining-philosophers/ordered", "--for", "600s"], 5);
    let run = running.run();
    let mut it = OnTerminal::start(&["attach", &run], (120, 36));
    it.shows("followed, read-only");
    it.shows("philosopher");
    it.types("K");
    it.shows("only looked at");
    assert_eq!(running.actors().len(), 5, "somebody was killed");
    it.types("q");
    assert_eq!(it.waits_for_its_end(), 0);
    it.is_as_before();
    assert_eq!(running.actors().len(), 5);
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let output = crate::support::output(&["dining-philosophers"]);
    let (_, err) = crate::support::texts(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(err.contains("need a terminal") && err.contains("fiveforks run"), "{err}");
}

/// Who quits while it measures; `FIVEFORKS_KILLS=50 cargo test measured` does so more often.
const QUITS: usize = 12;

#[test]
fn nothing_is_left_of_what_is_measured_on_the_screens() {
    let quits = std::env::var("FIVEFORKS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(QUITS);
    let seed = std::env::var("FIVEFORKS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut random = Pcg32::seed_from_u64(seed);
    for quit in 0..quits {
        let mut screens = OnTerminal::start(&[], (120, 36));
        screens.shows("an operating-systems");
        screens.types("I");
        let guard = |pid: i32| {
            let line = command_line(pid);
            line.iter().position(|w| w == "__guard").and_then(|at| line.get(at + 1).cloned())
        };
        let run = until("the guard starts", || children(screens.pid()).into_iter().find_map(guard));
        // Most of them within the first mechanism, some among objects that have names elsewhere.
        let most = if quit % 4 == 3 { 5000 } else { 500 };
        std::thread::sleep(std::time::Duration::from_millis(random.random_range(0..most)));
        match random.random_range(0..5) {
            0 => screens.types("\x1bq"),
            1 => signal(screens.pid(), Signal::TERM),
            2 => signal(screens.pid(), Signal::KILL),
            _ => screens.types("q"),
        }
        screens.waits_for_its_end();
        crate::ipc::assert_nothing_left(&run);
    }
}

#[test]
fn what_is_measured_is_shown_and_keys_are_answered_meanwhile() {
    let mut screens = OnTerminal::start(&["notification/queued"], (80, 24));
    screens.shows("over a pipe");
    screens.types("I");
    screens.shows("measuring");
    screens.shows("[8 B]");
    screens.types("l");
    screens.shows("[1 KiB]");
    screens.types("hj");
    screens.shows("[8 B]");
    // One of each way, and the one that carries the messages of the run.
    screens.shows("measuring fifo");
    let drawn = screens.text();
    assert!(drawn.contains("\u{25b6} pipe"), "{drawn}");
    let run = screens.run();
    // It is closed while it measures, and opened again: what was measured is still there.
    screens.types("\x1b");
    screens.shows("over a pipe");
    screens.types("I");
    screens.shows("\u{25b6} pipe");
    screens.types("q");
    screens.waits_for_its_end();
    screens.is_as_before();
    assert_gone(&run);
}
