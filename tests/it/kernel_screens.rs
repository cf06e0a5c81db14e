//! The inspector and the view of the kernel as they are drawn: by hand, held to files, and on real processes.

use std::path::PathBuf;
use std::time::Duration;

use fiveforks::inspect::{
    Access, Call, Descriptor, Leads, Process, Resident, Segment, State, Switches, SystemCall,
};
use fiveforks::kernel::{
    KernelObject, Kind, Mapped, Member, Open, Part, Picture, Portrait, Seen, Shared, Spot, View,
};
use fiveforks::lab::{Observed, Subject};
use fiveforks::program::ActorId;
use fiveforks::run::RunId;
use fiveforks::tui::keys::Keymap;
use fiveforks::tui::state::{App, Experiment, Feed, Lab, Overlay, Phase, Screen};
use fiveforks::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::screens::hold_all;
use crate::stagehand::{Pose, app, moment, picture, pose, subject, waiting};
use crate::support::until;

const RUN: RunId = RunId(0x0123_4567_89ab_cdef);
const NOW: Duration = Duration::from_millis(12_400);
/// The process of the supervisor; the guard's and the actors' follow.
const FIRST: u32 = 4711;

const TABLE: [Pose; 3] = [
    waiting("hungry", "wait(fork[(i + 1)", "fork[1]", &["fork[0]"]),
    pose("eating", "eat()", &["fork[1]", "fork[2]"]),
    pose("thinking", "think()", &[]),
];

fn process(pid: u32, letter: char) -> Process {
    Process {
        pid,
        state: State(letter),
        parent: if pid == FIRST { 4000 } else { FIRST },
        group: pid.min(FIRST + 2),
        session: if pid == FIRST + 1 { pid } else { 4000 },
        threads: if pid == FIRST { 4 } else { 1 },
        minor_faults: 287,
        ..Process::default()
    }
}

fn call(number: i64, arguments: [u64; 6]) -> Call {
    Call::Inside(SystemCall { pid: u32::MAX, number, arguments })
}

fn semaphore_path(k: u32) -> String {
    format!("/dev/shm/sem.fiveforks.{RUN}.fork.{k}")
}

fn spot(kind: Kind, name: &str, place: String) -> Option<Spot> {
    Some(Spot { kind: Some(kind), name: name.into(), place })
}

fn members() -> Vec<Member> {
    let member = |part, name: &str, pid, letter, call, on, waits_for: Option<&str>, says: &str| Member {
        part,
        name: name.into(),
        pid,
        process: Some(process(pid, letter)),
        call,
        channel: None,
        on,
        waits_for: waits_for.map(str::to_string),
        says: says.into(),
    };
    let futex = || call(libc::SYS_futex, [0x7f0e_3053_f000, 0x189, 0, 0, 0, 0]);
    let clock = || spot(Kind::Word, "the run's clock", format!("/dev/shm/fiveforks.{RUN}.board + 0x140"));
    let actor = |k| Part::Actor(ActorId(k));
    let (busy, waits) = ("it is busy: time passes", "it waits for fork[1]");
    let on = spot(Kind::Semaphore, "fork[1]", semaphore_path(1));
    let pipe = spot(Kind::Pipe, "guard pipe", "pipe:[2894046]".into());
    let (poll, read) = (call(libc::SYS_ppoll, [0; 6]), call(libc::SYS_read, [0; 6]));
    vec![
        member(Part::Supervisor, "supervisor", FIRST, 'S', poll, None, None, ""),
        member(Part::Guard, "guard", FIRST + 1, 'S', read, pipe, None, ""),
        member(actor(0), "philosopher[0]", FIRST + 2, 'S', futex(), on, Some("fork[1]"), waits),
        member(actor(1), "philosopher[1]", FIRST + 3, 'S', futex(), clock(), None, busy),
        member(
            actor(2),
            "philosopher[2]",
            FIRST + 4,
            'T',
            futex(),
            spot(Kind::Semaphore, "fork[0]", semaphore_path(0)),
            Some("fork[2]"),
            "it waits for fork[2]",
        ),
        member(actor(3), "philosopher[3]", FIRST + 5, 'Z', Call::Running, None, None, "it is dead"),
        member(actor(4), "philosopher[4]", FIRST + 6, 'R', Call::Running, None, None, "it takes steps"),
    ]
}

fn objects() -> Vec<KernelObject> {
    let object =
        |kind, name: &str, place: String, inode, value: Option<&str>, sleepers: &[u32]| KernelObject {
            kind,
            name: name.into(),
            seen: (!place.contains(" + ")).then(|| Seen {
                size: Some(if kind == Kind::Board { 2_631_680 } else { 32 }),
                mode: 0o600,
                owner: "student".into(),
                uid: 1000,
                inode,
            }),
            value: value.map(str::to_string),
            holder: (kind == Kind::Lock).then_some(FIRST),
            sleepers: sleepers.to_vec(),
            counted: (kind == Kind::Semaphore).then_some(sleepers.len() as u32),
            users: (kind != Kind::Lock).then_some(3),
            commands: vec![format!("ls -li {place}"), format!("od -A d -t u4 {place}")],
            place,
        };
    let board = format!("/dev/shm/fiveforks.{RUN}.board");
    vec![
        object(Kind::Board, "board", board.clone(), 335_496, None, &[FIRST + 3, FIRST + 4]),
        object(Kind::Semaphore, "fork[0]", semaphore_path(0), 335_497, Some("0"), &[]),
        object(Kind::Semaphore, "fork[1]", semaphore_path(1), 335_498, Some("0"), &[FIRST + 2]),
        object(Kind::FairSemaphore, "queue", format!("{board} + 0x1280"), 0, Some("1"), &[]),
        object(Kind::Mutex, "m", format!("{board} + 0x1200"), 0, Some("locked"), &[]),
        object(Kind::Fifo, "belt", "/tmp/belt".into(), 77, None, &[]),
        object(Kind::PosixQueue, "letters", "/letters".into(), 78, Some("2 messages"), &[]),
        object(Kind::SystemVQueue, "queue 5", "msqid 5".into(), 0, Some("1 message"), &[]),
        object(Kind::Socket, "wire", "socket:[79]".into(), 79, None, &[]),
        object(Kind::Pipe, "guard pipe", "pipe:[2894046]".into(), 2_894_046, None, &[FIRST + 1]),
        object(Kind::MappedFile, "ledger", "/tmp/ledger".into(), 80, None, &[]),
        object(Kind::Lock, "lock", format!("/dev/shm/fiveforks.{RUN}.lock"), 335_495, Some("locked"), &[]),
    ]
}

fn portrait() -> Portrait {
    let member = members().remove(2);
    let segment = |start: u64, kib: u64, path: String| Segment {
        start,
        end: start + (kib << 10),
        access: "rw-s".into(),
        offset: 0,
        inode: 9,
        path,
    };
    let mapped = |kind, name: &str, start, kib, path| Mapped {
        kind,
        name: name.into(),
        segment: segment(start, kib, path),
    };
    let word = Some([0, 0, 0, 0, 1, 0, 0, 0]);
    let view = |name: &str, pid, address, bytes| View { name: name.into(), pid, address, bytes };
    let open = |number, target: &str, leads, access, name: &str, others: &[(&str, Access)]| Open {
        descriptor: Descriptor { number, target: target.into(), leads, access, inode: 1 },
        name: name.into(),
        others: others.iter().map(|(name, access)| (name.to_string(), *access)).collect(),
    };
    let others =
        [("supervisor", Access::Read), ("philosopher[1]", Access::Write), ("philosopher[2]", Access::Write)];
    Portrait {
        member,
        call: Some("futex(0x7f0e3053f000, FUTEX_WAIT_BITSET, 0, no limit)".into()),
        wait_channel: Some("futex_do_wait".into()),
        processor_time: Duration::from_micros(2_240),
        switches: Some(Switches { voluntary: 5, involuntary: 1 }),
        resident: Some(Resident { private: 540, shared: 6948 }),
        parent: Some("supervisor".into()),
        mapped: vec![
            mapped(Kind::Semaphore, "fork[0]", 0x7f0e_3054_0000, 4, semaphore_path(0)),
            mapped(Kind::Semaphore, "fork[1]", 0x7f0e_3053_f000, 4, semaphore_path(1)),
            mapped(Kind::Board, "board", 0x7f0e_3000_0000, 2570, format!("/dev/shm/fiveforks.{RUN}.board")),
        ],
        shared: Some(Shared {
            name: "fork[1]".into(),
            kind: Kind::Semaphore,
            path: semaphore_path(1),
            place: 0,
            views: vec![
                view("philosopher[0]", FIRST + 2, 0x7f0e_3053_f000, word),
                view("philosopher[1]", FIRST + 3, 0x7fec_b7c0_5000, word),
                view("supervisor", FIRST, 0x7f5c_662b_0000, None),
            ],
            in_file: word,
            meaning: "its value, 0, and how many it counts as asleep, 1".into(),
        }),
        open: Some(vec![
            open(0, "/dev/null", Leads::Device, Access::Read, "/dev/null", &[]),
            open(1, "pipe:[2894045]", Leads::Pipe, Access::Write, "print pipe", &others),
        ]),
    }
}

/// The table with something over it that was seen of the kernel.
fn over(theme: Theme, seen: Observed, keys: &[&str]) -> App {
    let naive = subject("dining-philosophers/naive", &[]);
    let mut app = app(&naive, vec![moment(picture(&naive, &TABLE, NOW), Vec::new())], theme);
    app.press(if matches!(seen, Observed::Run(_)) { "o" } else { "i" }.parse().expect("a key"));
    match &mut app.overlay {
        Some(Overlay::Kernel { watched, .. } | Overlay::Inspect { watched, .. }) => watched.seen = Some(seen),
        _ => panic!("nothing is open"),
    }
    keys.iter().for_each(|key| app.press(key.parse().expect("a key")));
    app
}

#[test]
fn the_kernel_is_drawn() {
    let seen =
        || Observed::Run(Box::new(Picture { run: RUN, members: members(), objects: objects(), unasked: 0 }));
    hold_all("kernel", &|theme| over(theme, seen(), &[]));
    hold_all("kernel-hidden", &|theme| {
        let mut hidden = Picture { run: RUN, members: members(), objects: objects(), unasked: 0 };
        for member in &mut hidden.members {
            (member.call, member.on) = (Call::Hidden, None);
            member.channel = (member.pid != FIRST).then(|| "futex_do_wait".into());
        }
        for object in &mut hidden.objects {
            (object.sleepers, object.users) = (Vec::new(), None);
        }
        over(theme, Observed::Run(Box::new(hidden)), &[])
    });
    hold_all("kernel-objects", &|theme| over(theme, seen(), &["tab", "down", "down"]));
    hold_all("kernel-end", &|theme| over(theme, seen(), &["end"]));
}

#[test]
fn a_process_is_drawn() {
    hold_all("inspect", &|theme| over(theme, Observed::Actor(Box::new(portrait())), &[]));
    hold_all("inspect-end", &|theme| over(theme, Observed::Actor(Box::new(portrait())), &["end"]));
    hold_all("inspect-hidden", &|theme| {
        let mut hidden =
            Portrait { call: None, wait_channel: None, resident: None, open: None, ..portrait() };
        (hidden.member.call, hidden.member.on) = (Call::Hidden, None);
        hidden.shared.iter_mut().flat_map(|s| &mut s.views).for_each(|view| view.bytes = None);
        over(theme, Observed::Actor(Box::new(hidden)), &[])
    });
    hold_all("inspect-dead", &|theme| {
        let gone = Portrait {
            member: Member { process: None, ..members().remove(2) },
            call: None,
            wait_channel: None,
            shared: None,
            open: None,
            mapped: Vec::new(),
            ..portrait()
        };
        over(theme, Observed::Actor(Box::new(gone)), &[])
    });
}

/// What is drawn at a size.
fn text(app: &App, (width, height): (u16, u16)) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    fiveforks::tui::draw(app, area, &mut buffer);
    buffer
        .content
        .chunks(usize::from(width))
        .map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n")
        .collect()
}

fn press(app: &mut App, keys: &str) {
    for key in keys.split(' ') {
        app.press(key.parse().expect("a key"));
    }
}

/// Waits until the screens show all of these.
fn shows(app: &mut App, words: &[&str]) -> String {
    until(&format!("the screen shows {words:?}"), || {
        app.advance();
        let drawn = text(app, (120, 60));
        words.iter().all(|word| drawn.contains(word)).then_some(drawn)
    })
}

#[test]
fn real_processes_are_inspected() {
    let binary = PathBuf::from(crate::support::BINARY);
    let mut app = App::new(Theme::default(), Keymap::default(), Some(binary));
    let subject = Subject::load("dining-philosophers/naive", None, &[]).expect("a program");
    app.open_subject(subject, fiveforks::board::Speed::MAX, 7);
    shows(&mut app, &["DEADLOCK"]);
    press(&mut app, "i");
    let drawn = shows(&mut app, &["✓ and the program says so too", "FUTEX_WAIT", "the same at"]);
    assert!(drawn.contains("fork[1]: a named POSIX semaphore"), "{drawn}");
    // The next object, and the one before.
    press(&mut app, "right");
    shows(&mut app, &["5forks"]);
    press(&mut app, "left");
    shows(&mut app, &["◂ ◆ fork[1] ▸"]);
    press(&mut app, "n");
    shows(&mut app, &["philosopher[1]  pid", "fork[2]: a named POSIX semaphore"]);
    press(&mut app, "o");
    let drawn = shows(&mut app, &["Run ", "guard pipe", "philosopher[4]", "lock file", "0600"]);
    assert!(drawn.contains("philosopher[1]: asleep"), "the selected one is selected here too\n{drawn}");
    press(&mut app, "down enter");
    shows(&mut app, &["philosopher[2]  pid", "fork[3]: a named POSIX semaphore"]);
    assert_eq!(app.lab().map(|lab| lab.active().selected), Some(ActorId(2)));
    press(&mut app, "esc");
    assert!(app.overlay.is_none());
}

#[test]
fn of_what_does_not_run_the_kernel_knows_nothing() {
    let naive = subject("dining-philosophers/naive", &[]);
    let mut app = app(&naive, vec![moment(picture(&naive, &TABLE, NOW), Vec::new())], Theme::default());
    let feed = |app: &mut App, feed, phase| {
        let experiment = app.lab_mut().expect("a lab").active_mut();
        (experiment.feed, experiment.phase) = (feed, phase);
    };
    for (from, phase, words) in [
        (Feed::Recorded, Phase::Running, "this is a recording"),
        (Feed::Own, Phase::Running, "the processes are being started"),
        (Feed::Followed, Phase::Ended, "the run has ended"),
        (Feed::Own, Phase::Failed("no".into()), "it could not start"),
    ] {
        feed(&mut app, from, phase);
        for key in ["o", "i"] {
            press(&mut app, key);
            // What could not start has no picture, so nothing of its actors is drawn.
            app.advance();
            let drawn = text(&app, (120, 36));
            assert!(drawn.contains(words), "{key}: {drawn}");
            press(&mut app, "esc");
        }
    }
    let experiment = Experiment::walk(naive.clone(), fiveforks::lab::Walking::own(naive.clone()));
    app.screen = Screen::Lab(Box::new(Lab::new(experiment)));
    press(&mut app, "o");
    shows(&mut app, &["this is a walk through the model"]);
}

#[test]
fn processes_that_are_led_are_shown_too() {
    let binary = PathBuf::from(crate::support::BINARY);
    let naive = subject("dining-philosophers/naive", &[]);
    let mut app = App::new(Theme::default(), Keymap::default(), Some(binary));
    let experiment = Experiment::walk(naive.clone(), fiveforks::lab::Walking::own(naive));
    app.screen = Screen::Lab(Box::new(Lab::new(experiment)));
    // Real processes go along, and everybody stands at a gate.
    press(&mut app, "enter .");
    press(&mut app, "o");
    let drawn = shows(&mut app, &["Run ", "the gate of philosopher[4]"]);
    assert!(drawn.contains("guard"), "{drawn}");
}
