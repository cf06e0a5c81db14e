//! What `fiveforks check` takes.

use std::time::Duration;

use clap::Args;

use super::values::{bytes, number, threads};
use super::{Format, ProgramArgs};
use crate::check::{Fairness, Memory};
use crate::duration;

/// How to check.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Which program.
    #[command(flatten)]
    pub program: ProgramArgs,
    /// What is assumed of the scheduler: whoever can always move does (weak), or whoever can move again and again (strong).
    #[arg(long, value_enum, default_value_t = Fairness::Weak)]
    pub fair: Fairness,
    /// How memory behaves: sequentially consistent, or with store buffers as on x86 (total store order). Without it, as the
    /// program's `expect` lines ask for.
    #[arg(long, value_enum)]
    pub memory_model: Option<Memory>,
    /// Threads; without it, one for each core.
    #[arg(long, value_name = "T", value_parser = threads)]
    pub threads: Option<usize>,
    /// Leave progress and livelock out: deadlocks and broken rules only.
    #[arg(long)]
    pub safety: bool,
    /// Stop at the first fault instead of looking for faults of other kinds.
    #[arg(long)]
    pub first: bool,
    /// With --safety: try independent operations in every order all the same.
    #[arg(long)]
    pub no_partial_order: bool,
    /// With --safety: tell equal actors apart all the same.
    #[arg(long)]
    pub no_symmetry: bool,
    /// States to look at, at most; what lies beyond is not proved.
    #[arg(long, value_name = "NUMBER", value_parser = number::<usize>)]
    pub states: Option<usize>,
    /// Memory for states, at most: 500MiB, 4GiB. Without it, half of what the machine has.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub memory: Option<usize>,
    /// Time to take, at most: 60s, 5m.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub time: Option<Duration>,
    /// Compare with what the program's `expect` lines say: exit status 0 if that, and nothing else, is what was found.
    #[arg(long)]
    pub expect: bool,
    /// Plain lines, one below the other, for logs and screen readers.
    #[arg(long)]
    pub plain: bool,
    /// What `run` takes, and a check does not.
    #[arg(long, value_name = "MECHANISM", hide = true)]
    pub over: Option<String>,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}
