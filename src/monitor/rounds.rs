//! What comes of going round for ever: judged by a picture before some rounds and one after them, in both of which
//! everybody is at the same place.

use super::verdict::{Certainty, Kind, Verdict};
use crate::program::{ActorId, Program, Progress};
use crate::snapshot::Snapshot;

/// The verdict on actors that can go round like this for ever: somebody who waits is passed over in all the rounds, or
/// nobody begins anything.
pub fn judge(program: &Program, before: &Snapshot, after: &Snapshot) -> Option<Verdict> {
    let began = |actor: ActorId| {
        let all = |picture: &Snapshot| picture.actors[actor.index()].entered.iter().sum::<u64>();
        all(after).saturating_sub(all(before))
    };
    let took =
        |actor: ActorId| after.actors[actor.index()].steps.saturating_sub(before.actors[actor.index()].steps);
    let actors = || (0..program.actors.len() as u32).map(ActorId);
    let lasted = after.elapsed.saturating_sub(before.elapsed);
    let steps = actors().map(took).sum();
    if actors().all(|actor| began(actor) == 0) {
        let moved: Vec<ActorId> = actors().filter(|actor| took(*actor) > 0).collect();
        let kind = Kind::Livelock { lasted, steps };
        return (steps > 0).then(|| verdict(program, after, kind, moved));
    }
    let (claim, actor) = program.progress.iter().find_map(|claim| {
        let mut theirs = actors().filter(|actor| program.actors[actor.index()].role == claim.role);
        theirs.find(|actor| is_open(claim, *actor, before, after)).map(|actor| (claim, actor))
    })?;
    let overtaken = actors().filter(|other| *other != actor).map(began).sum();
    let kind = Kind::Starvation { waited: lasted, overtaken, label: claim.label.clone() };
    Some(verdict(program, after, kind, vec![actor]))
}

/// Whether an actor has not come to what it claims.
fn is_open(claim: &Progress, actor: ActorId, before: &Snapshot, after: &Snapshot) -> bool {
    let (was, is) = (&before.actors[actor.index()], &after.actors[actor.index()]);
    let to = usize::from(claim.to);
    !is.life.is_over() && was.entered.get(to) == is.entered.get(to) && is.state != claim.to
}

fn verdict(program: &Program, after: &Snapshot, kind: Kind, actors: Vec<ActorId>) -> Verdict {
    let line = actors
        .first()
        .map_or(0, |actor| program.actors[actor.index()].code.line(after.actors[actor.index()].position));
    Verdict { line, actors, ..Verdict::new(kind, Certainty::Proved, after) }
}
