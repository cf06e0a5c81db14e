//! The board as conditions see it.

use std::sync::atomic::Ordering;

use super::Board;
use super::counts::CountWord;
use crate::program::{ActorId, CellId, RoleId, World};

/// The present state of a board, with what the evaluator knows better.
pub struct LiveWorld<'w, 'm> {
    /// The board.
    pub board: &'w Board<'m>,
    /// A value that was just written to a cell.
    pub written: Option<(CellId, i32)>,
    /// Counts of one moment.
    pub counts: Option<(&'w CountWord, u64)>,
    /// The first actor and the number of actors of each role.
    pub roles: &'w [(ActorId, u32)],
}

impl World for LiveWorld<'_, '_> {
    fn cell(&self, cell: CellId) -> i32 {
        match self.written {
            Some((written, value)) if written == cell => value,
            _ => self.board.cell(cell).load(Ordering::SeqCst) as i32,
        }
    }

    fn state(&self, actor: ActorId) -> u8 {
        self.board.slot(actor).state().load(Ordering::SeqCst) as u8
    }

    fn count(&self, role: RoleId, state: u8) -> i32 {
        if let Some((plan, word)) = self.counts {
            return plan.count(word, role, state);
        }
        let (base, count) = self.roles[role.index()];
        (0..count).filter(|k| self.state(ActorId(base.0 + k)) == state).count() as i32
    }
}
