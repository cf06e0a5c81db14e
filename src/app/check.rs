//! `fiveforks check`

use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::{Exit, Ready, ready};
use crate::check::{self, Fairness, Memory, Options, Progress, Report};
use crate::cli::{CheckArgs, Format};
use crate::lang;
use crate::program::Program;
use crate::report::{self, Checked, Compared, Comparison, Status, Style};

/// The memory that is used unless the user says otherwise: this part of what the machine has.
const SHARE_OF_MEMORY: u64 = 2;

pub fn check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let Ready { loaded, program, .. } = ready(&args.program)?;
    if let Some(over) = &args.over {
        anyhow::bail!(
            "--over {over} makes no difference to a check: a channel is the same first-in first-out buffer over every \
             mechanism; leave it out, or see it travel with `fiveforks run {} --over {over}`",
            loaded.name
        );
    }
    if args.expect && program.expects.is_empty() {
        anyhow::bail!(
            "{} has no `expect` line to compare with; write one, such as `expect holds`",
            loaded.name
        );
    }
    let options = options(args, &program);
    let report = with_status(args, &options, |progress| check::check(&program, &options, progress))??;
    let checked = Checked {
        program: &program,
        name: &super::named(&loaded.name, &args.program),
        source: &loaded.sources.solution.text,
        fingerprint: lang::fingerprint(&loaded.sources),
        report: &report,
        fairness: args.fair,
    };
    let comparison = args.expect.then(|| Comparison::of(&program, &report));
    match args.format {
        Format::Json => say!("{}", report::checked_json(&checked, comparison.as_ref())),
        Format::Text => {
            let style = Style::for_terminal(std::io::stdout().is_terminal());
            say_on!("{}", report::checked(&checked, style));
            match &comparison {
                Some(comparison) if comparison.end == Compared::NotCompared => say!(
                    "  not compared with what is expected: {}",
                    report::unproved(&report).unwrap_or_default()
                ),
                Some(comparison) => say!("  {}", comparison.text()),
                None => {}
            }
        }
    }
    Ok(match comparison.map(|comparison| comparison.end) {
        None => exit(&report, args.fair),
        Some(Compared::AsExpected) => Exit::Fine,
        Some(Compared::NotAsExpected) => Exit::Fault,
        Some(Compared::NotCompared) if report.stop == check::Stop::Interrupted => Exit::Interrupted,
        Some(Compared::NotCompared) => Exit::Unproved,
    })
}

fn options(args: &CheckArgs, program: &Program) -> Options {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Options {
        memory: args.memory_model.unwrap_or(Memory::of(program)),
        threads: args.threads.unwrap_or(cores),
        progress: !args.safety,
        states: args.states.unwrap_or(usize::MAX),
        bytes: args.memory.unwrap_or_else(|| (crate::inspect::memory_bytes() / SHARE_OF_MEMORY) as usize),
        time: args.time,
        after_fault: match (args.first, args.expect) {
            (true, _) => 0,
            // All kinds that are expected must be found.
            (_, true) => 20 * Options::AFTER_FAULT,
            _ => Options::AFTER_FAULT,
        },
        kept: Options::KEPT,
        reduction: check::Reduction { partial_order: !args.no_partial_order, symmetry: !args.no_symmetry },
    }
}

fn exit(report: &Report, fairness: Fairness) -> Exit {
    if report.stop == check::Stop::Interrupted {
        Exit::Interrupted
    } else if report.faults_under(fairness).next().is_some() {
        Exit::Fault
    } else if report.is_complete() {
        Exit::Fine
    } else {
        Exit::Unproved
    }
}

/// Does the work in a thread, and tells meanwhile how far it is. Signals end it early.
fn with_status<T: Send>(
    args: &CheckArgs,
    options: &Options,
    work: impl FnOnce(&Progress) -> T + Send,
) -> anyhow::Result<T> {
    const LOOK_EVERY: Duration = Duration::from_millis(20);
    let (progress, interrupt) = (Progress::default(), std::sync::Arc::default());
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, std::sync::Arc::clone(&interrupt))?;
    }
    let began = Instant::now();
    let result = std::thread::scope(|scope| {
        let worker = scope.spawn(|| work(&progress));
        let mut status = Status::new(args.plain);
        while !worker.is_finished() {
            std::thread::sleep(LOOK_EVERY);
            if interrupt.load(Ordering::Relaxed) {
                progress.interrupt.store(true, Ordering::Relaxed);
            }
            status.show(|| report::progress_line(&progress, began.elapsed(), options));
        }
        status.end();
        worker.join()
    });
    Ok(result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}
