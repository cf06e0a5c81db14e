//! Opening, starting, changing and leaving runs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::RngExt;

use crate::board::{REAL_TIME, Speed};
use crate::lab::{Subject, Trouble};
use crate::mechanism::Mechanism;
use crate::run::carries;
use crate::tui::state::{App, Effect, Experiment, Feed, Lab, Screen};

fn fresh_seed() -> u64 {
    u64::from(rand::rng().random::<u16>())
}

/// Loads a program of the catalogue with these constants, or with its own if it does not know them.
fn load_with(name: &str, settings: &[(String, i32)]) -> Result<Arc<Subject>, Box<Trouble>> {
    Subject::load(name, None, settings).or_else(|_| Subject::load(name, None, &[]))
}

impl App {
    /// Opens a program of the catalogue or of a file.
    pub fn open(&mut self, name: &str, settings: &[(String, i32)]) {
        match Subject::load(name, None, settings) {
            Ok(subject) => self.open_subject(subject, REAL_TIME, fresh_seed()),
            Err(trouble) => {
                self.say(trouble.text.lines().next().unwrap_or("it does not compile").to_string())
            }
        }
    }

    /// Opens a program in a new lab.
    pub fn open_subject(&mut self, subject: Arc<Subject>, speed: Speed, seed: u64) {
        let mut experiment = Experiment::new(subject, seed, Feed::Own, None);
        experiment.speed = speed;
        self.launch(&mut experiment);
        self.leave_lab();
        self.screen = Screen::Lab(Box::new(Lab::new(experiment)));
        self.overlay = None;
    }

    fn launch(&self, experiment: &mut Experiment) {
        if let Some(binary) = &self.binary {
            experiment.start(binary);
        }
    }

    /// Ends what runs, without waiting for it.
    fn leave_lab(&mut self) {
        if let Screen::Lab(lab) = std::mem::replace(&mut self.screen, Screen::Menu) {
            for experiment in lab.experiments {
                self.retire(experiment);
            }
        }
    }

    fn retire(&mut self, mut experiment: Experiment) {
        if let Some(mut session) = experiment.session.take() {
            session.end();
            self.retiring.push(session);
        }
    }

    /// Back to the menu.
    pub(super) fn close_lab(&mut self) {
        if self.single {
            self.effects.push(Effect::Quit);
            return;
        }
        self.leave_lab();
        self.effects.push(Effect::Redraw);
    }

    /// Puts another program in the place of the active one, with its speed, as far as it goes.
    pub(super) fn replace(&mut self, subject: Arc<Subject>, seed: u64) {
        let Some(lab) = self.lab_mut() else { return };
        let came_from = lab.came_from.clone();
        let old = lab.active();
        let mut next = Experiment::new(subject, seed, Feed::Own, came_from.as_deref());
        next.speed = old.speed;
        let last = next.subject.program.actors.len().saturating_sub(1) as u32;
        next.selected.0 = old.selected.0.min(last);
        self.launch(&mut next);
        self.put(next);
    }

    /// Puts another experiment in the place of the active one.
    pub(super) fn put(&mut self, next: Experiment) {
        let Some(lab) = self.lab_mut() else { return };
        lab.scroll = [0; 7];
        let old = std::mem::replace(lab.active_mut(), next);
        self.retire(old);
    }

    /// Puts another solution of the catalogue in the place of the active one; constants keep their values.
    pub(super) fn switch_to(&mut self, name: &str) {
        let Some(lab) = self.lab() else { return };
        let (settings, seed, from) = {
            let now = lab.active();
            (now.subject.settings.clone(), now.seed, now.subject.name.clone())
        };
        match load_with(name, &settings) {
            Ok(subject) => {
                if let Some(lab) = self.lab_mut() {
                    lab.came_from = Some(from);
                }
                self.replace(subject, seed);
            }
            Err(trouble) => self.say(trouble.text.clone()),
        }
    }

    /// Starts the active program again.
    pub(super) fn restart(&mut self, new_seed: bool) {
        let Some(lab) = self.lab() else { return };
        let (subject, seed) = (lab.active().subject.clone(), lab.active().seed);
        self.replace(subject, if new_seed { fresh_seed() } else { seed });
    }

    /// Starts the active program again with the next mechanism that can carry its messages.
    pub(super) fn next_mechanism(&mut self) {
        let Some(lab) = self.lab() else { return };
        let subject = lab.active().subject.clone();
        let all = Mechanism::ALL;
        let now = all.iter().position(|m| *m == subject.over).unwrap_or(0);
        let mut left_out = Vec::new();
        for over in (1..=all.len()).map(|next| all[(now + next) % all.len()]) {
            match carries(over, &subject.program) {
                Ok(()) => {
                    self.carry_over(over);
                    if !left_out.is_empty() {
                        self.say(format!("over a {}; left out: {}", over.title(), left_out.join("; ")));
                    }
                    return;
                }
                Err(why) => left_out.push(format!("{} ({}: {})", over.title(), why.name, why.source)),
            }
        }
    }

    /// Starts the active program again with a mechanism to carry its messages.
    pub(super) fn carry_over(&mut self, over: Mechanism) {
        let Some(lab) = self.lab() else { return };
        let subject = lab.active().subject.clone();
        if subject.program.channels.is_empty() {
            return self.say("this program sends no messages");
        }
        let seed = lab.active().seed;
        self.replace(subject.over(over), seed);
        self.say(format!("messages travel over a {}: {}", over.title(), over.man_page()));
    }

    /// Shows a second solution beside the first, or one again.
    pub(super) fn compare(&mut self) {
        let Some(lab) = self.lab_mut() else { return };
        if lab.experiments.len() > 1 {
            let active = lab.active.min(lab.experiments.len() - 1);
            lab.active = 0;
            let other = lab.experiments.remove(1 - active);
            self.retire(other);
            return;
        }
        let now = lab.active();
        let Some(pair) = now.pair.clone() else {
            return self.say("there is no second solution to compare with");
        };
        let (settings, seed, speed) = (now.subject.settings.clone(), now.seed, now.speed);
        let from = now.subject.name.clone();
        match load_with(&pair, &settings) {
            Ok(subject) => {
                let mut second = Experiment::new(subject, seed, Feed::Own, Some(&from));
                second.speed = speed;
                self.launch(&mut second);
                if let Some(lab) = self.lab_mut() {
                    lab.experiments.push(second);
                    lab.zoom = false;
                }
            }
            Err(trouble) => self.say(trouble.text.clone()),
        }
    }

    /// Starts the active program with other constants.
    pub(super) fn set(&mut self, settings: &[(String, i32)]) -> Result<(), String> {
        let Some(lab) = self.lab() else { return Ok(()) };
        let seed = lab.active().seed;
        match lab.active().subject.with(settings) {
            Ok(subject) => {
                self.replace(subject, seed);
                Ok(())
            }
            Err(trouble) => {
                let first = trouble.remarks.first().map(|r| r.message.clone());
                Err(first.unwrap_or_else(|| trouble.text.clone()))
            }
        }
    }

    /// Gives the text to the user's editor. One of the catalogue is copied to a file in the working directory first.
    pub(super) fn edit(&mut self) {
        let Some(lab) = self.lab() else { return };
        let subject = lab.active().subject.clone();
        if lab.active().feed != Feed::Own {
            return self.say("this run is only looked at: its text cannot be changed");
        }
        let path = match &subject.path {
            Some(path) => path.clone(),
            None => match copy_out(&subject) {
                Ok(path) => path,
                Err(error) => return self.say(error),
            },
        };
        if subject.path.is_none() {
            match Subject::load(&path.to_string_lossy(), None, &subject.settings) {
                Ok(copy) => {
                    let seed = self.lab().map_or(0, |lab| lab.active().seed);
                    self.replace(copy, seed);
                }
                Err(trouble) => {
                    let first = trouble.remarks.first().map_or(trouble.text.as_str(), |r| r.message.as_str());
                    return self
                        .say(format!("{} is there already, and does not compile: {first}", path.display()));
                }
            }
        }
        self.effects.push(Effect::Edit(path));
    }
}

/// Writes a solution of the catalogue to a file of its own; one that is there already is taken as it is.
fn copy_out(subject: &Subject) -> Result<PathBuf, String> {
    let Some((problem, solution)) = subject.place() else { return Err("this text has no file".into()) };
    let path = PathBuf::from(format!("{solution}.fork"));
    let text = &subject.sources.solution.text;
    let body = text.find("\nsolution ").map_or(0, |at| at + 1);
    let text = format!("{}problem: {problem}\n{}", &text[..body], &text[body..]);
    match std::fs::File::create_new(&path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map_err(|e| cannot_write(&path, &e))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(cannot_write(&path, &error)),
    }
    Ok(path)
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {error}; start fiveforks in a folder of your own", path.display())
}
