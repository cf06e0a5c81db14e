//! One run on the screens: what runs, what was seen of it, where one looks, which faults were injected.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::board::{REAL_TIME, Speed};
use crate::catalogue;
use crate::lab::{
    Command, History, Mark, News, Session, Start, Subject, Trouble, Walking, changed_lines, counterpart,
};
use crate::monitor::{Certainty, Kind, Verdict};
use crate::program::ActorId;
use crate::run::{Delay, RunId};
use crate::snapshot::Snapshot;

/// Where the pictures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// A run of our own.
    Own,
    /// A run of another terminal, which is only looked at.
    Followed,
    /// A recording.
    Recorded,
    /// A way through the model, walked step by step.
    Walked,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub enum Phase {
    /// Its processes are being started.
    Starting(Instant),
    /// It runs.
    Running,
    /// It could not start, or its text has errors.
    Failed(String),
    /// The followed run is gone.
    Ended,
}

/// How often the file of a text is looked at.
const LOOK_AT_FILE: Duration = Duration::from_millis(400);
/// The slowest and the fastest that keys can set, in millionths.
const SPEEDS: (u64, u64) = (62_500, 64_000_000);

/// One run on the screens.
#[derive(Debug)]
pub struct Experiment {
    /// What runs.
    pub subject: Arc<Subject>,
    /// The solution that belongs to it: the fix, or what it mends.
    pub pair: Option<String>,
    /// How the text differs from that one's.
    pub marks: Vec<(u32, Mark)>,
    /// Where the pictures come from.
    pub feed: Feed,
    /// How far it is.
    pub phase: Phase,
    /// The processes.
    pub session: Option<Session>,
    /// The binary that plays them.
    binary: Option<PathBuf>,
    /// Their run, once they are there.
    pub run: Option<RunId>,
    /// What was seen.
    pub history: History,
    /// What all random times come from.
    pub seed: u64,
    /// How fast it goes.
    pub speed: Speed,
    /// Whether it is paused.
    pub paused: bool,
    /// Which picture is looked at, if it is not the present one.
    pub at: Option<usize>,
    /// That picture.
    past: Option<Snapshot>,
    /// Of a recording that plays: since when, and from which time of it on.
    playing: Option<(Instant, Duration)>,
    /// The selected actor.
    pub selected: ActorId,
    /// Those that were stopped by SIGSTOP.
    pub frozen: BTreeSet<ActorId>,
    /// Those that are held up at a line.
    pub delayed: Vec<(ActorId, Delay)>,
    /// The way that is walked, if one is.
    pub walking: Option<Walking>,
    /// What is wrong with the text as it is now in its file.
    pub trouble: Option<Trouble>,
    file_time: Option<SystemTime>,
    file_looked: Instant,
}

/// What there is to draw of a run.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The picture.
    pub snapshot: &'a Snapshot,
    /// Its time, without pauses.
    pub clock: Duration,
    /// What had been found by then: of the gravest, the latest.
    pub verdict: Option<&'a Verdict>,
    /// Who can never go on, by what had been found.
    pub stuck: &'a [ActorId],
}

impl Experiment {
    /// A run that has not begun.
    pub fn new(subject: Arc<Subject>, seed: u64, feed: Feed, came_from: Option<&str>) -> Experiment {
        let pair = counterpart(&subject, came_from);
        let marks = pair
            .as_deref()
            .and_then(|name| catalogue::load(name, None).ok())
            .map(|other| changed_lines(&subject.sources.solution.text, &other.sources.solution.text));
        let file_time = subject.path.as_deref().and_then(modified);
        Experiment {
            history: History::new(&subject.program),
            subject,
            pair,
            marks: marks.unwrap_or_default(),
            feed,
            phase: Phase::Starting(Instant::now()),
            session: None,
            binary: None,
            run: None,
            seed,
            speed: REAL_TIME,
            paused: false,
            at: None,
            past: None,
            playing: None,
            selected: ActorId(0),
            frozen: BTreeSet::new(),
            delayed: Vec::new(),
            walking: None,
            trouble: None,
            file_time,
            file_looked: Instant::now(),
        }
    }

    /// A way through the model, at its beginning.
    pub fn walk(subject: Arc<Subject>, walking: Walking) -> Experiment {
        let mut experiment = Experiment::new(subject, 0, Feed::Walked, None);
        experiment.phase = Phase::Running;
        experiment.paused = true;
        experiment.history = walking.history();
        experiment.walking = Some(walking);
        experiment.look_at(Some(0));
        experiment
    }

    /// Goes to a place of the way that is walked; real processes go along.
    pub fn walk_to(&mut self, at: usize) {
        self.look_at(Some(at));
        let at = self.at.unwrap_or(0);
        let Some(walking) = &mut self.walking else { return };
        walking.stand_at(at);
        // Whoever has just moved is the one to look at.
        if let Some(step) = at.checked_sub(1).and_then(|at| walking.steps.get(at)) {
            self.selected = step.actor;
        }
    }

    /// Lets an actor take a step from the place that is looked at, instead of what came there. False if it cannot.
    pub fn turn(&mut self, actor: ActorId, way: u32) -> bool {
        let at = self.at.unwrap_or(0);
        let Some(walking) = &mut self.walking else { return false };
        if !walking.turn(at, actor, way) {
            return false;
        }
        self.history = walking.history();
        self.walk_to(at + 1);
        self.selected = actor;
        true
    }

    /// Starts the processes.
    pub fn start(&mut self, binary: &Path) {
        self.binary = Some(binary.to_path_buf());
        let start = Start {
            subject: self.subject.clone(),
            seed: self.seed,
            speed: self.speed,
            binary: PathBuf::from(binary),
        };
        match Session::start(start) {
            Ok(session) => self.session = Some(session),
            Err(error) => self.phase = Phase::Failed(format!("cannot start a thread: {error}")),
        }
    }

    /// Asks something of the processes.
    pub fn tell(&self, command: Command) {
        if let Some(session) = &self.session {
            session.tell(command);
        }
    }

    /// Takes in what the run has to say. Gives whether anything changed.
    pub fn advance(&mut self, notes: &mut Vec<String>) -> bool {
        let mut changed = matches!(self.phase, Phase::Starting(_)) && self.session.is_some();
        while let Some(news) = self.session.as_ref().and_then(Session::news) {
            changed = true;
            self.take(news, notes);
        }
        let at = self.at.unwrap_or(0);
        changed |= self.walking.as_mut().is_some_and(|walking| walking.advance(at));
        changed | self.look_at_file(notes) | self.play_on()
    }

    /// Lets a recording play from the picture that is looked at, or from the beginning if that is the last; or stops it.
    pub fn play(&mut self, play: bool) {
        self.paused = !play;
        let at = self.at.filter(|at| *at < self.history.last()).unwrap_or(self.history.first());
        if play {
            self.look_at(Some(at));
        }
        self.playing = play.then(|| (Instant::now(), self.history.time(at)));
    }

    /// Goes on to the picture that it is time for.
    fn play_on(&mut self) -> bool {
        let Some((since, from)) = self.playing else { return false };
        let (last, before) = (self.history.last(), self.at.unwrap_or(self.history.first()));
        let time = from + since.elapsed();
        let at = (before..=last).take_while(|at| self.history.time(*at) <= time).last().unwrap_or(before);
        if at == last {
            (self.playing, self.paused) = (None, true);
        }
        if at != before {
            self.look_at(Some(at));
        }
        at != before
    }

    /// Takes in one piece of news.
    pub fn take(&mut self, news: News, notes: &mut Vec<String>) {
        match news {
            News::Started { run, .. } => {
                self.run = Some(run);
                self.phase = Phase::Running;
                if self.paused {
                    self.tell(Command::Pause(true));
                }
            }
            News::Moment(moment) => {
                self.phase = Phase::Running;
                if self.feed == Feed::Followed {
                    self.paused = moment.snapshot.paused;
                }
                let broken = |verdicts: &[Verdict]| {
                    verdicts.iter().any(|verdict| matches!(verdict.kind, Kind::Violation(_)))
                };
                let first = broken(&moment.verdicts) && !broken(&self.history.beside.verdicts);
                self.history.add(&self.subject.program, *moment);
                // A broken rule is to be seen: a moment later everybody may be where they should be.
                if first && self.feed == Feed::Own && self.speed != Speed::MAX && !self.paused {
                    self.pause(true);
                    notes.push("stopped where the rule was broken; the pause key goes on".into());
                }
            }
            News::Failed(error) if matches!(self.phase, Phase::Starting(_)) => {
                self.phase = Phase::Failed(error)
            }
            News::Failed(error) => notes.push(error),
            News::Ended => self.phase = Phase::Ended,
        }
    }

    /// Compiles the text anew when its file was saved, and starts what compiles.
    fn look_at_file(&mut self, notes: &mut Vec<String>) -> bool {
        let Some(path) = self.subject.path.as_deref().filter(|_| self.feed == Feed::Own) else {
            return false;
        };
        if self.file_looked.elapsed() < LOOK_AT_FILE {
            return false;
        }
        self.file_looked = Instant::now();
        let time = modified(path);
        if time.is_none() || time == self.file_time {
            return false;
        }
        self.file_time = time;
        match self.subject.reload() {
            Ok(subject) => {
                self.trouble = None;
                notes.push(format!("{} was saved: started anew", path.display()));
                self.become_anew(subject);
            }
            Err(trouble) => self.trouble = Some(*trouble),
        }
        true
    }

    /// Starts anew with another text, in place of the old one.
    fn become_anew(&mut self, subject: Arc<Subject>) {
        let mut next = Experiment::new(subject, self.seed, Feed::Own, None);
        (next.speed, next.selected) = (self.speed, self.selected);
        // The old processes end first: there may be no room for both.
        self.session = None;
        if let Some(binary) = self.binary.take() {
            next.start(&binary);
        }
        let last = next.subject.program.actors.len().saturating_sub(1) as u32;
        next.selected = next.selected.min(ActorId(last));
        *self = next;
    }

    /// What there is to draw; none before the first picture.
    pub fn seen(&self) -> Option<Seen<'_>> {
        let (snapshot, clock) = match (&self.past, self.at) {
            (Some(past), Some(at)) => (past, self.history.time(at)),
            _ => (self.history.latest()?, self.history.beside.clock),
        };
        let known = |v: &&Verdict| self.at.is_none() || v.found <= snapshot.elapsed;
        let verdicts = || self.history.beside.verdicts.iter().filter(known);
        // Of several that are as bad, the first: what comes after it comes of it.
        let verdict = verdicts().rev().max_by_key(|v| (v.is_fault(), v.certainty == Certainty::Proved));
        let stuck = verdicts().rev().find(|v| !v.waits.is_empty()).map_or(&[][..], |v| v.actors.as_slice());
        Some(Seen { snapshot, clock, verdict, stuck })
    }

    /// Looks at another picture; none is the present one.
    pub fn look_at(&mut self, at: Option<usize>) {
        let (first, last) = (self.history.first(), self.history.last());
        self.at = at.map(|at| at.clamp(first, last)).filter(|_| !self.history.is_empty());
        self.past = self.at.and_then(|at| self.history.picture(at));
    }

    /// Selects an actor, round and round.
    pub fn select(&mut self, by: isize) {
        let count = self.subject.program.actors.len().max(1) as isize;
        self.selected = ActorId((self.selected.0 as isize + by).rem_euclid(count) as u32);
    }

    /// Goes faster or slower by a factor of two.
    pub fn change_speed(&mut self, faster: bool) {
        self.speed = match (self.speed, faster) {
            (Speed::MAX, true) => Speed::MAX,
            (Speed::MAX, false) => Speed(SPEEDS.1),
            (Speed(v), true) if v >= SPEEDS.1 => Speed::MAX,
            (Speed(v), true) => Speed(v * 2),
            (Speed(v), false) => Speed((v / 2).max(SPEEDS.0.min(v))),
        };
        self.tell(Command::Speed(self.speed));
    }

    /// Pauses, or goes on.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.tell(Command::Pause(paused));
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}
