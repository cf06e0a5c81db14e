//! Program to processes.

mod actor;
mod channel;
mod claim;
mod follow;
mod guard;
mod launch;
mod names;
mod outside;
mod prints;
mod probe;
mod supervise;
mod sweep;

pub use actor::{GIVE_UP, main as actor_main, queued_for};
pub use channel::{carries, channel_of};
pub use claim::Claim;
pub use follow::{Follow, Look, Watching};
pub use guard::main as guard_main;
pub use launch::{ACTOR_COMMAND, GUARD_COMMAND, Guard, Plan, StartError, is_named};
pub use names::{PREFIX, RunId, SEMAPHORE_PREFIX};
pub use outside::Outside;
pub use supervise::{ActorSummary, Delay, Looks, Supervisor, Tick, with_run};
pub use sweep::{Swept, living, sweep, unattributed};
