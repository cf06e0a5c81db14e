//! Violations: what actors saw themselves, and items that are surely lost.

use super::verdict::{Certainty, Kind, Verdict};
use crate::program::{ActorId, Program, Violation};
use crate::snapshot::{Breach, Snapshot};

/// Reports each actor's first violation once, the earliest first, and each rule once.
#[derive(Debug)]
pub struct Detector {
    reported: Vec<ActorId>,
    /// Rules that were broken before.
    broken: Vec<Violation>,
    /// Places that can keep an item: cells, messages, and registers of all actors.
    places: u64,
    /// Items made by the time of the last picture.
    made: u64,
    lost: bool,
}

impl Detector {
    /// For a program.
    pub fn new(program: &Program) -> Detector {
        let cells: u64 =
            program.variables.iter().filter(|v| v.holds_items).map(|v| u64::from(v.size.unwrap_or(1))).sum();
        let cells = cells + program.places_in_channels();
        // One more for each actor: between making an item and keeping it, it is on the way.
        let local: u64 = program.actors.iter().map(|a| u64::from(a.code.registers) + 1).sum();
        Detector { reported: Vec::new(), broken: Vec::new(), places: cells + local, made: 0, lost: false }
    }

    /// Looks at one picture.
    pub fn observe(&mut self, program: &Program, snapshot: &Snapshot) -> Vec<Verdict> {
        let mut seen: Vec<(ActorId, Breach)> = Vec::new();
        for (at, view) in snapshot.actors.iter().enumerate() {
            let actor = ActorId(at as u32);
            if let Some(breach) = view.breach
                && !self.reported.contains(&actor)
            {
                self.reported.push(actor);
                seen.push((actor, breach));
            }
        }
        seen.sort_by_key(|(_, breach)| breach.at);
        // Who changes something while a rule is broken already has not broken it.
        seen.retain(|(_, breach)| {
            let new = !self.broken.contains(&breach.violation);
            self.broken.push(breach.violation);
            new
        });
        let mut verdicts: Vec<Verdict> =
            seen.into_iter().map(|(actor, breach)| verdict(program, snapshot, actor, breach)).collect();
        verdicts.extend(self.lost(program, snapshot));
        verdicts
    }

    /// More items are out than there are places to keep them. What was made is taken from the earlier picture and what
    /// was used up from the later one, so the difference errs on the safe side.
    fn lost(&mut self, program: &Program, snapshot: &Snapshot) -> Option<Verdict> {
        program.items.as_ref()?;
        let used: u64 = snapshot.actors.iter().map(|a| a.consumed).sum();
        let out = self.made.saturating_sub(used);
        self.made = snapshot.actors.iter().map(|a| a.produced).sum();
        if out <= self.places || std::mem::replace(&mut self.lost, true) {
            return None;
        }
        let value = (out - self.places).min(i32::MAX as u64) as i32;
        let breach = Breach { violation: Violation::Lost, at: snapshot.elapsed, position: 0, value };
        Some(Verdict::new(Kind::Violation(breach), Certainty::Proved, snapshot))
    }
}

fn verdict(program: &Program, snapshot: &Snapshot, actor: ActorId, breach: Breach) -> Verdict {
    Verdict {
        actors: vec![actor],
        line: program.actors[actor.index()].code.line(breach.position),
        since: breach.at,
        ..Verdict::new(Kind::Violation(breach), Certainty::Proved, snapshot)
    }
}

/// The verdict on the latest rule that was broken in a picture.
pub fn latest(program: &Program, snapshot: &Snapshot) -> Option<Verdict> {
    let actors = snapshot.actors.iter().enumerate();
    let broken = actors.filter_map(|(at, view)| Some((ActorId(at as u32), view.breach?)));
    let (actor, breach) = broken.max_by_key(|(_, breach)| breach.at)?;
    Some(verdict(program, snapshot, actor, breach))
}
