//! The command line: words to a [`Command`].

mod check;
mod ipc;
mod over;
mod values;

pub use check::CheckArgs;
pub use ipc::IpcArgs;
pub use over::OverArgs;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::board::Speed;
use crate::duration;
use crate::tui::theme::Palette;
use values::{number, recording, rounds, setting, size, speed};

/// An operating-systems concurrency lab: textbook solutions, run as real processes.
#[derive(Debug, Parser)]
#[command(name = "fiveforks", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "PROGRAM is problem/solution from the catalogue (see `fiveforks list`), a problem alone \
    (its first correct solution), or a path to a .fork file.\n\nExit status: 0 nothing wrong, 1 a fault found, \
    2 bad usage or a bad file, 3 not proved within the limits, 130 interrupted."
)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; without it, the screens open.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What the screens open with.
    #[command(flatten)]
    pub screens: ScreensArgs,
}

/// What the screens open with, and how they look.
#[derive(Debug, Args)]
pub struct ScreensArgs {
    /// problem/solution, problem, a path to a .fork file, or a recording (.ffrec); without it, the menu.
    #[arg(value_name = "PROGRAM")]
    pub program: Option<String>,
    /// Solve this problem: a name from the catalogue or a path.
    #[arg(long, value_name = "P", requires = "program")]
    pub problem: Option<String>,
    /// Set a constant that has a range. May be given several times.
    #[arg(long = "set", value_name = "N=7", value_parser = setting, requires = "program")]
    pub settings: Vec<(String, i32)>,
    /// What all random times and choices come from; without it, a new one each time.
    #[arg(long, requires = "program", value_parser = number::<u64>)]
    pub seed: Option<u64>,
    /// How fast, as a factor of human speed, or `max`: nothing takes time.
    #[arg(long, value_name = "FACTOR", default_value = "1", allow_negative_numbers = true, value_parser = speed)]
    pub speed: Speed,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub over: OverArgs,
    /// How it looks.
    #[command(flatten)]
    pub look: LookArgs,
    /// How to make a picture instead of opening the screens.
    #[command(flatten)]
    pub shot: ShotArgs,
}

/// How the screens look; what is not said here, the configuration says.
#[derive(Debug, Args)]
pub struct LookArgs {
    /// Colours for a dark or a light background, without red against green, or none.
    #[arg(long, value_enum)]
    pub theme: Option<Palette>,
    /// Only ASCII characters.
    #[arg(long)]
    pub ascii: bool,
    /// Leave the mouse to the terminal.
    #[arg(long)]
    pub no_mouse: bool,
    /// Let nothing move by itself.
    #[arg(long)]
    pub no_motion: bool,
    /// Big type and nothing but the scene, for a lecture.
    #[arg(long)]
    pub projector: bool,
}

/// A picture of the screens, made without a terminal, from a real run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub struct ShotArgs {
    /// Write the last frame as an SVG.
    #[arg(long, value_name = "FILE.svg")]
    pub screenshot: Option<PathBuf>,
    /// Write all frames as an asciicast.
    #[arg(long, value_name = "FILE.cast")]
    pub cast: Option<PathBuf>,
    /// What happens before the picture: keys, times such as 2s, and `verdict`, which waits for one.
    #[arg(long, value_name = "KEYS", default_value = "3s")]
    pub keys: String,
    /// Columns and rows of the picture.
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "120x36", value_parser = size)]
    pub size: (u16, u16),
    /// Say how long drawing took.
    #[arg(long)]
    pub frame_times: bool,
}

/// The languages of other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// SPIN's.
    Promela,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a program as real processes and watch for faults.
    Run(RunArgs),
    /// Explore every schedule of a program: prove it, or show the shortest way to break it.
    Check(CheckArgs),
    /// Force a schedule onto real processes, step by step.
    Replay(ReplayArgs),
    /// Be the scheduler: choose which of the real processes takes the next step.
    Step {
        /// Which program.
        #[command(flatten)]
        program: ProgramArgs,
        #[command(flatten)]
        #[allow(missing_docs)]
        over: OverArgs,
    },
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
        #[arg(long, value_name = "NUMBER", requires = "bytecode", value_parser = number::<u32>)]
        actor: Option<u32>,
    },
    /// Write a program as a model of another tool, with the same steps.
    Export {
        /// Which program.
        #[command(flatten)]
        program: ProgramArgs,
        /// For which tool: promela is the language of SPIN.
        #[arg(long, value_enum)]
        to: Target,
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
    /// Follow a run of another terminal, without touching it: on the screens, or as lines of text.
    Attach {
        /// The run, as in the names in /dev/shm; needed only if there are several.
        run: Option<String>,
        /// Stop after this time.
        #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
        time: Option<Duration>,
        /// Plain lines, one below the other, instead of the screens.
        #[arg(long)]
        plain: bool,
        /// How it looks.
        #[command(flatten)]
        look: LookArgs,
    },
    /// List the runs that live, as the kernel sees them: processes, semaphores, shared memory, who sleeps on what.
    Ps {
        /// Only this run, as in the names in /dev/shm.
        run: Option<String>,
        /// How to write it.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Measure what each of the kernel's mechanisms of message passing costs here, side by side.
    Ipc(IpcArgs),
    /// Remove what killed runs left behind.
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
    /// Be one of the two processes that `ipc` measures.
    #[command(name = "__peer", hide = true)]
    Peer(crate::ipc::Spec),
    /// Remember the modes of the terminal.
    #[command(name = "__keeper", hide = true)]
    Keeper,
    /// Guard a run.
    #[command(name = "__guard", hide = true)]
    Guard {
        /// The run.
        run: String,
    },
}

/// Which program, and with which constants.
#[derive(Clone, Debug, Args)]
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
    #[command(flatten)]
    #[allow(missing_docs)]
    pub over: OverArgs,
    /// Stop after this time if nothing was found: 10s, 500ms, 2m.
    #[arg(long = "for", value_name = "TIME", default_value = "60s", value_parser = duration::parse)]
    pub time: Duration,
    /// What all random times and choices come from; without it, a new one each time.
    #[arg(long, value_parser = number::<u64>)]
    pub seed: Option<u64>,
    /// Decide by dice who takes each step, from this number: the same number gives the same interleaving every time.
    #[arg(long, value_name = "K", conflicts_with_all = ["speed", "keep_going"], value_parser = number::<u64>)]
    pub schedule_seed: Option<u64>,
    /// Steps to take with --schedule-seed, at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, requires = "schedule_seed", value_parser = number::<u64>)]
    pub steps: u64,
    /// Keep what was seen in a recording, a file that ends in .ffrec: open it with `fiveforks FILE`.
    #[arg(long, value_name = "FILE", value_parser = recording)]
    pub record: Option<PathBuf>,
    /// How fast, as a factor of human speed, or `max`: nothing takes time.
    #[arg(long, value_name = "FACTOR", default_value = "1", allow_negative_numbers = true, value_parser = speed)]
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

/// What to replay.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Which program.
    #[command(flatten)]
    pub program: ProgramArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub over: OverArgs,
    /// The schedule, as `fiveforks check` prints it; not needed for a recording of processes that were led.
    #[arg(long, value_name = "S")]
    pub schedule: Option<String>,
    /// Keep the steps in a recording, a file that ends in .ffrec: open it with `fiveforks FILE`, replay it with `fiveforks replay
    /// FILE`.
    #[arg(long, value_name = "FILE", value_parser = recording)]
    pub record: Option<PathBuf>,
    /// How often to go round what a schedule repeats for ever.
    #[arg(long, value_name = "TIMES", default_value_t = 2, value_parser = rounds)]
    pub rounds: u32,
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
