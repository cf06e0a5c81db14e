//! What single panes and scenes say of moments made by hand.

use std::sync::Arc;
use std::time::Duration;

use fiveforks::lab::Subject;
use fiveforks::monitor::{Verdict, deadlock_of};
use fiveforks::program::{ActorId, Object};
use fiveforks::snapshot::{Doing, Snapshot};
use fiveforks::tui::state::App;
use fiveforks::tui::theme::Theme;
use ratatui::style::Color;

use crate::screens::{NOW, frame, text_at};
use crate::stagehand::{Pose, app, moment, picture, pose, subject, waiting};

const LARGE: (u16, u16) = (120, 36);

/// A moment in which nobody can go on any more, with its verdict.
fn hanging(subject: &Arc<Subject>, poses: &[Pose]) -> App {
    let mut snapshot = picture(subject, poses, NOW);
    for actor in &snapshot.actors {
        if let Doing::Blocked(Object::Semaphore(id)) = actor.doing {
            snapshot.objects.semaphores[id.index()].value = 0;
        }
    }
    let verdict = verdict(subject, &snapshot);
    app(subject, vec![moment(snapshot, vec![verdict])], Theme::default())
}

fn verdict(subject: &Subject, snapshot: &Snapshot) -> Verdict {
    let everyone = (0..snapshot.actors.len() as u32).map(ActorId).collect();
    deadlock_of(&subject.program, snapshot, everyone, NOW + Duration::from_millis(2))
}

/// The cash machine in which each asks back.
fn asking() -> App {
    let machine = subject("atm/two-questions", &[]);
    let poses = [
        waiting("between", "receive(answer)", "a message in answer", &[]),
        waiting("idle", "receive(paid)", "a message in paid", &[]),
        waiting("empty", "receive(sure)", "a message in sure", &[]),
    ];
    hanging(&machine, &poses)
}

#[track_caller]
fn says(drawn: &str, texts: &[&str]) {
    for text in texts {
        assert!(drawn.contains(text), "not there: {text}\n{drawn}");
    }
}

#[test]
fn a_circle_over_what_nobody_holds_names_the_next_one() {
    let inside = subject("producer-consumer/wait-inside", &[]);
    let poses = [
        waiting("waiting", "wait(empty)", "empty", &["mutex"]),
        waiting("waiting", "wait(mutex)", "mutex", &[]),
    ];
    let drawn = text_at(&hanging(&inside, &poses), LARGE);
    says(&drawn, &["P0 ─ empty → a signal of ◌C0", "C0 ─ mutex → ◌P0", "a circle"]);
}

#[test]
fn who_could_send_is_named_and_a_circle_of_them_is_one() {
    let drawn = text_at(&asking(), LARGE);
    says(&drawn, &["╭▶ ◌ A ─ paid → ◌D", "├▶ ◌ D ─ sure → ◌A", "back to A: a circle"]);
    says(&drawn, &["C ─ answer → ◌A or ◌D", "paid over a pipe", "balance 2   booked 0"]);
}

#[test]
fn equal_waits_are_told_together_up_to_the_conclusion() {
    let empties = subject("producer-consumer/no-empties", &[]);
    let makes = || waiting("waiting", "receive(empty)", "a message in empty", &[]);
    let uses = || waiting("waiting", "receive(full)", "a message in full", &[]);
    for size in [LARGE, (80, 24)] {
        let drawn = text_at(&hanging(&empties, &[makes(), makes(), uses(), uses()]), size);
        says(&drawn, &["both producers wait on line 13", "nobody can ever go on"]);
    }
    let many = subject("producer-consumer/no-empties", &[("PRODUCERS", 5), ("CONSUMERS", 1)]);
    let poses = [makes(), makes(), makes(), makes(), makes(), uses()];
    let drawn = text_at(&hanging(&many, &poses), LARGE);
    says(&drawn, &["all 5 producers wait on line 13", "consumer[0] waits on line 18"]);
}

#[test]
fn each_mutex_of_an_array_has_its_name_and_people_a_letter() {
    let own = subject("lost-update/own-lock", &[]);
    let poses = [pose("booking", "balance = balance", &["m[0]"]), pose("counting", "count_coin()", &[])];
    let snapshot = picture(&own, &poses, NOW);
    let drawn = text_at(&app(&own, vec![moment(snapshot, Vec::new())], Theme::default()), LARGE);
    says(&drawn, &["m[0] held by T0   m[1] free", "◐ T0 booking"]);
}

#[test]
fn nothing_is_compared_between_roles_of_one() {
    let drawn = text_at(&asking(), LARGE);
    assert!(!drawn.contains("nobody yet") && !drawn.contains("Jain"), "{drawn}");
    says(&drawn, &["wait: p50  max"]);
}

#[test]
fn a_condition_is_named_whole() {
    let store = subject("producer-consumer/monitor", &[]);
    let mut snapshot = picture(&store, &[pose("waiting", "wait(not_", &[])], NOW);
    let conditions: Vec<_> =
        store.program.objects().filter(|object| matches!(object, Object::Condition(_))).collect();
    for (actor, condition) in snapshot.actors.iter_mut().zip([0, 0, 1, 1]) {
        actor.doing = Doing::Blocked(conditions[condition]);
    }
    let drawn = text_at(&app(&store, vec![moment(snapshot, Vec::new())], Theme::default()), LARGE);
    let scene: Vec<String> =
        drawn.lines().take(18).map(|line| line.chars().take(58).collect::<String>()).collect();
    let scene = scene.join("\n");
    says(&scene, &["not_full", "not_empty"]);
}

/// The colour that a word has in the row of this text.
fn colour(app: &App, row: &str, word: &str) -> Color {
    let buffer = frame(app, (200, 60));
    for y in 0..buffer.area.height {
        let cells: Vec<&str> = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
        let text = cells.concat();
        let Some(start) = text.find(row) else { continue };
        let at = text[..start + row.find(word).expect("in its row")].chars().count();
        return buffer[(at as u16, y)].fg;
    }
    panic!("no row {row}")
}

#[test]
fn in_is_a_keyword_only_before_a_range() {
    let buffer = subject("producer-consumer/semaphores", &[]);
    let snapshot = picture(&buffer, &[pose("waiting", "wait(mutex)", &[])], NOW);
    let screens = app(&buffer, vec![moment(snapshot, Vec::new())], Theme::default());
    let keyword = colour(&screens, "shared in = 0", "shared");
    for (row, word) in
        [("shared in = 0", "in"), ("buffer[in]", "in]"), ("in = (in + 1)", "in"), ("(in + 1)", "in")]
    {
        assert_ne!(colour(&screens, row, word), keyword, "{row}");
    }
    let bakery = subject("mutual-exclusion/black-white", &[]);
    let snapshot = picture(&bakery, &[pose("trying", "let c = colour", &[])], NOW);
    let screens = app(&bakery, vec![moment(snapshot, Vec::new())], Theme::default());
    for row in ["for k in 0..N", "shared colour = 1 in -1"] {
        assert_eq!(colour(&screens, row, "in "), keyword, "{row}");
    }
}
