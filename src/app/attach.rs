//! `fiveforks attach`: follow a run of another terminal. The board is mapped for reading only.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

use super::Exit;
use crate::cli::LookArgs;
use crate::lang::{self, Scope};
use crate::report;
use crate::run::{Follow, RunId, living};

/// Time between two lines.
const LINE_EVERY: Duration = Duration::from_secs(1);
/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(10);

pub fn attach(
    run: Option<&str>,
    time: Option<Duration>,
    plain: bool,
    look: &LookArgs,
) -> anyhow::Result<Exit> {
    let run = choose(run)?;
    if !plain && time.is_none() && std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
        return super::screens::follow(run, look);
    }
    let end = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, end.clone())?;
    }
    let follow = Follow::open(run)?;
    let sources = follow.texts().sources();
    let compiled = lang::compile(&sources, &follow.texts().settings, Scope::All)
        .map_err(|diagnostics| anyhow::anyhow!("\n{}", diagnostics.render(&sources, false)))?;
    let program = compiled.program;
    say!("following run {run}: {}", follow.texts().program);
    let mut watch = follow.watch(&program)?;
    let began = Instant::now();
    let mut last: Option<Instant> = None;
    let mut found = false;
    while living().contains(&run) && !end.load(Ordering::Relaxed) {
        if time.is_some_and(|time| began.elapsed() >= time) {
            break;
        }
        let tick = watch.tick();
        for verdict in &tick.verdicts {
            found |= verdict.is_fault();
            say!("{}: {}", verdict.kind_name(), report::sentence(&program, verdict, &tick.snapshot));
        }
        if last.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            say!("{}", report::status_line(&program, &tick.snapshot));
            last = Some(Instant::now());
        }
        std::thread::sleep(LOOK_EVERY);
    }
    say!("the run has ended, or this watch has");
    Ok(if found { Exit::Fault } else { Exit::Fine })
}

fn choose(run: Option<&str>) -> anyhow::Result<RunId> {
    if let Some(run) = run {
        return run.parse().map_err(|error: String| anyhow::anyhow!(error));
    }
    // What measures has a lock file too, and nothing to follow.
    let runs: Vec<RunId> = living().into_iter().filter(|run| run.has_board()).collect();
    match runs.as_slice() {
        [one] => Ok(*one),
        [] => anyhow::bail!("nothing runs now; start a run in another terminal with `fiveforks run PROGRAM`"),
        several => {
            let program = |run: &RunId| match Follow::open(*run) {
                Ok(follow) => follow.texts().program.clone(),
                Err(_) => "just starting, or ending".to_string(),
            };
            let lines: Vec<String> = several.iter().map(|run| format!("  {run}  {}", program(run))).collect();
            anyhow::bail!("several runs live: name one of these\n{}", lines.join("\n"))
        }
    }
}
