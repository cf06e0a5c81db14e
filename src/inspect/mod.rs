//! What the kernel itself says, from `/proc` (proc(5)): of processes, of their memory, of what they have open and mapped.
//!
//! Everything here is asked anew each time, and may have changed by the time that it is read. What the kernel will not
//! tell (another user's process, security settings) is none, never an error.

mod call;
mod calls;
mod descriptors;
mod memory;
mod process;
mod receive;
mod segments;
mod tables;

pub use call::{Call, On, SystemCall, sleeping_on};
pub use descriptors::{Access, Descriptor, Leads, descriptors};
pub use memory::{Resident, memory_bytes, peek, private_kib, resident};
pub use process::{Process, State, Switches, switches, wait_channel};
pub use segments::{Segment, find, segments};
pub use tables::{SystemVQueue, lock_holders, socket_name, system_v_queues, user_name};

pub use crate::os::child::has_shell;
pub use receive::{ANY_ARGUMENT, is_pending, reads_and_writes, receives_from, setting};
