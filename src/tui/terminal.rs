//! The terminal's modes: taken, and given back whatever happens.
//!
//! On every way out of this process the modes are put back here. If it is killed, a keeper does it: a process of its own
//! that remembers how the terminal was and waits for this one to end.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use parking_lot::Mutex;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// The hidden subcommand that the keeper is started with.
pub const KEEPER_COMMAND: &str = "__keeper";

/// Which modes are in force.
#[derive(Clone, Copy, Debug, Default)]
struct Modes {
    screen: bool,
    mouse: bool,
}

/// A panic may come in any thread, while another one draws. This lock is not poisoned by that.
static MODES: Mutex<Modes> = Mutex::new(Modes { screen: false, mouse: false });

/// Takes the terminal: raw, on its other screen.
pub fn enter(mouse: bool) -> io::Result<()> {
    let mut modes = MODES.lock();
    enable_raw_mode()?;
    modes.screen = true;
    execute!(io::stdout(), EnterAlternateScreen, cursor::Hide)?;
    set_mouse(&mut modes, mouse)
}

/// Gives the terminal back as it was. Nothing happens if it was not taken.
pub fn leave() {
    let mut modes = MODES.lock();
    if !std::mem::take(&mut modes.screen) {
        return;
    }
    // Each by itself: what fails must not keep the others from being done.
    let _ = set_mouse(&mut modes, false);
    let _ = execute!(io::stdout(), LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}

/// Catches the mouse, or leaves it to the terminal.
pub fn mouse(on: bool) -> io::Result<()> {
    set_mouse(&mut MODES.lock(), on)
}

fn set_mouse(modes: &mut Modes, on: bool) -> io::Result<()> {
    if modes.mouse == on {
        return Ok(());
    }
    modes.mouse = on;
    if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
}

static PANICKED: AtomicBool = AtomicBool::new(false);

/// Whether any thread has panicked.
pub fn panicked() -> bool {
    PANICKED.load(Ordering::Relaxed)
}

/// Gives the terminal back before a panic is told.
pub fn restore_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICKED.store(true, Ordering::Relaxed);
        leave();
        tell(info);
    }));
}

/// The keeper's process. Dropping it tells it that all is well.
#[derive(Debug)]
pub struct Keeper {
    child: Child,
}

impl Keeper {
    /// Starts the keeper, and waits until it knows how the terminal is. Call it before [`enter`].
    pub fn start(binary: &Path) -> io::Result<Keeper> {
        let mut command = Command::new(binary);
        command.arg(KEEPER_COMMAND).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::inherit()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(answer) = child.stderr.take() {
            BufReader::new(answer).read_line(&mut String::new())?;
        }
        Ok(Keeper { child })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.child.stdin.take() {
            let _ = pipe.write_all(b".");
        }
        let _ = self.child.wait();
    }
}

/// The keeper: remembers the modes of the terminal on its standard output, waits for the end of its standard input, and
/// puts the modes back unless something was said there before.
pub fn keep() {
    // Out of reach of the signals that the terminal sends to the job.
    let _ = rustix::process::setsid();
    let Ok(modes) = tcgetattr(io::stdout()) else {
        eprintln!("no terminal");
        return;
    };
    eprintln!("ready");
    let mut said = Vec::new();
    let _ = io::stdin().read_to_end(&mut said);
    if said.is_empty() {
        let _ = execute!(io::stdout(), DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
        let _ = tcsetattr(io::stdout(), OptionalActions::Now, &modes);
    }
}
