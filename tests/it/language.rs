//! What the compiler says, kind by kind, and that the reference tells the truth.

use std::collections::BTreeSet;
use std::fs;

use fiveforks::catalogue;
use fiveforks::lang::{self, Kind, Scope};

use crate::support::{compile, files, sources};

/// Each case of `tests/diagnostics` is a text and exactly what is said of it. To accept what is said now, run the test
/// with BLESS=1 and read the difference.
#[test]
fn diagnostics_read_as_written() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for path in files("tests/diagnostics") {
        if path.extension().is_none_or(|e| e != "fork") {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let mut loaded = catalogue::load(path.to_str().expect("UTF-8"), None).expect("it loads");
        loaded.sources.solution.name = name.clone();
        let said = match lang::compile(&loaded.sources, &[], Scope::All) {
            Ok(compiled) => compiled.warnings.render(&loaded.sources, false),
            Err(errors) => errors.render(&loaded.sources, false),
        };
        let expected = path.with_extension("txt");
        if bless {
            fs::write(&expected, &said).expect("written");
        } else if fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(format!("{name} says now:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_has_a_case() {
    let names: BTreeSet<String> = files("tests/diagnostics")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .flat_map(|path| {
            let text = fs::read_to_string(path).expect("a text");
            let kinds = text.split('[').skip(1).filter_map(|rest| rest.split(']').next());
            kinds.map(str::to_string).collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<&str> =
        Kind::ALL.iter().map(|k| k.name()).filter(|name| !names.contains(*name)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

/// The program around the examples of the reference that are no whole program.
const HARNESS: &str = "role worker[2]:
    idle
    working by work()

const N = 5 in 2..64
shared x = 0
shared y = 0
shared flag[2] = false
shared cells[5] = 0
semaphore s = 1
semaphore fork[5] = 1
mutex m
rwlock db
barrier meet = 2
channel mail size 4

def helper(k):
    return k + 1

process worker(i):
    work()
";

#[test]
fn every_example_of_the_reference_compiles() {
    let reference = include_str!("../../problems/README.md");
    let mut count = 0;
    let mut rest = reference;
    while let Some(start) = rest.find("```fork") {
        let (kind, body) = rest[start + 3..].split_once('\n').expect("a line");
        let (body, after) = body.split_once("```").expect("an end");
        let text = match kind.trim() {
            "fork" => body.to_string(),
            "fork-decl" => format!("{HARNESS}\n{body}"),
            "fork-body" => {
                let indented: String = body.lines().map(|line| format!("    {line}\n")).collect();
                format!("{HARNESS}{indented}")
            }
            other => panic!("unknown fence {other}"),
        };
        let sources = sources(&text);
        if let Err(errors) = lang::compile(&sources, &[], Scope::All) {
            panic!("{text}\n{}", errors.render(&sources, false));
        }
        count += 1;
        rest = after;
    }
    assert!(count >= 30, "only {count} examples");
}

#[test]
fn every_operation_is_in_the_reference() {
    let reference = include_str!("../../problems/README.md");
    for builtin in &lang::BUILTINS {
        assert!(reference.contains(&format!("`{}(", builtin.name)), "{}", builtin.name);
    }
}

#[test]
fn a_setting_outside_its_range_is_refused_with_the_range() {
    let sources =
        sources("const N = 5 in 2..64\nrole a[N]:\n    idle\n    busy by work()\nprocess a:\n    work()\n");
    let said = |settings: &[(String, i32)]| match lang::compile(&sources, settings, Scope::All) {
        Ok(_) => String::new(),
        Err(errors) => errors.render(&sources, false),
    };
    assert_eq!(said(&[("N".into(), 64)]), "");
    assert!(said(&[("N".into(), 65)]).contains("set it to 64"));
    assert!(said(&[("M".into(), 3)]).contains("it can set N"));
}

#[test]
fn the_hash_changes_with_text_and_settings() {
    let text = "const N = 5 in 2..64\nrole a[N]:\n    idle\n    busy by work()\nprocess a:\n    work()\n";
    let (one, two) = (sources(text), sources(&format!("{text}\n")));
    let hash = |sources, settings: &[(String, i32)]| {
        lang::compile(sources, settings, Scope::Only(0)).expect("it compiles").program.hash
    };
    let plain = hash(&one, &[]);
    assert_eq!(plain, hash(&one, &[]));
    assert_ne!(plain, hash(&two, &[]));
    assert_ne!(plain, hash(&one, &[("N".into(), 6)]));
}

#[test]
fn an_actors_number_is_a_constant_in_its_program() {
    let program = compile(
        "semaphore fork[3] = 1\nrole a[3]:\n    idle\n    busy by work()\nprocess a(i):\n    work()\n    \
         if i == 1:\n        wait(fork[0])\n    else:\n        wait(fork[(i + 1) % 3])\n",
    );
    let waits: Vec<_> = program
        .actors
        .iter()
        .map(|actor| {
            let semaphores: Vec<u32> = actor.ports.iter().map(|(id, _)| id.0).collect();
            (semaphores, actor.code.instructions.iter().filter(|i| !i.is_visible()).count())
        })
        .collect();
    assert_eq!(waits, [(vec![1], 0), (vec![0], 0), (vec![0], 0)]);
}
