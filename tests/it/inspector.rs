//! What the inspector and the view of the kernel say, held against /proc and /dev/shm read here, by other means.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use fiveforks::board::Speed;
use fiveforks::inspect::{self, Access, Call, Leads, On};
use fiveforks::kernel::{Kind, Member, Observer, Part, Picture};
use fiveforks::lab::{Command as Order, History, News, Session, Start, Subject};
use fiveforks::monitor::Verdict;
use fiveforks::program::{ActorId, Object};
use fiveforks::run::{Follow, RunId};

use crate::support::{TempProgram, until};

/// A run in a thread of this process, and what it has said so far.
struct Lab {
    subject: Arc<Subject>,
    session: Session,
    history: History,
    run: RunId,
}

impl Lab {
    fn start(name: &str, speed: Speed) -> Lab {
        let subject = Subject::load(name, None, &[]).expect("a program");
        let binary = PathBuf::from(crate::support::BINARY);
        let session =
            Session::start(Start { subject: subject.clone(), seed: 7, speed, binary }).expect("a thread");
        let run = until("it starts", || match session.news()? {
            News::Started { run, .. } => Some(run),
            News::Failed(error) => panic!("{error}"),
            _ => None,
        });
        let history = History::new(&subject.program);
        Lab { subject, session, history, run }
    }

    /// Takes in what the run says until something is so.
    fn until(&mut self, what: &str, so: impl Fn(&History) -> bool) {
        until(what, || {
            while let Some(news) = self.session.news() {
                match news {
                    News::Moment(moment) => self.history.add(&self.subject.program, *moment),
                    News::Failed(error) => panic!("{error}"),
                    _ => {}
                }
            }
            so(&self.history).then_some(())
        });
    }

    /// A table whose philosophers all sleep for ever, and the verdict on it.
    fn deadlocked() -> (Lab, Verdict) {
        let mut lab = Lab::start("dining-philosophers/naive", Speed::MAX);
        lab.until("it deadlocks", |history| history.beside.verdicts.iter().any(Verdict::is_fault));
        let verdict = lab.history.beside.verdicts.iter().find(|v| v.is_fault()).expect("a fault").clone();
        // The verdict does not wait for a kernel that is slow to put everybody to sleep.
        until("everybody sleeps", || {
            let picture = lab.observe(|observer| observer.look());
            picture.members[2..].iter().all(|member| member.agrees() == Some(true)).then_some(())
        });
        (lab, verdict)
    }

    /// Looks at the run from outside.
    fn observe<R>(&self, look: impl FnOnce(&Observer<'_>) -> R) -> R {
        let follow = Follow::open(self.run).expect("a board");
        look(&Observer::new(&follow, &self.subject.program).expect("its objects"))
    }
}

/// The words of `/proc/PID/stat` behind the name.
fn stat(pid: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    text[text.rfind(')').expect("a name") + 1..].split_whitespace().map(str::to_string).collect()
}

/// Where a process has a file mapped for the first time, as its maps say.
fn mapped_at(pid: u32, path: &str) -> u64 {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("maps");
    let line =
        maps.lines().find(|line| line.ends_with(path)).unwrap_or_else(|| panic!("{pid} has no {path}"));
    u64::from_str_radix(line.split('-').next().expect("an address"), 16).expect("an address")
}

/// The path that is mapped at an address.
fn path_at(pid: u32, address: u64) -> String {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("maps");
    let holds = |line: &&str| {
        let range = line.split(' ').next().expect("a range");
        let (from, to) = range.split_once('-').expect("a range");
        let hex = |text| u64::from_str_radix(text, 16).expect("an address");
        (hex(from)..hex(to)).contains(&address)
    };
    maps.lines().find(holds).and_then(|line| line.split_whitespace().nth(5)).unwrap_or("").to_string()
}

fn bytes_at(pid: u32, address: u64) -> [u8; 8] {
    let mut bytes = [0; 8];
    let memory = fs::File::open(format!("/proc/{pid}/mem")).expect("a child's memory");
    memory.read_exact_at(&mut bytes, address).expect("mapped");
    bytes
}

fn of(picture: &Picture, actor: ActorId) -> &Member {
    picture.members.iter().find(|member| member.part == Part::Actor(actor)).expect("an actor")
}

#[test]
fn the_kernel_shows_everyone_asleep_where_the_monitor_says() {
    let (lab, verdict) = Lab::deadlocked();
    let program = &lab.subject.program;
    let picture = lab.observe(|observer| observer.look());
    assert_eq!((picture.run, picture.members.len(), picture.unasked), (lab.run, 7, 0));
    assert_eq!(verdict.waits.len(), 5);
    for wait in &verdict.waits {
        let member = of(&picture, wait.actor);
        assert_eq!((member.pid, member.name.clone()), (wait.pid, program.actor_name(wait.actor)));
        // By what /proc says, read here.
        let line = fs::read_to_string(format!("/proc/{}/syscall", wait.pid)).expect("a child");
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0].parse(), Ok(libc::SYS_futex), "{line}");
        let address = u64::from_str_radix(&words[1][2..], 16).expect("an address");
        let path = path_at(wait.pid, address);
        // The run's name for the object that the monitor says it waits for.
        let Object::Semaphore(id) = wait.objects[0] else { panic!("a semaphore") };
        assert_eq!(path, format!("/dev/shm/sem.{}", lab.run.semaphore(program, id)));
        // And what is shown.
        let spot = member.on.as_ref().expect("asleep on something");
        assert_eq!((spot.kind, &spot.name), (Some(Kind::Semaphore), &program.object_name(wait.objects[0])));
        assert_eq!(spot.place, path);
        assert_eq!((member.call_name().as_str(), member.agrees()), ("futex", Some(true)));
        let Call::Inside(call) = &member.call else { panic!("{member:?}") };
        assert_eq!(call.on(), On::Address(address));
        let object = picture.objects.iter().find(|o| o.place == path).expect("a row");
        assert_eq!((object.sleepers.as_slice(), object.value.as_deref()), (&[wait.pid][..], Some("0")));
        assert!(object.counted.is_none_or(|counted| counted == 1), "{object:?}");
    }
}

#[test]
fn processes_are_as_proc_says() {
    let (lab, _) = Lab::deadlocked();
    let picture = lab.observe(|observer| observer.look());
    for member in &picture.members {
        let process = member.process.as_ref().expect("it lives");
        let stat = stat(member.pid);
        let number = |at: usize| stat[at].parse::<i64>().expect("a number").max(0) as u32;
        assert_eq!((process.parent, process.group, process.session), (number(1), number(2), number(3)));
        if let Part::Actor(_) = member.part {
            assert_eq!((stat[0].as_str(), process.state.0, process.threads), ("S", 'S', 1));
            assert_eq!((process.parent, number(17)), (std::process::id(), 1));
        }
    }
    let parts: Vec<Part> = picture.members.iter().map(|member| member.part).collect();
    assert_eq!(parts[..3], [Part::Supervisor, Part::Guard, Part::Actor(ActorId(0))]);
    assert_eq!(picture.members[0].pid, std::process::id());
    let guard = &picture.members[1];
    let line = fs::read(format!("/proc/{}/cmdline", guard.pid)).expect("a guard");
    assert!(String::from_utf8_lossy(&line).contains(&format!("__guard\0{}", lab.run)));
    // It leads a session of its own, and waits for the end of its pipe.
    assert_eq!(guard.process.as_ref().map(|p| p.session), Some(guard.pid));
    let target = fs::read_link(format!("/proc/{}/fd/0", guard.pid)).expect("its input");
    let spot = guard.on.as_ref().expect("asleep in a read");
    assert_eq!((spot.kind, spot.name.as_str()), (Some(Kind::Pipe), "guard pipe"));
    assert_eq!((guard.call_name().as_str(), spot.place.as_str()), ("read", target.to_str().expect("a text")));
    // As ps writes it, where there is one. The supervisor is this test, whose threads come and go.
    for member in &picture.members[1..] {
        let ps = Command::new("ps").args(["-o", "stat=", "-p", &member.pid.to_string()]).output();
        let Ok(output) = ps else { return println!("no ps here") };
        let shown = member.process.as_ref().map(|p| p.stat());
        assert_eq!(shown.as_deref(), Some(String::from_utf8_lossy(&output.stdout).trim()));
    }
}

#[test]
fn objects_are_as_dev_shm_says() {
    let (lab, _) = Lab::deadlocked();
    let picture = lab.observe(|observer| observer.look());
    let mut files = crate::support::names_of(&lab.run.to_string());
    files.sort();
    let mut shown: Vec<String> = picture
        .objects
        .iter()
        .filter_map(|object| object.place.strip_prefix("/dev/shm/").map(str::to_string))
        .collect();
    shown.sort();
    assert_eq!(shown, files, "every name in /dev/shm, and no other");
    for object in &picture.objects {
        if let Ok(meta) = fs::metadata(&object.place) {
            let seen = object.seen.as_ref().expect("it has an entry");
            assert_eq!((seen.size, seen.inode, seen.uid), (Some(meta.len()), meta.ino(), meta.uid()));
            assert_eq!((seen.mode, meta.mode() & 0o777), (0o600, 0o600));
            assert!(object.commands[0].contains(&object.place), "{object:?}");
        }
        if object.kind == Kind::Semaphore {
            let bytes = fs::read(&object.place).expect("a semaphore");
            let value = u32::from_ne_bytes(bytes[..4].try_into().expect("4 bytes"));
            assert_eq!(object.value, Some(value.to_string()));
            let has = |member: &&Member| {
                let maps = fs::read_to_string(format!("/proc/{}/maps", member.pid)).expect("maps");
                maps.lines().any(|line| line.ends_with(&object.place))
            };
            assert_eq!(object.users, Some(picture.members.iter().filter(has).count()), "{object:?}");
        }
    }
    let lock = picture.objects.iter().find(|o| o.kind == Kind::Lock).expect("a lock");
    assert_eq!((lock.value.as_deref(), lock.holder), (Some("locked"), Some(std::process::id())));
    // The pipes: all actors write to one, and the guard reads from the other.
    let print = picture.objects.iter().find(|o| o.name == "print pipe").expect("a pipe");
    for member in picture.members.iter().filter(|m| matches!(m.part, Part::Actor(_))) {
        let target = fs::read_link(format!("/proc/{}/fd/1", member.pid)).expect("its output");
        assert_eq!(target.to_str(), Some(print.place.as_str()));
    }
    assert_eq!(print.users, Some(6));
}

#[test]
fn one_semaphore_lies_at_different_addresses_and_its_bytes_agree() {
    let (lab, verdict) = Lab::deadlocked();
    let program = &lab.subject.program;
    for wait in &verdict.waits {
        let portrait = lab.observe(|observer| observer.look_closer(wait.actor, None)).expect("an actor");
        let shared = portrait.shared.as_ref().expect("a semaphore");
        assert_eq!(shared.name, program.object_name(wait.objects[0]));
        // Two philosophers and the supervisor have this fork.
        assert_eq!(shared.views.len(), 3, "{shared:?}");
        assert_eq!((shared.views[0].pid, shared.views[2].pid), (wait.pid, std::process::id()));
        for view in &shared.views {
            assert_eq!(view.address, mapped_at(view.pid, &shared.path));
            assert_eq!(view.bytes, Some(bytes_at(view.pid, view.address)));
        }
        assert_eq!(shared.agrees(), Some(true));
        let file = fs::read(&shared.path).expect("the file");
        assert_eq!(shared.in_file.as_ref().map(|bytes| &bytes[..]), Some(&file[..8]));
        let mut addresses: Vec<u64> = shared.views.iter().map(|view| view.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        // The kernel chooses addresses by dice (personality(2) can forbid it).
        let dice = fs::read_to_string("/proc/sys/kernel/randomize_va_space").unwrap_or_default();
        assert!(addresses.len() > 1 || dice.trim() == "0", "{shared:?}");
        assert_eq!(shared.addresses(), addresses.len());
    }
}

#[test]
fn any_object_can_be_chosen_and_the_portrait_is_as_proc_says() {
    let (lab, verdict) = Lab::deadlocked();
    let wait = &verdict.waits[0];
    let faults = |pid: u32| stat(pid)[7].parse::<u64>().expect("a number");
    let before = faults(wait.pid);
    let portrait = lab.observe(|observer| observer.look_closer(wait.actor, None)).expect("an actor");
    let process = portrait.member.process.as_ref().expect("it lives");
    assert!((before..=faults(wait.pid)).contains(&process.minor_faults));
    let names: Vec<&str> = portrait.mapped.iter().map(|mapped| mapped.name.as_str()).collect();
    assert_eq!(names.len(), 3, "two forks and the board: {names:?}");
    assert_eq!(names.last(), Some(&"board"));
    for mapped in &portrait.mapped {
        assert_eq!(mapped.segment.start, mapped_at(wait.pid, &mapped.segment.path));
        let chosen = lab.observe(|observer| observer.look_closer(wait.actor, Some(&mapped.name)));
        let shared = chosen.and_then(|portrait| portrait.shared).expect("it is mapped");
        assert_eq!((&shared.name, shared.agrees()), (&mapped.name, Some(true)));
        assert!(shared.views.len() >= 3 && !shared.meaning.is_empty(), "{shared:?}");
        if mapped.kind == Kind::Board {
            assert_eq!(shared.in_file, Some(*b"5forks\r\n"));
        }
    }
    let call = portrait.call.as_deref().expect("a call");
    assert!(call.starts_with("futex(0x") && call.contains("FUTEX_WAIT"), "{call}");
    assert_eq!(portrait.parent.as_deref(), Some("supervisor"));
    let open = portrait.open.as_ref().expect("a child's descriptors");
    let links: Vec<(u32, String)> =
        open.iter().map(|o| (o.descriptor.number, o.descriptor.target.clone())).collect();
    let mut expected: Vec<(u32, String)> = fs::read_dir(format!("/proc/{}/fd", wait.pid))
        .expect("descriptors")
        .flatten()
        .map(|entry| {
            let number = entry.file_name().to_str().and_then(|n| n.parse().ok()).expect("a number");
            (number, fs::read_link(entry.path()).expect("a link").to_string_lossy().into_owned())
        })
        .collect();
    expected.sort();
    assert_eq!(links, expected);
    let output = open.iter().find(|o| o.descriptor.number == 1).expect("an output");
    assert_eq!((output.name.as_str(), output.descriptor.access), ("print pipe", Access::Write));
    assert!(output.others.contains(&("supervisor".to_string(), Access::Read)), "{output:?}");
    let status = fs::read_to_string(format!("/proc/{}/status", wait.pid)).expect("a status");
    let switches = portrait.switches.expect("a child's");
    assert!(status.contains(&format!("\nvoluntary_ctxt_switches:\t{}\n", switches.voluntary)), "{status}");
    let memory = portrait.resident.expect("a child's");
    assert!(memory.private > 0 && memory.shared > 0);
}

#[test]
fn who_waits_for_a_mutex_and_who_holds_it() {
    let text = "mutex m\nrole a[2]:\n    idle\n    busy by work() for 500s..600s\n    pace 1ms..2ms\nprocess a(i):\n    lock(m)\n    work()\n    unlock(m)\n";
    let program = TempProgram::new("inspected-mutex", text);
    let lab = Lab::start(program.path(), Speed(1_000_000));
    let picture = until("one waits for the other", || {
        let picture = lab.observe(|observer| observer.look());
        let waits = picture.members.iter().any(|member| member.agrees() == Some(true));
        let busy =
            picture.members.iter().any(|m| m.on.as_ref().is_some_and(|spot| spot.kind == Some(Kind::Word)));
        (waits && busy).then_some(picture)
    });
    let waiter = picture.members.iter().find(|member| member.agrees() == Some(true)).expect("a waiter");
    let holder =
        picture.members.iter().find(|m| m.on.as_ref().is_some_and(|spot| spot.kind == Some(Kind::Word)));
    let holder = holder.expect("the other is in its activity, and sleeps until the run's clock says so");
    assert_eq!(holder.on.as_ref().map(|spot| spot.name.as_str()), Some("the run's clock"));
    let mutex = picture.objects.iter().find(|object| object.kind == Kind::Mutex).expect("a mutex");
    assert_eq!((mutex.name.as_str(), mutex.value.as_deref()), ("m", Some("locked")));
    assert_eq!((mutex.sleepers.as_slice(), mutex.holder), (&[waiter.pid][..], Some(holder.pid)));
    assert!(mutex.seen.is_none() && mutex.place.contains(".board + 0x"), "{mutex:?}");
    // The holder's thread stands in the lock itself, and it is the same in every process.
    let Part::Actor(actor) = waiter.part else { panic!("an actor") };
    let shared =
        lab.observe(|observer| observer.look_closer(actor, None)).and_then(|p| p.shared).expect("the board");
    assert_eq!((shared.name.as_str(), shared.kind, shared.agrees()), ("m", Kind::Mutex, Some(true)));
    let word = u32::from_ne_bytes(shared.in_file.expect("a board")[..4].try_into().expect("4 bytes"));
    assert_eq!(word & 0x3fff_ffff, holder.pid);
    assert!(shared.meaning.contains(&format!("thread {} holds it", holder.pid)), "{shared:?}");
}

#[test]
fn who_waits_for_a_fair_semaphore_sleeps_in_its_queue() {
    let text = "fair semaphore s = 0\nrole a[2]:\n    idle\n    busy by work()\nprocess a(i):\n    wait(s)\n    work()\n";
    let program = TempProgram::new("inspected-fair", text);
    let lab = Lab::start(program.path(), Speed::MAX);
    let picture = until("both wait", || {
        let picture = lab.observe(|observer| observer.look());
        let both = picture.members.iter().filter(|member| member.agrees() == Some(true)).count() == 2;
        both.then_some(picture)
    });
    let object = picture.objects.iter().find(|object| object.kind == Kind::FairSemaphore).expect("a row");
    assert_eq!((object.name.as_str(), object.value.as_deref(), object.sleepers.len()), ("s", Some("0"), 2));
    // Each sleeps on a word of its own.
    let places: Vec<String> =
        picture.members[2..].iter().filter_map(|m| Some(m.on.as_ref()?.place.clone())).collect();
    assert!(places.len() == 2 && places[0] != places[1], "{places:?}");
}

#[test]
fn the_stopped_and_the_dead_are_shown_as_such() {
    use rustix::process::Signal;
    let (lab, verdict) = Lab::deadlocked();
    let (first, second) = (verdict.waits[0].actor, verdict.waits[1].actor);
    lab.session.tell(Order::Signal(first, Signal::STOP));
    lab.session.tell(Order::Signal(second, Signal::KILL));
    let letter = |picture: &Picture, actor| of(picture, actor).process.as_ref().map(|p| p.state.0);
    until("one is stopped and one is a zombie", || {
        let picture = lab.observe(|observer| observer.look());
        let now = (letter(&picture, first), letter(&picture, second));
        (now == (Some('T'), Some('Z'))).then_some(())
    });
    let portrait = lab.observe(|observer| observer.look_closer(second, None)).expect("an actor");
    assert_eq!((portrait.call, portrait.open, portrait.mapped.len()), (None, None, 0));
    assert_eq!(portrait.member.agrees(), None);
    lab.session.tell(Order::Signal(first, Signal::CONT));
    until("it sleeps again where it slept", || {
        let picture = lab.observe(|observer| observer.look());
        (letter(&picture, first) == Some('S') && of(&picture, first).agrees() == Some(true)).then_some(())
    });
}

/// A process that is not ours to inspect for long.
struct Foreign(Child);

impl Foreign {
    fn start(program: &str, arguments: &[&str]) -> Foreign {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null());
        Foreign(command.spawn().expect("it runs"))
    }

    /// Waits until it is asleep in a call of this kind.
    fn asleep(&self, on: impl Fn(&On) -> bool, text: &str) -> String {
        until("it sleeps there", || {
            let Call::Inside(call) = Call::read(self.0.id())? else { return None };
            let said = call.text();
            (on(&call.on()) && said.contains(text)).then_some(said)
        })
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn other_calls_are_told_with_what_they_wait_for() {
    let mut reader = Foreign::start("cat", &[]);
    reader.asleep(|on| *on == On::Descriptor(0), "read(0, …, ");
    let input = inspect::Descriptor::read(reader.0.id(), 0).expect("an input");
    let link = fs::read_link(format!("/proc/{}/fd/0", reader.0.id())).expect("a link");
    assert_eq!((input.leads, input.access), (Leads::Pipe, Access::Read));
    assert_eq!(link.to_str(), Some(input.target.as_str()));
    assert_eq!(link.to_str(), Some(format!("pipe:[{}]", input.inode).as_str()));
    // Once something comes, it is read, and the next read sleeps.
    reader.0.stdin.as_mut().expect("a pipe").write_all(b"x").expect("written");
    reader.asleep(|on| *on == On::Descriptor(0), "read(0, …, ");

    let sleeper = Foreign::start("sleep", &["600"]);
    sleeper.asleep(|on| *on == On::Else, "nanosleep(600 s)");

    let fifo = std::env::temp_dir().join(format!("fiveforks-fifo-{}", std::process::id()));
    let path = fifo.to_str().expect("a text");
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
    let opener = Foreign::start("cat", &[path]);
    let said = opener.asleep(|on| *on == On::Path(path.to_string()), "openat(\"");
    fs::remove_file(&fifo).expect("removed");
    assert!(said.contains(path), "{said}");
}
