//! The `fiveforks` command: see the library for what it does.

use std::process::ExitCode;

use clap::Parser;
use fiveforks::app;
use fiveforks::cli::Cli;

fn main() -> ExitCode {
    app::main(Cli::parse())
}
