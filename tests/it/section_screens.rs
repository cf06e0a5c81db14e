//! The scene of the critical section, held to files like the other screens.

use std::fs;

use fiveforks::board::Texts;
use fiveforks::lab::Subject;
use fiveforks::lang::{Source, Sources};
use fiveforks::program::{DemandId, Violation};
use fiveforks::snapshot::{Breach, Snapshot};

use crate::screens::{NOW, hold_all, one};
use crate::stagehand::{HUNGRY, app, moment, picture, pose, subject};

#[test]
fn the_critical_section_in_every_state() {
    let bakery = subject("mutual-exclusion/black-white", &[("N", 4)]);
    let calm = [
        pose("inside", " critical()", &[]),
        pose("trying", "let c = colour", &[]),
        pose("between", "ticket[i] = 0", &[]),
        pose("outside", "noncritical()", &[]),
    ];
    let tickets = |mut snapshot: Snapshot| {
        let variable =
            |name: &str| bakery.program.variables.iter().find(|v| v.name == name).expect("it is there");
        let ticket = variable("ticket").base.index();
        snapshot.objects.cells[variable("colour").base.index()] = -1;
        snapshot.objects.cells[ticket..ticket + 3].copy_from_slice(&[1, 0, 2]);
        snapshot
    };
    hold_all("section", &|theme| {
        let snapshot = tickets(picture(&bakery, &calm, NOW));
        app(&bakery, vec![moment(snapshot, Vec::new())], theme)
    });
    let naive = subject("mutual-exclusion/look-then-flag", &[]);
    hold_all("section-broken", &|theme| {
        let both = [pose("inside", " critical()", &[]), pose("inside", " critical()", &[])];
        let mut snapshot = picture(&naive, &both, NOW);
        let breach = Breach {
            violation: Violation::Demand(DemandId(0)),
            at: NOW,
            position: snapshot.actors[1].position,
            value: 0,
        };
        snapshot.actors[1].breach = Some(breach);
        app(&naive, vec![moment(snapshot, Vec::new())], theme)
    });
    let text = fs::read_to_string("problems/dining-savages/problem.fork").expect("a problem");
    let text = text.replace("scene pot", "scene section");
    let solution = fs::read_to_string("problems/dining-savages/one-at-the-pot.fork").expect("a solution");
    let sources = Sources {
        problem: Some(Source { name: "tribe".into(), text }),
        solution: Source { name: "tribe/one-at-the-pot".into(), text: solution },
    };
    let settings = [("SAVAGES".to_string(), 4)];
    let tribe = Subject::of_texts(&Texts::of("tribe", &sources, &settings)).expect("a program");
    hold_all("section-other-role", &|theme| app(&tribe, one(&tribe, &HUNGRY, false), theme));
}
