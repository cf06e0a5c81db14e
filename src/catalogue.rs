//! The built-in programs, and how the name of a program becomes its texts.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::lang::limits::MAX_SOURCE_BYTES;
use crate::lang::{self, Scope, Source, Sources};
use crate::program::Program;

/// A problem of the catalogue.
#[derive(Debug)]
pub struct Problem {
    /// Its name.
    pub id: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Its solutions, as a path from naive to best.
    pub solutions: &'static [Solution],
}

/// A solution of the catalogue.
#[derive(Debug)]
pub struct Solution {
    /// Its name.
    pub id: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! catalogue {
    ($($problem:literal: $($solution:literal)*;)*) => {
        /// All problems.
        pub const PROBLEMS: &[Problem] = &[$(Problem {
            id: $problem,
            text: include_str!(concat!("../problems/", $problem, "/problem.fork")),
            solutions: &[$(Solution {
                id: $solution,
                text: include_str!(concat!("../problems/", $problem, "/", $solution, ".fork")),
            },)*],
        },)*];
    };
}

catalogue! {
    "dining-philosophers": "naive" "one-semaphore" "two-checks" "posted-twice" "polite" "free-choice" "ordered"
        "ordered-fair" "one-look" "one-at-a-time" "waiter" "left-handed" "odd-even" "footman-lets-all-in" "footman"
        "forgetful" "sleeps-inside" "tanenbaum" "fair-states" "monitor-forgets" "monitor" "monitor-fair" "one-by-one"
        "both-at-once" "both-in-line" "not-asked-back" "clean-forks" "messages-left" "messages" "messages-waiter";
    "producer-consumer": "no-mutex" "wait-inside" "starts-at-zero" "wrong-start" "tests-value" "semaphores"
        "two-locks" "one-to-one" "signal-too-soon" "split-binary" "sleep-wakeup" "busy-wait" "sleep-locked"
        "no-sentinel" "one-sentinel" "sentinel" "one-condition" "broadcast" "monitor-if" "monitor" "monitor-hoare"
        "no-empties" "messages" "mailbox";
    "readers-writers": "unprotected" "second-walks-in" "last-reader-keeps" "one-lock" "readers-first"
        "turnstile-inside" "turnstile" "turnstile-fair" "service-queue" "writers-first" "writer-priority" "lightswitch"
        "upgrade" "rwlock" "rwlock-writers" "rwlock-fair" "monitor-if" "monitor" "monitor-signal" "monitor-handover"
        "monitor-hoare" "spin" "spin-cas" "ticket-late" "ticket" "no-pen" "slips";
    "sleeping-barber": "check-then-sit" "balk-holding" "own-signal" "textbook" "no-rendezvous" "half-rendezvous"
        "rendezvous" "first-come" "check-then-sleep" "look-locked" "several-barbers" "last-come" "hilzer" "monitor-if"
        "monitor" "monitor-hoare" "chair-too-soon" "messages";
    "mutual-exclusion": "strict-turns" "look-then-flag" "flag-then-look" "after-you" "dekker-unfenced" "dekker"
        "peterson-swapped" "peterson-unfenced" "peterson" "bakery-no-choosing" "bakery-unfenced" "bakery"
        "bakery-wraps" "black-white" "test-then-set" "test-and-set" "ticket" "semaphore" "fair-semaphore";
    "lost-update": "naive" "own-lock" "two-locks" "mutex" "compare-and-swap" "fetch-add";
    "rendezvous": "nobody-waits" "one-waits" "wait-first" "one-semaphore" "rendezvous" "one-answers" "barrier";
    "barrier": "once" "lapped" "preloaded" "two-phase" "missed" "sense-reversing" "barrier";
    "cigarette-smokers": "naive" "ordered" "pushers-unlocked" "pushers" "called" "monitor";
    "dining-savages": "unlocked" "lock-let-go" "cook-locks" "one-at-the-pot" "fair";
    "water": "each-grabs" "no-barrier" "barrier";
    "atm": "pays-first" "two-questions" "messages";
    "media-pipeline": "free-too-soon" "semaphores";
    "notification": "look-then-sleep" "always-ring" "queued";
}

/// Programs whose deadlock is a lost wakeup: nobody is left who would signal. A test asks the checker.
pub const LOST_WAKEUPS: &[(&str, &str)] = &[
    ("dining-philosophers", "forgetful"),
    ("dining-philosophers", "monitor-forgets"),
    ("dining-philosophers", "one-by-one"),
    ("dining-philosophers", "not-asked-back"),
    ("producer-consumer", "starts-at-zero"),
    ("producer-consumer", "sleep-wakeup"),
    ("producer-consumer", "no-sentinel"),
    ("producer-consumer", "one-sentinel"),
    ("producer-consumer", "one-condition"),
    ("readers-writers", "last-reader-keeps"),
    ("readers-writers", "monitor-signal"),
    ("sleeping-barber", "own-signal"),
    ("sleeping-barber", "check-then-sleep"),
    ("rendezvous", "wait-first"),
    ("cigarette-smokers", "naive"),
    ("cigarette-smokers", "ordered"),
    ("cigarette-smokers", "pushers-unlocked"),
    ("water", "each-grabs"),
    ("notification", "look-then-sleep"),
];

/// The texts of a program, and what to call it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// `problem/solution`, or the path.
    pub name: String,
    /// The texts.
    pub sources: Sources,
}

/// Why a program could not be found or read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LoadError(String);

/// What the name of a recording ends in, behind a dot.
pub const RECORDING: &str = "ffrec";

/// Whether a file is a recording, by its name.
pub fn is_recording(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == RECORDING)
}

/// Finds a program. `problem` overrides what the program says of its problem.
pub fn load(program: &str, problem: Option<&str>) -> Result<Loaded, LoadError> {
    let path = Path::new(program);
    if is_recording(path) {
        return Err(LoadError(format!(
            "{program} is a recording: look at it with `fiveforks {program}`, or lead processes through it with `fiveforks replay {program}`"
        )));
    }
    // Beside the catalogue's own folders, its names are still its programs.
    if path.is_dir() && find(program).is_err() {
        return Err(LoadError(format!("{program} is a folder; name a .fork file in it")));
    }
    if program.ends_with(".fork") || path.is_file() {
        return from_file(path, problem);
    }
    let (id, solution) = match program.split_once('/') {
        Some((id, solution)) => (id, Some(solution)),
        None => (program, None),
    };
    let found = find(id)?;
    let solution = match solution {
        None => first_correct(found),
        Some(name) => found.solutions.iter().find(|s| s.id == name).ok_or_else(|| {
            let names: Vec<&str> = found.solutions.iter().map(|s| s.id).collect();
            LoadError(format!("{id} has no solution `{name}`; it has {}", names.join(", ")))
        })?,
    };
    let sources = Sources {
        problem: Some(problem_source(problem, found)?),
        solution: Source { name: format!("{id}/{}.fork", solution.id), text: solution.text.to_string() },
    };
    Ok(Loaded { name: format!("{id}/{}", solution.id), sources })
}

/// The problem of that name.
pub fn find(id: &str) -> Result<&'static Problem, LoadError> {
    PROBLEMS.iter().find(|p| p.id == id).ok_or_else(|| {
        let names: Vec<&str> = PROBLEMS.iter().map(|p| p.id).collect();
        LoadError(format!(
            "there is no program `{id}`; the problems are {}; a file's name ends in .fork",
            names.join(", ")
        ))
    })
}

/// The texts of a built-in solution.
pub fn sources(problem: &Problem, solution: &Solution) -> Sources {
    Sources {
        problem: Some(built_in(problem)),
        solution: Source {
            name: format!("{}/{}.fork", problem.id, solution.id),
            text: solution.text.to_string(),
        },
    }
}

/// The compiled program of a built-in solution; none if it has errors, which a test excludes.
pub fn compiled(problem: &Problem, solution: &Solution) -> Option<Program> {
    lang::compile(&sources(problem, solution), &[], Scope::Only(0)).ok().map(|c| c.program)
}

/// The first solution that is expected to hold.
fn first_correct(problem: &'static Problem) -> &'static Solution {
    let correct = |s: &&Solution| compiled(problem, s).is_some_and(|p| p.is_correct());
    problem.solutions.iter().find(correct).unwrap_or(&problem.solutions[0])
}

fn built_in(problem: &Problem) -> Source {
    Source { name: format!("{}/problem.fork", problem.id), text: problem.text.to_string() }
}

fn problem_source(name: Option<&str>, default: &Problem) -> Result<Source, LoadError> {
    match name {
        None => Ok(built_in(default)),
        Some(name) => named_problem(name, Path::new("")),
    }
}

/// A problem by its name in the catalogue, or by a path, which may be relative to the solution's folder.
fn named_problem(name: &str, folder: &Path) -> Result<Source, LoadError> {
    let path = Path::new(name);
    for candidate in [path.to_path_buf(), folder.join(path)] {
        if candidate.is_file() {
            return read(&candidate);
        }
    }
    find(name).map(built_in).map_err(|error| LoadError(format!("problem `{name}`: {error}")))
}

fn from_file(path: &Path, problem: Option<&str>) -> Result<Loaded, LoadError> {
    let solution = read(path)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let named = problem.map(str::to_string).or_else(|| lang::named_problem(&solution.text));
    let problem = match named {
        Some(name) => Some(named_problem(&name, &folder)?),
        None => beside(path, &folder, &solution)?,
    };
    Ok(Loaded { name: solution.name.clone(), sources: Sources { problem, solution } })
}

/// A `problem.fork` beside the solution, unless the file is a program by itself.
fn beside(path: &Path, folder: &Path, solution: &Source) -> Result<Option<Source>, LoadError> {
    let beside: PathBuf = folder.join("problem.fork");
    let own = solution.text.lines().any(|line| line.starts_with("role ") || line.starts_with("problem "));
    if own || path.file_name() == beside.file_name() || !beside.is_file() {
        return Ok(None);
    }
    read(&beside).map(Some)
}

/// Reads a text, at most one byte more than the language allows.
pub fn read(path: &Path) -> Result<Source, LoadError> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let limit = MAX_SOURCE_BYTES as u64 + 1;
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|error| LoadError(format!("cannot read {name}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        LoadError(format!("{name} is not UTF-8 text: byte {}", error.utf8_error().valid_up_to()))
    })?;
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text);
    Ok(Source { name, text })
}
