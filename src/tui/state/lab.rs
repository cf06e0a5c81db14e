//! The lab: one run, or two side by side, and which pane the keys go to.

use super::experiment::Experiment;

/// The panes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Pane {
    Scene,
    Program,
    Timeline,
    Waits,
    Objects,
    Fairness,
    Verdict,
}

impl Pane {
    /// All, in the order in which a key goes through them.
    pub const ALL: [Pane; 7] = [
        Pane::Scene,
        Pane::Program,
        Pane::Timeline,
        Pane::Waits,
        Pane::Objects,
        Pane::Fairness,
        Pane::Verdict,
    ];

    /// What its border says.
    pub fn title(self) -> &'static str {
        match self {
            Pane::Scene => "scene",
            Pane::Program => "program",
            Pane::Timeline => "timeline",
            Pane::Waits => "who waits for whom",
            Pane::Objects => "kernel objects",
            Pane::Fairness => "fairness",
            Pane::Verdict => "verdict",
        }
    }
}

/// One run, or two side by side.
#[derive(Debug)]
pub struct Lab {
    /// One or two.
    pub experiments: Vec<Experiment>,
    /// Which of them keys go to.
    pub active: usize,
    /// The pane that keys go to.
    pub focus: Pane,
    /// Whether that pane is shown alone.
    pub zoom: bool,
    /// How far each pane is scrolled, by its place in [`Pane::ALL`].
    pub scroll: [isize; 7],
    /// The solution from which the toggle came.
    pub came_from: Option<String>,
}

impl Lab {
    /// One run.
    pub fn new(experiment: Experiment) -> Lab {
        Lab {
            experiments: vec![experiment],
            active: 0,
            focus: Pane::Scene,
            zoom: false,
            scroll: [0; 7],
            came_from: None,
        }
    }

    /// The run that keys go to.
    pub fn active(&self) -> &Experiment {
        &self.experiments[self.active.min(self.experiments.len() - 1)]
    }

    /// The run that keys go to.
    pub fn active_mut(&mut self) -> &mut Experiment {
        let at = self.active.min(self.experiments.len() - 1);
        &mut self.experiments[at]
    }

    /// How far a pane is scrolled.
    pub fn scrolled(&self, pane: Pane) -> isize {
        self.scroll[pane as usize]
    }

    /// Scrolls the pane that keys go to, no further than it has rows.
    pub fn scroll_by(&mut self, by: isize) {
        let (subject, pane) = (&self.active().subject, self.focus);
        let program = &subject.program;
        let objects = program.semaphore_count() + program.mutex_count() + program.cell_count();
        let rows = match pane {
            Pane::Program => subject.lines().count(),
            Pane::Objects => objects as usize,
            _ => program.actors.len().max(16),
        } as isize;
        // Only the program begins in its middle, so that one can go back from there.
        let least = if pane == Pane::Program { -rows } else { 0 };
        let scroll = &mut self.scroll[pane as usize];
        *scroll = (*scroll + by).clamp(least, rows);
    }

    /// Goes through the panes; with two runs, from one to the other.
    pub fn turn(&mut self, by: isize) {
        if self.experiments.len() > 1 {
            self.active = (self.active + 1) % self.experiments.len();
            return;
        }
        let at = Pane::ALL.iter().position(|p| *p == self.focus).unwrap_or(0) as isize;
        self.focus = Pane::ALL[(at + by).rem_euclid(Pane::ALL.len() as isize) as usize];
    }
}
