//! A thread that supervises a run, or follows one of another terminal, and speaks with its owner through channels.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded, unbounded};
use rustix::process::Signal;

use super::eyes::Eyes;
use super::moment::Moment;
use super::subject::Subject;
use crate::board::{Detail, Speed};
use crate::program::ActorId;
use crate::run::{Delay, Follow, Plan, RunId, Supervisor, living, with_run};

/// Time between two looks at a run that moves: short enough that a deadlock is found within 10 ms.
const LEAST_PAUSE: Duration = Duration::from_millis(3);
const MOST_PAUSE: Duration = Duration::from_millis(15);
/// The same while the run is paused or over: commands come at once all the same.
const STILL_PAUSE: Duration = Duration::from_millis(100);
/// A look may take this part of the time.
const LOOK_SHARE: u32 = 8;
/// Moments that may lie unread.
const UNREAD: usize = 2;

/// What can be asked of a live run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Pause, or go on.
    Pause(bool),
    /// Change the speed.
    Speed(Speed),
    /// SIGKILL to kill an actor, SIGSTOP and SIGCONT to freeze and thaw it.
    Signal(ActorId, Signal),
    /// Hold an actor up whenever it comes to a line; none takes the delay away.
    Delay(ActorId, Option<Delay>),
}

/// What a session says.
#[derive(Debug)]
pub enum News {
    /// All processes run.
    Started {
        /// The run's identity, as in the names in /dev/shm.
        run: RunId,
        /// How long it took.
        took: Duration,
    },
    /// Something to show.
    Moment(Box<Moment>),
    /// It could not start, or something went wrong beside the program.
    Failed(String),
    /// A followed run has ended.
    Ended,
}

/// How to start a run.
#[derive(Clone, Debug)]
pub struct Start {
    /// Which program.
    pub subject: Arc<Subject>,
    /// What all random times and choices come from.
    pub seed: u64,
    /// How fast.
    pub speed: Speed,
    /// The binary that plays actors and guard.
    pub binary: PathBuf,
}

/// A run in a thread of its own. It ends, with everything that belongs to it, when this is dropped.
#[derive(Debug)]
pub struct Session {
    commands: Option<Sender<Command>>,
    news: Receiver<News>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Session {
    /// Starts a run.
    pub fn start(start: Start) -> std::io::Result<Session> {
        Session::spawn("supervisor", move |commands, news, ending| {
            supervise(&start, &commands, &news, &ending)
        })
    }

    /// Follows a run of another terminal, without touching it.
    pub fn follow(run: RunId, subject: Arc<Subject>) -> std::io::Result<Session> {
        Session::spawn("follower", move |commands, news, ending| {
            follow(run, &subject, &commands, &news, &ending)
        })
    }

    fn spawn(
        name: &str,
        work: impl FnOnce(Receiver<Command>, Sender<News>, Arc<AtomicBool>) + Send + 'static,
    ) -> std::io::Result<Session> {
        let (commands, orders) = unbounded();
        let (report, news) = bounded(UNREAD);
        let ending = Arc::new(AtomicBool::new(false));
        let flag = ending.clone();
        let thread =
            std::thread::Builder::new().name(name.into()).spawn(move || work(orders, report, flag))?;
        Ok(Session { commands: Some(commands), news, ending, thread: Some(thread) })
    }

    /// Asks something of the run. A run that has ended does not mind.
    pub fn tell(&self, command: Command) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command);
        }
    }

    /// What is new, if anything is.
    pub fn news(&self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// Asks the run to end, without waiting for it.
    pub fn end(&mut self) {
        self.ending.store(true, Ordering::Release);
        self.commands = None;
    }

    /// Whether the thread has ended: all processes and names are gone.
    pub fn is_gone(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
        if let Some(thread) = self.thread.take() {
            // What it had to say of a panic went to the panic hook.
            let _ = thread.join();
        }
    }
}

/// Sends what must arrive, unless the session ends.
fn send(news: &Sender<News>, ending: &AtomicBool, mut message: News) {
    const RETRY: Duration = Duration::from_millis(20);
    while !ending.load(Ordering::Acquire) {
        match news.send_timeout(message, RETRY) {
            Ok(()) => return,
            Err(crossbeam::channel::SendTimeoutError::Timeout(back)) => message = back,
            Err(_) => return,
        }
    }
}

fn supervise(start: &Start, commands: &Receiver<Command>, news: &Sender<News>, ending: &AtomicBool) {
    let program = &start.subject.program;
    let plan = Plan {
        program,
        texts: start.subject.texts(),
        seed: start.seed,
        speed: start.speed,
        binary: start.binary.clone(),
        gated: false,
    };
    let interrupted = || ending.load(Ordering::Acquire);
    let result = with_run(&plan, &interrupted, |supervisor| {
        let (run, took) = (supervisor.run(), supervisor.started_in());
        send(news, ending, News::Started { run, took });
        watch(supervisor, commands, news, ending);
    });
    if let Err(error) = result {
        send(news, ending, News::Failed(error.to_string()));
    }
}

/// Looks, tells, and obeys, until the session ends.
fn watch(
    supervisor: &mut Supervisor<'_>,
    commands: &Receiver<Command>,
    news: &Sender<News>,
    ending: &AtomicBool,
) {
    let program = supervisor.program();
    let mut eyes = Eyes::new(program);
    let mut errors = 0;
    loop {
        let began = Instant::now();
        let tick = supervisor.tick();
        let still = tick.over || tick.snapshot.paused;
        eyes.saw(&tick.snapshot, tick.verdicts, tick.prints, tick.over);
        for error in &supervisor.errors()[errors..] {
            send(news, ending, News::Failed(error.clone()));
        }
        errors = supervisor.errors().len();
        // A moment that nobody has room for is made later, and loses nothing by it.
        if eyes.due() && !news.is_full() {
            let moment = eyes.moment(program, supervisor.board(), || supervisor.snapshot(Detail::Full));
            if let Err(TrySendError::Disconnected(_)) = news.try_send(News::Moment(Box::new(moment))) {
                return;
            }
        }
        let mut pause = (began.elapsed() * LOOK_SHARE).clamp(LEAST_PAUSE, MOST_PAUSE);
        if still {
            pause = STILL_PAUSE;
        }
        match commands.recv_timeout(pause) {
            Ok(command) => {
                obey(supervisor, command);
                commands.try_iter().for_each(|command| obey(supervisor, command));
                eyes.hurry();
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if ending.load(Ordering::Acquire) {
            return;
        }
    }
}

fn obey(supervisor: &Supervisor<'_>, command: Command) {
    match command {
        Command::Pause(paused) => supervisor.control().set_paused(paused),
        Command::Speed(speed) => supervisor.control().set_speed(speed),
        // A process that is gone needs no signal; its death is seen by the next look.
        Command::Signal(actor, signal) => drop(supervisor.signal(actor, signal)),
        Command::Delay(actor, delay) => supervisor.delay(actor, delay),
    }
}

fn follow(
    run: RunId,
    subject: &Subject,
    commands: &Receiver<Command>,
    news: &Sender<News>,
    ending: &AtomicBool,
) {
    let opened = Follow::open(run);
    let watching = opened
        .as_ref()
        .map_err(ToString::to_string)
        .and_then(|follow| follow.watch(&subject.program).map_err(|error| error.to_string()));
    let mut watching = match watching {
        Ok(watching) => watching,
        Err(error) => return send(news, ending, News::Failed(error)),
    };
    send(news, ending, News::Started { run, took: Duration::ZERO });
    let mut eyes = Eyes::new(&subject.program);
    let mut look_alive = Instant::now();
    loop {
        let began = Instant::now();
        let look = watching.tick();
        let over = look.snapshot.actors.iter().all(|actor| actor.life.is_over());
        let still = over || look.snapshot.paused;
        eyes.saw(&look.snapshot, look.verdicts, Vec::new(), over);
        if eyes.due() && !news.is_full() {
            let moment = eyes.moment(&subject.program, watching.board(), || watching.snapshot());
            let _ = news.try_send(News::Moment(Box::new(moment)));
        }
        if look_alive <= began {
            look_alive = began + Duration::from_millis(200);
            if !living().contains(&run) {
                return send(news, ending, News::Ended);
            }
        }
        let pause =
            if still { STILL_PAUSE } else { (began.elapsed() * LOOK_SHARE).clamp(LEAST_PAUSE, MOST_PAUSE) };
        if let Err(RecvTimeoutError::Disconnected) = commands.recv_timeout(pause) {
            return;
        }
        if ending.load(Ordering::Acquire) {
            return;
        }
    }
}
