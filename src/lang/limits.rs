//! How large a program may get. Every limit has one error that names it.
//!
//! A `.fork` text may come from a stranger: whatever it holds, compiling it ends soon and takes bounded memory.

/// Bytes in one text. The longest of the catalogue has about 3 KiB.
pub const MAX_SOURCE_BYTES: usize = 64 * 1024;
/// Blocks inside blocks, and parentheses or operators inside each other; parsing and compiling recurse this deep.
pub const MAX_NESTING: usize = 48;
/// `def`s inlined into each other.
pub const MAX_CALL_DEPTH: usize = 32;
/// Instructions of one actor after `def`s are inlined.
pub const MAX_INSTRUCTIONS: usize = 1 << 15;
/// Instructions of all actors together (24 bytes each).
pub const MAX_TOTAL_INSTRUCTIONS: usize = 1 << 20;
/// Statements and expressions compiled for all actors together; a thousand philosophers need 40,000.
pub const MAX_WORK: usize = 1 << 21;
/// Characters of a property's text.
pub const MAX_LABEL: usize = 200;
/// Local variables and temporaries of one actor.
pub const MAX_REGISTERS: usize = 512;
/// Actors, that is, operating-system processes.
pub const MAX_ACTORS: usize = 1024;
/// Elements of all shared variables together.
pub const MAX_CELLS: usize = 1 << 16;
/// Semaphores, each a named kernel object; Linux maps at most 65,530 into a process.
pub const MAX_SEMAPHORES: usize = 1 << 13;
/// Mutexes.
pub const MAX_MUTEXES: usize = 1 << 13;
/// Monitors, read-write locks and barriers.
pub const MAX_SYNCS: usize = 256;
/// Conditions of all monitors together.
pub const MAX_CONDITIONS: usize = 1 << 12;
/// Messages that a channel holds, and processes that a barrier waits for.
pub const MAX_CAPACITY: usize = 1024;
/// Steps of evaluation spent on instances of `always` and `possible` (`all i in 0..N-1: …`).
pub const MAX_PROPERTY_STEPS: usize = 1 << 18;
/// Places where an actor keeps count of what it did to a semaphore, over all actors.
pub const MAX_PORTS: usize = 1 << 21;
/// Diagnostics shown for one program; more would not be read.
pub const MAX_DIAGNOSTICS: usize = 20;
