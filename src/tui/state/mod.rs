//! What the screens know. Nothing here knows how it is drawn.

mod experiment;
mod kernel;
mod lab;
mod menu;
mod overlay;
mod sort;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use experiment::{Experiment, Feed, Phase, Seen};
pub use kernel::Watched;
pub use lab::{Lab, Pane};
pub use menu::{Choice, Menu, Teaching};
pub use overlay::{Editable, Overlay};
pub use sort::Sort;

use super::keys::{Keymap, Scope};
use super::theme::Theme;
use crate::lab::{Measuring, SIZES, Session, Wish};
use crate::mechanism::Mechanism;

/// How long a note stays.
const NOTE_TIME: Duration = Duration::from_secs(6);

/// Which screen is open.
#[derive(Debug)]
pub enum Screen {
    /// Choosing.
    Menu,
    /// A run, or two side by side.
    Lab(Box<Lab>),
}

/// What only the terminal's owner can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Stop this process, as Ctrl-Z does elsewhere.
    Suspend,
    /// Let the user's editor have the terminal for this file.
    Edit(PathBuf),
    /// Start or stop to catch the mouse.
    Mouse(bool),
    /// Draw everything anew.
    Redraw,
}

/// Everything.
#[derive(Debug)]
pub struct App {
    /// How it looks.
    pub theme: Theme,
    /// What keys do.
    pub keymap: Keymap,
    /// Whether the mouse is caught.
    pub mouse: bool,
    /// Big type, for a lecture.
    pub projector: bool,
    /// The menu, with what is selected in it.
    pub menu: Menu,
    /// Which screen is open.
    pub screen: Screen,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// A short message, and when it came.
    pub note: Option<(String, Instant)>,
    /// What the terminal's owner is to do next.
    pub effects: Vec<Effect>,
    /// The binary that plays actors; none if no process shall be started, as in tests of single screens.
    pub binary: Option<PathBuf>,
    /// Runs that are on their way out.
    pub retiring: Vec<Session>,
    /// What passing messages costs here, as far as it was measured.
    pub costs: Measuring,
    /// Since when the screens are open: what moves by itself goes by it.
    pub opened: Instant,
    /// Whether the run was opened from outside, so that there is no menu behind it.
    pub single: bool,
}

impl App {
    /// The menu, and nothing running.
    pub fn new(theme: Theme, keymap: Keymap, binary: Option<PathBuf>) -> App {
        App {
            theme,
            keymap,
            mouse: false,
            projector: false,
            menu: Menu::new(),
            screen: Screen::Menu,
            overlay: None,
            note: None,
            effects: Vec::new(),
            binary,
            retiring: Vec::new(),
            costs: Measuring::default(),
            opened: Instant::now(),
            single: false,
        }
    }

    /// Where keys are looked up.
    pub fn scope(&self) -> Scope {
        match self.screen {
            Screen::Menu => Scope::Menu,
            Screen::Lab(_) => Scope::Lab,
        }
    }

    /// The lab, if it is open.
    pub fn lab(&self) -> Option<&Lab> {
        match &self.screen {
            Screen::Lab(lab) => Some(lab),
            Screen::Menu => None,
        }
    }

    /// The lab, if it is open.
    pub fn lab_mut(&mut self) -> Option<&mut Lab> {
        match &mut self.screen {
            Screen::Lab(lab) => Some(lab),
            Screen::Menu => None,
        }
    }

    /// The problem of the active run, if it is one of the catalogue's.
    pub fn problem(&self) -> Option<&Teaching> {
        let (problem, _) = self.lab()?.active().subject.place()?;
        self.menu.problems.iter().find(|known| known.id == problem)
    }

    /// The mechanism that carries the messages of the active run, if it sends any.
    pub fn carrier(&self) -> Option<Mechanism> {
        let subject = &self.lab()?.active().subject;
        (!subject.program.channels.is_empty()).then_some(subject.over)
    }

    /// Says something short.
    pub fn say(&mut self, text: impl Into<String>) {
        self.note = Some((text.into(), Instant::now()));
    }

    /// Takes in what runs have to say, and forgets what is old. Gives whether anything changed.
    pub fn advance(&mut self) -> bool {
        let mut changed = false;
        if self.note.as_ref().is_some_and(|(_, since)| since.elapsed() > NOTE_TIME) {
            self.note = None;
            changed = true;
        }
        self.retiring.retain(|session| !session.is_gone());
        let mut notes = Vec::new();
        if let Some(lab) = self.lab_mut() {
            for experiment in &mut lab.experiments {
                changed |= experiment.advance(&mut notes);
            }
        }
        if let Some(Overlay::Check { examination, .. }) = &mut self.overlay {
            // The counters race while it works.
            changed |= examination.look() || examination.result.is_none();
        }
        if let Screen::Lab(lab) = &self.screen {
            changed |= match &mut self.overlay {
                Some(Overlay::Inspect { watched, actor, chosen, .. }) => {
                    watched.advance(lab.active(), || Wish::Actor(*actor, chosen.clone()))
                }
                Some(Overlay::Kernel { watched, .. }) => watched.advance(lab.active(), || Wish::Run),
                _ => false,
            };
        }
        // It is measured while somebody looks: on a busy machine the figures would be others'.
        let size = if let Some(Overlay::Costs { size, .. }) = &self.overlay { Some(*size) } else { None };
        changed |= self.costs.advance(self.binary.as_deref().zip(size.map(|size| SIZES[size % SIZES.len()])));
        for note in notes {
            self.say(note);
            changed = true;
        }
        changed
    }

    /// Whether something on the screen moves by itself, so that it must be drawn anew without a cause.
    pub fn is_moving(&self) -> bool {
        !self.theme.still && matches!(self.screen, Screen::Menu)
    }
}
