//! A program: everything that a text says, compiled. It is plain data; who runs or checks it reads it.

mod code;
mod condition;
mod disassemble;
mod ids;
mod instruction;
mod item;
mod liveness;
mod objects;
mod release;
mod stuck;
pub mod value;
mod violation;

pub use code::{Code, Ports};
pub use condition::{Condition, World};
pub use disassemble::disassemble;
pub use ids::{
    ActivityId, ActorId, CellId, ChannelId, ConditionId, DemandId, MutexId, Object, Register, RoleId,
    SemaphoreId, SyncId, TextId,
};
pub use instruction::{AtomicOp, BinaryOp, Ends, Instruction, Operand, Place, UnaryOp};
pub use item::{ITEM_WINDOW, item_of, item_parts};
pub use liveness::Liveness;
pub use objects::{
    Channel, Conditions, End, MAX_VALUES, MutexArray, Preference, SemaphoreArray, SyncArray, SyncKind,
    SyncOp, Variable,
};
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
    /// Monitors, read-write locks and barriers, as declared.
    pub syncs: Vec<SyncArray>,
    /// The conditions of all monitors.
    pub conditions: Vec<Conditions>,
    /// Channels, as declared.
    pub channels: Vec<Channel>,
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
    /// Where only; `None` wherever nothing else is said.
    pub under: Option<Under>,
}

/// What a verdict may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// Weak fairness.
    Weak,
    /// Strong fairness.
    Strong,
    /// Total store order: writes wait in a buffer before others see them.
    Tso,
}

impl Under {
    /// The words of `expect` lines.
    pub const ALL: [(&'static str, Under); 3] =
        [("weak", Under::Weak), ("strong", Under::Strong), ("tso", Under::Tso)];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Under::ALL.iter().find(|(_, u)| *u == self).map(|(name, _)| *name).unwrap_or("weak")
    }
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

    /// Its name for several of them.
    pub fn plural(&self) -> String {
        let hissing = ["s", "x", "z", "ch", "sh"].iter().any(|end| self.name.ends_with(end));
        format!("{}{}", self.name, if hissing { "es" } else { "s" })
    }
}

impl Program {
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
            Expected::Starvation => e.under == Some(Under::Weak),
            _ => false,
        };
        holds && self.expects.iter().all(forgiven)
    }

    /// Whether its `expect` lines say what happens where writes are buffered.
    pub fn speaks_of_tso(&self) -> bool {
        self.expects.iter().any(|e| e.under == Some(Under::Tso))
    }

    /// What a check must find under this fairness, with buffered writes or without.
    pub fn expected(&self, strong: bool, tso: bool) -> Vec<Expected> {
        let buffered = tso && self.speaks_of_tso();
        let applies = |e: &&Expect| match e.under {
            Some(Under::Tso) => buffered,
            Some(Under::Weak) => !buffered && !strong,
            Some(Under::Strong) => !buffered && strong,
            None => !buffered,
        };
        self.expects.iter().filter(applies).map(|e| e.verdict).collect()
    }
}
