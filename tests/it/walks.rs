//! Walks: to a fault that the checker found, and on ways of the user's own; in the model, and on real processes.

use std::time::Duration;

use fiveforks::catalogue::PROBLEMS;
use fiveforks::check::{Ahead, Memory, Walk};
use fiveforks::lab::{Examination, Subject, Walking};
use fiveforks::program::{ActorId, Expected, Program, item_parts};
use fiveforks::snapshot::Snapshot;
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

/// The items that a picture shows, in variables and in hands.
fn shown(program: &Program, picture: &Snapshot) -> Vec<i32> {
    let cells = program.variables.iter().filter(|v| v.holds_items).flat_map(|v| {
        let first = v.base.index();
        picture.objects.cells[first..first + v.size.unwrap_or(1) as usize].iter().copied()
    });
    let hands = picture.actors.iter().map(|actor| actor.hand);
    cells.chain(hands).filter(|value| item_parts(*value).is_some()).collect()
}

/// The model tells items apart only as far as it must; pictures of walks name each by who made it.
#[test]
fn items_of_a_walk_have_the_names_of_their_makers() {
    let names = PROBLEMS.iter().flat_map(|p| p.solutions.iter().map(move |s| format!("{}/{}", p.id, s.id)));
    let mut seen = 0;
    for name in names {
        let subject = Subject::load(&name, None, &[]).expect("it compiles");
        let program = &subject.program;
        let Some(items) = &program.items else { continue };
        let makers = &program.roles[program.activities[items.produce.index()].role.index()];
        for (memory, seed) in [(Memory::Sc, 1), (Memory::Sc, 2), (Memory::Tso, 3)] {
            let (mut walk, mut random) = (Walk::new(program, memory), seed);
            for _ in 0..400 {
                let moves = walk.all_moves();
                if moves.is_empty() {
                    break;
                }
                random = 6_364_136_223_846_793_005_u64.wrapping_mul(random).wrapping_add(1);
                walk.take(moves[(random >> 33) as usize % moves.len()].clone());
                let picture = walk.picture();
                for item in shown(program, &picture) {
                    let (producer, number) = item_parts(item).expect("an item");
                    let maker = picture.actors.get((makers.base.0 + producer) as usize);
                    let made = maker.map_or(0, |maker| maker.produced);
                    assert!(u64::from(number) < made, "{}: {producer}#{number} of {made}", program.solution);
                    seen += 1;
                }
                let hands: Vec<i32> = picture.actors[makers.base.index()..].iter().map(|a| a.hand).collect();
                for (at, hand) in hands.iter().enumerate().take(makers.count as usize) {
                    let own = item_parts(*hand).is_none_or(|(producer, _)| producer as usize == at);
                    assert!(own, "{}: P{at} carries {hand}", program.solution);
                }
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}
