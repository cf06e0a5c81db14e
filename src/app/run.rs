//! `fiveforks run`

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};

use super::{Exit, Ready, mechanism, ready};
use crate::board::Texts;
use crate::cli::{Format, RunArgs};
use crate::inspect::has_shell;
use crate::lab::Recorder;
use crate::monitor::{Kind, Verdict};
use crate::program::{Expected, Program};
use crate::record::{self, Header};
use crate::report::{self, Outcome, Status, Style};
use crate::run::{Plan, Supervisor, with_run};

/// Time between two looks: short enough to find a deadlock within 10 ms, and long enough that looking costs little.
const LEAST_PAUSE: Duration = Duration::from_millis(2);
const MOST_PAUSE: Duration = Duration::from_millis(15);
/// A look may take this part of the time.
const LOOK_SHARE: u32 = 6;

/// Signals as flags.
struct Signals {
    end: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Signals {
    fn catch() -> anyhow::Result<Signals> {
        let signals = Signals { end: Arc::default(), stop: Arc::default() };
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, signals.end.clone())?;
        }
        signal_hook::flag::register(SIGTSTP, signals.stop.clone())?;
        Ok(signals)
    }
}

pub fn run(args: &RunArgs) -> anyhow::Result<Exit> {
    let ready = ready(&args.program)?;
    let over = mechanism(&args.over, &ready)?;
    let Ready { loaded, program, .. } = ready;
    let signals = Signals::catch()?;
    let plan = Plan {
        program: &program,
        texts: Texts::of(&loaded.name, &loaded.sources, &args.program.settings).over(over),
        seed: args.seed.unwrap_or_else(|| u64::from(rand::rng().random::<u32>())),
        speed: args.speed,
        binary: std::env::current_exe()?,
        gated: false,
    };
    let interrupted = || signals.end.load(Ordering::Relaxed);
    let mut recorded = None;
    let outcome = with_run(&plan, &interrupted, |supervisor| {
        let mut recorder = args.record.as_ref().map(|_| Recorder::new(supervisor));
        let played = play(args, supervisor, &signals, recorder.as_mut());
        recorded = recorder.map(|recorder| recorder.finish(supervisor));
        let source = &loaded.sources.solution.text;
        let mut outcome = Outcome::gather(&loaded.name, plan.seed, source, supervisor, played.verdicts);
        outcome.carrier = (!program.channels.is_empty()).then_some(over);
        outcome.over = played.over;
        outcome.interrupted = signals.end.load(Ordering::Relaxed);
        outcome
    })?;
    match args.format {
        Format::Json => say!("{}", report::json(&program, &outcome)),
        Format::Text => {
            let style = Style::for_terminal(std::io::stdout().is_terminal());
            say_on!("{}", report::text(&program, &outcome, style));
        }
    }
    if args.expect && args.format == Format::Text && !outcome.interrupted {
        say!("{}", comparison(&program, outcome.verdict()));
    }
    if let (Some(path), Some(history)) = (&args.record, recorded) {
        record::save(path, &Header::new(plan.texts, plan.seed), &history)?;
    }
    Ok(exit(args, &program, &outcome))
}

/// What was expected beside what was found, in a line.
fn comparison(program: &Program, verdict: Option<&Verdict>) -> String {
    let expected: Vec<String> = program.expects.iter().map(report::expectation).collect();
    let expected =
        if expected.is_empty() { "nothing in particular".to_string() } else { expected.join(", ") };
    let found = verdict.map_or("no fault seen", Verdict::kind_name);
    let holds = program.expects.iter().any(|e| e.verdict == Expected::Holds);
    let end = match (as_expected(program, verdict), verdict) {
        (true, None) if !holds => "not seen in this run, which need not come upon it",
        (true, _) => "as expected",
        (false, _) => "NOT as expected",
    };
    format!("expected: {expected}; found: {found}: {end}")
}

struct Played {
    verdicts: Vec<Verdict>,
    over: bool,
}

/// Looks at the run until it is over, a fault is found, or the time has passed.
fn play(
    args: &RunArgs,
    supervisor: &mut Supervisor<'_>,
    signals: &Signals,
    mut recorder: Option<&mut Recorder>,
) -> Played {
    let mut live = Status::new(args.plain);
    let mut verdicts = Vec::new();
    let began = Instant::now();
    let mut held = Duration::ZERO;
    let over = loop {
        let look = Instant::now();
        let tick = supervisor.tick();
        if let Some(recorder) = &mut recorder {
            recorder.saw(supervisor, &tick);
        }
        for line in &tick.prints {
            live.say(line);
        }
        for verdict in &tick.verdicts {
            if args.keep_going || !verdict.is_fault() {
                live.say(&report::sentence(supervisor.program(), verdict, &tick.snapshot));
            }
        }
        let fault = tick.verdicts.iter().any(Verdict::is_fault);
        verdicts.extend(tick.verdicts);
        live.show(|| report::status_line(supervisor.program(), &tick.snapshot));
        let passed = began.elapsed().saturating_sub(held);
        if tick.over
            || signals.end.load(Ordering::Relaxed)
            || passed >= args.time
            || fault && !args.keep_going
        {
            break tick.over;
        }
        if signals.stop.swap(false, Ordering::Relaxed) {
            held += suspend(supervisor, &mut live);
        }
        let pause = (look.elapsed() * LOOK_SHARE).clamp(LEAST_PAUSE, MOST_PAUSE);
        std::thread::sleep(pause.min(args.time.saturating_sub(passed)));
    };
    live.end();
    for error in supervisor.errors() {
        eprintln!("fiveforks: {error}");
    }
    Played { verdicts, over }
}

/// Ctrl-Z: the actors stand still for as long as this process does. Gives how long that was.
fn suspend(supervisor: &Supervisor<'_>, live: &mut Status) -> Duration {
    if !has_shell() {
        return Duration::ZERO;
    }
    let control = supervisor.control();
    let began = Instant::now();
    control.set_paused(true);
    live.end();
    // Stops this process the way the terminal meant to; it goes on here after `fg`.
    let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
    control.set_paused(false);
    began.elapsed()
}

fn exit(args: &RunArgs, program: &Program, outcome: &Outcome) -> Exit {
    if outcome.interrupted {
        return Exit::Interrupted;
    }
    let verdict = outcome.verdict();
    if args.expect {
        return if as_expected(program, verdict) { Exit::Fine } else { Exit::Fault };
    }
    if verdict.is_some() { Exit::Fault } else { Exit::Fine }
}

/// Whether what was found is among what the program expects. A run cannot see that a program is serial, and need not
/// come upon a starvation or a livelock that only an unkind scheduler brings about.
fn as_expected(program: &Program, verdict: Option<&Verdict>) -> bool {
    let expected = |e: Expected| program.expects.iter().any(|x| x.verdict == e);
    match verdict.map(|v| &v.kind) {
        None => {
            !expected(Expected::Deadlock) && !expected(Expected::Violation) && !program.expects.is_empty()
        }
        Some(Kind::Deadlock(_)) => expected(Expected::Deadlock),
        Some(Kind::Violation(_)) => expected(Expected::Violation),
        Some(Kind::Starvation { .. }) => expected(Expected::Starvation),
        Some(Kind::Livelock { .. }) => expected(Expected::Livelock),
        Some(Kind::Died { .. } | Kind::Outside(_)) => false,
    }
}
