//! What keys do where the kernel is shown: a process, or the whole run.

use crate::kernel::{Part, Picture};
use crate::lab::{Observed, Wish};
use crate::program::ActorId;
use crate::tui::keys::Action;
use crate::tui::state::{App, Overlay};

use super::overlay::scrolled;

/// The row of the first actor: before it come the supervisor and the guard.
const FIRST_ACTOR: usize = 2;

impl App {
    /// Opens what the kernel says of an actor's process.
    pub(super) fn inspect(&mut self, actor: ActorId) {
        self.overlay = Some(Overlay::Inspect { actor, watched: Box::default(), chosen: None, scroll: 0 });
    }

    /// Opens the run as the kernel sees it, at the selected actor.
    pub(super) fn see_kernel(&mut self) {
        let Some(lab) = self.lab() else { return };
        let at = FIRST_ACTOR + lab.active().selected.index();
        self.overlay = Some(Overlay::Kernel { watched: Box::default(), at });
    }

    pub(super) fn act_on_process(&mut self, action: Action) {
        match action {
            Action::Confirm | Action::Explain | Action::Inspect => self.overlay = None,
            Action::Kernel => self.see_kernel(),
            Action::NextActor | Action::PreviousActor => {
                let Some(lab) = self.lab_mut() else { return };
                lab.active_mut().select(if action == Action::NextActor { 1 } else { -1 });
                let next = lab.active().selected;
                if let Some(Overlay::Inspect { actor, watched, chosen, scroll }) = &mut self.overlay {
                    (*actor, *chosen, *scroll) = (next, None, 0);
                    watched.look_at(Wish::Actor(next, None));
                }
            }
            Action::Left => self.choose_object(-1),
            Action::Right => self.choose_object(1),
            other => {
                if let Some(Overlay::Inspect { scroll, .. }) = &mut self.overlay {
                    scrolled(scroll, other, usize::MAX);
                }
            }
        }
    }

    /// Compares the bytes of another object that the process has mapped.
    fn choose_object(&mut self, by: isize) {
        let Some(Overlay::Inspect { actor, watched, chosen, .. }) = &mut self.overlay else { return };
        let Some(Observed::Actor(portrait)) = &watched.seen else { return };
        let names: Vec<&str> = portrait.mapped.iter().map(|mapped| mapped.name.as_str()).collect();
        if names.is_empty() {
            return;
        }
        let path = portrait.shared.as_ref().map(|shared| shared.path.as_str());
        let now = portrait.mapped.iter().position(|mapped| Some(mapped.segment.path.as_str()) == path);
        let next = (now.unwrap_or(0) as isize + by).rem_euclid(names.len() as isize) as usize;
        *chosen = Some(names[next].to_string());
        let wish = Wish::Actor(*actor, chosen.clone());
        watched.look_at(wish);
    }

    pub(super) fn act_on_kernel(&mut self, action: Action) {
        let rows = self.rows();
        let Some(Overlay::Kernel { watched, at }) = &mut self.overlay else { return };
        let picture = match &watched.seen {
            Some(Observed::Run(picture)) => Some(&**picture),
            _ => None,
        };
        match action {
            Action::Kernel => self.overlay = None,
            Action::Confirm | Action::Inspect => {
                let Some(actor) = picture.and_then(|picture| actor_at(picture, *at)) else { return };
                if let Some(lab) = self.lab_mut() {
                    lab.active_mut().selected = actor;
                }
                self.inspect(actor);
            }
            // From the processes to the objects, and back.
            Action::NextPane | Action::PreviousPane => {
                let objects = picture.map_or(0, |picture| picture.members.len());
                *at = if *at < objects { objects } else { FIRST_ACTOR };
            }
            other => scrolled(at, other, rows.saturating_sub(1)),
        }
    }
}

/// The actor in a row of the run.
fn actor_at(picture: &Picture, row: usize) -> Option<ActorId> {
    match picture.members.get(row)?.part {
        Part::Actor(actor) => Some(actor),
        _ => None,
    }
}
