//! A state of a walk as a [`Snapshot`], so that whoever draws or judges a run can draw and judge it.

use super::content::Content;
use super::local::{ITEM, Phase, STALE, TAGGED};
use super::walk::{Walk, value};
use crate::program::{Object, item_parts};
use crate::snapshot::{ActorView, Doing, Life, Objects, SemaphoreView, Snapshot};

impl Walk<'_> {
    /// A picture of the present state.
    pub fn picture(&mut self) -> Snapshot {
        let elapsed = self.time();
        let actors = (0..self.counts.len()).map(|actor| self.view(actor)).collect();
        Snapshot {
            elapsed,
            run_time: elapsed,
            paused: false,
            at_max: false,
            actors,
            objects: self.picture_objects(),
        }
    }

    fn view(&mut self, actor: usize) -> ActorView {
        let doing = self.doing(actor);
        let local = self.model.local(actor, self.state[actor]);
        let machine = self.model.machine(actor);
        let count = &self.counts[actor];
        let position = match doing {
            Doing::Spinning => machine.await_at(local.position).unwrap_or(local.position),
            _ => local.position,
        };
        let life = match local.phase {
            Phase::Done => Life::Done,
            Phase::Failed => Life::Failed,
            _ => Life::Running,
        };
        ActorView {
            pid: 0,
            life,
            steps: count.steps,
            position,
            doing,
            since: count.since,
            address: 0,
            rounds: 0,
            state: local.state,
            state_since: count.state_since,
            entered: count.entered.clone(),
            produced: count.produced,
            consumed: count.consumed,
            hand: self.names.as_ref().map_or(0, |names| names.hand(actor)),
            breach: count.breach,
            ports: count.ports.clone(),
        }
    }

    fn picture_objects(&self) -> Objects {
        let mut objects = Objects::default();
        let actors = self.model.actors();
        for (at, object) in self.objects() {
            let content = self.model.content(at, self.state[actors + at]);
            match (object, content) {
                (Object::Mutex(_), Content::Mutex(holder)) => objects.mutexes.push(*holder),
                (_, Content::Sync(held)) => objects.syncs.push(held.clone()),
                (Object::Semaphore(messages), Content::Channel(inside)) => {
                    let channel = self.model.program.channel_of(messages);
                    let len = inside.len() as u32;
                    let ends = channel.ends;
                    let id = messages.0 - ends.messages;
                    objects.semaphores[messages.index()].value = len;
                    objects.semaphores[ends.room(id).index()].value = channel.capacity - len;
                }
                (Object::Cell(cell), Content::Cell(item)) => {
                    let (shown, is_out) = self.shown(at, *item);
                    if is_out {
                        objects.items.push(cell);
                    }
                    objects.cells.push(shown);
                }
                (_, content) => {
                    let value = match content {
                        // What was handed to those who wait is theirs already.
                        Content::Fair(value, waiting) => value.saturating_sub(waiting.len() as u32),
                        content => value(content) as u32,
                    };
                    objects.semaphores.push(SemaphoreView { value, waiters: None });
                }
            }
        }
        objects
    }

    /// What a shared variable shows: an item by its name, and whether that is out.
    fn shown(&self, at: usize, value: i32) -> (i32, bool) {
        if !(ITEM..=STALE).contains(&value) {
            return (value, false);
        }
        match self.names.as_ref().map(|names| (names, names.content(at))) {
            Some((names, Content::Cell(item))) if item_parts(*item).is_some() => (*item, names.is_out(*item)),
            _ => (NAMELESS, matches!(value, ITEM | TAGGED)),
        }
    }
}

/// An item of which nobody knows who made it: no producer has such a number.
const NAMELESS: i32 = i32::MAX;
