//! The loop on a real terminal: events in, frames out.

use std::io::{self, Stdout};
use std::path::Path;
use std::process::{Child, Command as Process, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use crossterm::execute;
use crossterm::terminal::{Clear, ClearType};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Position;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::draw::{Areas, draw};
use super::state::{App, Effect, Feed};
use super::terminal::{self, Keeper};
use super::update::Pointed;
use crate::inspect;
use crate::lab::Command;

/// Least time between two frames that nobody asked for with a key.
const FRAME: Duration = Duration::from_millis(50);
/// How long to wait for a key while a run lives, and while nothing does.
const WAIT: Duration = Duration::from_millis(20);
const LONG_WAIT: Duration = Duration::from_millis(120);

/// The terminal, and what it showed last.
struct Screens {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    areas: Areas,
    end: Arc<AtomicBool>,
    interrupt: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

/// Shows the screens until the user leaves. Gives whether a signal ended them.
pub fn show(app: &mut App, binary: &Path) -> io::Result<bool> {
    let [end, interrupt, stop] = [0; 3].map(|_| Arc::new(AtomicBool::new(false)));
    for (signal, flag) in [(SIGTERM, &end), (SIGHUP, &end), (SIGINT, &interrupt), (SIGTSTP, &stop)] {
        signal_hook::flag::register(signal, flag.clone())?;
    }
    last_resort()?;
    let _keeper = Keeper::start(binary)?;
    terminal::restore_on_panic();
    let backend = || CrosstermBackend::new(io::stdout());
    let terminal = terminal::enter(app.mouse).and_then(|()| Terminal::new(backend()));
    let result = terminal
        .and_then(|terminal| Screens { terminal, areas: Areas::default(), end, interrupt, stop }.play(app));
    terminal::leave();
    result
}

impl Screens {
    fn play(&mut self, app: &mut App) -> io::Result<bool> {
        let mut drawn = Instant::now();
        let mut dirty = true;
        let mut at_once = true;
        loop {
            dirty |= app.advance();
            let effects = std::mem::take(&mut app.effects);
            if self.carry_out(app, effects)? {
                return Ok(false);
            }
            if self.is_over() {
                return Ok(true);
            }
            if self.stop.swap(false, Ordering::Relaxed) {
                self.suspend(app)?;
                (dirty, at_once) = (true, true);
            }
            dirty |= app.is_moving() && drawn.elapsed() >= Duration::from_millis(350);
            if at_once || dirty && drawn.elapsed() >= FRAME {
                let areas = &mut self.areas;
                self.terminal.draw(|frame| *areas = draw(app, frame.area(), frame.buffer_mut()))?;
                drawn = Instant::now();
                #[cfg(debug_assertions)]
                if std::env::var_os("FIVEFORKS_TEST_PANIC").is_some() {
                    panic!("a panic for a test");
                }
                (dirty, at_once) = (false, false);
            }
            let quiet =
                app.lab().is_none_or(|lab| lab.experiments.iter().all(|e| e.paused || e.session.is_none()));
            let wait = match (dirty, quiet) {
                (true, _) => FRAME.saturating_sub(drawn.elapsed()).min(WAIT),
                (false, true) => LONG_WAIT,
                (false, false) => WAIT,
            };
            if !await_input(wait)? {
                return Ok(true);
            }
            // All that is there, so that a held key does not lag behind. Sizes come this way too.
            while event::poll(Duration::ZERO)? {
                at_once = true;
                if !self.take(app, event::read()?) {
                    break;
                }
            }
        }
    }

    /// Takes in an event. Gives whether to go on with the next one before drawing.
    fn take(&mut self, app: &mut App, event: Event) -> bool {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => app.press(key.into()),
            Event::Mouse(mouse) => {
                if let Some(pointed) = pointed(&self.areas, mouse) {
                    app.point(pointed);
                }
            }
            _ => {}
        }
        app.effects.is_empty()
    }

    /// Does what only the terminal's owner can do. Gives whether this is the end.
    fn carry_out(&mut self, app: &mut App, effects: Vec<Effect>) -> io::Result<bool> {
        for effect in effects {
            match effect {
                Effect::Quit => return Ok(true),
                Effect::Redraw => self.draw_anew()?,
                Effect::Mouse(on) => terminal::mouse(on)?,
                // To the whole job, as the terminal would: the signal comes back here as a flag.
                Effect::Suspend => rustix::process::kill_current_process_group(Signal::TSTP)?,
                Effect::Edit(path) => self.edit(app, &path)?,
            }
        }
        Ok(false)
    }

    /// Stops this process and the actors; goes on where it was when the user brings it back.
    fn suspend(&mut self, app: &mut App) -> io::Result<()> {
        if !inspect::has_shell() {
            app.say("no shell is there to bring it back: not stopped");
            return Ok(());
        }
        hold(app, true);
        await_hold(app);
        terminal::leave();
        let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
        self.stop.store(false, Ordering::Relaxed);
        // Asked to end while it stood: the terminal is the shell's then.
        if self.is_over() { Ok(()) } else { self.come_back(app) }
    }

    /// Whether a signal, or the panic of another thread, asks for the end.
    fn is_over(&self) -> bool {
        self.end.load(Ordering::Relaxed) || self.interrupt.load(Ordering::Relaxed) || terminal::panicked()
    }

    /// Forgets what the terminal shows. Not by `Terminal::clear`, which asks the terminal where its cursor is and waits
    /// for the answer.
    fn draw_anew(&mut self) -> io::Result<()> {
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(())
    }

    fn come_back(&mut self, app: &mut App) -> io::Result<()> {
        terminal::enter(app.mouse)?;
        self.draw_anew()?;
        hold(app, false);
        Ok(())
    }

    /// Waits for the editor, and stops with it.
    fn wait_for(&self, mut child: Child) -> io::Result<ExitStatus> {
        const LOOK_EVERY: Duration = Duration::from_millis(30);
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if self.stop.swap(false, Ordering::Relaxed) {
                let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Lets the user's editor have the terminal.
    fn edit(&mut self, app: &mut App, path: &Path) -> io::Result<()> {
        let chosen =
            ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        let editor = chosen.unwrap_or_else(|| "vi".to_string());
        let mut words = editor.split_whitespace();
        let Some(program) = words.next() else { return Ok(()) };
        hold(app, true);
        terminal::leave();
        let status =
            Process::new(program).args(words).arg(path).spawn().and_then(|child| self.wait_for(child));
        // What the editor's keys sent to the whole job was not meant for us.
        self.stop.store(false, Ordering::Relaxed);
        self.interrupt.store(false, Ordering::Relaxed);
        self.come_back(app)?;
        match status {
            Ok(_) => app.say(format!("{}: saving it starts the new text", path.display())),
            Err(error) => app.say(format!("cannot start the editor `{editor}`: {error}; set EDITOR")),
        }
        Ok(())
    }
}

/// Waits until the supervisors say that their runs stand still: they are threads of this process, and stop with it.
fn await_hold(app: &mut App) {
    const LOOKS: u32 = 100;
    const LOOK_EVERY: Duration = Duration::from_millis(5);
    for _ in 0..LOOKS {
        app.advance();
        let live = app.lab().into_iter().flat_map(|lab| &lab.experiments).filter(|e| e.feed == Feed::Own);
        if live.filter_map(|e| e.history.latest()).all(|picture| picture.paused) {
            return;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Waits for something to read, for a time at most. Gives false if the terminal is gone: crossterm would read its end
/// for ever.
fn await_input(time: Duration) -> io::Result<bool> {
    let input = io::stdin();
    let mut polled = [PollFd::new(&input, PollFlags::IN)];
    let time = Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) };
    match rustix::event::poll(&mut polled, Some(&time)) {
        Ok(_) => Ok(!polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)),
        Err(Errno::INTR) => Ok(true),
        Err(errno) => Err(errno.into()),
    }
}

/// If the loop does not end although it was asked to, because the terminal went away in the middle of a read, the process
/// ends here. The kernel and the guard then clear the run away.
fn last_resort() -> io::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(4);
    let mut signals = Signals::new([SIGTERM, SIGHUP])?;
    std::thread::Builder::new().name("last resort".into()).spawn(move || {
        if signals.forever().next().is_some() {
            std::thread::sleep(PATIENCE);
            // Not `leave`: whoever hangs may hold its lock. The keeper puts the terminal's modes back.
            std::process::exit(1);
        }
    })?;
    Ok(())
}

/// Holds the processes while nobody looks, or lets them go on if they did.
fn hold(app: &App, held: bool) {
    for experiment in app.lab().iter().flat_map(|lab| &lab.experiments) {
        if experiment.feed == Feed::Own && !experiment.paused {
            experiment.tell(Command::Pause(held));
        }
    }
}

/// What the mouse points at.
fn pointed(areas: &Areas, mouse: MouseEvent) -> Option<Pointed> {
    let at = Position::new(mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::ScrollDown => Some(Pointed::Wheel(1)),
        MouseEventKind::ScrollUp => Some(Pointed::Wheel(-1)),
        MouseEventKind::Down(MouseButton::Left) => {
            if let Some((area, first)) = areas.rows.filter(|(area, _)| area.contains(at)) {
                return Some(Pointed::Row(first + usize::from(mouse.row - area.y)));
            }
            areas.panes.iter().find(|(area, _)| area.contains(at)).map(|(_, pane)| Pointed::Pane(*pane))
        }
        _ => None,
    }
}
