//! Message queues and real-time signals: made, used, refused, removed, and nothing is left.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use fiveforks::os::rtsignal::{self, RealTime};
use fiveforks::os::{mqueue, sysv};
use fiveforks::run::{Claim, Outside};
use rustix::process::{Pid, Resource, Rlimit, getpid, getrlimit, setrlimit};

/// A name that no other test, and no other test process, has.
fn name(what: &str) -> String {
    format!("fiveforks-test-{what}-{}", std::process::id())
}

/// A key that no other test, and probably no other process, has.
fn key() -> i32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    (0x7f00_0000 | (std::process::id() & 0xffff) << 8 | NEXT.fetch_add(1, Ordering::Relaxed)) as i32
}

/// Removes a POSIX queue when the test ends.
struct Named(String);

impl Drop for Named {
    fn drop(&mut self) {
        let _ = mqueue::remove(&self.0);
    }
}

/// Removes a System V queue when the test ends.
struct Keyed(i32);

impl Drop for Keyed {
    fn drop(&mut self) {
        let _ = sysv::remove(self.0);
    }
}

fn is_listed(key: i32) -> bool {
    let list = fs::read_to_string("/proc/sysvipc/msg").expect("a list");
    list.lines().any(|line| line.split_whitespace().next() == Some(&key.to_string()))
}

#[test]
fn a_posix_queue_keeps_messages_apart_and_in_order() {
    let named = Named(name("order"));
    let one = mqueue::Queue::create(&named.0, 4, 16).expect("created");
    assert!(mqueue::Queue::create(&named.0, 4, 16).expect_err("it exists").exists());
    let two = mqueue::Queue::open(&named.0).expect("opened");
    assert_eq!(two.capacity().expect("asked"), mqueue::Capacity { messages: 4, bytes: 16 });
    let mut buffer = [0; 16];
    assert_eq!(two.try_receive(&mut buffer).expect("empty"), None);
    for message in [&b"first"[..], b"", b"third"] {
        one.send(message).expect("sent");
    }
    assert_eq!(two.len().expect("asked"), 3);
    for message in [&b"first"[..], b"", b"third"] {
        let len = two.receive(&mut buffer).expect("received");
        assert_eq!(&buffer[..len], message);
    }
    assert!(one.is_empty().expect("asked"));
    for _ in 0..4 {
        assert!(one.try_send(b"x").expect("sent"));
    }
    assert!(!one.try_send(b"x").expect("full"));
    assert!(mqueue::remove(&named.0).expect("removed"));
    assert!(!mqueue::remove(&named.0).expect("removed before"));
    let error = mqueue::Queue::open(&named.0).expect_err("gone").to_string();
    assert!(error.contains("was removed"), "{error}");
    // Without its name it serves on for those who have it open.
    assert_eq!(two.try_receive(&mut buffer).expect("open"), Some(1));
}

#[test]
fn a_posix_queue_that_is_refused_says_which_limit() {
    let named = Named(name("refused"));
    let limit = |path| fs::read_to_string(path).ok()?.trim().parse::<usize>().ok();
    let most = limit(mqueue::BYTES_LIMIT).expect("a limit");
    let error = mqueue::Queue::create(&named.0, 1, (1 << 24) + most).expect_err("too long").to_string();
    assert!(error.contains(mqueue::BYTES_LIMIT) && error.contains(&most.to_string()), "{error}");
    let error = mqueue::Queue::create(&named.0, 0, 8).expect_err("no room").to_string();
    assert!(error.contains(mqueue::MESSAGES_LIMIT), "{error}");
    let queue = mqueue::Queue::create(&named.0, 1, 8).expect("created");
    let error = queue.send(&[0; 9]).expect_err("too long").to_string();
    assert!(error.contains("at most 8 bytes"), "{error}");
    let error = queue.receive(&mut [0; 4]).expect_err("a short buffer").to_string();
    assert!(error.contains("at most 8 bytes"), "{error}");
    assert!(mqueue::Queue::create("a/b", 1, 8).is_err());
    assert!(mqueue::Queue::create("a\0b", 1, 8).is_err());
}

#[test]
fn a_sysv_queue_keeps_messages_apart_and_in_order() {
    let keyed = Keyed(key());
    assert!(!sysv::exists(keyed.0));
    let mut one = sysv::Queue::create(keyed.0).expect("created");
    assert!(sysv::Queue::create(keyed.0).expect_err("it exists").exists());
    assert!(sysv::exists(keyed.0) && is_listed(keyed.0));
    let mut two = sysv::Queue::open(keyed.0).expect("opened");
    let mut buffer = [0; 1024];
    assert_eq!(two.try_receive(&mut buffer).expect("empty"), None);
    let long: Vec<u8> = (0..1024).map(|k| k as u8).collect();
    for message in [&b"first"[..], b"", &long, b"123456789"] {
        one.send(message).expect("sent");
    }
    assert_eq!(two.len().expect("asked"), 4);
    for message in [&b"first"[..], b"", &long, b"123456789"] {
        let len = two.receive(&mut buffer).expect("received");
        assert_eq!(&buffer[..len], message);
    }
    while one.try_send(&long).expect("sent") {}
    let error = two.receive(&mut [0; 4]).expect_err("a short buffer").to_string();
    assert!(error.contains("longer than the buffer of 4"), "{error}");
    one.remove().expect("removed");
    one.remove().expect("removed before");
    assert!(!sysv::exists(keyed.0) && !is_listed(keyed.0));
    let error = two.receive(&mut buffer).expect_err("gone").to_string();
    assert!(error.contains("removed"), "{error}");
}

#[test]
fn a_sysv_queue_that_is_refused_says_why() {
    assert!(sysv::Queue::create(0).expect_err("private").to_string().contains("the key 0"));
    let keyed = Keyed(key());
    let error = sysv::Queue::open(keyed.0).expect_err("missing").to_string();
    assert!(error.contains("no such queue"), "{error}");
    let limit = fs::read_to_string(sysv::BYTES_LIMIT).expect("a limit");
    let most: usize = limit.trim().parse().expect("a number");
    let mut queue = sysv::Queue::create(keyed.0).expect("created");
    let error = queue.send(&vec![0; most + 1]).expect_err("too long").to_string();
    assert!(error.contains(sysv::BYTES_LIMIT) && error.contains(&most.to_string()), "{error}");
    assert!(sysv::remove(keyed.0).expect("removed"));
    assert!(!sysv::remove(keyed.0).expect("removed before"));
}

#[test]
fn a_waiting_receiver_is_told_that_its_queue_was_removed() {
    let keyed = Keyed(key());
    let queue = sysv::Queue::create(keyed.0).expect("created");
    let mut other = sysv::Queue::open(keyed.0).expect("opened");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || other.receive(&mut [0; 8]));
        // Whether it waits already or not: it gets an error either way.
        queue.remove().expect("removed");
        assert!(waiting.join().expect("no panic").is_err());
    });
}

/// Says to this test binary that it is the process of its own.
const ALONE: &str = "FIVEFORKS_TEST_SIGNALS_ALONE";

#[test]
fn a_signal_outside_the_range_is_refused() {
    for number in [0, 31, rtsignal::last() + 1] {
        let error = RealTime::new(number).expect_err("no real-time signal").to_string();
        assert!(error.contains(&format!("{} to {}", rtsignal::first(), rtsignal::last())), "{error}");
    }
    let nobody = Pid::from_raw(i32::MAX - 1).expect("a number");
    assert!(RealTime::new(rtsignal::last()).expect("in range").queue(nobody, 1).is_err());
}

/// A signal goes to a process, and any thread of it that does not block it may get it: so this runs in a process whose
/// threads have inherited the mask.
#[test]
fn signals_carry_words_in_order() {
    let signal = RealTime::new(rtsignal::last() - 1).expect("in range");
    assert_eq!(signal.number(), rtsignal::last() - 1);
    signal.block().expect("blocked");
    if std::env::var_os(ALONE).is_none() {
        let mut alone = Command::new(std::env::current_exe().expect("a path"));
        alone.args(["queues::signals_carry_words_in_order", "--exact", "--nocapture"]).env(ALONE, "1");
        let output = alone.output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        return;
    }
    assert_eq!(signal.try_wait().expect("none waits"), None);
    for value in [1, 0, usize::MAX] {
        signal.queue(getpid(), value).expect("sent");
    }
    assert_eq!(signal.wait().expect("taken"), 1);
    assert_eq!(signal.try_wait().expect("taken"), Some(0));
    // Without a word, as kill(1) sends it: passed over.
    assert!(
        Command::new("kill")
            .args([format!("-{}", signal.number()), std::process::id().to_string()])
            .status()
            .is_ok()
    );
    signal.queue(getpid(), 7).expect("sent");
    assert_eq!(signal.wait().expect("taken"), usize::MAX);
    assert_eq!(signal.wait().expect("taken"), 7);
    let before = getrlimit(Resource::Sigpending);
    setrlimit(Resource::Sigpending, Rlimit { current: Some(0), maximum: before.maximum }).expect("lowered");
    assert!(!signal.try_queue(getpid(), 1).expect("full"));
    let error = signal.queue(getpid(), 1).expect_err("full").to_string();
    assert!(error.contains("ulimit -i"), "{error}");
    assert_eq!(signal.try_wait().expect("none waits"), None);
}

#[test]
fn what_a_run_has_elsewhere_goes_with_it() {
    let claim = Claim::take().expect("a run");
    let queue = format!("fiveforks.{}.queue", claim.run);
    let file = std::env::temp_dir().join(format!("fiveforks.{}.file", claim.run));
    for outside in [Outside::Queue(queue.clone()), Outside::File(file.clone())] {
        claim.register(&outside).expect("registered");
    }
    mqueue::Queue::create(&queue, 1, 8).expect("created");
    fs::write(&file, "").expect("a file");
    let (key, _) = claim.create_keyed().expect("created");
    assert!(sysv::exists(key));
    let lock = format!("/dev/shm/fiveforks.{}.lock", claim.run);
    let text = fs::read_to_string(&lock).expect("a lock file");
    assert_eq!(text, format!("mqueue {queue}\nfile {}\nsysv {key}\n", file.display()));
    drop(claim);
    assert!(mqueue::Queue::open(&queue).is_err() && !file.exists());
    assert!(!sysv::exists(key) && !fs::exists(&lock).expect("looked"));
}
