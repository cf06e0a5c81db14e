//! What scenes read of a program's objects by their names; nothing where a program has none of that name.

use crate::program::{ActorId, Object, SemaphoreId};
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// The values of an array of shared variables, by its name without that of its monitor, if it has so many.
pub fn cells<'a>(sight: &Sight<'a>, name: &str, size: usize) -> Option<&'a [i32]> {
    let last = |full: &str| full.rsplit('.').next() == Some(name);
    let array = sight.program.variables.iter().find(|v| last(&v.name) && v.size == Some(size as u32))?;
    sight.snapshot.objects.cells.get(array.base.index()..array.base.index() + size)
}

/// The value of a shared variable that is no array.
pub fn scalar(sight: &Sight<'_>, name: &str) -> Option<i32> {
    let variable = sight.program.variables.iter().find(|v| v.name == name && v.size.is_none())?;
    sight.snapshot.objects.cells.get(variable.base.index()).copied()
}

/// The semaphores of an array, if it has so many.
pub fn array(sight: &Sight<'_>, name: &str, size: usize) -> Option<Vec<SemaphoreId>> {
    let array = sight.program.semaphores.iter().find(|s| s.name == name && s.size == Some(size as u32))?;
    Some((0..size as u32).map(|at| SemaphoreId(array.base.0 + at)).collect())
}

/// The semaphore of a name.
pub fn semaphore(sight: &Sight<'_>, name: &str) -> Option<SemaphoreId> {
    sight.program.semaphores.iter().find(|s| s.name == name && s.size.is_none()).map(|s| s.base)
}

/// A semaphore's value.
pub fn value(sight: &Sight<'_>, id: SemaphoreId) -> u32 {
    sight.snapshot.objects.semaphores.get(id.index()).map_or(0, |s| s.value)
}

/// How much more an actor took from a semaphore than it gave back; 0 where that is not known.
pub fn kept(sight: &Sight<'_>, actor: ActorId, id: SemaphoreId) -> i64 {
    i64::from(sight.snapshot.taken(sight.program, actor, id))
}

/// How often an actor entered a state of its role.
pub fn entered(sight: &Sight<'_>, actor: ActorId, state: &str) -> i64 {
    let at = sight.program.role_of(actor).states.iter().position(|s| s.name == state);
    let count = at.and_then(|at| sight.snapshot.actors[actor.index()].entered.get(at));
    count.map_or(0, |count| *count as i64)
}

/// Whether a role is there, with at least one actor and all of these states.
pub fn has(sight: &Sight<'_>, role: &str, states: &[&str]) -> bool {
    let found = sight.program.roles.iter().find(|r| r.name == role && r.count > 0);
    found.is_some_and(|role| states.iter().all(|state| role.states.iter().any(|s| s.name == *state)))
}

/// Whether an object is taken and given back: it is no signal, no condition and no variable.
pub fn is_lock(sight: &Sight<'_>, object: Object) -> bool {
    match object {
        Object::Semaphore(id) => sight.program.semaphore(id).init > 0,
        Object::Mutex(_) | Object::Sync(_) | Object::Write(_) => true,
        Object::Condition(_) | Object::Cell(_) => false,
    }
}

/// How an actor's name looks: one can be selected.
pub fn tone(sight: &Sight<'_>, actor: ActorId) -> Tone {
    if sight.selected == Some(actor) { Tone::Selected } else { Tone::Text }
}
