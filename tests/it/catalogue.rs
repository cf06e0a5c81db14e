//! The built-in programs compile, are complete, and are laid out in the one way.

use std::collections::BTreeSet;

use fiveforks::catalogue::{PROBLEMS, load, sources};
use fiveforks::lang::{self, Scope};

use crate::support::files;

#[test]
fn every_program_compiles_without_a_warning() {
    for problem in PROBLEMS {
        for solution in problem.solutions {
            let sources = sources(problem, solution);
            match lang::compile(&sources, &[], Scope::All) {
                Ok(compiled) => {
                    let warnings = compiled.warnings.render(&sources, false);
                    assert_eq!(warnings, "", "{}/{}", problem.id, solution.id);
                    assert!(!compiled.program.expects.is_empty(), "{} expects nothing", solution.id);
                    assert!(!compiled.program.about.is_empty(), "{} says nothing of itself", solution.id);
                }
                Err(errors) => panic!("{}", errors.render(&sources, false)),
            }
        }
    }
}

#[test]
fn every_file_is_in_the_catalogue() {
    let mut listed: BTreeSet<String> = BTreeSet::new();
    for problem in PROBLEMS {
        listed.insert(format!("{}/problem", problem.id));
        listed.extend(problem.solutions.iter().map(|s| format!("{}/{}", problem.id, s.id)));
    }
    let found: BTreeSet<String> = files("problems")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "fork"))
        .map(|path| {
            let folder = path.parent().and_then(|p| p.file_name()).expect("a folder").to_string_lossy();
            format!("{folder}/{}", path.file_stem().expect("a name").to_string_lossy())
        })
        .collect();
    assert_eq!(listed, found);
}

#[test]
fn every_problem_tells_its_story_in_the_order_of_the_menu() {
    for problem in PROBLEMS {
        let path = format!("{}/problems/{}/README.md", env!("CARGO_MANIFEST_DIR"), problem.id);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let at = |id: &str| text.find(&format!("({id}.fork)")).unwrap_or_else(|| panic!("{path}: {id}"));
        let places: Vec<usize> = problem.solutions.iter().map(|s| at(s.id)).collect();
        assert!(places.is_sorted(), "{path}: the path is not in the order of the menu");
        assert!(text.lines().count() <= 46, "{path} is longer than a screen");
    }
}

#[test]
fn every_file_is_laid_out_in_the_one_way() {
    for problem in PROBLEMS {
        let texts = problem.solutions.iter().map(|s| s.text).chain([problem.text]);
        for text in texts {
            assert_eq!(lang::format(text).expect("it parses"), text);
        }
    }
}

#[test]
fn what_mends_a_program_exists_and_is_better() {
    for problem in PROBLEMS {
        for solution in problem.solutions {
            let sources = sources(problem, solution);
            let program = lang::compile(&sources, &[], Scope::Only(0)).expect("it compiles").program;
            match &program.fixed_by {
                Some(fixed) => {
                    assert!(problem.solutions.iter().any(|s| s.id == fixed), "{}: no {fixed}", solution.id);
                }
                None => assert!(program.is_correct(), "{} names nothing that mends it", solution.id),
            }
        }
    }
}

#[test]
fn each_classical_problem_has_two_correct_and_three_buggy_solutions_and_the_others_one_of_each() {
    for (at, problem) in PROBLEMS.iter().enumerate() {
        let correct = |s: &&fiveforks::catalogue::Solution| {
            fiveforks::catalogue::compiled(problem, s).is_some_and(|p| p.is_correct())
        };
        let count = problem.solutions.iter().filter(correct).count();
        let (correct, buggy) = if at < 4 { (2, 3) } else { (1, 1) };
        let buggy = problem.solutions.len() - count >= buggy;
        assert!(count >= correct && buggy, "{}: {count} correct", problem.id);
    }
}

#[test]
fn a_problem_alone_is_its_first_correct_solution() {
    assert_eq!(load("dining-philosophers", None).expect("it exists").name, "dining-philosophers/ordered");
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let error = load("dining", None).expect_err("no such problem").to_string();
    assert!(error.contains("dining-philosophers, producer-consumer"), "{error}");
    let error = load("dining-philosophers/nave", None).expect_err("no such solution").to_string();
    assert!(error.contains("naive"), "{error}");
}
