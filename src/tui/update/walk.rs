//! Checking, and walking: what keys do there.

use crate::lab::{Examination, Walking};
use crate::tui::keys::Action;
use crate::tui::state::{App, Experiment, Feed, Overlay};

impl App {
    /// Whether the active program can be checked and stepped; says so if not.
    pub(super) fn may_examine(&mut self) -> bool {
        let feed = self.lab().map(|lab| lab.active().feed);
        let may = matches!(feed, Some(Feed::Own | Feed::Walked));
        if !may {
            self.say("only a run of one's own can be checked and stepped");
        }
        may
    }

    /// Begins to check the active program.
    pub(super) fn examine(&mut self) {
        let Some(lab) = self.lab() else { return };
        match Examination::start(lab.active().subject.clone()) {
            Ok(examination) => {
                self.overlay = Some(Overlay::Check { examination: Box::new(examination), at: 0 });
            }
            Err(error) => self.say(format!("cannot start a thread: {error}")),
        }
    }

    /// Opens the way to the fault that is chosen, in the place of the run.
    pub(super) fn walk_to_fault(&mut self) {
        let Some(Overlay::Check { examination, at }) = &self.overlay else { return };
        let Some(Ok(examined)) = &examination.result else { return };
        let report = &examined.report;
        let Some(fault) = report.faults.get(*at) else {
            self.overlay = None;
            return;
        };
        if fault.moves.0.is_empty() {
            return self.say("there is no way to walk: no step leads there");
        }
        let subject = examination.subject.clone();
        let walking = Walking::to_fault(subject.clone(), report, fault);
        self.overlay = None;
        self.put(Experiment::walk(subject, walking));
        self.say("right and left walk; enter lets real processes go along; esc goes back to the run");
    }

    /// The user decides from now on who takes the next step.
    pub(super) fn be_scheduler(&mut self) {
        let Some(lab) = self.lab() else { return };
        let (subject, selected) = (lab.active().subject.clone(), lab.active().selected);
        let mut experiment = Experiment::walk(subject.clone(), Walking::own(subject));
        experiment.selected = selected;
        self.put(experiment);
        self.say(
            "you are the scheduler: n selects a process, . lets it take a step, esc goes back to the run",
        );
    }

    /// What keys do on a walk. False if they mean the same as elsewhere.
    pub(super) fn act_on_walk(&mut self, action: Action) -> bool {
        let binary = self.binary.clone();
        let Some(lab) = self.lab_mut() else { return false };
        let experiment = lab.active_mut();
        let (at, last) = (experiment.at.unwrap_or(0), experiment.history.last());
        match action {
            Action::Right | Action::ForwardInTime | Action::Pause => experiment.walk_to((at + 1).min(last)),
            Action::Left | Action::BackInTime => experiment.walk_to(at.saturating_sub(1)),
            Action::PageDown | Action::FarForward => experiment.walk_to((at + 10).min(last)),
            Action::PageUp | Action::FarBack => experiment.walk_to(at.saturating_sub(10)),
            Action::First => experiment.walk_to(0),
            Action::Last | Action::Live => experiment.walk_to(last),
            Action::Step | Action::OtherWay => {
                let actor = experiment.selected;
                if !experiment.turn(actor, u32::from(action == Action::OtherWay)) {
                    let name = experiment.subject.program.actor_name(actor);
                    self.say(format!("{name} cannot take that step now"));
                }
            }
            Action::Explain => {
                let real = experiment.walking.as_ref().is_some_and(Walking::is_real);
                let binary = binary.filter(|_| !real);
                let Some(walking) = &mut experiment.walking else { return false };
                if !walking.may_be_real() {
                    self.say("in this way writes wait in a buffer, and at a process's gate none does: the model walks alone");
                    return true;
                }
                let said = match walking.set_real(binary.as_deref()) {
                    Err(error) => format!("cannot start a thread: {error}"),
                    Ok(()) if real => "the real processes are ended; the model walks on".into(),
                    Ok(()) if binary.is_none() => "no processes can be started here".into(),
                    Ok(()) => {
                        walking.stand_at(at);
                        "real processes go along from here".into()
                    }
                };
                self.say(said);
            }
            // Back to a live run of the same program.
            Action::Back | Action::Restart => {
                if lab.zoom {
                    lab.zoom = false;
                } else {
                    self.restart(false);
                }
            }
            _ => return false,
        }
        true
    }
}
