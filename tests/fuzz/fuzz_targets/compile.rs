//! Any bytes, read as a program and as a solution to a given problem, are compiled or answered with an error.
#![no_main]

use fiveforks::catalogue::PROBLEMS;
use fiveforks::lang::{Scope, Source, Sources, compile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let solution = Source { name: "fuzz.fork".into(), text: text.into() };
    let problem = Source { name: "problem.fork".into(), text: PROBLEMS[text.len() % PROBLEMS.len()].text.into() };
    for problem in [None, Some(problem)] {
        let sources = Sources { problem, solution: solution.clone() };
        match compile(&sources, &[], Scope::All) {
            Ok(compiled) => drop(compiled.warnings.render(&sources, false)),
            Err(errors) => assert!(!errors.render(&sources, true).is_empty()),
        }
    }
});
