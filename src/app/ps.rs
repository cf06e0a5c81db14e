//! `fiveforks ps`: the runs that live, their processes and their kernel objects.

use super::Exit;
use crate::cli::Format;
use crate::kernel::{Observer, Picture};
use crate::lang::{self, Scope};
use crate::report::{self, SeenRun, Style};
use crate::run::{Follow, RunId, living};

pub fn ps(run: Option<&str>, format: Format) -> anyhow::Result<Exit> {
    let mut runs = living();
    if let Some(name) = run {
        let wanted: RunId = name.parse().map_err(|error: String| anyhow::anyhow!(error))?;
        runs.retain(|run| *run == wanted);
        anyhow::ensure!(
            !runs.is_empty(),
            "no run {wanted} of yours lives now; `fiveforks ps` lists those that do"
        );
    }
    let seen: Vec<SeenRun> = runs.into_iter().map(look_at).collect();
    match format {
        Format::Json => say!("{}", report::kernel_json(&seen)?),
        Format::Text => text(&seen),
    }
    Ok(Exit::Fine)
}

fn text(runs: &[SeenRun]) {
    if runs.is_empty() {
        say!("no run of yours lives now; start one with `fiveforks run PROGRAM`");
    }
    let style = Style::for_terminal(std::io::IsTerminal::is_terminal(&std::io::stdout()));
    for (at, seen) in runs.iter().enumerate() {
        if at > 0 {
            say!();
        }
        match &seen.picture {
            Ok(picture) => say_on!("{}", report::kernel(&seen.program, picture, style)),
            Err(why) => say!("{}  {why}", style.bold(&format!("run {}", seen.run))),
        }
    }
}

/// A run that is just starting or ending, or that another version started, cannot be looked at.
fn look_at(run: RunId) -> SeenRun {
    let (program, picture) = match Follow::open(run) {
        Ok(follow) => (follow.texts().program.clone(), picture(&follow)),
        Err(error) => (String::new(), Err(error.to_string())),
    };
    SeenRun { run, program, picture }
}

fn picture(follow: &Follow) -> Result<Picture, String> {
    let sources = follow.texts().sources();
    let compiled = lang::compile(&sources, &follow.texts().settings, Scope::All)
        .map_err(|diagnostics| diagnostics.render(&sources, false))?;
    let observer = Observer::new(follow, &compiled.program).map_err(|error| error.to_string())?;
    Ok(observer.look())
}
