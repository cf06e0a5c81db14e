//! The way of a message as it is drawn: by hand, held to files; along a walk; and of real processes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fiveforks::lab::{Happened, News, Subject, Walking};
use fiveforks::mechanism::Mechanism;
use fiveforks::program::{ActorId, Instruction, Place};
use fiveforks::snapshot::Snapshot;
use fiveforks::tui::keys::Keymap;
use fiveforks::tui::state::App;
use fiveforks::tui::theme::Theme;

use crate::screens::{hold_all, text_at};
use crate::stagehand::{Pose, app, moment, object, picture, pose, subject, waiting};
use crate::support::until;

const NOW: Duration = Duration::from_millis(12_400);

const ASLEEP: [Pose; 2] =
    [pose("working", "work()", &[]), waiting("listening", "receive(", "a message in notice", &[])];

/// An actor's sending to a channel, or receiving from it, so many milliseconds ago.
fn passed(subject: &Subject, actor: u32, channel: &str, sent: bool, value: i32, ago: u64) -> Happened {
    let program = &subject.program;
    let name = format!("{} in {channel}", if sent { "room" } else { "a message" });
    let instructions = &program.actors[actor as usize].code.instructions;
    let known = program.channels.iter().find(|c| c.name == channel).expect("a channel").base.0;
    let is = |i: &Instruction| match i {
        Instruction::Send { channel, .. } => sent && *channel == Place::Fixed(known),
        Instruction::Receive { channel, .. } => !sent && *channel == Place::Fixed(known),
        _ => false,
    };
    Happened {
        at: NOW - Duration::from_millis(ago),
        actor: ActorId(actor),
        position: instructions.iter().position(is).expect("it does so") as u32,
        result: value,
        object: Some(object(program, &name)),
    }
}

/// A moment with these operations as the last ones.
fn after(snapshot: Snapshot, events: Vec<Happened>) -> Vec<News> {
    let News::Moment(mut made) = moment(snapshot, Vec::new()) else { panic!("a moment") };
    made.events.extend(events);
    vec![News::Moment(made)]
}

/// A picture with so many messages in a channel.
fn holding(subject: &Subject, poses: &[Pose], channel: &str, inside: u32) -> Snapshot {
    let mut snapshot = picture(subject, poses, NOW);
    for (name, value) in [(format!("a message in {channel}"), inside), (format!("room in {channel}"), 0)] {
        let fiveforks::program::Object::Semaphore(id) = object(&subject.program, &name) else {
            panic!("a semaphore")
        };
        snapshot.objects.semaphores[id.index()].value = value;
    }
    snapshot
}

#[test]
fn the_way_of_a_message_through_the_kernel() {
    let queued = subject("notification/queued", &[]);
    hold_all("way-asleep", &|theme| app(&queued, after(picture(&queued, &ASLEEP, NOW), Vec::new()), theme));
    let sending =
        [pose("telling", "send(", &[]), waiting("listening", "receive(", "a message in notice", &[])];
    hold_all("way-sending", &|theme| app(&queued, after(picture(&queued, &sending, NOW), Vec::new()), theme));
    let full = [waiting("telling", "send(", "room in notice", &[]), pose("taking", "take(", &[])];
    hold_all("way-inside", &|theme| {
        let snapshot = holding(&queued, &full, "notice", 1);
        app(&queued, after(snapshot, vec![passed(&queued, 0, "notice", true, 8, 900)]), theme)
    });
    let taking = [pose("working", "work()", &[]), pose("taking", "take(", &[])];
    hold_all("way-received", &|theme| {
        let events =
            vec![passed(&queued, 0, "notice", true, 8, 130), passed(&queued, 1, "notice", false, 8, 120)];
        app(&queued, after(picture(&queued, &taking, NOW), events), theme)
    });
}

#[test]
fn the_way_of_a_message_past_the_kernel_and_over_each_mechanism() {
    let queued = subject("notification/queued", &[]);
    for over in Mechanism::ALL {
        let queued = queued.over(over);
        let asleep = || after(picture(&queued, &ASLEEP, NOW), Vec::new());
        if over == Mechanism::Shm {
            hold_all("way-past-the-kernel", &|theme| app(&queued, asleep(), theme));
        }
        let drawn = text_at(&app(&queued, asleep(), Theme::default()), (80, 24));
        let sleeps = over.calls().map_or("sem_wait()", |[_, out]| out);
        assert!(drawn.contains(&format!("{sleeps} zzz")), "{over}: {drawn}");
        assert_eq!(drawn.contains("not on the way"), over.calls().is_none(), "{over}: {drawn}");
    }
}

#[test]
fn of_several_channels_the_one_where_something_happened_last_is_shown() {
    let atm = subject("atm/messages", &[]);
    let poses = [
        waiting("waiting", "receive(answer)", "a message in answer", &[]),
        pose("booking", "send(order", &[]),
        waiting("waiting", "receive(order)", "a message in order", &[]),
    ];
    hold_all("way-of-several", &|theme| {
        let events =
            vec![passed(&atm, 0, "request", true, 1, 700), passed(&atm, 1, "request", false, 1, 650)];
        app(&atm, after(picture(&atm, &poses, NOW), events), theme)
    });
    let mailbox = subject("producer-consumer/mailbox", &[]);
    let poses = [
        pose("putting", "send(", &[]),
        waiting("putting", "send(", "room in mailbox", &[]),
        pose("consuming", "consume(", &[]),
        pose("taking", "receive(", &[]),
    ];
    hold_all("way-of-items", &|theme| {
        let snapshot = holding(&mailbox, &poses, "mailbox", 4);
        let events = vec![passed(&mailbox, 2, "mailbox", false, 1030, 100)];
        app(&mailbox, after(snapshot, events), theme)
    });
}

/// Where a message is drawn: row, and column.
fn places(drawn: &str) -> Vec<(usize, usize)> {
    let rows = drawn.lines().enumerate().skip(2);
    let sign = |(y, row): (usize, &str)| {
        let end = row.chars().position(|c| c == '│').unwrap_or(usize::MAX);
        row.chars().take(end).position(|c| c == '■').map(|x| (y, x))
    };
    rows.take(16).filter_map(sign).collect()
}

#[test]
fn a_message_moves_as_time_goes_by() {
    let queued = subject("notification/queued", &[]);
    let seen = |still: bool, sent: u64, received: u64| {
        let poses = [pose("working", "work()", &[]), pose("taking", "take(", &[])];
        let events = vec![
            passed(&queued, 0, "notice", true, 8, sent),
            passed(&queued, 1, "notice", false, 8, received),
        ];
        let mut app = app(&queued, after(picture(&queued, &poses, NOW), events), Theme::default());
        app.theme.still = still;
        text_at(&app, (120, 36))
    };
    // Down into the kernel, up again, and to the receiver: first to the right, then lower, then higher.
    let way: Vec<(usize, usize)> =
        [10, 90, 200, 300, 420, 600].into_iter().flat_map(|age| places(&seen(false, age, age))).collect();
    assert_eq!(way.len(), 6, "{way:?}");
    assert!(way.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{way:?}");
    assert!(way[3].0 > way[0].0 && way[5].0 == way[0].0, "{way:?}");
    assert_eq!(places(&seen(false, 5000, 5000)), [], "it has arrived");
    // Where nothing moves, it stands where it came to, and then it is gone.
    let stands = [10, 90, 200].map(|age| places(&seen(true, age, age)));
    assert!(stands.iter().all(|at| *at == stands[0] && at.len() == 1), "{stands:?}");
    assert_eq!(places(&seen(true, 5000, 5000)), []);
}

#[test]
fn a_walk_knows_what_travels() {
    let atm: Arc<Subject> = subject("atm/messages", &[]);
    let mut walking = Walking::own(atm.clone());
    for at in 0..30 {
        let (mover, _) = *walking.movers().first().expect("somebody can move");
        assert!(walking.turn(at, mover, 0));
        walking.stand_at(at + 1);
    }
    let history = walking.history();
    let channels = &history.latest().expect("a picture").objects.channels;
    let request = atm.program.channels.iter().position(|c| c.name == "request").expect("a channel");
    let sent = channels[request].sent.expect("a card was read");
    let received = channels[request].received.expect("the account was asked");
    assert_eq!((sent.value, received.value), (1, 1));
    assert!(sent.at < received.at && sent.actor != received.actor);
}

#[test]
fn the_messages_of_real_processes_are_drawn() {
    for (over, words) in [
        (Mechanism::Pipe, ["W#", "asleep in read() zzz", "write()"]),
        (Mechanism::Shm, ["W#", "asleep in sem_wait() zzz", "not on the way"]),
    ] {
        let binary = PathBuf::from(crate::support::BINARY);
        let mut app = App::new(Theme::default(), Keymap::default(), Some(binary));
        let queued = Subject::load("notification/queued", None, &[]).expect("a program").over(over);
        app.open_subject(queued, fiveforks::board::REAL_TIME, 7);
        for word in words {
            until(&format!("the screen shows {word}"), || {
                app.advance();
                text_at(&app, (120, 36)).contains(word).then_some(())
            });
        }
    }
}
