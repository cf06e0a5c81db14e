//! The screens: on the terminal, or into a picture.

use std::fs::File;
use std::io::{BufWriter, IsTerminal};
use std::path::Path;
use std::time::Duration;

use rand::RngExt;

use super::Exit;
use crate::catalogue::is_recording;
use crate::cli::{LookArgs, ScreensArgs, ShotArgs};
use crate::lab::{Session, Subject};
use crate::record;
use crate::run::{Follow, RunId};
use crate::tui::config::Config;
use crate::tui::state::{App, Experiment, Feed, Lab, Phase, Screen};
use crate::tui::theme::{Palette, Theme};
use crate::tui::{self, Cast, stage};

/// Opens the screens with a program, a recording, or the menu.
pub fn screens(args: &ScreensArgs) -> anyhow::Result<Exit> {
    let mut app = app(&args.look)?;
    if let Some(name) = &args.program {
        open(&mut app, name, args)?;
    }
    let shot = &args.shot;
    if shot.screenshot.is_some() || shot.cast.is_some() || shot.frame_times {
        return picture(&mut app, shot);
    }
    show(app)
}

/// Opens the screens on a run of another terminal.
pub fn follow(run: RunId, look: &LookArgs) -> anyhow::Result<Exit> {
    let mut app = app(look)?;
    let subject =
        Subject::of_texts(Follow::open(run)?.texts()).map_err(|t| anyhow::anyhow!("\n{}", t.text))?;
    let mut experiment = Experiment::new(subject.clone(), 0, Feed::Followed, None);
    experiment.session = Some(Session::follow(run, subject)?);
    enter(&mut app, experiment);
    show(app)
}

fn app(look: &LookArgs) -> anyhow::Result<App> {
    let (config, keymap) = Config::load().map_err(|error| anyhow::anyhow!(error))?;
    let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let palette = look.theme.unwrap_or(if plain { Palette::Mono } else { config.theme });
    let theme = Theme {
        palette,
        ascii: look.ascii || config.ascii,
        still: look.no_motion || config.motion == Some(false),
    };
    let mut app = App::new(theme, keymap, Some(std::env::current_exe()?));
    app.mouse = !look.no_mouse && config.mouse != Some(false);
    app.projector = look.projector;
    Ok(app)
}

/// Opens a program or a recording. What is wrong with it is said before the terminal is taken.
fn open(app: &mut App, name: &str, args: &ScreensArgs) -> anyhow::Result<()> {
    let path = Path::new(name);
    if is_recording(path) {
        let recording = record::open(path)?;
        let mut experiment = Experiment::new(recording.subject, recording.header.seed, Feed::Recorded, None);
        experiment.history = recording.history;
        experiment.phase = Phase::Running;
        experiment.play(true);
        enter(app, experiment);
        return Ok(());
    }
    let subject = Subject::load(name, args.problem.as_deref(), &args.settings).map_err(|trouble| {
        if trouble.remarks.is_empty() {
            anyhow::anyhow!(trouble.text)
        } else {
            anyhow::anyhow!("\n{}", trouble.text)
        }
    })?;
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::rng().random::<u16>()));
    app.open_subject(subject.over(args.over.over.unwrap_or_default()), args.speed, seed);
    Ok(())
}

fn enter(app: &mut App, experiment: Experiment) {
    app.screen = Screen::Lab(Box::new(Lab::new(experiment)));
    app.single = true;
}

fn show(mut app: App) -> anyhow::Result<Exit> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        anyhow::bail!(
            "the screens need a terminal; without one, use `fiveforks run PROGRAM`, or --screenshot FILE.svg for a picture"
        );
    }
    let binary = std::env::current_exe()?;
    let ended = tui::show(&mut app, &binary)?;
    Ok(if ended { Exit::Interrupted } else { Exit::Fine })
}

/// Plays the keys without a terminal, and writes what was asked for.
fn picture(app: &mut App, shot: &ShotArgs) -> anyhow::Result<Exit> {
    let cues = stage::script(&shot.keys).map_err(|error| anyhow::anyhow!("--keys: {error}"))?;
    let create = |path: &Path| {
        let file = File::create(path);
        file.map(BufWriter::new).map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))
    };
    let mut cast = match &shot.cast {
        Some(path) => Some(Cast::new(create(path)?, shot.size, "fiveforks")?),
        None => None,
    };
    let mut times: Vec<Duration> = Vec::new();
    let mut failed = None;
    let last = stage::perform(app, shot.size, &cues, |frame| {
        times.push(frame.took);
        if let Some(Err(error)) = cast.as_mut().map(|cast| cast.add(frame.at, frame.buffer)) {
            failed = Some(error);
        }
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    if let Some(cast) = cast {
        cast.finish()?;
    }
    if let Some(path) = &shot.screenshot {
        if path.extension().is_none_or(|e| e != "svg") {
            anyhow::bail!("{} would be an SVG: write a name that ends in .svg", path.display());
        }
        let light = app.theme.palette == Palette::Light;
        std::fs::write(path, tui::svg(&last, light))
            .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
    }
    if shot.frame_times {
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        eprintln!(
            "{} frames of {}x{}: p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
            times.len(),
            shot.size.0,
            shot.size.1,
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
    Ok(Exit::Fine)
}
