//! What passing messages costs, as the screens draw it: by hand, held to files, and measured.

use std::path::PathBuf;
use std::time::Duration;

use fiveforks::ipc::{Each, Figures, OneWay, RoundTrip, Times};
use fiveforks::lab::{Measuring, SIZES};
use fiveforks::mechanism::Mechanism;
use fiveforks::tui::keys::Keymap;
use fiveforks::tui::state::{App, Overlay};
use fiveforks::tui::theme::Theme;

use crate::screens::{hold_all, text_at};
use crate::stagehand::{app, moment, picture, subject, waiting};
use crate::support::until;

/// Figures that are the same everywhere.
fn figures(mechanism: Mechanism, bytes: usize) -> Figures {
    let copies = f64::from(mechanism.abilities().kernel_copies);
    let slow = 1.0 + copies + mechanism as u32 as f64 / 4.0 + bytes as f64 / 4096.0;
    let per_s = 5e6 / slow;
    let lowest = if mechanism == Mechanism::Tcp { per_s / 3.0 } else { per_s * 0.9 };
    let each = Each { calls: Some(if copies > 0.0 { 2.0 } else { 0.17 }), switches: Some(0.01) };
    Figures {
        one_way: OneWay { per_s, lowest, highest: per_s * 1.1, each },
        round_trip: RoundTrip { times: Times { p50: 4e3 * slow, p99: 4e4 * slow, mean: 5e3 * slow }, each },
    }
}

/// Measured as far as to this mechanism.
fn measured(costs: &mut Measuring, until: Option<Mechanism>) {
    for bytes in SIZES {
        for mechanism in fiveforks::report::by_route() {
            if until == Some(mechanism) && bytes == SIZES[0] {
                costs.now = Some((mechanism, bytes));
                return;
            }
            let outcome = match mechanism {
                Mechanism::Signal if bytes > 8 => Err("at most 8 B in a message".into()),
                _ => Ok(figures(mechanism, bytes)),
            };
            costs.cells.insert((mechanism, bytes), outcome);
        }
    }
    costs.cores = Some([0, 1]);
}

fn press(app: &mut App, keys: &str) {
    keys.split_whitespace().for_each(|key| app.press(key.parse().expect("a key")));
}

/// The costs over a run whose messages a pipe carries.
fn over_a_run(theme: Theme, until: Option<Mechanism>, keys: &str) -> App {
    let queued = subject("notification/queued", &[]);
    let poses = [
        waiting("telling", "send(", "room in notice", &[]),
        waiting("listening", "receive(", "a message in notice", &[]),
    ];
    let snapshot = picture(&queued, &poses, Duration::from_millis(12_400));
    let mut app = app(&queued, vec![moment(snapshot, Vec::new())], theme);
    measured(&mut app.costs, until);
    press(&mut app, "I");
    press(&mut app, keys);
    app
}

#[test]
fn costs_are_drawn() {
    hold_all("costs", &|theme| over_a_run(theme, None, ""));
    hold_all("costs-begun", &|theme| over_a_run(theme, Some(Mechanism::Unix), ""));
    hold_all("costs-past-the-kernel", &|theme| over_a_run(theme, None, "home"));
    hold_all("costs-64k", &|theme| over_a_run(theme, None, "left end"));
    hold_all("costs-nothing", &|theme| {
        let mut app = App::new(Theme { still: true, ..theme }, Keymap::default(), None);
        press(&mut app, "I");
        app
    });
}

#[test]
fn a_key_chooses_the_size_and_the_mechanism() {
    let mut app = over_a_run(Theme::default(), None, "");
    let shown = |app: &App| match app.overlay {
        Some(Overlay::Costs { at, size }) => (fiveforks::report::by_route()[at], SIZES[size]),
        _ => panic!("nothing is open"),
    };
    assert_eq!(shown(&app), (Mechanism::Pipe, 8));
    press(&mut app, "right down");
    assert_eq!(shown(&app), (Mechanism::Fifo, 1024));
    press(&mut app, "left left home up");
    assert_eq!(shown(&app), (Mechanism::Shm, 65536));
    press(&mut app, "enter");
    assert!(app.overlay.is_none());
    assert_eq!(app.carrier(), Some(Mechanism::Shm));
    press(&mut app, "I");
    assert_eq!(shown(&app), (Mechanism::Shm, 8));
    press(&mut app, "I");
    assert!(app.overlay.is_none());
}

#[test]
fn it_is_measured_while_somebody_looks() {
    let mut app = App::new(Theme::default(), Keymap::default(), Some(PathBuf::from(crate::support::BINARY)));
    app.advance();
    assert!(!app.costs.is_at_work());
    press(&mut app, "I");
    until("the first is measured", || {
        app.advance();
        app.costs.figures(Mechanism::Shm, 8).is_some().then_some(())
    });
    let drawn = text_at(&app, (80, 24));
    assert!(drawn.contains("No kernel on the way") && drawn.contains("measuring"), "{drawn}");
    // Another size is measured next, whatever is left of the first.
    press(&mut app, "left");
    until("another size is measured", || {
        app.advance();
        app.costs.figures(Mechanism::Shm, 64 << 10).is_some().then_some(())
    });
    assert!(app.costs.done(8) < Mechanism::ALL.len());
    press(&mut app, "esc");
    until("it ends", || {
        app.advance();
        (!app.costs.is_at_work()).then_some(())
    });
    assert!(app.costs.figures(Mechanism::Shm, 8).is_some(), "what was measured is kept");
    press(&mut app, "I enter");
    assert!(app.costs.cells.is_empty(), "measured anew");
    until("the first is measured again", || {
        app.advance();
        app.costs.figures(Mechanism::Shm, 8).is_some().then_some(())
    });
}
