//! Where in a state of the model each object of the program lies.

use super::model::Model;
use crate::program::{CellId, ChannelId, MutexId, Object, SemaphoreId, SyncId};

impl Model<'_> {
    /// Which of a state's objects a semaphore is.
    pub fn semaphore(&self, id: SemaphoreId) -> usize {
        id.index()
    }

    /// Which of a state's objects a mutex is.
    pub fn mutex(&self, id: MutexId) -> usize {
        self.semaphores + id.index()
    }

    /// Which of a state's objects a shared variable is.
    pub fn cell(&self, id: CellId) -> usize {
        self.first_cell() + id.index()
    }

    /// Which of a state's objects a monitor, a lock or a barrier is.
    pub fn sync(&self, id: SyncId) -> usize {
        self.semaphores + self.mutexes + id.index()
    }

    /// Which of a state's objects a channel is.
    pub fn channel(&self, id: ChannelId) -> usize {
        self.semaphores + self.mutexes + self.syncs + id.index()
    }

    fn first_cell(&self) -> usize {
        self.channel(ChannelId(self.channels as u32))
    }

    /// Which of a state's objects says whether an item is followed.
    pub(super) fn tag(&self) -> usize {
        self.first_cell() + self.cells
    }

    /// An object by its place in a state; none for what is no object of the program. A channel is shown by what counts
    /// its messages.
    pub fn object(&self, at: usize) -> Option<Object> {
        let number = |first: usize| (at - first) as u32;
        let (mutexes, syncs) = (self.semaphores, self.semaphores + self.mutexes);
        let (channels, cells) = (syncs + self.syncs, self.first_cell());
        Some(match at {
            _ if at < mutexes => Object::Semaphore(SemaphoreId(number(0))),
            _ if at < syncs => Object::Mutex(MutexId(number(mutexes))),
            _ if at < channels => Object::Sync(SyncId(number(syncs))),
            _ if at < cells => {
                let id = ChannelId(number(channels));
                Object::Semaphore(self.program.channel(id).ends.messages(id.0))
            }
            _ if at < self.tag() => Object::Cell(CellId(number(cells))),
            _ => return None,
        })
    }
}
