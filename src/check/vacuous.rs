//! Properties that hold because nothing ever puts them to the test.

use super::model::Model;
use crate::program::{ActorId, CellId, Condition, RoleId};

/// The properties that no state of a finished search exercised.
pub fn vacuous(model: &Model<'_>) -> Vec<String> {
    let program = model.program;
    let shows =
        |actor: ActorId, state: u8| model.locals(actor.index()).iter().any(|local| local.state == state);
    let members = |role: RoleId| program.roles[role.index()].actors();
    let written = |cell: CellId| model.count(model.actors() + model.cell(cell)) > 1;
    let exercised = |condition: &Condition| {
        let mut any = false;
        condition.atoms(&mut |atom| {
            any |= match *atom {
                Condition::InState(actor, state) => shows(actor, state),
                Condition::Count(role, state) => members(role).any(|actor| shows(actor, state)),
                Condition::Cell(cell) => written(cell),
                _ => false,
            }
        });
        any
    };
    let mut vacuous: Vec<String> = Vec::new();
    let properties: std::collections::BTreeSet<u32> = program.demands.iter().map(|d| d.property).collect();
    for property in properties {
        let mut instances = program.demands.iter().filter(|d| d.property == property).peekable();
        let label = instances.peek().map_or_else(String::new, |d| d.label.to_string());
        if !instances.any(|demand| exercised(&demand.condition)) {
            vacuous.push(label);
        }
    }
    for progress in &program.progress {
        if !members(progress.role).any(|actor| shows(actor, progress.from)) {
            vacuous.push(progress.label.clone());
        }
    }
    if let Some(items) = &program.items {
        let consume = &program.activities[items.consume.index()];
        if !members(consume.role).any(|actor| shows(actor, consume.state)) {
            vacuous.push(items.label.clone());
        }
    }
    vacuous
}
