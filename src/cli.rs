//! The command line: words to a [`Command`].

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::board::Speed;
use crate::duration;

/// An operating-systems concurrency lab: textbook solutions, run as real processes.
#[derive(Debug, Parser)]
#[command(name = "fiveforks", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "PROGRAM is problem/solution from the catalogue (see `fiveforks list`), a problem alone \
    (its first correct solution), or a path to a .fork file.\n\nExit status: 0 nothing wrong, 1 a fault found, \
    2 bad usage or a bad file, 130 interrupted."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a program as real processes and watch for faults.
    Run(RunArgs),
    /// List the catalogue: problems, their solutions, what each is expected to show.
    List {
        /// How to write it.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show a program's text, and what its problem demands.
    Show {
        /// Which program.
        #[command(flatten)]
        program: ProgramArgs,
        /// Show the instructions instead.
        #[arg(long)]
        bytecode: bool,
        /// Whose instructions, by number over all roles.
        #[arg(long, value_name = "NUMBER", requires = "bytecode")]
        actor: Option<u32>,
    },
    /// Write a skeleton of a solution to a problem, to fill in.
    New {
        /// The problem.
        problem: String,
    },
    /// Lay .fork files out in the one way.
    Fmt {
        /// The files; `-` reads standard input and writes standard output.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Change nothing; fail if a file is laid out differently.
        #[arg(long)]
        check: bool,
    },
    /// Follow a run of another terminal, without touching it.
    Attach {
        /// The run, as in the names in /dev/shm; needed only if there are several.
        run: Option<String>,
        /// Stop after this time.
        #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
        time: Option<Duration>,
    },
    /// Remove what killed runs left in /dev/shm.
    Clean,
    /// Write completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual page.
    Man,
    /// Play one actor of a run.
    #[command(name = "__actor", hide = true)]
    Actor {
        /// The run.
        run: String,
        /// The actor's number.
        number: u32,
    },
    /// Guard a run.
    #[command(name = "__guard", hide = true)]
    Guard {
        /// The run.
        run: String,
    },
}

/// Which program, and with which constants.
#[derive(Debug, Args)]
pub struct ProgramArgs {
    /// problem/solution, problem, or a path to a .fork file.
    #[arg(value_name = "PROGRAM")]
    pub program: String,
    /// Solve this problem: a name from the catalogue or a path.
    #[arg(long, value_name = "P")]
    pub problem: Option<String>,
    /// Set a constant that has a range. May be given several times.
    #[arg(long = "set", value_name = "N=7", value_parser = setting)]
    pub settings: Vec<(String, i32)>,
}

/// How to run.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Which program.
    #[command(flatten)]
    pub program: ProgramArgs,
    /// Stop after this time if nothing was found: 10s, 500ms, 2m.
    #[arg(long = "for", value_name = "TIME", default_value = "60s", value_parser = duration::parse)]
    pub time: Duration,
    /// What all random times and choices come from; without it, a new one each time.
    #[arg(long)]
    pub seed: Option<u64>,
    /// How fast, as a factor of human speed, or `max`: nothing takes time.
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    pub speed: Speed,
    /// Go on after a fault, until the time is over.
    #[arg(long)]
    pub keep_going: bool,
    /// Compare with what the program's `expect` lines say: exit status 0 if that is what was found.
    #[arg(long)]
    pub expect: bool,
    /// Plain lines, one below the other, for logs and screen readers.
    #[arg(long)]
    pub plain: bool,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How to write a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document on standard output, and nothing else there.
    Json,
}

fn setting(text: &str) -> Result<(String, i32), String> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}`: write NAME=NUMBER, as in N=7"))?;
    let number = value.trim().parse().map_err(|_| format!("`{value}` is no number of 32 bits"))?;
    Ok((name.trim().to_string(), number))
}

/// The fastest that time can be made to go.
const MAX_FACTOR: f64 = 1e6;

fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::MAX);
    }
    let factor: f64 = text.trim_start_matches('×').parse().unwrap_or(f64::NAN);
    if (1e-3..=MAX_FACTOR).contains(&factor) {
        return Ok(Speed((factor * 1e6) as u64));
    }
    Err(format!("`{text}` is no speed; write a factor such as 1, 0.5 or 20, or max"))
}
