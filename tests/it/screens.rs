//! What the screens draw, as text, held to files in `tests/screens`. `BLESS=1 cargo test screens` accepts what is drawn
//! now; then look at the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fiveforks::lab::{News, Subject, Trouble};
use fiveforks::monitor::Verdict;
use fiveforks::snapshot::{Breach, Life};
use fiveforks::tui::state::{App, Phase};
use fiveforks::tui::theme::{Palette, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::stagehand::{Pose, app, circle, moment, picture, pose, subject, waiting};

/// The sizes that screens are held to.
const SIZES: [(u16, u16); 4] = [(80, 24), (120, 36), (200, 60), (40, 12)];
/// When the moment is, since the run began.
pub const NOW: Duration = Duration::from_millis(12_400);

/// A drawn screen.
pub fn frame(app: &App, size: (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buffer = Buffer::empty(area);
    fiveforks::tui::draw(app, area, &mut buffer);
    buffer
}

fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let row: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out
}

/// What is drawn at a size.
pub fn text_at(app: &App, size: (u16, u16)) -> String {
    text(&frame(app, size))
}

/// A letter for the style of each cell: what a colour-blind reader of the picture of characters misses.
fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let letter = |x: u16| {
            let cell = &buffer[(x, y)];
            let letter = match cell.fg {
                Color::Reset => '.',
                Color::Red => 'r',
                Color::LightRed => 'R',
                Color::Green => 'g',
                Color::Yellow => 'y',
                Color::LightYellow => 'Y',
                Color::Blue => 'b',
                Color::LightBlue => 'B',
                Color::Magenta => 'm',
                Color::Cyan => 'c',
                Color::Gray | Color::DarkGray => 'd',
                _ => 'w',
            };
            match (letter, cell.modifier) {
                (_, m) if m.contains(Modifier::REVERSED) => '#',
                ('.', m) if m.contains(Modifier::BOLD) => '*',
                ('.', m) if m.contains(Modifier::DIM) => ',',
                ('.', m) if m.contains(Modifier::ITALIC) => '/',
                ('.', m) if m.contains(Modifier::CROSSED_OUT) => '-',
                ('.', m) if m.contains(Modifier::UNDERLINED) => '_',
                (letter, _) => letter,
            }
        };
        let row: String = (0..buffer.area.width).map(letter).collect();
        let _ = writeln!(out, "{}", row.trim_end_matches('.'));
    }
    out
}

/// Compares with a file, or writes it.
fn hold(name: &str, now: &str) {
    let path: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(format!("{name}.txt"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, now).expect("written");
        return;
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        before == now,
        "{name} is drawn differently (BLESS=1 accepts it); now:\n{now}\nbefore:\n{before}"
    );
}

/// Holds a screen at all sizes, in characters, colours, without colours, and in ASCII.
pub fn hold_all(name: &str, make: &dyn Fn(Theme) -> App) {
    let plain = Theme::default();
    let mut out = String::new();
    for size in SIZES {
        let _ = writeln!(out, "== {}x{}", size.0, size.1);
        out.push_str(&text(&frame(&make(plain), size)));
    }
    let size = (80, 24);
    for palette in Palette::ALL {
        let _ = writeln!(out, "== 80x24, styles of {}", palette.name());
        out.push_str(&styles(&frame(&make(Theme { palette, ..plain }), size)));
    }
    let _ = writeln!(out, "== 80x24, ASCII");
    let ascii = text(&frame(&make(Theme { ascii: true, ..plain }), size));
    assert!(ascii.is_ascii(), "{name}: {ascii}");
    let large = text(&frame(&make(Theme { ascii: true, ..plain }), (120, 36)));
    for ascii in [&ascii, &large] {
        // A question mark stands for what nobody thought of; only these lines have one of their own.
        let own = ["? help", "? f1", "search: ?", "is this why?"];
        let asked = own.iter().fold(ascii.clone(), |text, own| text.replace(own, ""));
        assert!(asked.is_ascii() && !asked.contains('?'), "{name}: {ascii}");
    }
    out.push_str(&ascii);
    hold(name, &out);
}

const HUNGRY: [Pose; 5] = [
    waiting("hungry", "wait(fork[(i + 1)", "fork[1]", &["fork[0]"]),
    waiting("hungry", "wait(fork[(i + 1)", "fork[2]", &["fork[1]"]),
    waiting("hungry", "wait(fork[(i + 1)", "fork[3]", &["fork[2]"]),
    waiting("hungry", "wait(fork[(i + 1)", "fork[4]", &["fork[3]"]),
    waiting("hungry", "wait(fork[(i + 1)", "fork[0]", &["fork[4]"]),
];
const TABLE: [Pose; 5] = [
    pose("thinking", "think()", &[]),
    waiting("hungry", "wait(fork[(i + 1)", "fork[2]", &["fork[1]"]),
    pose("eating", "eat()", &["fork[2]", "fork[3]"]),
    pose("hungry", "wait(fork[i])", &[]),
    pose("between", "signal(fork[i])", &["fork[4]", "fork[0]"]),
];

/// One moment of actors in poses, with a deadlock of all of them if there is to be a verdict.
pub fn one(subject: &Arc<Subject>, poses: &[Pose], verdict: bool) -> Vec<News> {
    let snapshot = picture(subject, poses, NOW);
    let actors: Vec<u32> = (0..snapshot.actors.len() as u32).collect();
    let verdicts: Vec<Verdict> = verdict.then(|| circle(subject, &snapshot, &actors)).into_iter().collect();
    vec![moment(snapshot, verdicts)]
}

#[test]
fn the_table_in_every_state() {
    let naive = subject("dining-philosophers/naive", &[]);
    hold_all("table", &|theme| app(&naive, one(&naive, &TABLE, false), theme));
    hold_all("table-deadlock", &|theme| app(&naive, one(&naive, &HUNGRY, true), theme));
    hold_all("table-dead-frozen-selected", &|theme| {
        let mut snapshot = picture(&naive, &TABLE, NOW);
        snapshot.actors[2].life = Life::Dead;
        let mut app = app(&naive, vec![moment(snapshot, Vec::new())], theme);
        let experiment = app.lab_mut().expect("a lab").active_mut();
        experiment.frozen.insert(fiveforks::program::ActorId(1));
        experiment.select(3);
        app
    });
    for n in [1, 2, 12, 40, 1000] {
        let many = subject("dining-philosophers/naive", &[("N", n)]);
        let poses = [pose("eating", "eat()", &[]), pose("thinking", "think()", &[])];
        hold_all(&format!("table-{n}"), &|theme| app(&many, one(&many, &poses, false), theme));
    }
}

#[test]
fn the_buffer_in_every_state() {
    let poses = [
        pose("producing", "produce()", &[]),
        waiting("putting", "wait(empty)", "empty", &[]),
        pose("consuming", "consume(item)", &[]),
        waiting("taking", "wait(full)", "full", &[]),
    ];
    for slots in [1, 4, 40, 1024] {
        let buffer = subject("producer-consumer/semaphores", &[("SLOTS", slots)]);
        hold_all(&format!("buffer-{slots}"), &|theme| {
            let mut snapshot = picture(&buffer, &poses, NOW);
            snapshot.objects.cells[0] = 3;
            snapshot.objects.items.push(fiveforks::program::CellId(0));
            snapshot.actors[0].produced = 7;
            snapshot.actors[2].consumed = 6;
            app(&buffer, vec![moment(snapshot, Vec::new())], theme)
        });
    }
    let broken = subject("producer-consumer/no-mutex", &[]);
    hold_all("buffer-violation", &|theme| {
        let mut snapshot = picture(&broken, &[pose("putting", "wait(", &[])], NOW);
        let breach = Breach {
            violation: fiveforks::program::Violation::Doubled,
            at: NOW,
            position: snapshot.actors[2].position,
            value: 1,
        };
        snapshot.actors[2].breach = Some(breach);
        app(&broken, vec![moment(snapshot, Vec::new())], theme)
    });
}

#[test]
fn the_library_in_every_state() {
    let library = subject("readers-writers/turnstile", &[]);
    let calm = [
        pose("reading", "read()", &[]),
        pose("reading", "read()", &[]),
        waiting("waiting", "wait(mutex)", "mutex", &[]),
        waiting("waiting", "wait(page)", "page", &["turnstile"]),
        pose("resting", "rest()", &[]),
    ];
    hold_all("library", &|theme| app(&library, one(&library, &calm, false), theme));
    let read = || pose("reading", "read()", &[]);
    let broken = [read(), read(), read(), pose("writing", "write()", &[]), pose("writing", "write()", &[])];
    hold_all("library-broken", &|theme| app(&library, one(&library, &broken, false), theme));
}

#[test]
fn the_barbershop_in_every_state() {
    let shop = subject("sleeping-barber/rendezvous", &[]);
    let busy = [
        pose("cutting", "cut_hair()", &[]),
        pose("in_chair", "get_haircut()", &[]),
        waiting("sitting", "wait(barber_ready)", "barber_ready", &[]),
        pose("away", "wander()", &[]),
        waiting("arriving", "wait(mutex)", "mutex", &[]),
        pose("leaving", "balk()", &[]),
    ];
    hold_all("barbershop", &|theme| app(&shop, one(&shop, &busy, false), theme));
    let asleep =
        [waiting("waiting", "wait(customer_ready)", "customer_ready", &[]), pose("away", "wander()", &[])];
    hold_all("barbershop-asleep", &|theme| app(&shop, one(&shop, &asleep, false), theme));
    let crowd = subject("sleeping-barber/rendezvous", &[("CUSTOMERS", 200), ("CHAIRS", 40), ("BARBERS", 3)]);
    let sitting = [
        pose("cutting", "cut_hair()", &[]),
        pose("cutting", "cut_hair()", &[]),
        pose("cutting", "cut_hair()", &[]),
        pose("sitting", "sit()", &[]),
    ];
    hold_all("barbershop-too-many", &|theme| app(&crowd, one(&crowd, &sitting, false), theme));
}

#[test]
fn a_program_without_a_scene() {
    let text = "semaphore s = 0\nrole worker[3]:\n    idle\n    busy by work()\nrole boss:\n    idle\n    busy by \
        command()\nprocess worker:\n    work()\n    wait(s)\nprocess boss:\n    command()\n    signal(s)\n";
    let program = crate::support::TempProgram::new("plain", text);
    let subject = Subject::load(program.path(), None, &[]).expect("a program");
    let poses = [
        pose("busy", "work()", &[]),
        waiting("between", "wait(s)", "s", &[]),
        pose("between", "wait(s)", &[]),
        pose("busy", "command()", &[]),
    ];
    let app = app(&subject, one(&subject, &poses, false), Theme::default());
    let drawn = text_of(&app);
    // The first row has the file's name, which changes with every run.
    hold("plain", drawn.split_once('\n').map_or("", |(_, rest)| rest));
}

fn text_of(app: &App) -> String {
    text(&frame(app, (120, 36)))
}

#[test]
fn the_menu() {
    hold_all("menu", &|theme| App::new(Theme { still: true, ..theme }, Default::default(), None));
}

#[test]
fn what_lies_over_the_screens() {
    let naive = subject("dining-philosophers/naive", &[]);
    for (name, keys) in [
        ("help", "?"),
        ("help-search", "? k i l l"),
        ("palette", ":"),
        ("palette-typed", ": f r e"),
        ("solutions", "s down"),
        ("parameters", "p 7"),
        ("explain", "enter"),
        ("log", "L"),
        ("log-filtered", "L t h i n k"),
        ("zoom", "z"),
        ("other-pane", "tab tab tab tab"),
        ("projector", "P"),
        ("paused", "space"),
    ] {
        hold_all(name, &|theme| {
            let mut app = app(&naive, one(&naive, &HUNGRY, true), theme);
            for key in keys.split(' ') {
                app.press(key.parse().expect("a key"));
            }
            app
        });
    }
}

#[test]
fn what_stands_in_the_place_of_a_run() {
    let naive = subject("dining-philosophers/naive", &[]);
    hold_all("starting", &|theme| app(&naive, Vec::new(), theme));
    let failed = || News::Failed("started 3 of 5 processes, then: no more; raise the limit".into());
    hold_all("failed", &|theme| app(&naive, vec![failed()], theme));
    hold_all("ended", &|theme| {
        let mut news = one(&naive, &TABLE, false);
        news.push(News::Ended);
        let mut app = app(&naive, news, theme);
        app.lab_mut().expect("a lab").active_mut().phase = Phase::Ended;
        app
    });
    hold_all("saved-with-errors", &|theme| {
        let mut app = app(&naive, one(&naive, &TABLE, false), theme);
        let remarks = vec![fiveforks::lab::Remark { line: 12, message: "nothing is called `frok`".into() }];
        let solution = Some(naive.sources.solution.text.replace("wait(fork[i])", "wait(frok[i])"));
        app.lab_mut().expect("a lab").active_mut().trouble =
            Some(Trouble { text: "an error".into(), remarks, solution });
        app
    });
}

#[test]
fn the_past_is_drawn_as_it_was() {
    let naive = subject("dining-philosophers/naive", &[]);
    let then = picture(&naive, &TABLE, NOW - Duration::from_secs(3));
    let mut news = vec![moment(then, Vec::new())];
    news.extend(one(&naive, &HUNGRY, true));
    let mut app = app(&naive, news, Theme::default());
    app.lab_mut().expect("a lab").active_mut().look_at(Some(0));
    let drawn = text_of(&app);
    assert!(drawn.contains("eating") && !drawn.contains("DEADLOCK"), "{drawn}");
    app.lab_mut().expect("a lab").active_mut().look_at(None);
    let drawn = text_of(&app);
    assert!(drawn.contains("DEADLOCK") && !drawn.contains("eating"), "{drawn}");
}

#[test]
fn the_mouse_points_at_panes_and_rows() {
    use fiveforks::tui::Pointed;
    use fiveforks::tui::state::{Overlay, Pane};
    let naive = subject("dining-philosophers/naive", &[]);
    let mut app = app(&naive, one(&naive, &HUNGRY, true), Theme::default());
    let area = Rect::new(0, 0, 120, 36);
    let areas = fiveforks::tui::draw(&app, area, &mut Buffer::empty(area));
    assert_eq!(areas.panes.len(), 7);
    app.point(Pointed::Pane(Pane::Fairness));
    assert_eq!(app.lab().expect("a lab").focus, Pane::Fairness);
    app.press("s".parse().expect("a key"));
    let areas = fiveforks::tui::draw(&app, area, &mut Buffer::empty(area));
    assert!(areas.rows.is_some_and(|(rows, first)| rows.height > 5 && first == 0));
    app.point(Pointed::Row(2));
    assert!(matches!(app.overlay, Some(Overlay::Solutions { at: 2 })));
    app.point(Pointed::Row(2));
    assert!(app.overlay.is_none());
    assert_eq!(app.lab().expect("a lab").active().subject.name, "dining-philosophers/two-checks");
    app.point(Pointed::Row(99));
    app.point(Pointed::Wheel(1));
    // Below the last line of a list there is nothing to choose.
    for keys in ["p", "s", ":"] {
        app.press(keys.parse().expect("a key"));
        app.point(Pointed::Row(60));
        for key in ["left", "7", "enter", "esc", "esc"] {
            app.press(key.parse().expect("a key"));
        }
        if app.lab().is_none() {
            app.open("dining-philosophers/naive", &[]);
        }
    }
}

#[test]
fn escape_typed_fast_is_no_modifier() {
    let naive = subject("dining-philosophers/naive", &[]);
    let mut app = app(&naive, one(&naive, &HUNGRY, true), Theme::default());
    app.press("enter".parse().expect("a key"));
    assert!(app.overlay.is_some());
    app.press("alt-q".parse().expect("a key"));
    assert!(app.overlay.is_none());
    assert_eq!(app.effects, [fiveforks::tui::state::Effect::Quit]);
    app.press("ctrl-alt-c".parse().expect("a key"));
    assert_eq!(app.effects.last(), Some(&fiveforks::tui::state::Effect::Quit));
    assert_eq!(app.effects.iter().filter(|e| **e == fiveforks::tui::state::Effect::Quit).count(), 2);
}

#[test]
fn no_size_is_too_small() {
    let naive = subject("dining-philosophers/naive", &[]);
    for (width, height) in [(0, 0), (1, 1), (2, 30), (30, 2), (7, 7), (59, 16), (61, 18), (300, 5), (5, 100)]
    {
        for keys in ["", "?", "z", "P", "enter", "s", "p", ":", "L"] {
            let mut app = app(&naive, one(&naive, &HUNGRY, true), Theme::default());
            if !keys.is_empty() {
                app.press(keys.parse().expect("a key"));
            }
            frame(&app, (width, height));
        }
    }
}
