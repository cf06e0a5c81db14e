//! The command line of `check`.

use std::time::Duration;

use clap::Args;

use super::{Format, ProgramArgs, duration};
use crate::check::{Fairness, Memory};

/// How to check.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Which program.
    #[command(flatten)]
    pub program: ProgramArgs,
    /// What is assumed of the scheduler: whoever can always move does (weak), or whoever can move again and again (strong).
    #[arg(long, value_enum, default_value_t = Fairness::Weak)]
    pub fair: Fairness,
    /// How memory behaves: sequentially consistent, or with store buffers as on x86 (total store order).
    #[arg(long, value_enum, default_value_t = Memory::Sc)]
    pub memory_model: Memory,
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
    #[arg(long, value_name = "NUMBER")]
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
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=256) => Ok(number),
        _ => Err(format!("`{text}` is no number of threads; write 1 to 256")),
    }
}

fn bytes(text: &str) -> Result<usize, String> {
    let wrong = || format!("`{text}` is no size; write a number and a unit, as in 500MiB or 4GiB");
    let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let unit: usize = match &text[at..] {
        "KiB" | "K" | "k" => 1 << 10,
        "MiB" | "M" | "MB" => 1 << 20,
        "GiB" | "G" | "GB" => 1 << 30,
        _ => return Err(wrong()),
    };
    let number: usize = text[..at].parse().map_err(|_| wrong())?;
    number.checked_mul(unit).filter(|bytes| *bytes > 0).ok_or_else(wrong)
}
