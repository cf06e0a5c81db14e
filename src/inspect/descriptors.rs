//! The open descriptors of a process: what each leads to, and who else has the same open.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

/// An open descriptor, from `/proc/PID/fd` and `/proc/PID/fdinfo` (proc_pid_fd(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Its number: 0 is standard input, 1 standard output, 2 standard error.
    pub number: u32,
    /// What it leads to, as the kernel's link says: a path, `pipe:[17]`, `socket:[18]`, `anon_inode:[eventpoll]`.
    pub target: String,
    /// What that is.
    pub leads: Leads,
    /// Whether it is open for reading, and for writing.
    pub access: Access,
    /// The number by which the kernel tells the object from others of its kind; 0 if it will not say.
    pub inode: u64,
}

/// What a descriptor leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Leads {
    File,
    Directory,
    Device,
    /// A pipe without a name (pipe(7)).
    Pipe,
    /// A pipe with a name (fifo(7)).
    Fifo,
    Socket,
    /// A POSIX message queue (mq_overview(7)).
    PosixQueue,
    /// Something of the kernel without a place among the files: epoll, eventfd, timerfd.
    Anonymous,
}

impl Leads {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Leads::File => "file",
            Leads::Directory => "folder",
            Leads::Device => "device",
            Leads::Pipe => "pipe",
            Leads::Fifo => "named pipe (FIFO)",
            Leads::Socket => "socket",
            Leads::PosixQueue => "POSIX message queue",
            Leads::Anonymous => "kernel object without a file",
        }
    }
}

/// How a descriptor is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Access {
    Read,
    Write,
    Both,
    /// The kernel will not say.
    Unknown,
}

impl Access {
    /// As lsof(8) writes it.
    pub fn letter(self) -> &'static str {
        match self {
            Access::Read => "r",
            Access::Write => "w",
            Access::Both => "u",
            Access::Unknown => "?",
        }
    }

    fn of(info: &str) -> Access {
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        match flags.and_then(|octal| i32::from_str_radix(octal.trim(), 8).ok()).map(|f| f & libc::O_ACCMODE) {
            Some(libc::O_RDONLY) => Access::Read,
            Some(libc::O_WRONLY) => Access::Write,
            Some(libc::O_RDWR) => Access::Both,
            _ => Access::Unknown,
        }
    }
}

/// The filesystem that POSIX message queues live in (statfs(2)).
const MQUEUE_MAGIC: u64 = 0x1980_0202;

impl Descriptor {
    /// One descriptor of a process; none if it is not open, or the kernel will not tell.
    pub fn read(pid: u32, number: u32) -> Option<Descriptor> {
        let link = format!("/proc/{pid}/fd/{number}");
        let target = fs::read_link(&link).ok()?.to_string_lossy().into_owned();
        let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}")).unwrap_or_default();
        let meta = fs::metadata(&link).ok();
        let leads = match (meta.as_ref().map(fs::Metadata::file_type), target.split_once(":[")) {
            (_, Some(("pipe", _))) => Leads::Pipe,
            (_, Some(("socket", _))) => Leads::Socket,
            _ if target.starts_with("anon_inode:") => Leads::Anonymous,
            (Some(kind), _) if kind.is_fifo() => Leads::Fifo,
            (Some(kind), _) if kind.is_socket() => Leads::Socket,
            (Some(kind), _) if kind.is_dir() => Leads::Directory,
            (Some(kind), _) if kind.is_char_device() || kind.is_block_device() => Leads::Device,
            _ if is_queue(&link) => Leads::PosixQueue,
            _ => Leads::File,
        };
        let inode = meta.map_or(0, |meta| meta.ino());
        Some(Descriptor { number, target, leads, access: Access::of(&info), inode })
    }
}

fn is_queue(link: &str) -> bool {
    rustix::fs::statfs(link).is_ok_and(|fs| fs.f_type as u64 == MQUEUE_MAGIC)
}

/// All open descriptors of a process, by number; none if there is no such process, or the kernel will not tell.
pub fn descriptors(pid: u32) -> Option<Vec<Descriptor>> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
    let mut numbers: Vec<u32> =
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    let open: Vec<Descriptor> = numbers.iter().filter_map(|number| Descriptor::read(pid, *number)).collect();
    // Their numbers may be told where what they lead to is not.
    (numbers.is_empty() || !open.is_empty()).then_some(open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsRawFd;

    #[test]
    fn what_this_process_has_open() {
        let me = std::process::id();
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let file = File::open("/dev/null").expect("a device");
        let of = |number: i32| Descriptor::read(me, number as u32).expect("open");
        let (reader, writer, null) = (of(reader.as_raw_fd()), of(writer.as_raw_fd()), of(file.as_raw_fd()));
        assert_eq!((reader.leads, reader.access), (Leads::Pipe, Access::Read));
        assert_eq!((writer.leads, writer.access), (Leads::Pipe, Access::Write));
        assert_eq!(reader.target, format!("pipe:[{}]", reader.inode));
        assert_eq!((null.leads, null.target.as_str()), (Leads::Device, "/dev/null"));
        assert!(descriptors(me).expect("mine").contains(&null));
        assert_eq!(descriptors(u32::MAX), None);
    }
}
