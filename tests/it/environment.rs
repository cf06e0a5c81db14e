//! A machine that refuses: a full or missing /dev/shm, too few processes, other users' and other versions' leftovers.
//!
//! What needs a /dev/shm of its own runs in a mount namespace, and what needs another user is run as one; where the
//! machine allows neither, the test says so and passes.

use std::fs;
use std::process::{Command, Output, Stdio};

use rustix::fs::{FlockOperation, flock};

use crate::support::{BINARY, Running, names_of, output, texts};

/// Runs a shell script in a mount namespace of its own; none if that is not allowed here.
fn in_namespace(script: &str) -> Option<Output> {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", script]).stdin(Stdio::null());
    let able = Command::new("unshare").args(["--mount", "--propagation", "private", "true"]).output();
    if !able.is_ok_and(|o| o.status.success()) {
        println!("skipped: no mount namespaces here");
        return None;
    }
    Some(command.output().expect("unshare runs"))
}

fn assert_refused(output: &Output, words: &[&str]) {
    let (out, err) = texts(output);
    assert_eq!(output.status.code(), Some(2), "{out}{err}");
    for word in words {
        assert!(err.contains(word), "no «{word}» in: {err}");
    }
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn a_full_dev_shm_is_said_and_leaves_nothing() {
    let script = format!(
        "mount -t tmpfs -o size=64k tmpfs /dev/shm && {BINARY} run dining-philosophers/ordered --for 1s; s=$?; \
         ls -A /dev/shm; exit $s"
    );
    if let Some(output) = in_namespace(&script) {
        assert_refused(&output, &["/dev/shm", "free", "use fewer actors"]);
        assert_eq!(texts(&output).0, "", "something is left");
    }
}

#[test]
fn room_for_the_board_and_not_for_the_semaphores_is_said_and_leaves_nothing() {
    // The board of 40 actors takes less than 17 MiB; 8000 semaphores of a page each do not fit beside it.
    let text = "semaphore s[8000] = 1\nrole a[2]:\n    idle\n    busy by work()\nprocess a(i):\n    work()\n    wait(s[i])\n    \
        signal(s[i])\n";
    let program = crate::support::TempProgram::new("many", text);
    let script = format!(
        "mount -t tmpfs -o size=17m tmpfs /dev/shm && {BINARY} run {} --for 1s; s=$?; ls -A /dev/shm; exit $s",
        program.path()
    );
    if let Some(output) = in_namespace(&script) {
        assert_refused(&output, &["/dev/shm"]);
        assert_eq!(texts(&output).0, "", "something is left");
    }
}

#[test]
fn a_missing_dev_shm_is_said() {
    let script = format!(
        "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && mknod $d/null c 1 3 && mknod $d/urandom c 1 9 && \
         mount --bind $d /dev && {BINARY} run dining-philosophers/ordered --for 1s"
    );
    if let Some(output) = in_namespace(&script) {
        assert_refused(&output, &["there is no /dev/shm", "mount a tmpfs"]);
    }
}

#[test]
fn ps_says_that_nothing_runs() {
    let script = format!("mount -t tmpfs tmpfs /dev/shm && {BINARY} ps && {BINARY} ps --format json");
    if let Some(output) = in_namespace(&script) {
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{err}");
        let (text, json) = out.split_once('\n').expect("two lines");
        assert!(text.contains("no run of yours lives now"), "{out}");
        let document: serde_json::Value = serde_json::from_str(json).expect("JSON");
        assert_eq!((&document["schema"], &document["runs"]), (&1.into(), &serde_json::json!([])));
    }
}

#[test]
fn ps_tells_of_a_board_that_it_cannot_read() {
    let run = format!("{:016x}", 0xcafe_0000_0000_0000u64 | u64::from(std::process::id()));
    let lock = format!("/dev/shm/fiveforks.{run}.lock");
    fs::write(&lock, "").expect("a file");
    fs::set_permissions(&lock, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    let file = fs::File::open(&lock).expect("a lock file");
    flock(&file, FlockOperation::LockExclusive).expect("locked");
    let output = output(&["ps", &run]);
    fs::remove_file(&lock).expect("removed");
    let (out, err) = texts(&output);
    assert!(output.status.success() && out.contains(&run) && out.contains("no such run"), "{out}{err}");
}

#[test]
fn a_limit_of_processes_is_said_and_all_started_ones_end() {
    let copied = std::env::temp_dir().join(format!("fiveforks-limited-{}", std::process::id()));
    fs::copy(BINARY, &copied).expect("a copy that everyone may run");
    let script = format!(
        "exec prlimit --nproc=12 setpriv --reuid=65534 --regid=65534 --clear-groups {} run dining-philosophers/ordered \
         --set N=100 --for 1s",
        copied.display()
    );
    let root = rustix::process::geteuid().is_root();
    let output = Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).output();
    let _ = fs::remove_file(&copied);
    match output {
        Ok(output) if root && !texts(&output).1.contains("setpriv: ") => {
            assert_refused(&output, &["of 100 processes", "ulimit -u"]);
        }
        _ => println!("skipped: not root, or no setpriv"),
    }
}

#[test]
fn another_users_run_is_left_alone() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: not root");
        return;
    }
    let lock = "/dev/shm/fiveforks.00000000000000aa.lock";
    fs::write(lock, "").expect("a file");
    std::os::unix::fs::chown(lock, Some(65534), Some(65534)).expect("given away");
    assert!(output(&["clean"]).status.success());
    let kept = fs::exists(lock).expect("looked");
    fs::remove_file(lock).expect("removed");
    assert!(kept);
}

#[test]
fn a_dead_runs_leftovers_are_swept_at_the_next_start() {
    let run = format!("{:016x}", 0xdead_0000_0000_0000u64 | u64::from(std::process::id()));
    for file in
        [format!("fiveforks.{run}.lock"), format!("fiveforks.{run}.board"), format!("sem.fiveforks.{run}.s")]
    {
        let path = format!("/dev/shm/{file}");
        fs::write(&path, "left").expect("a file");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    }
    assert!(output(&["run", "producer-consumer", "--speed", "max", "--for", "100ms"]).status.success());
    assert_eq!(names_of(&run), [""; 0]);
}

#[test]
fn what_has_no_lock_file_is_told_and_left_alone() {
    let run = format!("{:016x}", 0xbeef_0000_0000_0000u64 | u64::from(std::process::id()));
    let path = format!("/dev/shm/sem.fiveforks.{run}.s");
    fs::write(&path, "left").expect("a file");
    let (out, _) = texts(&output(&["clean"]));
    let kept = fs::exists(&path).expect("looked");
    fs::remove_file(&path).expect("removed");
    assert!(kept && out.contains(&run), "{out}");
}

/// A copy of a living run's board under another identity, changed, with a lock that is held: `attach` must refuse it.
fn attach_to_changed(change: impl FnOnce(&mut Vec<u8>)) -> Output {
    let running = Running::start(&["dining-philosophers/ordered", "--for", "600s"], 5);
    let run = format!("{:016x}", u64::from(rand::random::<u32>()) << 20);
    let (board, lock) = (format!("/dev/shm/fiveforks.{run}.board"), format!("/dev/shm/fiveforks.{run}.lock"));
    let mut bytes = fs::read(format!("/dev/shm/fiveforks.{}.board", running.run())).expect("a board");
    change(&mut bytes);
    fs::write(&board, &bytes).expect("written");
    fs::write(&lock, "").expect("written");
    for path in [&board, &lock] {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    }
    let file = fs::File::open(&lock).expect("a lock file");
    flock(&file, FlockOperation::LockExclusive).expect("locked");
    let output = output(&["attach", &run, "--for", "1s"]);
    fs::remove_file(board).expect("removed");
    fs::remove_file(lock).expect("removed");
    output
}

#[test]
fn a_board_of_another_version_is_refused() {
    let output = attach_to_changed(|bytes| bytes[8] = 99);
    assert_refused(&output, &["version 99", "use the fiveforks that started the run"]);
}

#[test]
fn a_truncated_board_is_refused() {
    assert_refused(&attach_to_changed(|bytes| bytes.truncate(100)), &["too short"]);
    assert_refused(&attach_to_changed(|bytes| bytes.truncate(10_000)), &["does not have"]);
}

#[test]
fn an_altered_board_is_refused() {
    // The number of bytes of the texts, the first word of the texts, and the program's hash.
    assert_refused(&attach_to_changed(|bytes| bytes[4 * 8 + 3] = 0xff), &["does not have"]);
    assert_refused(&attach_to_changed(|bytes| bytes[64 * 8] = b'x'), &["texts cannot be read"]);
    assert_refused(&attach_to_changed(|bytes| bytes[2 * 8] ^= 1), &["another program"]);
}

#[test]
fn a_second_terminal_follows_a_run_and_changes_nothing() {
    let running = Running::start(&["dining-philosophers/ordered", "--speed", "10", "--for", "600s"], 5);
    let run = running.run();
    let output = output(&["attach", &run, "--for", "1500ms"]);
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("dining-philosophers/ordered") && out.contains("philosophers:"), "{out}");
    assert_eq!(running.actors().len(), 5);
}
