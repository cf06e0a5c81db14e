//! Kernel objects: what is created, what is refused, what others see of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use fiveforks::os::ring::{self, Receiver, Sender};
use fiveforks::os::{self, Mapping, Semaphore};

fn name(what: &str) -> String {
    format!("fiveforks-test-{what}-{}", std::process::id())
}

/// Removes a file of /dev/shm when the test ends.
struct Cleaned(String);

impl Drop for Cleaned {
    fn drop(&mut self) {
        let _ = os::remove(&self.0);
    }
}

#[test]
fn a_semaphore_is_one_that_the_c_library_takes() {
    let name = name("sem");
    let _cleaned = Cleaned(format!("sem.{name}"));
    Semaphore::create(&name, 3).expect("created");
    assert!(Semaphore::create(&name, 3).expect_err("it exists").exists());
    let (one, two) = (Semaphore::open(&name).expect("open"), Semaphore::open(&name).expect("open again"));
    assert_eq!(one.value().value, 3);
    assert!(one.try_wait() && two.try_wait() && one.try_wait() && !two.try_wait());
    assert!(two.post());
    one.wait();
    assert_eq!(two.value().value, 0);
    assert!(!one.wait_until(std::time::Duration::ZERO));
}

#[test]
fn a_dropped_semaphore_is_mapped_no_more() {
    let name = name("unmapped");
    let _cleaned = Cleaned(format!("sem.{name}"));
    Semaphore::create(&name, 1).expect("created");
    let mapped = || fs::read_to_string("/proc/self/maps").expect("maps").contains(&name);
    let one = Semaphore::open(&name).expect("open");
    drop(Semaphore::open(&name).expect("open again"));
    assert!(mapped() && one.try_wait(), "the other one is open still");
    drop(one);
    assert!(!mapped());
}

#[test]
fn an_empty_or_foreign_file_is_no_semaphore() {
    let name = name("bad");
    let path = format!("/dev/shm/sem.{name}");
    let _cleaned = Cleaned(format!("sem.{name}"));
    fs::write(&path, "").expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    assert!(Semaphore::open(&name).expect_err("no semaphore").to_string().contains("0 bytes"));
    fs::write(&path, [0; 32]).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("a mode");
    assert!(Semaphore::open(&name).expect_err("too open").to_string().contains("lets others in"));
}

#[test]
fn memory_that_cannot_be_had_is_an_error_and_leaves_nothing() {
    let name = format!("/{}", name("huge"));
    let error = Mapping::create(&name, 1 << 46).expect_err("64 TiB").to_string();
    assert!(error.contains("free"), "{error}");
    assert!(!fs::exists(format!("/dev/shm{name}")).expect("looked"));
}

#[test]
fn a_mapping_is_shared_and_exclusive() {
    let name = format!("/{}", name("map"));
    let _cleaned = Cleaned(name[1..].to_string());
    let one = Mapping::create(&name, 4096).expect("created");
    assert!(Mapping::create(&name, 4096).expect_err("it exists").exists());
    let two = Mapping::open(&name, 4096, false).expect("opened");
    one.words(8, 1)[0].store(42, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(two.words(8, 1)[0].load(std::sync::atomic::Ordering::SeqCst), 42);
    assert!(Mapping::open(&name, 8192, true).expect_err("too short").to_string().contains("4096 bytes"));
    assert_eq!(fs::metadata(format!("/dev/shm{name}")).expect("there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_ring_has_one_sender_and_one_receiver_and_loses_nothing() {
    const SLOTS: usize = 3;
    const MESSAGES: u64 = 20_000;
    let name = name("ring");
    let [free, filled] = ["free", "filled"].map(|what| format!("{name}.{what}"));
    let files = [name.clone(), format!("sem.{free}"), format!("sem.{filled}")];
    let _cleaned = files.map(Cleaned);
    let path = format!("/{name}");
    let bytes = ring::bytes(SLOTS, 24);
    Mapping::create(&path, bytes).expect("created");
    Semaphore::create(&free, SLOTS as u32).expect("created");
    Semaphore::create(&filled, 0).expect("created");
    let mapping = || Mapping::open(&path, bytes, true).expect("opened");
    let semaphores = || (Semaphore::open(&free).expect("opened"), Semaphore::open(&filled).expect("opened"));
    let claim_sender = |shape| Sender::claim(mapping(), shape, semaphores().0, semaphores().1);
    let claim_receiver = |shape| Receiver::claim(mapping(), shape, semaphores().0, semaphores().1);
    assert!(claim_sender((SLOTS + 1, 24)).expect_err("too many slots").to_string().contains("hold no ring"));
    assert!(claim_sender((0, 24)).is_err());
    let mut sender = claim_sender((SLOTS, 24)).expect("the only one");
    let mut receiver = claim_receiver((SLOTS, 24)).expect("the only one");
    assert!(claim_sender((SLOTS, 24)).expect_err("a second one").to_string().contains("somebody else"));
    assert!(claim_receiver((SLOTS, 24)).expect_err("a second one").to_string().contains("somebody else"));
    assert!(sender.send(&[0; 23]).expect_err("too short").to_string().contains("24 bytes, not 23"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..MESSAGES {
                let word = number.to_ne_bytes();
                sender.send(&[word, word, word].concat()).expect("sent");
            }
        });
        for number in 0..MESSAGES {
            let mut message = [0; 24];
            receiver.receive(&mut message).expect("received");
            assert_eq!(message.chunks(8).map(|c| c == number.to_ne_bytes()).collect::<Vec<_>>(), [true; 3]);
        }
    });
    assert!(sender.calls() + receiver.calls() > 0, "nobody ever slept at a ring of {SLOTS}");
    // Who comes after them goes on where they left off.
    drop((sender, receiver));
    let mut sender = claim_sender((SLOTS, 24)).expect("the only one again");
    let mut receiver = claim_receiver((SLOTS, 24)).expect("the only one again");
    let mut message = [0; 24];
    for fill in 1..10 {
        sender.send(&[fill; 24]).expect("sent");
        receiver.receive(&mut message).expect("received");
        assert_eq!(message, [fill; 24]);
    }
    // Semaphores that somebody else has posted do not make it hand out a slot that is in use.
    semaphores().1.post();
    assert!(receiver.receive(&mut message).expect_err("empty").to_string().contains("semaphores"));
}

#[test]
fn a_mapped_file_is_as_private_and_exclusive_as_shared_memory() {
    let path = std::env::temp_dir().join(name("file"));
    let one = Mapping::create_file(&path, 4096).expect("created");
    assert!(Mapping::create_file(&path, 4096).expect_err("it exists").exists());
    let two = Mapping::open_file(&path, 4096).expect("opened");
    one.words(8, 1)[0].store(42, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(two.words(8, 1)[0].load(std::sync::atomic::Ordering::SeqCst), 42);
    assert!(Mapping::open_file(&path, 8192).expect_err("too short").to_string().contains("4096 bytes"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    assert!(Mapping::open_file(&path, 8).expect_err("too open").to_string().contains("lets others in"));
    fs::remove_file(&path).expect("removed");
    let error = Mapping::create_file(&path, 1 << 60).expect_err("an exbibyte").to_string();
    assert!(error.contains("TMPDIR") && !path.exists(), "{error}");
}
