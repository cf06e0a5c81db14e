//! The scenes of single problems: the smokers, the pot and the molecule, held to files like the other screens.

use std::sync::Arc;

use fiveforks::lab::Subject;
use fiveforks::program::{DemandId, Violation};
use fiveforks::snapshot::{Breach, Life, Snapshot};
use fiveforks::tui::state::App;
use fiveforks::tui::theme::Theme;

use crate::screens::{NOW, hold_all, text_at};
use crate::stagehand::{HUNGRY, Pose, app, circle, moment, picture, pose, subject, waiting};
use crate::support::TempProgram;

/// A picture of actors who have done nothing yet, so that what they took they still have.
fn fresh(subject: &Subject, poses: &[Pose]) -> Snapshot {
    let mut snapshot = picture(subject, poses, NOW);
    for view in &mut snapshot.actors {
        view.entered.fill(0);
    }
    snapshot
}

/// Sets shared variables from the first element on.
fn set(subject: &Subject, snapshot: &mut Snapshot, name: &str, values: &[i32]) {
    let variables = &subject.program.variables;
    let base = variables.iter().find(|v| v.name == name).expect("it is there").base.index();
    snapshot.objects.cells[base..base + values.len()].copy_from_slice(values);
}

/// Lets an actor be the one who has just broken the first rule.
fn breaks(snapshot: &mut Snapshot, actor: usize) {
    let position = snapshot.actors[actor].position;
    let breach = Breach { violation: Violation::Demand(DemandId(0)), at: NOW, position, value: 0 };
    snapshot.actors[actor].breach = Some(breach);
}

/// The screens with one picture; these actors can never go on.
fn shown(subject: &Arc<Subject>, snapshot: &Snapshot, stuck: &[u32], theme: Theme) -> App {
    let verdicts = match stuck {
        [] => Vec::new(),
        stuck => vec![circle(subject, snapshot, stuck)],
    };
    app(subject, vec![moment(snapshot.clone(), verdicts)], theme)
}

#[test]
fn the_smokers_in_every_state() {
    let naive = subject("cigarette-smokers/naive", &[]);
    let done = || pose("standing", "come()", &[]);
    let stuck = [
        waiting("watching", "wait(again)", "again", &[]),
        done(),
        done(),
        done(),
        waiting("waiting", "wait(on_table[(i + 2)", "on_table[2]", &["on_table[1]"]),
        waiting("waiting", "wait(on_table[(i + 1)", "on_table[2]", &[]),
        waiting("waiting", "wait(on_table[(i + 2)", "on_table[1]", &["on_table[0]"]),
    ];
    hold_all("smokers-deadlock", &|theme| {
        let mut snapshot = fresh(&naive, &stuck);
        set(&naive, &mut snapshot, "kept", &[2]);
        snapshot.actors[1..4].iter_mut().for_each(|helper| helper.life = Life::Done);
        shown(&naive, &snapshot, &[0, 4, 5, 6], theme)
    });
    let pushers = subject("cigarette-smokers/pushers", &[]);
    let noted = [
        pose("watching", "signal(on_table[(k + 2)", &[]),
        waiting("standing", "wait(on_table[i])", "on_table[0]", &[]),
        pose("standing", "signal(mutex)", &["mutex"]),
        waiting("standing", "wait(on_table[i])", "on_table[2]", &[]),
        waiting("waiting", "wait(call[i])", "call[0]", &[]),
        waiting("waiting", "wait(call[i])", "call[1]", &[]),
        waiting("waiting", "wait(call[i])", "call[2]", &[]),
    ];
    hold_all("smokers-noted", &|theme| {
        let mut snapshot = fresh(&pushers, &noted);
        set(&pushers, &mut snapshot, "noted", &[0, 1, 0]);
        shown(&pushers, &snapshot, &[], theme)
    });
    let called = subject("cigarette-smokers/called", &[]);
    let smoking = [
        waiting("watching", "wait(again)", "again", &[]),
        done(),
        done(),
        done(),
        pose("smoking", "smoke()", &[]),
        waiting("waiting", "wait(call[i])", "call[1]", &[]),
        waiting("waiting", "wait(call[i])", "call[2]", &[]),
    ];
    hold_all("smokers-smoking", &|theme| shown(&called, &fresh(&called, &smoking), &[], theme));
}

#[test]
fn what_was_dealt_is_told_only_until_it_is_smoked() {
    let called = subject("cigarette-smokers/called", &[]);
    let waits = || waiting("waiting", "wait(call[i])", "call[0]", &[]);
    let told = |at: &'static str, late: bool| {
        let agent =
            [pose("watching", at, &[]), pose("standing", "come()", &[]), pose("standing", "come()", &[])];
        let rest = [pose("standing", "come()", &[]), waits()];
        let poses: Vec<Pose> = agent.into_iter().chain(rest).collect();
        let mut snapshot = fresh(&called, &poses);
        snapshot.actors[4].state_since = if late { NOW } else { snapshot.actors[0].state_since };
        text_at(&shown(&called, &snapshot, &[], Theme::default()), (120, 36))
    };
    assert!(told("wait(again)", false).contains("dealt paper + matches: S0 should smoke"));
    assert!(
        !told("kept = k", false).contains("dealt"),
        "the last deal is over, and this one is not told yet"
    );
    assert!(!told("wait(again)", true).contains("should smoke"), "it has smoked");
}

#[test]
fn the_pot_in_every_state() {
    let tribe = subject("dining-savages/one-at-the-pot", &[("SAVAGES", 4)]);
    hold_all("pot", &|theme| shown(&tribe, &fresh(&tribe, &HUNGRY), &[], theme));
    let unlocked = subject("dining-savages/unlocked", &[]);
    let twice = [
        pose("hungry", "servings = servings - 1", &[]),
        waiting("hungry", "wait(full)", "full", &[]),
        pose("eating", "eat()", &[]),
        pose("cooking", "cook()", &[]),
    ];
    hold_all("pot-not-empty", &|theme| {
        let mut snapshot = fresh(&unlocked, &twice);
        set(&unlocked, &mut snapshot, "servings", &[1]);
        breaks(&mut snapshot, 3);
        shown(&unlocked, &snapshot, &[], theme)
    });
    let many = subject("dining-savages/fair", &[("SAVAGES", 64), ("POT", 64)]);
    hold_all("pot-64", &|theme| {
        let crowd = [pose("eating", "eat()", &[]), waiting("hungry", "wait(mutex)", "mutex", &[])];
        let poses: Vec<Pose> = crowd
            .into_iter()
            .chain((2..64).map(|_| waiting("hungry", "wait(mutex)", "mutex", &[])))
            .chain([waiting("sleeping", "wait(empty)", "empty", &[])])
            .collect();
        let mut snapshot = fresh(&many, &poses);
        set(&many, &mut snapshot, "servings", &[43]);
        shown(&many, &snapshot, &[], theme)
    });
}

#[test]
fn the_molecule_in_every_state() {
    let grabs = subject("water/each-grabs", &[]);
    let stuck = [
        waiting("waiting", "wait(bind)", "bind", &[]),
        waiting("waiting", "wait(bind)", "bind", &[]),
        waiting("waiting", "wait(bind)", "bind", &[]),
        waiting("waiting", "wait(offered)", "offered", &["offered"]),
        waiting("waiting", "wait(offered)", "offered", &["offered"]),
        waiting("waiting", "wait(offered)", "offered", &["offered"]),
    ];
    hold_all("molecule-deadlock", &|theme| {
        let snapshot = fresh(&grabs, &stuck);
        shown(&grabs, &snapshot, &[0, 1, 2, 3, 4, 5], theme)
    });
    let barrier = subject("water/barrier", &[]);
    let bonds = [
        pose("between", "arrive(molecule)", &[]),
        pose("bonding", "bond()", &[]),
        pose("drifting", "drift()", &[]),
        waiting("waiting", "wait(mutex)", "mutex", &[]),
        pose("bonding", "bond()", &["mutex"]),
        pose("drifting", "drift()", &[]),
    ];
    hold_all("molecule", &|theme| shown(&barrier, &fresh(&barrier, &bonds), &[], theme));
    let none = subject("water/no-barrier", &[("HYDROGEN", 20), ("OXYGEN", 20)]);
    hold_all("molecule-too-many", &|theme| {
        let poses: Vec<Pose> = (0..40)
            .map(|atom| match atom {
                0..3 => pose("bonding", "bond()", &[]),
                3..20 => waiting("waiting", "wait(bind)", "bind", &[]),
                20..22 => pose("bonding", "bond()", &[]),
                22 => waiting("waiting", "wait(offered)", "offered", &["mutex", "offered"]),
                _ => waiting("waiting", "wait(mutex)", "mutex", &[]),
            })
            .collect();
        let mut snapshot = fresh(&none, &poses);
        breaks(&mut snapshot, 2);
        shown(&none, &snapshot, &[], theme)
    });
}

#[test]
fn a_scene_without_its_names_is_drawn_as_any_other() {
    let text = |scene: &str| {
        format!(
            "semaphore s = 0\nrole worker[3]:\n    idle\n    busy by work()\nprocess worker:\n    work()\n    \
             wait(s)\nscene {scene}\n"
        )
    };
    let drawn = |scene: &str| {
        let program = TempProgram::new("story", &text(scene));
        let subject = Subject::load(program.path(), None, &[]).expect("a program");
        let snapshot = fresh(&subject, &[pose("busy", "work()", &[])]);
        let rows = |size| {
            let drawn = text_at(&shown(&subject, &snapshot, &[], Theme::default()), size);
            // The scene is on the left; the text on the right has its name.
            let cut = |row: &str| row.chars().take(usize::from(size.0) * 48 / 100).collect::<String>();
            drawn.lines().skip(1).take(usize::from(size.1) / 4).map(cut).collect::<Vec<_>>()
        };
        [rows((120, 36)), rows((80, 24))]
    };
    let plain = drawn("plain");
    assert!(plain[0].iter().any(|row| row.contains("worker · 3")), "{plain:?}");
    for scene in ["smokers", "pot", "molecule"] {
        assert_eq!(drawn(scene), plain, "{scene}");
    }
}
