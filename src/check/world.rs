//! A state of the model as what conditions are about.

use super::model::Model;
use crate::program::{ActorId, CellId, Demand, DemandId, RoleId, World};

/// A state of a model.
#[derive(Clone, Copy, Debug)]
pub struct StateWorld<'w, 'p> {
    /// The model.
    pub model: &'w Model<'p>,
    /// One of its states.
    pub state: &'w [u32],
}

impl World for StateWorld<'_, '_> {
    fn cell(&self, cell: CellId) -> i32 {
        let object = self.model.cell(cell);
        self.model.value(object, self.state[self.model.actors() + object])
    }

    fn state(&self, actor: ActorId) -> u8 {
        self.model.local(actor.index(), self.state[actor.index()]).state
    }

    fn count(&self, role: RoleId, state: u8) -> i32 {
        let members = self.model.program.roles[role.index()].actors();
        members.filter(|actor| World::state(self, *actor) == state).count() as i32
    }
}

/// The first instance of a property that does not hold in a state.
pub fn instance(model: &Model<'_>, state: &[u32], property: u32) -> Option<DemandId> {
    let broken = |demand: &Demand| demand.property == property && !holds(model, state, demand);
    Some(DemandId(model.program.demands.iter().position(broken)? as u32))
}

/// The first demand that held before a step and does not hold after it.
pub fn broken(model: &Model<'_>, before: &[u32], after: &[u32]) -> Option<DemandId> {
    let broke = |demand: &Demand| !holds(model, after, demand) && holds(model, before, demand);
    Some(DemandId(model.program.demands.iter().position(broke)? as u32))
}

fn holds(model: &Model<'_>, state: &[u32], demand: &Demand) -> bool {
    demand.condition.holds(&StateWorld { model, state })
}
