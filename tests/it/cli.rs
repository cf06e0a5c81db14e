//! The command line: exit statuses, errors, and what each command writes.

use std::fs;

use crate::support::{TempProgram, output, texts};

#[test]
fn bad_usage_is_2_and_says_what_to_write() {
    let cases: [(&[&str], &str); 19] = [
        (&["run", "nothing"], "there is no program `nothing`"),
        (&["run", "missing.fork"], "cannot read missing.fork"),
        (&["run", "dining-philosophers/naive", "--speed", "fast"], "or max"),
        (&["run", "dining-philosophers/naive", "--for", "10"], "write for instance 10s"),
        (&["run", "dining-philosophers/naive", "--set", "N"], "as in N=7"),
        (&["run", "dining-philosophers/naive", "--set", "N=0"], "set it to 1"),
        (&["run", "dining-philosophers/naive", "--set", "M=3"], "it can set N"),
        (&["run", "dining-philosophers/naive", "--set", "N=1k"], "`1k` is no number; write 1000"),
        (&["run", "dining-philosophers/naive", "--schedule-seed", "1", "--steps", "1_000"], "write 1000"),
        (&["check", "dining-philosophers/naive", "--states", "2M"], "write 2000000"),
        (&["check", "dining-philosophers/naive", "--states", "many"], "digits alone, as in 1000"),
        (&["check", "dining-philosophers/naive", "--memory", "0GiB"], "at least 1KiB"),
        (&["check", "dining-philosophers/naive", "--memory", "99999999TiB"], "a smaller size"),
        (&["check", "dining-philosophers/naive", "--memory", "4 gigabytes"], "as in 500MiB"),
        (&["run", "dining-philosophers/naive", "--over", "pipe"], "no messages to carry"),
        (&["step", "dining-philosophers/naive", "--over", "pipe"], "no messages to carry"),
        (&["check", "atm/messages", "--over", "mqueue"], "makes no difference to a check"),
        (&["attach", "xyz"], "16 hexadecimal digits"),
        (&["show", "producer-consumer", "--bytecode", "--actor", "9"], "there are 4"),
    ];
    for (arguments, words) in cases {
        let output = output(arguments);
        let (_, err) = texts(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }
}

#[test]
fn exit_statuses_tell_what_was_found() {
    let status = |arguments: &[&str]| output(arguments).status.code();
    let fast = ["--speed", "max", "--for", "20s"];
    assert_eq!(status(&[&["run", "dining-philosophers/naive"], &fast[..]].concat()), Some(1));
    assert_eq!(status(&[&["run", "dining-philosophers/naive", "--expect"], &fast[..]].concat()), Some(0));
    assert_eq!(status(&["run", "producer-consumer", "--speed", "max", "--for", "300ms"]), Some(0));
    assert_eq!(
        status(&["run", "dining-philosophers/naive", "--speed", "0.001", "--for", "300ms", "--expect"]),
        Some(1)
    );
}

#[test]
fn a_solution_file_names_its_problem_or_lies_beside_it() {
    let text = fs::read_to_string("problems/dining-philosophers/ordered.fork").expect("a text");
    let named = TempProgram::new("named", &format!("problem: dining-philosophers\n{text}"));
    let arguments = ["run", named.path(), "--speed", "max", "--for", "200ms"];
    assert_eq!(output(&arguments).status.code(), Some(0));
    let nameless = TempProgram::new("nameless", &text);
    let (_, err) = texts(&output(&["run", nameless.path(), "--for", "1s"]));
    assert!(err.contains("name its problem by a line `problem: dining-philosophers`"), "{err}");
    let given = output(&[
        "run",
        nameless.path(),
        "--problem",
        "dining-philosophers",
        "--speed",
        "max",
        "--for",
        "200ms",
    ]);
    assert_eq!(given.status.code(), Some(0), "{}", texts(&given).1);
    let beside =
        output(&["run", "problems/dining-philosophers/ordered.fork", "--speed", "max", "--for", "200ms"]);
    assert_eq!(beside.status.code(), Some(0), "{}", texts(&beside).1);
}

#[test]
fn a_skeleton_compiles_and_runs() {
    for problem in fiveforks::catalogue::PROBLEMS {
        let (out, _) = texts(&output(&["new", problem.id]));
        let skeleton = TempProgram::new(&format!("skeleton-{}", problem.id), &out);
        let shown = output(&["show", skeleton.path()]);
        assert!(shown.status.success(), "{out}\n{}", texts(&shown).1);
    }
}

#[test]
fn fmt_lays_out_and_checks() {
    let untidy = TempProgram::new(
        "untidy",
        "const   A=1\n\n\n\nrole r:\n  idle\n  busy by work( )\nprocess r:\n  work()   # now\n",
    );
    assert_eq!(output(&["fmt", "--check", untidy.path()]).status.code(), Some(1));
    assert_eq!(output(&["fmt", untidy.path()]).status.code(), Some(0));
    let text = fs::read_to_string(&untidy.0).expect("a text");
    assert_eq!(text, "const A = 1\n\nrole r:\n    idle\n    busy by work()\nprocess r:\n    work()  # now\n");
    assert_eq!(output(&["fmt", "--check", untidy.path()]).status.code(), Some(0));
    let broken = TempProgram::new("broken", "role r\n");
    assert_eq!(output(&["fmt", broken.path()]).status.code(), Some(2));
    assert_eq!(fs::read_to_string(&broken.0).expect("a text"), "role r\n");
}

#[test]
fn show_writes_texts_and_instructions() {
    let (out, _) = texts(&output(&["show", "dining-philosophers/naive"]));
    assert!(
        out.contains("problem Dining Philosophers") && out.contains("  14          wait(fork[(i + 1) % N])"),
        "{out}"
    );
    let (out, _) = texts(&output(&["show", "dining-philosophers/naive", "--bytecode", "--actor", "4"]));
    assert!(out.contains("philosopher[4]: ") && out.contains("* wait fork[0]"), "{out}");
}

#[test]
fn a_text_cannot_send_control_characters_to_the_terminal() {
    let program = TempProgram::new(
        "escape",
        "# \u{1b}[31mred\nrole r:\n    idle\n    busy by work()\nprocess r:\n    work()\n",
    );
    let (out, err) = texts(&output(&["show", program.path()]));
    assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'));
}

#[test]
fn completions_and_manual_page_are_written() {
    assert!(texts(&output(&["completions", "bash"])).0.contains("fiveforks"));
    assert!(texts(&output(&["man"])).0.contains(".TH fiveforks"));
}
