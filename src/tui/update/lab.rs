//! What actions do where a run is shown.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::process::Signal;

use crate::board::{REAL_TIME, Speed};
use crate::catalogue::RECORDING;
use crate::lab::Command;
use crate::program::Program;
use crate::run::Delay;
use crate::tui::keys::Action;
use crate::tui::state::{App, Editable, Experiment, Feed, Lab, Overlay, Pane};

/// Lines of a page.
const PAGE: isize = 10;
/// More lines than any pane has.
const FAR_AWAY: isize = 1 << 20;
/// How long the fault "delay at a line" holds an actor up, in milliseconds.
const DELAY_MS: u32 = 3000;

impl App {
    pub(super) fn act_in_lab(&mut self, action: Action) {
        if self.lab().is_some_and(|lab| lab.active().feed == Feed::Walked) && self.act_on_walk(action) {
            return;
        }
        match action {
            Action::Back => self.step_back(),
            Action::Check if self.may_examine() => self.examine(),
            Action::Step if self.may_examine() => self.be_scheduler(),
            Action::Toggle => match self.lab().and_then(|lab| lab.active().pair.clone()) {
                Some(pair) if self.owns() => self.switch_to(&pair),
                Some(_) => {}
                None => self.say("no solution of the catalogue is known to mend this one"),
            },
            Action::Restart if self.owns() => self.restart(false),
            Action::Reseed if self.owns() => self.restart(true),
            Action::Compare if self.owns() => self.compare(),
            Action::Over if self.owns() => self.next_mechanism(),
            Action::Edit => self.edit(),
            Action::Save => self.save(),
            Action::Solutions if self.owns() => self.choose_solution(),
            Action::Parameters if self.owns() => self.edit_parameters(),
            Action::Explain => self.overlay = Some(Overlay::Explain { scroll: 0 }),
            Action::Log => self.overlay = Some(Overlay::Log { filter: String::new(), scroll: 0 }),
            Action::Inspect => {
                if let Some(actor) = self.lab().map(|lab| lab.active().selected) {
                    self.inspect(actor);
                }
            }
            Action::Kernel => self.see_kernel(),
            Action::Kill | Action::Freeze | Action::Delay if self.owns() => self.inject(action),
            // A recording can be paused; all else is for whose run it is.
            other if self.is_foreign(other) => {
                self.owns();
            }
            other => {
                if let Some(lab) = self.lab_mut() {
                    within(lab, other);
                }
            }
        }
    }

    /// Whether an action would change what is only looked at.
    fn is_foreign(&self, action: Action) -> bool {
        self.lab().is_some_and(|lab| !action.is_of_use(lab.active().feed))
    }

    /// Whether the active run is ours to change; says so if it is not.
    pub(super) fn owns(&mut self) -> bool {
        match self.lab().map(|lab| lab.active().feed) {
            Some(Feed::Own) => true,
            Some(Feed::Followed) => {
                self.say("this run belongs to another terminal: it is only looked at");
                false
            }
            Some(Feed::Recorded) => {
                self.say("this is a recording: it is only looked at");
                false
            }
            Some(Feed::Walked) => {
                self.say("this is a walk through one schedule: esc goes back to the run");
                false
            }
            None => false,
        }
    }

    fn step_back(&mut self) {
        let Some(lab) = self.lab_mut() else { return };
        if lab.zoom {
            lab.zoom = false;
        } else if lab.active().at.is_some() && lab.active().feed != Feed::Recorded {
            lab.active_mut().look_at(None);
        } else {
            self.close_lab();
        }
    }

    fn choose_solution(&mut self) {
        let Some(lab) = self.lab() else { return };
        let Some((known, (_, solution))) = self.problem().zip(lab.active().subject.place()) else {
            return self.say("this program is none of the catalogue: no other solutions are known");
        };
        let at = known.solutions.iter().position(|s| s.id == solution).unwrap_or(0);
        self.overlay = Some(Overlay::Solutions { at });
    }

    fn edit_parameters(&mut self) {
        let Some(lab) = self.lab() else { return };
        let values = editable(&lab.active().subject.program);
        if values.is_empty() {
            return self.say("this program has no constant with a range: nothing to change");
        }
        self.overlay = Some(Overlay::Parameters { at: 0, values, typing: String::new() });
    }

    /// Faults on the selected actor.
    fn inject(&mut self, action: Action) {
        let live = self.keymap.key(Action::Live);
        let Some(lab) = self.lab_mut() else { return };
        let experiment = lab.active_mut();
        if experiment.at.is_some() {
            return self.say(format!("this is the past: {live} goes back to now"));
        }
        let (actor, program) = (experiment.selected, experiment.subject.program.clone());
        if actor.index() >= program.actors.len() {
            return;
        }
        let name = program.actor_name(actor);
        let Some(view) = experiment.history.latest().and_then(|s| s.actors.get(actor.index())) else {
            return;
        };
        if view.life.is_over() {
            let life = view.life.name();
            return self.say(format!("{name} is {life} already"));
        }
        let line = program.actors[actor.index()].code.line(view.position);
        let pid = view.pid;
        let said = match action {
            Action::Kill => {
                experiment.tell(Command::Signal(actor, Signal::KILL));
                format!("kill -9 {pid}: {name}")
            }
            Action::Freeze if experiment.frozen.remove(&actor) => {
                experiment.tell(Command::Signal(actor, Signal::CONT));
                format!("kill -CONT {pid}: {name} goes on")
            }
            Action::Freeze => {
                experiment.frozen.insert(actor);
                experiment.tell(Command::Signal(actor, Signal::STOP));
                format!("kill -STOP {pid}: {name} is frozen; the same key thaws it")
            }
            _ => match experiment.delayed.iter().position(|(a, _)| *a == actor) {
                Some(at) => {
                    experiment.delayed.remove(at);
                    experiment.tell(Command::Delay(actor, None));
                    format!("{name} is held up no more")
                }
                None => {
                    let delay = Delay { line, millis: DELAY_MS };
                    experiment.delayed.push((actor, delay));
                    experiment.tell(Command::Delay(actor, Some(delay)));
                    format!("{name} is held up for {} s whenever it comes to line {line}", DELAY_MS / 1000)
                }
            },
        };
        self.say(said);
    }

    /// Saves what was seen.
    fn save(&mut self) {
        let Some(lab) = self.lab() else { return };
        let experiment = lab.active();
        let stem = match experiment.subject.path.as_deref().and_then(Path::file_stem) {
            Some(stem) => stem.to_string_lossy().into_owned(),
            None => experiment.subject.name.replace('/', "-"),
        };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_millis());
        let path = PathBuf::from(format!("{stem}-{now}.{RECORDING}"));
        let header = crate::record::Header::new(experiment.subject.texts(), experiment.seed);
        let said = match crate::record::save(&path, &header, &experiment.history) {
            Ok(pictures) => {
                format!("saved {}, {pictures} pictures", path.display())
            }
            Err(error) => error.to_string(),
        };
        self.say(said);
    }
}

/// The constants that a user may change.
pub(super) fn editable(program: &Program) -> Vec<Editable> {
    let constants = program.constants.iter().filter_map(|c| {
        let range = c.range?;
        Some(Editable { name: c.name.clone(), value: c.value, range })
    });
    constants.collect()
}

/// What concerns the lab alone.
fn within(lab: &mut Lab, action: Action) {
    match action {
        Action::Pause => {
            if lab.active().feed == Feed::Recorded {
                let paused = lab.active().paused;
                return lab.active_mut().play(paused);
            }
            let paused = !lab.active().paused;
            for experiment in lab.experiments.iter_mut().filter(|e| e.feed == Feed::Own) {
                experiment.pause(paused);
            }
            if !paused {
                lab.experiments.iter_mut().for_each(|e| e.look_at(None));
            }
        }
        Action::Faster | Action::Slower => {
            lab.experiments.iter_mut().for_each(|e| e.change_speed(action == Action::Faster));
        }
        Action::MaxSpeed => {
            let speed = if lab.active().speed == Speed::MAX { REAL_TIME } else { Speed::MAX };
            for experiment in &mut lab.experiments {
                experiment.speed = speed;
                experiment.tell(Command::Speed(speed));
            }
        }
        Action::NextPane => lab.turn(1),
        Action::PreviousPane => lab.turn(-1),
        Action::Zoom => lab.zoom = !lab.zoom,
        Action::NextActor => lab.active_mut().select(1),
        Action::PreviousActor => lab.active_mut().select(-1),
        Action::Right if picks(lab.focus) => lab.active_mut().select(1),
        Action::Left if picks(lab.focus) => lab.active_mut().select(-1),
        Action::Down if picks(lab.focus) => lab.active_mut().select(1),
        Action::Up if picks(lab.focus) => lab.active_mut().select(-1),
        Action::Down | Action::Right => lab.scroll_by(1),
        Action::Up | Action::Left => lab.scroll_by(-1),
        Action::PageDown => lab.scroll_by(PAGE),
        Action::PageUp => lab.scroll_by(-PAGE),
        Action::First => lab.scroll_by(-FAR_AWAY),
        Action::Last => lab.scroll_by(FAR_AWAY),
        Action::BackInTime => look_back(lab.active_mut(), -1),
        Action::ForwardInTime => look_back(lab.active_mut(), 1),
        Action::FarBack => look_far(lab.active_mut(), false),
        Action::FarForward => look_far(lab.active_mut(), true),
        Action::Live if lab.active().feed == Feed::Recorded => {
            lab.active_mut().play(false);
            lab.active_mut().look_at(Some(usize::MAX));
        }
        Action::Live => lab.active_mut().look_at(None),
        _ => {}
    }
}

/// In these panes the arrows go through the actors.
fn picks(pane: Pane) -> bool {
    matches!(pane, Pane::Scene | Pane::Timeline | Pane::Fairness)
}

/// Goes through the pictures; looking back holds the processes, so that what is looked at does not run away.
fn look_back(experiment: &mut Experiment, by: isize) {
    let last = experiment.history.last();
    if experiment.at.is_none() && by > 0 {
        return;
    }
    go_to(experiment, experiment.at.unwrap_or(last).saturating_add_signed(by));
}

fn look_far(experiment: &mut Experiment, forward: bool) {
    const FAR: Duration = Duration::from_secs(1);
    let last = experiment.history.last();
    if experiment.at.is_none() && forward {
        return;
    }
    let at = experiment.at.unwrap_or(last);
    let now = experiment.history.time(at);
    let there = |k: &usize| match forward {
        true => experiment.history.time(*k) >= now.saturating_add(FAR),
        false => experiment.history.time(*k).saturating_add(FAR) <= now,
    };
    let found = if forward {
        (at..=last).find(there).unwrap_or(last)
    } else {
        (experiment.history.first()..=at).rev().find(there).unwrap_or(experiment.history.first())
    };
    go_to(experiment, found);
}

fn go_to(experiment: &mut Experiment, at: usize) {
    if experiment.feed == Feed::Own && !experiment.paused {
        experiment.pause(true);
    }
    if experiment.feed == Feed::Recorded {
        experiment.play(false);
    }
    let last = experiment.history.last();
    let live = at >= last && experiment.feed != Feed::Recorded;
    experiment.look_at(if live { None } else { Some(at) });
}
