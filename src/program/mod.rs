//! A program: everything that a text says, compiled. It is plain data; who runs or checks it reads it.

mod code;
mod condition;
mod disassemble;
mod ids;
mod instruction;
mod liveness;
mod release;
mod stuck;
pub mod value;
mod violation;

pub use code::{Code, Ports};
pub use condition::{Condition, World};
pub use disassemble::disassemble;
pub use ids::{
    ActivityId, ActorId, CellId, DemandId, MutexId, Object, Register, RoleId, SemaphoreId, TextId,
};
pub use instruction::{AtomicOp, BinaryOp, Instruction, Operand, Place, UnaryOp};
pub use liveness::Liveness;
pub use release::MayRelease;
pub use stuck::{Standing, Stuck, stuck};
pub use violation::Violation;

/// The state that actors show between an activity and the next plain state; no `count` counts it.
pub const BETWEEN: u8 = u8::MAX;

/// A compiled program.
#[derive(Debug)]
pub struct Program {
    /// The problem's title, or the file's name.
    pub problem: String,
    /// The solution's title.
    pub solution: String,
    /// The comment at the top of the solution.
    pub about: String,
    /// Changes with every byte of the texts and every setting.
    pub hash: u64,
    /// Constants, with the values of this run.
    pub constants: Vec<Constant>,
    /// Shared variables.
    pub variables: Vec<Variable>,
    /// Semaphores, as declared.
    pub semaphores: Vec<SemaphoreArray>,
    /// Mutexes, as declared.
    pub mutexes: Vec<MutexArray>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Activities of all roles.
    pub activities: Vec<Activity>,
    /// Actors, by role and then by number.
    pub actors: Vec<Actor>,
    /// What must hold always, ground.
    pub demands: Vec<Demand>,
    /// What must be reachable, ground.
    pub possible: Vec<Demand>,
    /// What must come in the end.
    pub progress: Vec<Progress>,
    /// What is conserved.
    pub items: Option<Items>,
    /// Texts that `print` and `assert` show.
    pub texts: Vec<String>,
    /// What a check of this program must find.
    pub expects: Vec<Expect>,
    /// The solution that mends this one.
    pub fixed_by: Option<String>,
    /// The picture to draw.
    pub scene: Option<String>,
    /// Sizes to check at: a constant's name and its values.
    pub check_with: Vec<(String, Vec<i32>)>,
}

/// A constant.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Constant {
    pub name: String,
    pub value: i32,
    /// The values it may be set to; none if it is not settable.
    pub range: Option<(i32, i32)>,
}

/// A shared variable: a scalar or an array of cells.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Variable {
    pub name: String,
    pub base: CellId,
    /// The number of elements; none for a scalar.
    pub size: Option<u32>,
    pub init: i32,
    /// The values it may take; leaving them is a violation.
    pub range: Option<(i32, i32)>,
    /// Whether items are kept in it.
    pub holds_items: bool,
}

/// A semaphore or an array of them.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct SemaphoreArray {
    pub name: String,
    pub base: SemaphoreId,
    pub size: Option<u32>,
    pub init: u32,
    /// Whether it hands over in the order of arrival.
    pub fair: bool,
}

/// A mutex or an array of them.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct MutexArray {
    pub name: String,
    pub base: MutexId,
    pub size: Option<u32>,
}

/// Who acts, and what they visibly do.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Role {
    pub name: String,
    /// Whether it was declared with a number of actors.
    pub is_array: bool,
    pub count: u32,
    /// The first actor's number.
    pub base: ActorId,
    /// Visible states, in cycle order; actors start in the first.
    pub states: Vec<RoleState>,
    /// Milliseconds that a visible operation takes at human speed.
    pub pace: (u32, u32),
}

/// A visible state.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct RoleState {
    pub name: String,
    /// Whether neither an activity nor a moment leads here: what an actor shows while it tries.
    pub plain: bool,
}

/// Something that an actor does for a while, or a moment.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Activity {
    pub name: String,
    pub role: RoleId,
    /// The state shown meanwhile.
    pub state: u8,
    /// The state shown afterwards.
    pub after: u8,
    /// Milliseconds at human speed.
    pub time: (u32, u32),
    /// Whether it is a moment (`on`).
    pub moment: bool,
    /// Whether it gives a fresh item.
    pub produces: bool,
    /// Whether it takes an argument.
    pub takes: bool,
    /// Whether its argument is an item that it uses up.
    pub consumes: bool,
}

/// One actor: one process.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Actor {
    pub role: RoleId,
    /// Its number within its role.
    pub index: u32,
    pub code: Code,
    pub release: MayRelease,
    pub ports: Ports,
}

/// One instance of an `always` or a `possible`, with all indices filled in.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Demand {
    pub label: std::sync::Arc<str>,
    pub condition: Condition,
    /// Which of the problem's properties it is an instance of.
    pub property: u32,
}

/// `role: from leads to to`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Progress {
    pub label: String,
    pub role: RoleId,
    pub from: u8,
    pub to: u8,
}

/// What is conserved: every item that one activity makes is used up exactly once by the other.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Items {
    pub label: String,
    pub produce: ActivityId,
    pub consume: ActivityId,
}

/// A verdict that a solution states of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// What a check must find.
    pub verdict: Expected,
    /// `Some(true)` under strong fairness only, `Some(false)` under weak only, `None` under both.
    pub strong: Option<bool>,
}

/// The verdicts that can be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Expected {
    Holds,
    Deadlock,
    Violation,
    Starvation,
    Livelock,
    Serial,
}

impl Expected {
    /// The words of `expect` lines.
    pub const ALL: [(&'static str, Expected); 6] = [
        ("holds", Expected::Holds),
        ("deadlock", Expected::Deadlock),
        ("violation", Expected::Violation),
        ("starvation", Expected::Starvation),
        ("livelock", Expected::Livelock),
        ("serial", Expected::Serial),
    ];

    /// Whether a single state or step shows it, and not only what comes for ever.
    pub fn is_safety(self) -> bool {
        !matches!(self, Expected::Starvation | Expected::Livelock)
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        Expected::ALL.iter().find(|(_, e)| *e == self).map(|(name, _)| *name).unwrap_or("holds")
    }
}

impl Role {
    /// Everybody who plays it.
    pub fn actors(&self) -> impl Iterator<Item = ActorId> + use<> {
        (self.base.0..self.base.0 + self.count).map(ActorId)
    }
}

fn element(name: &str, size: Option<u32>, index: u32) -> String {
    if size.is_some() { format!("{name}[{index}]") } else { name.to_string() }
}

impl Program {
    /// The number of cells of all shared variables.
    pub fn cell_count(&self) -> u32 {
        self.variables.last().map_or(0, |v| v.base.0 + v.size.unwrap_or(1))
    }

    /// The number of semaphores.
    pub fn semaphore_count(&self) -> u32 {
        self.semaphores.last().map_or(0, |s| s.base.0 + s.size.unwrap_or(1))
    }

    /// The number of mutexes.
    pub fn mutex_count(&self) -> u32 {
        self.mutexes.last().map_or(0, |m| m.base.0 + m.size.unwrap_or(1))
    }

    /// The shared variable that a cell belongs to.
    pub fn variable(&self, cell: CellId) -> &Variable {
        let after = self.variables.partition_point(|v| v.base <= cell);
        &self.variables[after.saturating_sub(1)]
    }

    /// The declaration that a semaphore belongs to.
    pub fn semaphore(&self, id: SemaphoreId) -> &SemaphoreArray {
        let after = self.semaphores.partition_point(|s| s.base <= id);
        &self.semaphores[after.saturating_sub(1)]
    }

    /// Whether any semaphore is fair, and so has a queue.
    pub fn has_queues(&self) -> bool {
        self.semaphores.iter().any(|s| s.fair)
    }

    /// The role of an actor.
    pub fn role_of(&self, actor: ActorId) -> &Role {
        &self.roles[self.actors[actor.index()].role.index()]
    }

    /// An actor's name: `philosopher[2]`, or `barber` where there is one.
    pub fn actor_name(&self, actor: ActorId) -> String {
        let role = self.role_of(actor);
        let index = self.actors[actor.index()].index;
        if role.is_array { format!("{}[{index}]", role.name) } else { role.name.clone() }
    }

    /// An object's name: `fork[3]`, `mutex`, `flag[0]`.
    pub fn object_name(&self, object: Object) -> String {
        match object {
            Object::Semaphore(id) => {
                let array = self.semaphore(id);
                element(&array.name, array.size, id.0 - array.base.0)
            }
            Object::Mutex(id) => {
                let after = self.mutexes.partition_point(|m| m.base <= id);
                let array = &self.mutexes[after.saturating_sub(1)];
                element(&array.name, array.size, id.0 - array.base.0)
            }
            Object::Cell(cell) => {
                let variable = self.variable(cell);
                element(&variable.name, variable.size, cell.0 - variable.base.0)
            }
        }
    }

    /// A state's name; the state between has none.
    pub fn state_name(&self, role: RoleId, state: u8) -> &str {
        self.roles[role.index()].states.get(usize::from(state)).map_or("—", |s| s.name.as_str())
    }

    /// Whether the solution is one to learn from: it is expected to hold, at least where waiting is fair. Starvation under
    /// weak fairness alone is what plain semaphores cost, and no mistake of the solution.
    pub fn is_correct(&self) -> bool {
        let holds = self.expects.iter().any(|e| e.verdict == Expected::Holds);
        let forgiven = |e: &Expect| match e.verdict {
            Expected::Holds => true,
            Expected::Starvation => e.strong == Some(false),
            _ => false,
        };
        holds && self.expects.iter().all(forgiven)
    }
}
