//! `--over`: what carries the messages of a program's channels.

use clap::Args;

use crate::mechanism::Mechanism;

/// For the commands that start processes.
#[derive(Clone, Copy, Debug, Args)]
pub struct OverArgs {
    /// What carries the messages of its channels.
    #[arg(long, value_enum, value_name = "MECHANISM", hide_possible_values = true)]
    #[arg(
        help = "What carries the messages of its channels: pipe (unless you say otherwise), fifo, mqueue, sysv, unix, unix-dgram, tcp, shm, mmap, signal"
    )]
    pub over: Option<Mechanism>,
}
