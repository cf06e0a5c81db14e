//! Moments made by hand, for tests of what the screens draw: no process runs, so every picture is the same each time.

use std::sync::Arc;
use std::time::Duration;

use fiveforks::lab::{Happened, Moment, News, Show, Subject};
use fiveforks::monitor::{Cause, Certainty, Kind, Verdict, Wait};
use fiveforks::program::{ActorId, BETWEEN, MutexId, Object, Program, SemaphoreId};
use fiveforks::snapshot::{ActorView, Doing, Life, Objects, SemaphoreView, Snapshot};
use fiveforks::tui::keys::Keymap;
use fiveforks::tui::state::{App, Experiment, Feed, Lab, Screen};
use fiveforks::tui::theme::Theme;

/// What an actor shall show: its state, the text of the line it is at, what it waits for, what it holds.
pub struct Pose {
    /// The visible state, or `between`.
    pub state: &'static str,
    /// A part of the line.
    pub at: &'static str,
    /// The object that it is blocked on.
    pub waits: Option<&'static str>,
    /// What it holds.
    pub holds: &'static [&'static str],
}

/// A pose that moves.
pub const fn pose(state: &'static str, at: &'static str, holds: &'static [&'static str]) -> Pose {
    Pose { state, at, waits: None, holds }
}

/// A pose that waits.
pub const fn waiting(
    state: &'static str,
    at: &'static str,
    object: &'static str,
    holds: &'static [&'static str],
) -> Pose {
    Pose { state, at, waits: Some(object), holds }
}

/// The object of that name.
pub fn object(program: &Program, name: &str) -> Object {
    let semaphores = (0..program.semaphore_count()).map(|id| Object::Semaphore(SemaphoreId(id)));
    let mutexes = (0..program.mutex_count()).map(|id| Object::Mutex(MutexId(id)));
    let mut all = semaphores.chain(mutexes);
    all.find(|o| program.object_name(*o) == name).unwrap_or_else(|| panic!("no object {name}"))
}

/// The first visible operation of an actor on a line with this text in it.
fn position(subject: &Subject, actor: ActorId, text: &str) -> u32 {
    let code = &subject.program.actors[actor.index()].code;
    let lines: Vec<&str> = subject.sources.solution.text.lines().collect();
    let fits = |at: &usize| {
        let line = code.lines[*at] as usize;
        code.instructions[*at].is_visible()
            && lines.get(line.wrapping_sub(1)).is_some_and(|l| l.contains(text))
    };
    (0..code.instructions.len()).find(fits).unwrap_or_else(|| panic!("no step at {text}")) as u32
}

/// A picture of actors in poses; the last pose is everyone's who has none.
pub fn picture(subject: &Subject, poses: &[Pose], elapsed: Duration) -> Snapshot {
    let program = &subject.program;
    let mut values: Vec<u32> = program
        .semaphores
        .iter()
        .flat_map(|s| std::iter::repeat_n(s.init, s.size.unwrap_or(1) as usize))
        .collect();
    let mut mutexes = vec![None; program.mutex_count() as usize];
    let mut actors = Vec::new();
    for number in 0..program.actors.len() {
        let id = ActorId(number as u32);
        let pose = &poses[number.min(poses.len() - 1)];
        let mut ports = vec![(0, 0); program.actors[number].ports.len() as usize];
        for name in pose.holds {
            match object(program, name) {
                Object::Semaphore(semaphore) => {
                    let slot = program.actors[number].ports.slot(semaphore).expect("a semaphore of its own");
                    ports[slot as usize].1 += 1;
                    values[semaphore.index()] = values[semaphore.index()].saturating_sub(1);
                }
                Object::Mutex(mutex) => mutexes[mutex.index()] = Some(id),
                _ => {}
            }
        }
        let states = &program.role_of(id).states;
        let state = states.iter().position(|s| s.name == pose.state).map_or(BETWEEN, |s| s as u8);
        actors.push(ActorView {
            pid: 4000 + number as u32,
            life: Life::Running,
            steps: 10 + number as u64,
            position: position(subject, id, pose.at),
            doing: pose.waits.map_or(Doing::Running, |name| Doing::Blocked(object(program, name))),
            since: elapsed / 2,
            address: 0x7f00_0000_1000,
            rounds: 0,
            state,
            state_since: elapsed / 2,
            entered: (0..states.len() as u64).map(|s| 2 + s + number as u64 % 3).collect(),
            produced: 0,
            consumed: 0,
            hand: 0,
            breach: None,
            ports,
        });
    }
    let cells =
        program.variables.iter().flat_map(|v| std::iter::repeat_n(v.init, v.size.unwrap_or(1) as usize));
    Snapshot {
        elapsed,
        run_time: elapsed,
        paused: false,
        at_max: false,
        actors,
        objects: Objects {
            syncs: Vec::new(),
            semaphores: values.into_iter().map(|value| SemaphoreView { value, waiters: None }).collect(),
            mutexes,
            cells: cells.collect(),
            items: Vec::new(),
            channels: Vec::new(),
        },
    }
}

/// A deadlock of these actors in a circle.
pub fn circle(subject: &Subject, snapshot: &Snapshot, actors: &[u32]) -> Verdict {
    let program = &subject.program;
    let waits = actors.iter().map(|number| {
        let view = &snapshot.actors[*number as usize];
        let Doing::Blocked(object) = view.doing else { panic!("actor {number} does not wait") };
        Wait {
            actor: ActorId(*number),
            pid: view.pid,
            line: program.actors[*number as usize].code.line(view.position),
            objects: vec![object],
            held_by: snapshot.holders(program, object),
            released_by: Vec::new(),
        }
    });
    Verdict {
        kind: Kind::Deadlock(Cause::CircularWait),
        certainty: Certainty::Proved,
        actors: actors.iter().map(|a| ActorId(*a)).collect(),
        line: 13,
        waits: waits.collect(),
        circle: actors.len(),
        total: actors.len() == snapshot.actors.len(),
        since: snapshot.elapsed - Duration::from_millis(2),
        found: snapshot.elapsed,
        asleep: Some((actors.len(), actors.len())),
    }
}

/// A moment with this picture: what it shows began half a second ago.
pub fn moment(snapshot: Snapshot, verdicts: Vec<Verdict>) -> News {
    let clock = snapshot.elapsed;
    let changes = (0..snapshot.actors.len() as u32).flat_map(|number| {
        let show = Show::of(&snapshot.actors[number as usize]);
        let rest = Show { state: 0, mode: fiveforks::lab::Mode::Active };
        let late = clock.saturating_sub(Duration::from_millis(500 + 100 * u64::from(number % 7)));
        [(ActorId(number), Duration::ZERO, rest), (ActorId(number), late, show)]
    });
    let events = (0..snapshot.actors.len().min(9) as u32).map(|number| Happened {
        at: clock.saturating_sub(Duration::from_millis(900 - 100 * u64::from(number))),
        actor: ActorId(number),
        position: snapshot.actors[number as usize].position,
        result: 0,
        object: None,
    });
    News::Moment(Box::new(Moment {
        clock,
        changes: changes.collect(),
        events: events.collect(),
        lost: 0,
        verdicts,
        prints: Vec::new(),
        waits: None,
        over: false,
        snapshot,
    }))
}

/// A built-in program.
pub fn subject(name: &str, settings: &[(&str, i32)]) -> Arc<Subject> {
    let settings: Vec<(String, i32)> = settings.iter().map(|(n, v)| (n.to_string(), *v)).collect();
    Subject::load(name, None, &settings).expect("a program")
}

/// The screens with a run that nobody runs.
pub fn app(subject: &Arc<Subject>, news: Vec<News>, theme: Theme) -> App {
    let mut app = App::new(Theme { still: true, ..theme }, Keymap::default(), None);
    let mut experiment = Experiment::new(subject.clone(), 42, Feed::Own, None);
    for piece in news {
        experiment.take(piece, &mut Vec::new());
    }
    app.screen = Screen::Lab(Box::new(Lab::new(experiment)));
    app
}

/// A tribe of four with its cook: one has the pot's lock and waits for the cook, one waits for the lock.
pub const HUNGRY: [Pose; 5] = [
    waiting("hungry", "wait(full)", "full", &["mutex"]),
    waiting("hungry", "wait(mutex)", "mutex", &[]),
    pose("eating", "eat()", &[]),
    pose("resting", "rest()", &[]),
    pose("cooking", "cook()", &[]),
];
