//! One recipe per command: the only place that sees everything.

/// Writes a line to standard output. Whoever reads it may go away before the end; then there is nobody to tell.
macro_rules! say {
    () => { $crate::app::write_out("\n") };
    ($($part:tt)*) => { $crate::app::write_out(&(format!($($part)*) + "\n")) };
}

/// The same without an end of line.
macro_rules! say_on {
    ($($part:tt)*) => { $crate::app::write_out(&format!($($part)*)) };
}

mod attach;
mod check;
mod export;
mod files;
mod ipc;
mod list;
mod ps;
mod replay;
mod replayed;
mod run;
mod screens;
mod show;
mod step;

use std::process::ExitCode;

use clap::CommandFactory;

use crate::catalogue::{self, Loaded};
use crate::cli::{Cli, Command, OverArgs, ProgramArgs};
use crate::lang::{self, Scope};
use crate::mechanism::Mechanism;
use crate::program::Program;
use crate::report::Style;
use crate::run as runs;
use crate::run::StartError;

fn write_out(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            eprintln!("fiveforks: cannot write to standard output: {error}");
            std::process::exit(2);
        }
        std::process::exit(0);
    }
}

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing wrong.
    Fine,
    /// A fault was found.
    Fault,
    /// Bad usage, a bad file, or something that the machine refused.
    Bad,
    /// The limits were reached before anything was proved.
    Unproved,
    /// The user ended it.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Fault => 1,
            Exit::Bad => 2,
            Exit::Unproved => 3,
            Exit::Interrupted => 130,
        })
    }
}

/// Carries out a command. Errors are said on standard error.
pub fn main(cli: Cli) -> ExitCode {
    let Some(command) = cli.command else { return finish(screens::screens(&cli.screens)) };
    let result = match command {
        Command::Run(args) => match args.schedule_seed {
            Some(seed) => replay::by_dice(&args, seed),
            None => run::run(&args),
        },
        Command::Replay(args) => replay::replay(&args),
        Command::Step { program, over } => step::step(&program, &over),
        Command::Check(args) => check::check(&args),
        Command::List { format } => list::list(format),
        Command::Show { program, bytecode, actor } => show::show(&program, bytecode, actor),
        Command::Export { program, to } => export::export(&program, to),
        Command::New { problem } => files::new(&problem),
        Command::Fmt { files, check } => files::fmt(&files, check),
        Command::Attach { run, time, plain, look } => attach::attach(run.as_deref(), time, plain, &look),
        Command::Ps { run, format } => ps::ps(run.as_deref(), format),
        Command::Ipc(args) => ipc::ipc(&args),
        Command::Clean => clean(),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "fiveforks", &mut std::io::stdout());
            Ok(Exit::Fine)
        }
        Command::Man => man(),
        Command::Actor { run, number } => return actor(&run, number),
        Command::Peer(spec) => {
            crate::ipc::peer_main(&spec);
            Ok(Exit::Fine)
        }
        Command::Keeper => {
            crate::tui::terminal::keep();
            Ok(Exit::Fine)
        }
        Command::Guard { run } => {
            if let Ok(run) = run.parse() {
                runs::guard_main(run);
            }
            Ok(Exit::Fine)
        }
    };
    finish(result)
}

/// An error with its causes, except those that it tells already.
fn told(error: &anyhow::Error) -> String {
    error.chain().skip(1).map(ToString::to_string).fold(error.to_string(), |text, cause| {
        if text.contains(&cause) { text } else { format!("{text}: {cause}") }
    })
}

fn finish(result: anyhow::Result<Exit>) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            let text = told(&error);
            let style = Style::for_terminal(std::io::IsTerminal::is_terminal(&std::io::stderr()));
            if text.starts_with('\n') {
                eprint!("{}", text.trim_start_matches('\n'));
            } else {
                eprintln!("{} {text}", style.bad("fiveforks:"));
            }
            match error.downcast_ref() {
                Some(StartError::Interrupted) => Exit::Interrupted.into(),
                _ => Exit::Bad.into(),
            }
        }
    }
}

/// An actor's process says what went wrong in a way that its supervisor recognises.
fn actor(run: &str, number: u32) -> ExitCode {
    let result = run.parse().map_err(Into::into).and_then(|run| runs::actor_main(run, number));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("! {}", error.to_string().replace('\n', " "));
            ExitCode::from(3)
        }
    }
}

fn clean() -> anyhow::Result<Exit> {
    let swept = runs::sweep();
    say!("removed {} names of {} dead runs; {} runs live", swept.names, swept.runs, runs::living().len());
    let unknown = runs::unattributed();
    if !unknown.is_empty() {
        say!("left alone, since no lock file says whose they are: {}", unknown.join(", "));
    }
    Ok(Exit::Fine)
}

fn man() -> anyhow::Result<Exit> {
    clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
    Ok(Exit::Fine)
}

/// How a program is named on a command line, with the problem it was given.
fn named(name: &str, args: &ProgramArgs) -> String {
    match &args.problem {
        Some(problem) => format!("{name} --problem {problem}"),
        None => name.to_string(),
    }
}

/// A program that compiles, with its texts. Errors and warnings are rendered for standard error.
struct Ready {
    loaded: Loaded,
    program: Program,
    /// What it was compiled with.
    settings: Vec<(String, i32)>,
}

/// Loads and compiles. Warnings are said; errors become the error, already laid out.
fn ready(args: &ProgramArgs) -> anyhow::Result<Ready> {
    compiled(catalogue::load(&args.program, args.problem.as_deref())?, &args.settings)
}

/// What carries a program's messages, as the user says.
fn mechanism(args: &OverArgs, ready: &Ready) -> anyhow::Result<Mechanism> {
    match args.over {
        Some(over) if ready.program.channels.is_empty() => {
            anyhow::bail!(
                "--over {over}: {} has no channels, so there are no messages to carry; leave it out, or take a program \
                 with channels, such as producer-consumer/messages",
                ready.loaded.name
            )
        }
        over => Ok(over.unwrap_or_default()),
    }
}

fn compiled(loaded: Loaded, settings: &[(String, i32)]) -> anyhow::Result<Ready> {
    let colour = Style::for_terminal(std::io::IsTerminal::is_terminal(&std::io::stderr())).colour();
    match lang::compile(&loaded.sources, settings, Scope::All) {
        Ok(compiled) => {
            eprint!("{}", compiled.warnings.render(&loaded.sources, colour));
            Ok(Ready { loaded, program: compiled.program, settings: settings.to_vec() })
        }
        Err(diagnostics) => Err(anyhow::anyhow!("\n{}", diagnostics.render(&loaded.sources, colour))),
    }
}
