//! Confirms on the board, and with the kernel, what the monitor suspects from a picture.
//!
//! A picture is read word by word, so it may mix moments. What is proved must be of one moment: everybody concerned is
//! read again and did not move; and the semaphores are in balance: value = initial + posts − takes, where actors count a
//! post before they make it and a take after. A difference means that someone is on the way.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::board::{Board, Counters, Detail, collect};
use crate::inspect;
use crate::monitor::{Answer, Probe, Proof, standings};
use crate::program::{ActorId, End, Object, Program, SemaphoreId, Standing, stuck};
use crate::snapshot::{Doing, Life, Snapshot};

/// The kernel is asked about at most so many processes: 6 µs each.
const MAX_ASKED: usize = 256;
/// Looks until the kernel shows everybody asleep; then what it did show is published.
const MAX_KERNEL_LOOKS: u32 = 8;
/// Looks until a semaphore out of balance is taken for one that somebody outside has posted.
const MAX_BALANCE_LOOKS: u32 = 50;
/// How long to take pictures, in the hope that everybody stands still for one.
const STEADY_TIME: Duration = Duration::from_millis(1);
/// Further rounds of an `await` after which its condition has surely been read anew.
const ROUNDS: u64 = 2;

/// What is remembered between looks.
#[derive(Debug, Default)]
pub struct BoardProbe {
    /// For actors that spin: steps and rounds at the first look.
    spinning: HashMap<ActorId, (u64, u64)>,
    kernel_looks: u32,
    balance_looks: u32,
    /// Who was suspected at the last look, and how many steps they had taken: one step more, and all begins anew.
    suspected: Vec<(ActorId, u64)>,
}

/// The probe on a board.
pub struct At<'p, 'm> {
    probe: &'p mut BoardProbe,
    board: &'p Board<'m>,
    program: &'p Program,
    counters: Counters<'p>,
}

impl BoardProbe {
    /// Looks at a board.
    pub fn at<'p, 'm>(
        &'p mut self,
        board: &'p Board<'m>,
        program: &'p Program,
        counters: Counters<'p>,
    ) -> At<'p, 'm> {
        At { probe: self, board, program, counters }
    }
}

/// What must not change between two looks. A spinner's rounds may.
fn version(snapshot: &Snapshot, actor: usize) -> (u64, u32, Doing, Life) {
    let view = &snapshot.actors[actor];
    (view.steps, view.position, view.doing, view.life)
}

impl Probe for At<'_, '_> {
    fn confirm(&mut self, snapshot: &Snapshot, suspected: &[ActorId]) -> Answer {
        let versions: Vec<(ActorId, u64)> =
            suspected.iter().map(|actor| (*actor, snapshot.actors[actor.index()].steps)).collect();
        if self.probe.suspected != versions {
            *self.probe = BoardProbe { suspected: versions, ..BoardProbe::default() };
        }
        let full = match self.steady(snapshot, suspected) {
            Ok(full) => full,
            Err(answer) => return answer,
        };
        let mut outside = Vec::new();
        for actor in suspected {
            match self.waits(&full, *actor) {
                Waits::Surely => {}
                Waits::NotYet => return Answer::LookAgain,
                Waits::Unbalanced(semaphore) => outside.push(semaphore),
            }
        }
        if !outside.is_empty() && !self.explained(&full, &mut outside) {
            return if outside.is_empty() { Answer::LookAgain } else { Answer::Outside(outside) };
        }
        let asleep = self.asleep(&full, suspected);
        let asked = suspected.iter().filter(|a| in_kernel(&full, **a)).count().min(MAX_ASKED);
        self.probe.kernel_looks += 1;
        // What rests on a death's explanation needs the kernel's word as well.
        let patient = self.probe.kernel_looks < MAX_KERNEL_LOOKS || self.probe.balance_looks > 0;
        if asleep < asked && patient {
            return Answer::LookAgain;
        }
        Answer::Yes(Box::new(Proof { picture: full, asleep, asked }))
    }
}

impl At<'_, '_> {
    /// A full picture on which the rule holds, and in which nobody moved whose place it relies on. Whoever would not
    /// stand still for the picture may be anywhere; if the rule fails for that, it is taken again for a while.
    fn steady(&self, snapshot: &Snapshot, suspected: &[ActorId]) -> Result<Snapshot, Answer> {
        let began = Instant::now();
        let mut before = snapshot.clone();
        loop {
            let full = collect(self.board, self.program, self.counters, Detail::Full);
            let after = collect(self.board, self.program, self.counters, Detail::Quick);
            let same = |at: usize| {
                version(&before, at) == version(&full, at) && version(&full, at) == version(&after, at)
            };
            if suspected
                .iter()
                .any(|actor| version(snapshot, actor.index()) != version(&after, actor.index()))
            {
                return Err(Answer::No);
            }
            let astray: Vec<usize> = (0..after.actors.len()).filter(|at| !same(*at)).collect();
            if self.still_stuck(&full, &astray, suspected) {
                return Ok(full);
            }
            if astray.is_empty() || began.elapsed() > STEADY_TIME {
                return Err(Answer::LookAgain);
            }
            before = after;
        }
    }

    /// Whether the rule holds on the steady picture. Whoever did not stand still may have passed any wait; a semaphore
    /// out of balance may be about to be taken or given.
    fn still_stuck(&self, full: &Snapshot, astray: &[usize], suspected: &[ActorId]) -> bool {
        let mut standings = standings(self.program, full);
        for at in astray {
            // Nobody suspected is astray, so this frees no one who was seen to be stuck.
            standings[*at] = match standings[*at] {
                Standing::Moving(position) | Standing::Blocked(_, position) => Standing::Astray(position),
                _ => Standing::Astray(full.actors[*at].position),
            };
        }
        let available = |object: Object| match object {
            Object::Semaphore(id) => {
                let value = full.objects.semaphores[id.index()].value;
                value > 0 || !self.is_balanced(full, id)
            }
            other => full.available(self.program, other),
        };
        let again = stuck(self.program, &standings, &available);
        suspected.iter().all(|actor| again.actors.contains(actor))
    }

    /// Whether a semaphore's value is what everybody counted, but for what a death in between explains.
    fn is_balanced(&self, full: &Snapshot, id: SemaphoreId) -> bool {
        let off = off(self.program, full, id);
        off == 0
            || self.probe.balance_looks >= MAX_BALANCE_LOOKS
                && off > 0
                && off as usize <= deaths(self.program, full, id)
    }
}

enum Waits {
    /// What it waits for could not be granted at the moment of the picture.
    Surely,
    /// Somebody is on the way.
    NotYet,
    /// The semaphore is out of balance.
    Unbalanced(SemaphoreId),
}

impl At<'_, '_> {
    fn waits(&mut self, full: &Snapshot, actor: ActorId) -> Waits {
        let view = &full.actors[actor.index()];
        let objects = &full.objects;
        match view.doing {
            Doing::Blocked(Object::Semaphore(id)) => {
                let value = objects.semaphores[id.index()].value;
                if value > 0 {
                    return Waits::NotYet;
                }
                if self.program.semaphore(id).fair {
                    // One who was handed a token and did not run yet is not waiting.
                    let waits = self.board.queued(actor).is_waiting();
                    return if waits { Waits::Surely } else { Waits::NotYet };
                }
                if off(self.program, full, id) == 0 { Waits::Surely } else { Waits::Unbalanced(id) }
            }
            Doing::Blocked(Object::Mutex(id)) => match objects.mutexes[id.index()] {
                Some(holder) if !full.actors[holder.index()].life.is_over() => Waits::Surely,
                _ => Waits::NotYet,
            },
            Doing::Blocked(Object::Sync(_) | Object::Write(_) | Object::Condition(_)) => {
                let objects = full.waits_for(self.program, actor);
                let granted = objects.iter().any(|object| full.is_granted(self.program, actor, *object));
                if granted { Waits::NotYet } else { Waits::Surely }
            }
            Doing::Spinning => {
                let now = (view.steps, view.rounds);
                let first = *self.probe.spinning.entry(actor).or_insert(now);
                if first.0 != now.0 || now.1 < first.1 {
                    self.probe.spinning.insert(actor, now);
                    return Waits::NotYet;
                }
                if now.1 >= first.1 + ROUNDS { Waits::Surely } else { Waits::NotYet }
            }
            _ => Waits::NotYet,
        }
    }

    /// Whether every imbalance is one that a death explains: an actor killed between taking and counting leaves one too
    /// few taken. Otherwise `outside` keeps the semaphores that hold more than was posted, which only somebody outside
    /// can bring about; it is emptied while it is too early to say, and where somebody may just be slow to count.
    fn explained(&mut self, full: &Snapshot, outside: &mut Vec<SemaphoreId>) -> bool {
        self.probe.balance_looks += 1;
        if self.probe.balance_looks < MAX_BALANCE_LOOKS {
            outside.clear();
            return false;
        }
        let mut on_the_way = false;
        outside.sort_unstable();
        outside.dedup();
        outside.retain(|id| {
            let off = off(self.program, full, *id);
            on_the_way |= off > 0 && off as usize > deaths(self.program, full, *id);
            off < 0
        });
        outside.is_empty() && !on_the_way
    }

    /// How many of those whom the kernel can confirm are asleep on what they say they wait for.
    fn asleep(&self, full: &Snapshot, suspected: &[ActorId]) -> usize {
        let waiting = suspected.iter().filter(|actor| in_kernel(full, **actor)).take(MAX_ASKED);
        waiting
            .filter(|actor| {
                let view = &full.actors[actor.index()];
                match self.receives(view.doing) {
                    true => inspect::receives_from(view.pid) == Some(view.address),
                    false => inspect::sleeping_on(view.pid) == Some(view.address),
                }
            })
            .count()
    }
}

impl At<'_, '_> {
    /// Whether who does this sleeps in what carries a channel's messages, and not on a semaphore.
    fn receives(&self, doing: Doing) -> bool {
        match doing {
            Doing::Blocked(Object::Semaphore(id)) => {
                self.program.semaphore(id).end == Some(End::Messages)
                    && self.counters.named.get(id.index()).is_none_or(Option::is_none)
            }
            _ => false,
        }
    }
}

/// How many of those who could touch a semaphore have died.
fn deaths(program: &Program, full: &Snapshot, id: SemaphoreId) -> usize {
    let touched = program.actors.iter().zip(&full.actors);
    touched.filter(|(actor, view)| view.life == Life::Dead && actor.ports.slot(id).is_some()).count()
}

/// Whether the actor waits in the kernel, and not by spinning.
fn in_kernel(full: &Snapshot, actor: ActorId) -> bool {
    matches!(full.actors[actor.index()].doing, Doing::Blocked(_))
}

/// By how much a semaphore holds less than everybody counted; negative if it holds more.
fn off(program: &Program, full: &Snapshot, id: SemaphoreId) -> i32 {
    let counted = program.actors.iter().zip(&full.actors).filter_map(|(actor, view)| {
        let slot = actor.ports.slot(id)? as usize;
        view.ports.get(slot).copied()
    });
    let must = counted.fold(program.semaphore(id).init, |value, (posts, takes)| {
        value.wrapping_add(posts).wrapping_sub(takes)
    });
    must.wrapping_sub(full.objects.semaphores[id.index()].value) as i32
}
