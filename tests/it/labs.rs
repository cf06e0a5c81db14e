//! Runs in the background: what sessions tell and obey, what recordings keep, what a saved text sets off.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use fiveforks::board::Speed;
use fiveforks::lab::{Command, History, News, Session, Start, Subject};
use fiveforks::program::ActorId;
use fiveforks::record::{self, Header};
use fiveforks::run::Delay;
use fiveforks::tui::keys::Keymap;
use fiveforks::tui::state::{App, Experiment, Feed, Lab, Screen};
use fiveforks::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::support::{TempProgram, until};

fn start(name: &str) -> (Arc<Subject>, Session, History) {
    let subject = Subject::load(name, None, &[]).expect("a program");
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_fiveforks"));
    let start = Start { subject: subject.clone(), seed: 7, speed: Speed::MAX, binary };
    let session = Session::start(start).expect("a thread");
    let history = History::new(&subject.program);
    (subject, session, history)
}

/// Takes in what a session says until something is so.
fn listen(
    subject: &Subject,
    session: &Session,
    history: &mut History,
    what: &str,
    so: impl Fn(&History) -> bool,
) {
    until(what, || {
        while let Some(news) = session.news() {
            match news {
                News::Moment(moment) => history.add(&subject.program, *moment),
                News::Failed(error) => panic!("{error}"),
                _ => {}
            }
        }
        so(history).then_some(())
    });
}

fn steps(history: &History, actor: usize) -> u64 {
    history.latest().map_or(0, |s| s.actors[actor].steps)
}

#[test]
fn a_paused_run_stands_still_and_its_clock_too() {
    let (subject, session, mut history) = start("dining-philosophers/ordered");
    listen(&subject, &session, &mut history, "it runs", |h| steps(h, 0) > 0);
    session.tell(Command::Pause(true));
    listen(&subject, &session, &mut history, "it is paused", |h| h.latest().is_some_and(|s| s.paused));
    // Those that were in the middle of an operation finish it.
    let mut before = Vec::new();
    until("nobody moves", || {
        listen(&subject, &session, &mut history, "a moment", |_| true);
        let now: Vec<u64> = (0..5).map(|k| steps(&history, k)).collect();
        let same = now == before;
        before = now;
        std::thread::sleep(std::time::Duration::from_millis(250));
        same.then_some(())
    });
    let clock = history.beside.clock;
    let elapsed = history.latest().expect("a picture").elapsed;
    listen(&subject, &session, &mut history, "real time goes on", |h| {
        h.latest().is_some_and(|s| s.elapsed > elapsed + std::time::Duration::from_millis(300))
    });
    assert_eq!(history.beside.clock, clock);
    assert_eq!((0..5).map(|k| steps(&history, k)).collect::<Vec<_>>(), before);
    session.tell(Command::Pause(false));
    listen(&subject, &session, &mut history, "it goes on", |h| steps(h, 0) > before[0]);
}

#[test]
fn an_actor_is_held_up_at_a_line_until_it_is_not() {
    let text = "semaphore s = 0\nrole slow:\n    idle\n    busy by work()\nrole fast:\n    idle\n    busy by \
        work()\nprocess slow:\n    loop:\n        work()\n        signal(s)\nprocess fast:\n    loop:\n        work()\n        \
        if value(s) > 9:\n            wait(s)\n";
    let program = TempProgram::new("delay", text);
    let (subject, session, mut history) = start(program.path());
    listen(&subject, &session, &mut history, "it runs", |h| steps(h, 0) > 0);
    let line = 1 + text.lines().position(|l| l.contains("signal(s)")).expect("a line") as u32;
    session.tell(Command::Delay(ActorId(0), Some(Delay { line, millis: 600_000 })));
    let mut slow = 0;
    until("it is held up while the other goes on", || {
        let fast = steps(&history, 1);
        listen(&subject, &session, &mut history, "the other goes on", |h| steps(h, 1) > fast + 1000);
        let before = std::mem::replace(&mut slow, steps(&history, 0));
        (before == slow).then_some(())
    });
    let position = history.latest().expect("a picture").actors[0].position;
    assert_eq!(subject.program.actors[0].code.line(position), line);
    session.tell(Command::Delay(ActorId(0), None));
    listen(&subject, &session, &mut history, "it goes on", |h| steps(h, 0) > slow + 10);
}

/// A recording of a short run.
fn recorded(name: &str) -> (PathBuf, Vec<u8>) {
    let (subject, session, mut history) = start("dining-philosophers/naive");
    listen(&subject, &session, &mut history, "it deadlocks", |h| {
        !h.beside.verdicts.is_empty() && h.len() > 1
    });
    drop(session);
    let path = std::env::temp_dir().join(format!("fiveforks-{name}-{}.ffrec", std::process::id()));
    let pictures = record::save(&path, &Header::new(subject.texts(), 7), &history).expect("saved");
    assert_eq!(pictures, history.len());
    let read = record::open(&path).expect("a recording");
    assert_eq!((read.header.seed, read.subject.name.as_str()), (7, "dining-philosophers/naive"));
    assert_eq!(read.history.len(), history.len());
    for at in 0..history.len() {
        assert_eq!(read.history.picture(at), history.picture(at));
        assert_eq!(read.history.time(at), history.time(at));
    }
    assert_eq!(read.history.beside.verdicts, history.beside.verdicts);
    assert_eq!(read.history.beside.events, history.beside.events);
    let bytes = fs::read(&path).expect("its bytes");
    (path, bytes)
}

#[test]
fn a_recording_is_read_as_it_was_written() {
    let (path, bytes) = recorded("round");
    let error = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("written");
        record::open(&path).expect_err("an error").to_string()
    };
    for part in 1..20 {
        let said = error(&bytes[..bytes.len() * part / 20]);
        assert!(
            said.contains("ffrec: ") && (said.contains("cut off") || said.contains("beginning")),
            "{said}"
        );
    }
    let text = String::from_utf8(bytes).expect("text");
    let altered = text.replacen("\"steps\":", "\"steps\":1", 1);
    assert!(error(altered.as_bytes()).contains("altered"));
    assert!(error(b"").contains("no recording"));
    assert!(error(b"solution mine\nprocess a:\n    pass\n").contains("no recording"));
    assert!(error(&[0xff, 0xfe, b'\n', 0, b'\n', 1, b'\n', 2, b'\n']).contains("not text"));
    let newer = text.replacen("\"version\":1", "\"version\":9", 1);
    assert!(error(newer.as_bytes()).contains("version 9"));
    fs::remove_file(&path).expect("removed");
}

/// As the format says: FNV-1a over all lines but the last.
fn with_checksum(lines: &[String]) -> String {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in lines.iter().flat_map(|line| line.bytes()) {
        sum = (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let end = format!("{{\"lines\":{},\"checksum\":\"{sum:016x}\"}}", lines.len());
    lines.join("\n") + "\n" + &end + "\n"
}

#[test]
fn a_forged_recording_is_refused_or_drawn_and_never_a_panic() {
    use rand::RngExt;
    use rand_pcg::Pcg32;
    use rand_pcg::rand_core::SeedableRng;
    let (path, bytes) = recorded("forged");
    let text = String::from_utf8(bytes).expect("text");
    let mut random = Pcg32::seed_from_u64(11);
    let (mut refused, mut drawn) = (0, 0);
    for _ in 0..300 {
        let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
        lines.pop();
        let at = random.random_range(1..lines.len());
        // Another number in the place of one.
        let digits: Vec<usize> =
            lines[at].char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(place, _)| place).collect();
        let place = digits[random.random_range(0..digits.len())];
        let number = ["0", "9", "77", "4000000000", "-1"][random.random_range(0..5)];
        lines[at].replace_range(place..place + 1, number);
        fs::write(&path, with_checksum(&lines)).expect("written");
        match record::open(&path) {
            Err(_) => refused += 1,
            Ok(recording) => {
                drawn += 1;
                let mut app = App::new(Theme::default(), Keymap::default(), None);
                let mut experiment = Experiment::new(recording.subject, 7, Feed::Recorded, None);
                experiment.history = recording.history;
                app.screen = Screen::Lab(Box::new(Lab::new(experiment)));
                let area = Rect::new(0, 0, 120, 36);
                fiveforks::tui::draw(&app, area, &mut Buffer::empty(area));
                app.press("enter".parse().expect("a key"));
                fiveforks::tui::draw(&app, area, &mut Buffer::empty(area));
            }
        }
    }
    assert!(refused > 20 && drawn > 20, "{refused} refused, {drawn} drawn");
    fs::remove_file(&path).expect("removed");
}

#[test]
fn a_saved_text_starts_the_new_one_and_errors_stand_at_their_lines() {
    let text = "role a:\n    idle\n    busy by work()\nprocess a:\n    loop:\n        work()\n";
    let program = TempProgram::new("reload", text);
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_fiveforks"));
    let mut app = App::new(Theme::default(), Keymap::default(), Some(binary));
    app.open(program.path(), &[]);
    let experiment = |app: &App| app.lab().expect("a lab").active().subject.sources.solution.text.clone();
    let advance = |app: &mut App| {
        app.advance();
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    // A file's time may be as coarse as a clock tick.
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(program.path(), text.replace("        work()", "        wrok()")).expect("saved");
    until("the errors are seen", || {
        advance(&mut app);
        app.lab().expect("a lab").active().trouble.is_some().then_some(())
    });
    let trouble = app.lab().expect("a lab").active().trouble.clone().expect("trouble");
    assert!(trouble.remarks.iter().any(|r| r.line > 0), "{trouble:?}");
    assert_eq!(experiment(&app), text, "the old one runs on");
    std::thread::sleep(std::time::Duration::from_millis(20));
    let mended = text.replace("    idle", "    resting");
    fs::write(program.path(), &mended).expect("saved");
    until("the new text runs", || {
        advance(&mut app);
        (experiment(&app) == mended && app.lab().expect("a lab").active().seen().is_some()).then_some(())
    });
    assert!(app.lab().expect("a lab").active().trouble.is_none());
}
