//! Nothing that a text holds makes the compiler panic, hang, or disagree with its own formatter.

use fiveforks::catalogue::PROBLEMS;
use fiveforks::lang::{self, Scope};
use proptest::prelude::*;

use crate::support::sources;

/// Words and signs of the language, to mix.
const PIECES: [&str; 88] = [
    "role",
    "process",
    "semaphore",
    "fair",
    "shared",
    "mutex",
    "const",
    "def",
    "always",
    "possible",
    "progress",
    "items",
    "expect",
    "check",
    "with",
    "fixed",
    "by",
    "on",
    "for",
    "in",
    "if",
    "elif",
    "else",
    "while",
    "loop",
    "let",
    "await",
    "assert",
    "break",
    "continue",
    "return",
    "exit",
    "pass",
    "wait",
    "signal",
    "try_wait",
    "wait_for",
    "value",
    "lock",
    "recursive",
    "lock_for",
    "rwlock",
    "prefer",
    "writers",
    "lock_read",
    "lock_write",
    "barrier",
    "arrive",
    "monitor",
    "hoare",
    "condition",
    "broadcast",
    "channel",
    "size",
    "send",
    "receive",
    "try_receive",
    "unlock",
    "choose",
    "flip",
    "print",
    "all",
    "any",
    "is",
    "count",
    "leads",
    "to",
    "N",
    "x",
    "a",
    "s",
    "i",
    "0",
    "1",
    "2147483647",
    "100ms",
    "(",
    ")",
    "[",
    "]",
    ":",
    ",",
    "=",
    "==",
    "..",
    "+",
    "%",
    "\n",
];

fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(&PIECES[..]).prop_map(str::to_string),
        2 => (0usize..12).prop_map(|n| format!("\n{}", " ".repeat(n))),
        1 => "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..120).prop_map(|pieces| pieces.join(" ").replace("\n ", "\n"))
}

/// A program of the catalogue with lines taken out, doubled, swapped or cut.
fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<String> =
        PROBLEMS.iter().flat_map(|p| p.solutions.iter().map(|s| format!("{}\n{}", p.text, s.text))).collect();
    let edits =
        prop::collection::vec((any::<prop::sample::Index>(), 0u8..6, any::<prop::sample::Index>()), 1..8);
    (prop::sample::select(texts), edits).prop_map(|(text, edits)| {
        let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
        for (at, what, other) in edits {
            let at = at.index(lines.len());
            let other = other.index(lines.len());
            match what {
                0 if lines.len() > 1 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[other].clone()),
                2 => lines.swap(at, other),
                3 => lines[at] = format!("    {}", lines[at]),
                4 => lines[at] = lines[at].trim_start().to_string(),
                _ => {
                    let cut = lines[at].char_indices().map(|(i, _)| i).nth(other % 20).unwrap_or(0);
                    lines[at].truncate(cut);
                }
            }
        }
        lines.join("\n")
    })
}

fn survives(text: &str) {
    let sources = sources(text);
    let compiled = lang::compile(&sources, &[], Scope::All);
    match &compiled {
        Ok(compiled) => drop(compiled.warnings.render(&sources, false)),
        Err(errors) => assert!(errors.has_errors() && !errors.render(&sources, true).is_empty()),
    }
    if let Ok(formatted) = lang::format(text) {
        let again = lang::format(&formatted).expect("what was laid out can be read");
        assert_eq!(again, formatted, "laying out twice changes something");
        let recompiled = lang::compile(&crate::support::sources(&formatted), &[], Scope::All);
        assert_eq!(compiled.is_ok(), recompiled.is_ok(), "{text}\n--- laid out ---\n{formatted}");
        if let (Ok(one), Ok(two)) = (compiled, recompiled) {
            for (a, b) in one.program.actors.iter().zip(&two.program.actors) {
                assert_eq!(a.code.instructions, b.code.instructions);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_soup_of_words_is_answered(text in soup()) {
        survives(&text);
    }

    #[test]
    fn any_text_is_answered(text in "(?s)\\PC{0,400}|[ \\n\\t#:()a-z\"]{0,400}") {
        survives(&text);
    }

    #[test]
    fn any_broken_program_is_answered(text in mutated()) {
        survives(&text);
    }
}

#[test]
fn bombs_end_at_a_limit() {
    let mut defs = String::from("def f0():\n    wait(s)\n");
    for k in 1..31 {
        defs.push_str(&format!("def f{k}():\n    f{0}()\n    f{0}()\n", k - 1));
    }
    let head = "semaphore s = 1\nrole a[1000]:\n    idle\n    busy by work()\n";
    let calls: String = (1..31).map(|k| format!("def g{k}():\n    g{0}()\n    g{0}()\n", k - 1)).collect();
    let bombs = [
        // Much work and no instruction; many known conditions; many and long properties; deep conditions.
        format!("{head}def g0():\n    pass\n{calls}process a:\n    work()\n    g30()\n"),
        format!("{head}process a:\n    work()\n{}", "    pass\n".repeat(4500)),
        format!(
            "{head}{}process a:\n    work()\n",
            "always \"x\":\n    all k in 0..130000: a[0] is idle\n".repeat(10)
        ),
        format!("{head}always \"{}\":\n    a[0] is idle\nprocess a:\n    work()\n", "long".repeat(1000)),
        format!("{head}always \"x\":\n    any k in 0..200000: a[0] is idle\nprocess a:\n    work()\n"),
        format!("{head}{defs}process a(i):\n    work()\n    f30()\n"),
        format!(
            "{head}always \"x\":\n    all i in 0..999: all j in 0..999: all k in 0..999: not (a[i] is busy)\nprocess a:\n    work()\n"
        ),
        format!("{head}process a:\n    work()\n    let x = {}1{}\n", "(".repeat(5000), ")".repeat(5000)),
        format!("{head}process a:\n    work()\n    let x = 1{}\n", " + 1".repeat(5000)),
        (0..200).map(|k| format!("{}loop:\n", " ".repeat(k))).collect(),
        format!("{head}process a:\n    work()\n{}", "    signal(s)\n".repeat(5000)),
        "x".repeat(lang::limits::MAX_SOURCE_BYTES + 1),
    ];
    for bomb in &bombs {
        let sources = sources(bomb);
        let errors = lang::compile(&sources, &[], Scope::All).expect_err("a limit");
        let said = errors.render(&sources, false);
        assert!(said.contains("[limit]"), "{said}");
    }
}
