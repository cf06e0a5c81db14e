//! What passing messages costs: two real processes, one mechanism and one size of message at a time.
//!
//! ```text
//! measure ─▶ link (objects) ─▶ pair ═ orders, answers (words) ═ 2 × peer ─▶ ends (send, receive)
//!    └─▶ figures (medians) ─▶ report
//! ```
//!
//! The measuring process sleeps while the two play a round, each bound to a processor of its own. One way, the first sends
//! as fast as it can and the second receives; there and back, each message is answered before the next is sent. Every
//! message is numbered, and one that does not arrive in its turn ends the measurement.
//!
//! What is measured, and how: times by CLOCK_MONOTONIC, which all processes share, and single round trips by the
//! processor's counter; context switches from `/proc/PID/status`; system calls of what is read and written from
//! `/proc/PID/io`, where the kernel counts them. Queues and signals are not counted there: the calls are counted where they
//! are made, in [`ends`]. For a ring, a call is counted when a semaphore was empty, or had a sleeper, just before: glibc
//! calls the kernel only then. How often the kernel copies a message is not measured, it is known by construction.

mod cores;
mod ends;
mod figures;
mod link;
mod measure;
mod pair;
mod peer;
mod words;

pub use crate::os::mqueue::MESSAGES_LIMIT;
pub use figures::{Each, Effort, Figures, OneWay, Results, RoundTrip, Row, Times};
pub use link::{Side, Spec};
pub use measure::{Bench, DEPTH, Error, Plan, ROUNDS, Step, TIME_EACH, measure};
pub use pair::PEER_COMMAND;
pub use peer::{is_read_and_written, main as peer_main};
