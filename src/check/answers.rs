//! What a search that has ended says: the faults, each with the way to it.

use std::sync::atomic::Ordering;

use super::engine::Job;
use super::fair::Fairness;
use super::graph::{Graph, MAX_ACTORS, everyone};
use super::layout::Packed;
use super::model::{Move, State};
use super::path;
use super::questions::{Finding, Questions, buffering, choice, lets_out, may_move};
use super::report::{Fault, FaultKind, Moves, Report};
use super::search::{Search, Site, Trouble};
use super::symmetry::undone;
use super::world::instance;
use crate::program::{ActorId, Program, Violation};

/// What a search that has ended says.
pub struct Answers<'r, 'm, 'p, const W: usize> {
    /// The search.
    pub search: &'r mut Search<'m, 'p, W>,
    /// What is known so far.
    pub report: Report,
    /// What was asked.
    pub job: &'r Job<'r>,
}

impl<const W: usize> Answers<'_, '_, '_, W> {
    /// The faults that single states and steps show.
    pub fn safety(&mut self) -> Result<(), Trouble> {
        // Before anybody takes a step.
        if let Some((_, violation)) = self.search.model.breach {
            self.report.faults.push(Fault::new(FaultKind::Violation(violation), Moves::default()));
        }
        if let Some(site) = self.search.found.stuck {
            let (moves, end) = self.way_to(&site)?;
            let model = &self.search.model;
            let stuck = |actor: &usize| !model.local(*actor, end[*actor]).is_over();
            let actors = (0..model.actors()).filter(stuck).map(|actor| ActorId(actor as u32)).collect();
            self.report.faults.push(Fault::new(FaultKind::Deadlock(actors), moves));
        }
        let breaches: Vec<(u64, Site<W>)> =
            self.search.found.breaches.iter().map(|(v, s)| (*v, *s)).collect();
        // Of a property's instances, the one that is broken first.
        let program = self.search.model.program;
        let same = |a: Violation, b: Violation| property(program, a) == property(program, b);
        let mut first: Vec<(Violation, Site<W>)> = Vec::new();
        for (violation, site) in breaches {
            let Some(violation) = Violation::unpack(violation) else { continue };
            match first.iter_mut().find(|(known, _)| same(*known, violation)) {
                Some(known) if known.1 <= site => {}
                Some(known) => *known = (violation, site),
                None => first.push((violation, site)),
            }
        }
        first.sort_by_key(|(_, site)| *site);
        for (violation, site) in first {
            let (mut moves, end) = self.way_to(&site)?;
            if site.actor.is_some() {
                let breaks = |m: &Move| m.breach.is_some_and(|breach| same(breach, violation));
                let last = (0..self.search.model.actors()).find_map(|actor| {
                    let nth = self.search.model.moves_of(&end, actor).iter().position(breaks)?;
                    Some((ActorId(actor as u32), nth as u32))
                });
                moves.0.extend(last);
            }
            // Where actors were exchanged, another instance of the same.
            let violation = match property(program, violation) {
                Err(property) => {
                    instance(self.search.model, &end, property).map_or(violation, Violation::Demand)
                }
                Ok(_) => violation,
            };
            let shortest = !self.report.partial_order;
            self.report.faults.push(Fault { shortest, ..Fault::new(FaultKind::Violation(violation), moves) });
        }
        Ok(())
    }

    /// The faults that only all states together show.
    pub fn whole(&mut self) -> Result<(), Trouble> {
        let program = self.search.model.program;
        for unmet in std::mem::take(&mut self.search.found.unmet) {
            let label = program.possible[unmet as usize].label.to_string();
            self.report.faults.push(Fault::new(FaultKind::Serial(label), Moves::default()));
        }
        self.report.vacuous = super::vacuous::vacuous(self.search.model);
        if let Some(why) = self.search.model.left_out() {
            self.report.unasked = Some(why);
            return Ok(());
        }
        if self.search.model.actors() > MAX_ACTORS {
            self.report.unasked = Some(format!("there are more than {MAX_ACTORS} actors"));
            return Ok(());
        }
        if Graph::bytes(self.search) > self.job.limits.bytes {
            self.report.unasked = Some("the graph of all states does not fit into the memory allowed".into());
            return Ok(());
        }
        let phase = if self.job.options.progress { 1 } else { 2 };
        self.job.progress.phase.store(phase, Ordering::Relaxed);
        // The graph knows states by their places in the store: searching again would move them.
        self.keep_levels()?;
        let graph = Graph::of(self.search)?;
        let Some(masks) = may_move(self.search, &graph, &|| self.job.is_late()) else {
            self.report.unasked = Some(self.job.late_because().into());
            return Ok(());
        };
        if self.search.found.stuck.is_none() {
            self.partial(&graph, &masks)?;
        }
        if self.job.options.progress {
            self.progress(&graph, &masks)?;
        }
        Ok(())
    }

    /// Whether somebody can never move again while others can.
    fn partial(&mut self, graph: &Graph, masks: &[u64]) -> Result<(), Trouble> {
        let actors = self.search.model.actors();
        let who = |number: u32| everyone(actors) & !masks[number as usize] & !graph.movers(number, false);
        let stuck = |number: u32| who(number).count_ones();
        // As many as possible: those who are bound to get stuck as well are then part of the picture.
        let most = (0..graph.len() as u32).map(stuck).max().unwrap_or(0);
        if most == 0 {
            return Ok(());
        }
        let levels = self.search.levels.as_deref().unwrap_or_default();
        let wanted =
            |state: &Packed<W>| graph.number(self.search, state).is_some_and(|number| stuck(number) == most);
        if let Some((state, depth)) = path::first(levels, wanted) {
            let mut mask = graph.number(self.search, &state).map_or(0, who);
            let (moves, end) = self.way_to(&Site { depth, state, actor: None })?;
            if let Some(symmetry) = self.search.symmetry()
                && let Some(end) = self.search.layout.pack::<W>(&end)
            {
                mask = undone(&symmetry.order(&end, actors), mask);
            }
            let actors = (0..actors as u32).filter(|actor| mask >> actor & 1 == 1).map(ActorId).collect();
            let shortest = !self.report.partial_order;
            self.report.faults.push(Fault { shortest, ..Fault::new(FaultKind::Deadlock(actors), moves) });
        }
        Ok(())
    }

    /// Claims that stay open, and moving without getting anywhere.
    fn progress(&mut self, graph: &Graph, masks: &[u64]) -> Result<(), Trouble> {
        let program = self.search.model.program;
        let mut findings: Vec<Finding> = Vec::new();
        {
            let late = || self.job.is_late();
            let mut questions = Questions::new(self.search, graph, masks, &late);
            let strong = questions.livelock(Fairness::Strong);
            findings.extend(strong.or_else(|| questions.livelock(Fairness::Weak)));
            for (claim, progress) in program.progress.iter().enumerate() {
                let members = || program.roles[progress.role.index()].actors();
                for fairness in [Fairness::Strong, Fairness::Weak] {
                    // What breaks a claim under strong fairness breaks it under weak fairness too.
                    let known = findings.iter().any(|f| f.claim.is_some_and(|(c, _)| c == claim));
                    if known || late() {
                        continue;
                    }
                    findings.extend(members().find_map(|actor| questions.starvation(claim, actor, fairness)));
                }
            }
        }
        if self.job.is_late() {
            self.report.unasked = Some(self.job.late_because().into());
        }
        for finding in findings {
            self.lasso(graph, &finding)?;
        }
        Ok(())
    }

    /// A fair cycle as a way to it and a way round it.
    fn lasso(&mut self, graph: &Graph, finding: &Finding) -> Result<(), Trouble> {
        let levels = self.search.levels.as_deref().unwrap_or_default();
        let on_it =
            |state: &Packed<W>| graph.number(self.search, state).is_some_and(|n| finding.cycle.has(n));
        let Some((state, depth)) = path::first(levels, on_it) else { return Ok(()) };
        let stem = path::way_to(self.search, levels, state, depth);
        let start = graph.number(self.search, &state).unwrap_or(0);
        let choice = |state: u32, actor: usize| choice(self.search, graph, state, actor);
        let livelock = finding.claim.is_none();
        let follows = |from: u32, arc: super::graph::Arc| {
            finding.cycle.follows_with(&|arc| !livelock || !arc.begins(), &choice, from, arc)
        };
        let also = |arc: super::graph::Arc| if livelock { !arc.is_quiet() } else { arc.begins() };
        let due = path::Due {
            also: &also,
            buffering: buffering(self.search, graph, start),
            lets_out: &|from, arc| lets_out(self.search, graph, from, arc),
        };
        let round = path::round(graph, &finding.cycle, &follows, due, (start, self.search.model.actors()));
        let cycle = round.iter().skip(1).map(|number| graph.state(self.search, *number));
        let states: Vec<Packed<W>> = stem.iter().copied().chain(cycle).collect();
        let (moves, _) = self.moves(&states);
        let kind = match finding.claim {
            None => FaultKind::Livelock,
            Some((claim, actor)) => FaultKind::Starvation { claim, actor },
        };
        let fault = Fault {
            fairness: Some(finding.fairness),
            cycle: Some(stem.len() - 1),
            ..Fault::new(kind, moves)
        };
        self.report.faults.push(fault);
        Ok(())
    }

    /// Searches again if the levels were too many to keep.
    fn keep_levels(&mut self) -> Result<(), Trouble> {
        if self.search.levels.is_some() {
            return Ok(());
        }
        self.search.again()
    }

    /// The moves that lead to a fault, and the state that they lead to.
    fn way_to(&mut self, site: &Site<W>) -> Result<(Moves, State), Trouble> {
        self.keep_levels()?;
        let levels = self.search.levels.as_deref().unwrap_or_default();
        let states = path::way_to(self.search, levels, site.state, site.depth);
        Ok(self.moves(&states))
    }

    /// States one after the other as moves, and the state that these lead to: the last one, or one that it stands for.
    fn moves(&mut self, states: &[Packed<W>]) -> (Moves, State) {
        let (mut moves, mut at) = (Moves::default(), self.search.start.clone());
        for next in &states[1..] {
            for actor in 0..self.search.model.actors() {
                let all = self.search.model.moves_of(&at, actor);
                let Some(nth) = all.iter().position(|m| self.search.pack(&m.to) == Some(*next)) else {
                    continue;
                };
                moves.0.push((ActorId(actor as u32), nth as u32));
                at.clone_from(&all[nth].to);
                break;
            }
        }
        (moves, at)
    }
}

/// What a broken rule is an instance of.
pub fn property(program: &Program, violation: Violation) -> Result<u64, u32> {
    match violation {
        Violation::Demand(id) => Err(program.demands[id.index()].property),
        other => Ok(other.pack()),
    }
}
