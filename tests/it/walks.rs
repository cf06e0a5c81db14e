//! Walks: to a fault that the checker found, and on ways of the user's own; in the model, and on real processes.

use std::time::Duration;

use fiveforks::check::Ahead;
use fiveforks::lab::{Examination, Subject, Walking};
use fiveforks::program::{ActorId, Expected};
use fiveforks::tui::state::Experiment;

use crate::support::{BINARY, until};

fn examined(name: &str, settings: &[(String, i32)]) -> Examination {
    let subject = Subject::load(name, None, settings).expect("it compiles");
    let mut examination = Examination::start(subject).expect("a thread");
    until("the check ends", || (examination.look() || examination.result.is_some()).then_some(()));
    examination
}

#[test]
fn real_processes_are_walked_into_the_deadlock_and_back() {
    let examination = examined("dining-philosophers/naive", &[]);
    let found = examination.result.as_ref().expect("done").as_ref().expect("checked");
    let fault = &found.report.faults[0];
    assert_eq!(fault.verdict(), Expected::Deadlock);
    let walking = Walking::to_fault(examination.subject.clone(), &found.report, fault);
    let mut experiment = Experiment::walk(examination.subject.clone(), walking);
    experiment.walking.as_mut().expect("a walk").set_real(Some(BINARY.as_ref())).expect("a thread");
    let last = experiment.history.last();
    assert_eq!(last, 15);
    for at in [0, 7, last, 3] {
        experiment.walk_to(at);
        let mut notes = Vec::new();
        until("the processes arrive", || {
            experiment.advance(&mut notes);
            let walking = experiment.walking.as_ref()?;
            assert!(!matches!(walking.arrived, Some(Err(_))), "{:?}", walking.arrived);
            walking.real_at(at).is_some().then_some(())
        });
        let arrived = experiment.walking.as_ref().and_then(|w| w.real_at(at)).expect("there");
        let steps: u64 = arrived.picture.actors.iter().map(|actor| actor.steps).sum();
        assert!(steps as usize >= at, "{steps} steps at {at}");
        let asleep = arrived.verdict.as_ref().and_then(|verdict| verdict.asleep);
        assert_eq!(asleep, (at == last).then_some((5, 5)));
    }
}

#[test]
fn whoever_schedules_is_told_what_lies_ahead() {
    let subject = Subject::load("dining-philosophers/naive", None, &[("N".into(), 2)]).expect("it compiles");
    let mut experiment = Experiment::walk(subject.clone(), Walking::own(subject));
    let ahead = |experiment: &mut Experiment| {
        let at = experiment.at.unwrap_or(0);
        until("somebody looked ahead", || {
            experiment.advance(&mut Vec::new());
            std::thread::sleep(Duration::from_millis(1));
            experiment.walking.as_ref()?.ahead_of(at)
        })
    };
    assert!(matches!(ahead(&mut experiment), Ahead::Fault { kind: Expected::Deadlock, steps: 6, .. }));
    for (actor, left) in [(0, 5), (0, 4), (0, 3), (1, 2), (1, 1)] {
        assert!(experiment.turn(ActorId(actor), 0));
        assert!(matches!(ahead(&mut experiment), Ahead::Fault { steps, .. } if steps == left));
    }
    // It waits for nothing that could be chosen in two ways, and a step back leaves the way open.
    assert!(!experiment.turn(ActorId(0), 1));
    experiment.walk_to(2);
    assert!(experiment.turn(ActorId(1), 0));
    assert_eq!(experiment.history.last(), 3);
    assert!(
        experiment.turn(ActorId(1), 0) && experiment.turn(ActorId(0), 0) && experiment.turn(ActorId(1), 0)
    );
    let walking = experiment.walking.as_ref().expect("a walk");
    assert_eq!(walking.kind, Some("deadlock"));
    assert_eq!(walking.best, Some(6));
}
