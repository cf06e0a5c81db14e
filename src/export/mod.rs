//! Programs in the languages of other tools, so that nobody needs to take our word for a verdict.

mod expression;
mod operation;
mod promela;

pub use promela::{Unfit, promela};
