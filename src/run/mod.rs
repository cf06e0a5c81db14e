//! Program to processes.

pub mod actor;
mod names;

pub use names::{PREFIX, RunId, SEMAPHORE_PREFIX};
