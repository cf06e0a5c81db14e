//! Programs in the languages of other tools, so that nobody needs to take our word for a verdict.

mod channel;
mod expression;
mod items;
mod mutex;
mod objects;
mod operation;
mod promela;
mod sync;

pub use promela::{Unfit, promela};
