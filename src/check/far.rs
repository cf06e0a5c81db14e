//! What a move changes beside its actor and its object: the locks of an actor that ends, copies of an item that is used up.

use super::content::Content;
use super::local::{STALE, TAGGED};
use super::model::{Act, Missing, Model, State};
use crate::program::{ActorId, SyncId, Violation};
use crate::sync;
use crate::vm::Request;

impl Model<'_> {
    fn number_of(&self, object: usize, content: Content) -> Result<u32, Missing> {
        let domain = self.domains[object];
        self.contents[domain].number(&content).ok_or(Missing::Content(domain, content))
    }

    /// Whether there are objects that belong to whoever holds them, and are given back when it ends.
    pub(super) fn is_robust(&self) -> bool {
        self.mutexes + self.syncs > 0
    }

    /// Mutexes are robust, and so are monitors and read-write locks: those of an actor that has ended go to whoever comes
    /// next.
    pub(super) fn release_held(&self, to: &mut State, actor: usize) -> Result<(), Missing> {
        if !self.local(actor, to[actor]).is_over() {
            return Ok(());
        }
        let me = ActorId(actor as u32);
        for object in self.semaphores..self.semaphores + self.mutexes + self.syncs {
            let at = self.actors() + object;
            let left = match self.content(object, to[at]) {
                Content::Mutex(Some(holder)) if *holder == me => Content::Mutex(None),
                Content::Sync(held) if held.has(me) => {
                    let id = SyncId((object - self.semaphores - self.mutexes) as u32);
                    Content::Sync(sync::without(self.program.sync(id).kind, held, me))
                }
                _ => continue,
            };
            to[at] = self.number_of(object, left)?;
        }
        Ok(())
    }

    /// What becomes of the followed item: its copies are stale once it is used up, and when the last copy is gone without
    /// that, it is lost. Without any copy left, another one may be followed.
    pub(super) fn follow_item(
        &self,
        from: &[u32],
        to: &mut State,
        act: Act,
    ) -> Result<Option<Violation>, Missing> {
        if self.program.items.is_none() {
            return Ok(None);
        }
        let used = matches!(act, Act::Operation(Request::Begin { item: TAGGED, .. }));
        if used {
            self.make_stale(to)?;
        }
        let followed = self.is_anywhere(to, TAGGED);
        let at = self.actors() + self.tag();
        let made = to[at] != from[at];
        if !followed && !self.is_anywhere(to, STALE) {
            to[at] = self.number_of(self.tag(), Content::Tag(false))?;
        }
        let had = made || self.is_anywhere(from, TAGGED);
        Ok((had && !followed && !used).then_some(Violation::Lost))
    }

    fn is_anywhere(&self, state: &[u32], item: i32) -> bool {
        (0..self.actors()).any(|actor| self.local(actor, state[actor]).holds(item))
            || self.keepers().any(|object| self.content(object, state[self.actors() + object]).holds(item))
    }

    /// The objects that may keep items: channels and shared variables.
    fn keepers(&self) -> std::ops::Range<usize> {
        self.semaphores + self.mutexes + self.syncs..self.tag()
    }

    fn make_stale(&self, to: &mut State) -> Result<(), Missing> {
        let stale = |value: &mut i32| {
            if *value == TAGGED {
                *value = STALE;
            }
        };
        for (actor, number) in to.iter_mut().enumerate().take(self.actors()) {
            if self.local(actor, *number).holds(TAGGED) {
                let mut local = self.local(actor, *number).clone();
                local.registers.iter_mut().for_each(stale);
                local.buffer.iter_mut().for_each(|(_, value)| stale(value));
                let family = self.families[actor];
                *number = self.locals[family].number(&local).ok_or(Missing::Local(family, local))?;
            }
        }
        for object in self.keepers() {
            let at = self.actors() + object;
            let content = self.content(object, to[at]);
            if content.holds(TAGGED) {
                to[at] = self.number_of(object, content.renamed(TAGGED, STALE))?;
            }
        }
        Ok(())
    }
}
