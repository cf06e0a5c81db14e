//! What the processes of a run have open in common: the pipes, queues and sockets through which they speak.

use std::collections::HashMap;

use super::member::{Spot, nameless};
use super::object::Kind;
use crate::inspect::{self, Access, Descriptor, Leads};

/// An object that processes have open.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub kind: Kind,
    /// What it is for, or else the kernel's word for it.
    pub name: String,
    /// The kernel's word for it: a path, `pipe:[17]`.
    pub target: String,
    /// Who has it open: process, descriptor, access.
    pub ends: Vec<(u32, u32, Access)>,
}

/// What the processes of a run have open.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    /// By what they lead to and its number.
    shared: HashMap<(Leads, u64), Shared>,
}

/// Standard input, output and error.
const STANDARD: std::ops::RangeInclusive<u32> = 0..=2;

impl Files {
    /// Asks for what a supervisor, a guard and actors have open. Whatever a process was started with is its own, unless
    /// another of the run has it too.
    pub fn of(supervisor: u32, guard: u32, actors: &[u32]) -> Files {
        let mut shared: HashMap<(Leads, u64), Shared> = HashMap::new();
        for pid in [supervisor, guard].iter().chain(actors).filter(|pid| **pid != 0) {
            for descriptor in inspect::descriptors(*pid).unwrap_or_default() {
                let Some(kind) = Kind::of(descriptor.leads).filter(|_| descriptor.inode != 0) else {
                    continue;
                };
                let entry = shared.entry((descriptor.leads, descriptor.inode)).or_insert_with(|| Shared {
                    kind,
                    name: nameless(&descriptor).name,
                    target: descriptor.target.clone(),
                    ends: Vec::new(),
                });
                entry.ends.push((*pid, descriptor.number, descriptor.access));
            }
        }
        shared.retain(|_, file| file.is_of_run(guard, actors));
        for file in shared.values_mut() {
            let ends = &file.ends;
            let has = |pid: u32, number: u32| ends.iter().any(|(p, n, _)| (*p, *n) == (pid, number));
            if file.kind == Kind::Pipe && has(guard, 0) {
                file.name = "guard pipe".into();
            } else if file.kind == Kind::Pipe && actors.iter().any(|actor| has(*actor, 1)) {
                file.name = "print pipe".into();
            }
        }
        Files { shared }
    }

    /// What a descriptor leads to, by name.
    pub fn spot(&self, descriptor: &Descriptor) -> Spot {
        match self.shared.get(&(descriptor.leads, descriptor.inode)) {
            Some(file) => Spot::new(file.kind, file.name.clone(), file.target.clone()),
            None => nameless(descriptor),
        }
    }

    /// All that is shared, with its number, by number.
    pub fn all(&self) -> Vec<(u64, &Shared)> {
        let mut all: Vec<_> = self.shared.iter().map(|((_, inode), file)| (*inode, file)).collect();
        all.sort_by_key(|(inode, file)| (file.kind.name(), *inode));
        all
    }

    /// Who else has the same open.
    pub fn others(&self, descriptor: &Descriptor, pid: u32) -> Vec<(u32, Access)> {
        let file = self.shared.get(&(descriptor.leads, descriptor.inode));
        let mut others: Vec<(u32, Access)> = Vec::new();
        for (other, _, access) in file.map_or(&[][..], |file| &file.ends) {
            if *other != pid && !others.contains(&(*other, *access)) {
                others.push((*other, *access));
            }
        }
        others
    }
}

impl Shared {
    /// Whether it belongs to the run: several have it, or an actor has opened it. What the guard has, beside its own
    /// standard input, all were started with: it came from outside.
    fn is_of_run(&self, guard: u32, actors: &[u32]) -> bool {
        let first = self.ends[0].0;
        let several = self.ends.iter().any(|(pid, ..)| *pid != first);
        let inherited = self.ends.iter().any(|(pid, number, _)| *pid == guard && *number != 0);
        let opened =
            |(pid, number, _): &(u32, u32, Access)| actors.contains(pid) && !STANDARD.contains(number);
        !inherited && (several || self.ends.iter().any(opened))
    }
}
