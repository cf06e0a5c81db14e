//! What the buffer's scene says of items: where they lie, who has them, how many there are.

use std::sync::Arc;

use fiveforks::lab::Subject;
use fiveforks::program::{ActorId, Violation, item_of};
use fiveforks::snapshot::{Breach, Snapshot};
use fiveforks::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

use crate::screens::{NOW, text_at};
use crate::stagehand::{Pose, app, moment, picture, pose, subject};

const MAKING: [Pose; 1] = [pose("putting", "item", &[])];

/// The scene of a solution at a size, after something was done to its first picture.
fn scene(subject: &Arc<Subject>, size: (u16, u16), change: impl Fn(&Subject, &mut Snapshot)) -> String {
    let mut snapshot = picture(subject, &MAKING, NOW);
    change(subject, &mut snapshot);
    text_at(&app(subject, vec![moment(snapshot, Vec::new())], Theme::default()), size)
}

/// Sets a shared variable, or an element of one.
fn set(subject: &Subject, snapshot: &mut Snapshot, name: &str, at: usize, value: i32) {
    let variable = subject.program.variables.iter().find(|v| v.name == name).expect("it is there");
    snapshot.objects.cells[variable.base.index() + at] = value;
}

/// Puts an item into a slot of the buffer.
fn put(subject: &Subject, snapshot: &mut Snapshot, at: u32, item: i32) {
    set(subject, snapshot, "buffer", at as usize, item);
    let buffer = subject.program.variables.iter().find(|v| v.name == "buffer").expect("it is there");
    snapshot.objects.items.push(fiveforks::program::CellId(buffer.base.0 + at));
}

#[test]
fn no_number_is_cut() {
    let three = subject("producer-consumer/semaphores", &[]);
    let counted = |made: u64, used: u64, size: (u16, u16)| {
        scene(&three, size, |_, snapshot| {
            snapshot.actors[0].produced = made;
            snapshot.actors[2].consumed = used;
        })
    };
    assert!(counted(314, 310, (200, 60)).contains("made 314 → used 310"));
    assert!(counted(314, 310, (120, 36)).contains(" 314 → 310 "));
    assert!(counted(406_999, 406_996, (200, 60)).contains("made 406999 → used 406996"));
    assert!(counted(12_406_999, 12_406_996, (120, 36)).contains(" 12M → 12M "));
    let narrow = counted(314, 310, (80, 24));
    assert!(narrow.contains("0 of 4 slots full · 314 → 310 "), "{narrow}");
}

#[test]
fn what_is_no_item_is_drawn_all_the_same() {
    let sentinel = subject("producer-consumer/one-sentinel", &[]);
    let text = scene(&sentinel, (80, 24), |subject, snapshot| {
        put(subject, snapshot, 0, item_of(0, 1));
        set(subject, snapshot, "in", 0, 2);
    });
    assert!(text.contains("■P0#1 │  ■ S  │   ·   │") && text.contains("2 of 4 slots full"), "{text}");
    let taken = scene(&sentinel, (80, 24), |subject, snapshot| {
        set(subject, snapshot, "in", 0, 2);
        set(subject, snapshot, "out", 0, 2);
    });
    assert!(!taken.contains("■ S") && taken.contains("0 of 4 slots full"), "{taken}");
}

#[test]
fn ends_in_a_monitor_are_marked() {
    let monitor = subject("producer-consumer/monitor", &[]);
    let text = scene(&monitor, (120, 36), |subject, snapshot| set(subject, snapshot, "store.in", 0, 1));
    assert!(text.contains("in▾") && text.contains("▴out"), "{text}");
}

#[test]
fn only_slots_in_use_are_drawn() {
    for (name, slots) in [("split-binary", "1 slot"), ("broadcast", "1 slot"), ("semaphores", "4 slots")] {
        let subject = subject(&format!("producer-consumer/{name}"), &[]);
        let text = scene(&subject, (120, 36), |_, _| {});
        assert!(text.contains(&format!("0 of {slots} full")), "{name}: {text}");
    }
}

#[test]
fn who_took_an_item_has_it() {
    let three = subject("producer-consumer/semaphores", &[]);
    let text = scene(&three, (200, 60), |subject, snapshot| {
        put(subject, snapshot, 0, item_of(0, 3));
        put(subject, snapshot, 1, item_of(1, 7));
        snapshot.actors[2].hand = item_of(0, 3);
        // Who makes items has another reason to have one in its hand.
        snapshot.actors[1].hand = item_of(1, 7);
    });
    assert!(text.contains("│ □P0#3 │ ■P1#7 │   ·   │") && text.contains("1 of 4 slots full"), "{text}");
    assert!(text.lines().any(|line| line.contains("C0") && line.contains("■P0#3")), "{text}");
}

#[test]
fn what_is_certainly_lost_is_said() {
    let three = subject("producer-consumer/no-mutex", &[]);
    let with = |made: u64| {
        scene(&three, (200, 60), |subject, snapshot| {
            put(subject, snapshot, 0, item_of(0, 3));
            snapshot.actors[0].produced = made;
            snapshot.actors[2].consumed = 1;
        })
    };
    // One lies there, and each of the four may have been on the way with one.
    assert!(!with(6).contains("lost"));
    assert!(with(7).contains("made 7 → used 1 · 5 lost"), "{}", with(7));
}

#[test]
fn a_broken_rule_marks_its_slot() {
    let pipeline = subject("media-pipeline/free-too-soon", &[]);
    let poses = [pose("decoding", "decode()", &[]), pose("rendering", "render(", &[])];
    let mut snapshot = picture(&pipeline, &poses, NOW);
    let demand = Violation::Demand(fiveforks::program::DemandId(0));
    snapshot.actors[0].breach = Some(Breach { violation: demand, at: NOW, position: 0, value: 0 });
    assert_eq!(pipeline.program.role_of(ActorId(0)).name, "decoder");
    let app = app(&pipeline, vec![moment(snapshot, Vec::new())], Theme::default());
    let text = text_at(&app, (120, 36));
    assert!(text.contains("written▾") && text.contains("▴shown") && text.contains("─ decoder ─"), "{text}");
    let area = Rect::new(0, 0, 120, 36);
    let mut buffer = Buffer::empty(area);
    fiveforks::tui::draw(&app, area, &mut buffer);
    let scene = (2..18).flat_map(|y| (0..59).map(move |x| (x, y)));
    let slots = scene.filter(|place| buffer[*place].symbol() == "·");
    let is_bad: Vec<bool> = slots.map(|place| buffer[place].fg == Color::LightRed).collect();
    // Of the two frames, the first is written and shown.
    assert_eq!(is_bad, [true, false], "{text}");
}
