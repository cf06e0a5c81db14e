//! The rules of the house: who may use whom, where `unsafe` lives, how long files and functions are.

use std::fs;
use std::path::Path;

use crate::support::files;

const MAX_FILE_LINES: usize = 400;
const MAX_FUNCTION_LINES: usize = 70;

/// What each module may use of the others. `app` sees everything.
const ALLOWED: [(&str, &[&str]); 25] = [
    ("lang", &["program"]),
    ("program", &["lang::limits"]),
    ("snapshot", &["program", "sync"]),
    ("sync", &["program"]),
    ("vm", &["program"]),
    ("os", &[]),
    ("mechanism", &["os"]),
    ("check", &["os", "program", "snapshot", "sync", "vm"]),
    ("export", &["check", "program"]),
    ("schedule", &["program"]),
    ("replay", &["board", "check", "monitor", "program", "run", "snapshot", "vm"]),
    ("board", &["os", "program", "snapshot", "sync", "lang", "mechanism"]),
    ("inspect", &["os"]),
    ("kernel", &["board", "inspect", "mechanism", "os", "program", "run", "snapshot"]),
    ("monitor", &["program", "snapshot"]),
    ("ipc", &["inspect", "mechanism", "os", "run"]),
    ("run", &["os", "board", "program", "snapshot", "sync", "vm", "lang", "mechanism", "monitor", "inspect"]),
    ("catalogue", &["lang", "program"]),
    (
        "lab",
        &[
            "board",
            "catalogue",
            "check",
            "inspect",
            "ipc",
            "kernel",
            "lang",
            "mechanism",
            "monitor",
            "program",
            "replay",
            "report",
            "run",
            "snapshot",
            "sync",
            "vm",
        ],
    ),
    ("record", &["board", "catalogue", "lab"]),
    (
        "tui",
        &[
            "board",
            "catalogue",
            "check",
            "duration",
            "inspect",
            "ipc",
            "kernel",
            "lab",
            "lang",
            "mechanism",
            "monitor",
            "program",
            "record",
            "report",
            "run",
            "snapshot",
            "sync",
        ],
    ),
    (
        "report",
        &[
            "board",
            "check",
            "inspect",
            "ipc",
            "kernel",
            "mechanism",
            "monitor",
            "program",
            "run",
            "schedule",
            "snapshot",
            "vm",
        ],
    ),
    ("cli", &["board", "catalogue", "check", "duration", "ipc", "mechanism", "tui::theme"]),
    ("duration", &[]),
    ("main", &["app", "cli"]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    files("src")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("a text"))
        })
        .collect()
}

#[test]
fn arrows_run_one_way() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let module = name["src/".len()..].split(['/', '.']).next().expect("a module").to_string();
        let Some((_, allowed)) = ALLOWED.iter().find(|(m, _)| *m == module) else { continue };
        for (at, line) in text.lines().enumerate() {
            for (_, rest) in line.match_indices("crate::").map(|(i, _)| line.split_at(i + "crate::".len())) {
                let used =
                    rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().unwrap_or("");
                let fine = used.starts_with(&module)
                    || allowed.iter().any(|a| used == *a || used.starts_with(&format!("{a}::")));
                if !fine && !line.trim_start().starts_with("//") {
                    wrong.push(format!("{name}:{} uses {used}", at + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn unsafe_lives_in_os_alone_and_is_argued() {
    for (name, text) in sources() {
        let code = |line: &&str| !line.trim_start().starts_with("//");
        let found =
            text.lines().filter(code).any(|line| line.contains("unsafe ") || line.contains("allow(unsafe"));
        assert!(!found || name.starts_with("src/os/"), "unsafe in {name}");
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if line.contains("unsafe {") && code(line) {
                let argued = lines[at.saturating_sub(6)..=at].iter().any(|l| l.contains("// SAFETY:"));
                assert!(argued || line.contains("while unsafe"), "{name}:{}: no argument", at + 1);
            }
        }
    }
}

#[test]
fn files_and_functions_can_be_read_at_once() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let count = text.lines().count();
        if count > MAX_FILE_LINES {
            wrong.push(format!("{name} has {count} lines"));
        }
        for (start, len) in functions(&text) {
            if len > MAX_FUNCTION_LINES {
                wrong.push(format!("{name}:{start}: a function of {len} lines"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// First line and length of each function, by the indentation that the formatter gives.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let starts = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn ", "const fn ", "pub const fn "];
        if starts.iter().any(|s| body.starts_with(s)) && !line.trim_end().ends_with('}') {
            let indent = line.len() - body.len();
            let end = format!("{}}}", " ".repeat(indent));
            if let Some(len) = lines[at..].iter().position(|l| *l == end) {
                found.push((at + 1, len + 1));
            }
        }
    }
    found
}

#[test]
fn the_map_names_every_module() {
    let map = include_str!("../../src/README.md");
    let lib = include_str!("../../src/lib.rs");
    for line in lib.lines() {
        let module = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "));
        if let Some(module) = module {
            let name = module.trim_end_matches(';');
            assert!(
                map.contains(&format!("{name}/")) || map.contains(&format!("{name}.rs")),
                "{name} is not on the map"
            );
        }
    }
}
