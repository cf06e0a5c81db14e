//! `fiveforks replay`, and `fiveforks run --schedule-seed`

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::bail;
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::replayed::{BlockedJson, blocked, json};
use super::{Exit, Ready, compiled, mechanism, named, ready};
use crate::board::{Speed, Texts};
use crate::catalogue::{self, Loaded, RECORDING, is_recording};
use crate::check::WalkStep;
use crate::cli::{Format, ProgramArgs, ReplayArgs, RunArgs};
use crate::lab::{Subject, walked};
use crate::lang;
use crate::mechanism::Mechanism;
use crate::monitor::Verdict;
use crate::program::{ActorId, Program, Violation};
use crate::record::{self, Header};
use crate::replay::{Astray, Puppets};
use crate::report::{self, Style};
use crate::run::{Plan, with_run};
use crate::schedule::Schedule;
use crate::snapshot::Snapshot;

pub fn replay(args: &ReplayArgs) -> anyhow::Result<Exit> {
    let (ready, schedule) = what(args)?;
    let mut moves = schedule.steps.clone();
    if let Some(cycle) = schedule.cycle {
        let round = moves.split_off(cycle);
        moves.extend(round.repeat(args.rounds as usize));
    }
    let repeats = schedule.cycle.map(|cycle| schedule.steps.len() - cycle);
    let over = mechanism(&args.over, &ready)?;
    let how = How { over, format: args.format, record: args.record.as_deref() };
    let exit = play(&ready, &args.program, how, |puppets, told| {
        let mut before = None;
        for (at, (actor, nth)) in moves.iter().enumerate() {
            if told.ended() {
                return Ok(());
            }
            if schedule.cycle == Some(at) {
                before = Some(puppets.picture());
            }
            let step = puppets.step(*actor, *nth)?;
            told.tell(puppets, step, *nth);
        }
        before.iter().for_each(|before| puppets.judge_rounds_since(before));
        Ok(())
    })?;
    if let (Some(repeats), Format::Text) = (repeats, args.format) {
        say!(
            "The last {repeats} steps of the schedule were walked {} times; the processes can go round like this for ever.",
            args.rounds
        );
    }
    Ok(exit)
}

/// Steps by dice, the same ones for the same seed.
pub fn by_dice(args: &RunArgs, seed: u64) -> anyhow::Result<Exit> {
    let ready = ready(&args.program)?;
    let mut random = Pcg32::seed_from_u64(seed);
    let over = mechanism(&args.over, &ready)?;
    let how = How { over, format: args.format, record: args.record.as_deref() };
    play(&ready, &args.program, how, |puppets, told| {
        while !told.ended() {
            // First who, then how: a choice with many outcomes gives nobody more turns.
            let moves = puppets.walk().all_moves();
            let mut movers: Vec<ActorId> = moves.iter().map(|m| m.actor).collect();
            movers.dedup();
            if movers.is_empty() || moves.iter().all(|m| m.quiet) && puppets.is_stuck() {
                break;
            }
            if puppets.steps() >= args.steps {
                told.limit_reached = true;
                break;
            }
            let actor = movers[random.random_range(0..movers.len())];
            let own = moves.iter().filter(|m| m.actor == actor).count();
            let nth = random.random_range(0..own as u32);
            let step = puppets.step(actor, nth)?;
            let broken = step.breach.is_some();
            told.tell(puppets, step, nth);
            if broken {
                break;
            }
        }
        Ok(())
    })
}

/// The program and its schedule: both given, or both from a recording.
fn what(args: &ReplayArgs) -> anyhow::Result<(Ready, Schedule)> {
    let path = Path::new(&args.program.program);
    let recorded = is_recording(path);
    match &args.schedule {
        Some(_) if recorded => bail!("a recording holds its own schedule; leave --schedule out"),
        Some(schedule) => {
            let schedule: Schedule = schedule.parse()?;
            let settings = settings(&args.program, &schedule)?;
            // Before its settings are tried on another program, where they would be somebody's mistake.
            let loaded = catalogue::load(&args.program.program, args.program.problem.as_deref())?;
            fits(&loaded, &schedule)?;
            Ok((compiled(loaded, &settings)?, schedule))
        }
        None if recorded => {
            if args.program.problem.is_some() {
                bail!("a recording holds its own problem; leave --problem out");
            }
            let recording = record::open(path)?;
            let Some(schedule) = &recording.header.schedule else {
                bail!(
                    "{}: in this run nobody was led, so there is no schedule to replay; look at it with `fiveforks {0}`",
                    path.display()
                );
            };
            let (schedule, texts): (Schedule, &Texts) = (schedule.parse()?, &recording.header.texts);
            let mut settings = args.program.settings.clone();
            settings.retain(|setting| !texts.settings.contains(setting));
            if let Some((name, value)) = settings.first() {
                bail!("the recording was not made with {name}={value}; leave --set out");
            }
            let loaded = Loaded { name: texts.program.clone(), sources: texts.sources() };
            fits(&loaded, &schedule)?;
            Ok((compiled(loaded, &texts.settings)?, schedule))
        }
        None => bail!(
            "which schedule? say --schedule S, as `fiveforks check {}` prints it, or name a recording that ends in .{RECORDING}",
            args.program.program
        ),
    }
}

/// The schedule's settings, which the command line may repeat and not contradict.
fn settings(args: &ProgramArgs, schedule: &Schedule) -> anyhow::Result<Vec<(String, i32)>> {
    for (name, value) in &args.settings {
        if let Some((_, other)) = schedule.settings.iter().find(|(n, o)| n == name && o != value) {
            bail!(
                "the schedule was made with {name}={other}, and --set says {name}={value}; leave --set out"
            );
        }
    }
    Ok(schedule.settings.clone())
}

fn fits(loaded: &Loaded, schedule: &Schedule) -> anyhow::Result<()> {
    if lang::fingerprint(&loaded.sources) != schedule.fingerprint {
        bail!(
            "this schedule was made for another text of the program (or by another version of fiveforks): check again, \
             with `fiveforks check {}`",
            loaded.name
        );
    }
    Ok(())
}

/// What is told while a schedule is played.
pub struct Telling<'t> {
    program: &'t Program,
    lines: Vec<&'t str>,
    live: bool,
    end: Arc<AtomicBool>,
    taken: Vec<(ActorId, u32)>,
    steps: Vec<WalkStep>,
    /// Whether it ended only because no more steps were allowed.
    limit_reached: bool,
}

impl Telling<'_> {
    fn ended(&self) -> bool {
        self.end.load(Ordering::Relaxed)
    }

    /// What is to be said below the steps, if more could or should have been taken.
    fn cut(&self, result: &Result<(), Astray>) -> Option<String> {
        let taken = report::counted(self.taken.len());
        match result {
            Err(_) => Some(format!("The schedule was followed for {taken}, and could be no further.")),
            Ok(()) if self.limit_reached => Some(format!(
                "Stopped after {taken}, which is all that --steps allows; the processes could go on."
            )),
            Ok(()) => None,
        }
    }

    fn tell(&mut self, puppets: &mut Puppets<'_, '_, '_>, step: WalkStep, nth: u32) {
        if self.live {
            say!("{}", row(self.program, &self.lines, self.taken.len() + 1, &step));
            puppets.prints().iter().for_each(|line| say!("       {line}"));
        }
        self.taken.push((step.actor, nth));
        self.steps.push(step);
    }
}

/// A step in a line.
pub fn row(program: &Program, lines: &[&str], number: usize, step: &WalkStep) -> String {
    let line = program.actors[step.actor.index()].code.line(step.position);
    let mut effect = report::effect(program, step);
    if step.breach.is_some() {
        effect += "  ✗";
    }
    let (actor, doing) = (program.actor_name(step.actor), report::doing(program, lines, step));
    format!("  {number:>3}  {actor:<15}  line {line:<3} {doing:<36}  {effect}").trim_end().to_string()
}

/// How to play, and what to write.
#[derive(Clone, Copy)]
struct How<'a> {
    over: Mechanism,
    format: Format,
    record: Option<&'a Path>,
}

/// Starts the processes, lets `moves` lead them, and says how it ended.
fn play(
    ready: &Ready,
    args: &ProgramArgs,
    how: How<'_>,
    moves: impl FnOnce(&mut Puppets<'_, '_, '_>, &mut Telling<'_>) -> Result<(), Astray>,
) -> anyhow::Result<Exit> {
    let Ready { loaded, program, .. } = ready;
    let plan = plan(ready, how.over)?;
    let end: Arc<AtomicBool> = Arc::default();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, end.clone())?;
    }
    let mut told = Telling {
        program,
        lines: loaded.sources.solution.text.lines().collect(),
        live: how.format == Format::Text,
        end: end.clone(),
        taken: Vec::new(),
        steps: Vec::new(),
        limit_reached: false,
    };
    let interrupted = || end.load(Ordering::Relaxed);
    let played = with_run(&plan, &interrupted, |supervisor| {
        let mut puppets = match Puppets::new(supervisor, program) {
            Ok(puppets) => puppets,
            Err(astray) => return (Err(astray), None),
        };
        let result = moves(&mut puppets, &mut told);
        let expected = result.is_ok()
            && (puppets.is_stuck()
                || told.steps.iter().any(|s| s.breach.is_some_and(|b| b != Violation::Lost)));
        (result, Some(puppets.finish(expected)))
    })?;
    let (result, ending) = played;
    let cut = told.cut(&result);
    let schedule = schedule(ready, std::mem::take(&mut told.taken));
    match how.format {
        Format::Json => {
            let (astray, limit) = (result.as_ref().err(), told.limit_reached);
            say!("{}", json(&loaded.name, program, &schedule, astray, limit, ending.as_ref()))
        }
        Format::Text => {
            cut.iter().for_each(|cut| say!("\n{cut}"));
            ending_text(program, &named(&loaded.name, args), &schedule, ending.as_ref());
        }
    }
    if let Some(path) = how.record {
        let texts = plan.texts;
        let subject = Subject::of_texts(&texts)?;
        let header = Header::new(texts, 0).led_by(&schedule.to_string());
        record::save(path, &header, &walked(subject, schedule.steps.clone()))?;
    }
    if interrupted() {
        return Ok(Exit::Interrupted);
    }
    let found = ending.is_some_and(|(_, verdicts)| verdicts.iter().any(Verdict::is_fault));
    match result {
        Err(astray) if how.format == Format::Json => {
            eprintln!("fiveforks: {astray}");
            Ok(Exit::Bad)
        }
        Err(astray) => Err(astray.into()),
        Ok(()) => Ok(if found { Exit::Fault } else { Exit::Fine }),
    }
}

/// A run in which nobody moves unless told to.
pub fn plan(ready: &Ready, over: Mechanism) -> anyhow::Result<Plan<'_>> {
    Ok(Plan {
        program: &ready.program,
        texts: Texts::of(&ready.loaded.name, &ready.loaded.sources, &ready.settings).over(over),
        seed: 0,
        speed: Speed::MAX,
        binary: std::env::current_exe()?,
        gated: true,
    })
}

/// Moves as a schedule of a program.
pub fn schedule(ready: &Ready, steps: Vec<(ActorId, u32)>) -> Schedule {
    Schedule::of(&ready.program, lang::fingerprint(&ready.loaded.sources), steps, None)
}

/// How it ended, for people.
pub fn ending_text(
    program: &Program,
    name: &str,
    schedule: &Schedule,
    ending: Option<&(Snapshot, Vec<Verdict>)>,
) {
    let style = Style::for_terminal(std::io::stdout().is_terminal());
    let Some((snapshot, verdicts)) = ending else { return };
    say!();
    match verdicts.iter().find(|v| v.is_fault()) {
        Some(verdict) => say_on!("{}", report::verdict_text(program, verdict, snapshot, style)),
        None => {
            say!("No fault is to be seen on the processes after {}.", report::counted(schedule.steps.len()));
            for blocked in blocked(program, snapshot) {
                let BlockedJson { actor, pid, line, object } = blocked;
                say!("      {actor}  waits for {object}  line {line}  pid {pid}");
            }
        }
    }
    if schedule.steps.len() <= 2000 {
        say!("  fiveforks replay {name} --schedule {schedule}");
    }
}
