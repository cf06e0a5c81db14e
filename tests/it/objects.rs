//! Kernel objects: what is created, what is refused, what others see of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

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
