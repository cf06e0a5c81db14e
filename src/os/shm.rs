//! POSIX shared memory: named objects in `/dev/shm`, mapped into every process of a run (shm_overview(7)).

use std::path::Path;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FallocateFlags, Mode, OFlags as FileFlags, fallocate, fstat, openat, statvfs};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use rustix::shm::{self, OFlags};

use super::{Error, Result};

/// Where Linux keeps POSIX shared memory and named semaphores.
pub const SHM_DIR: &str = "/dev/shm";

/// A shared-memory object mapped into this process.
#[derive(Debug)]
pub struct Mapping {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the mapping is memory shared between processes; this type hands it out only as atomics or by address.
unsafe impl Send for Mapping {}
// SAFETY: as above; atomics may be used from several threads.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Creates an object of `len` bytes, all zero, that only this user may open, and maps it. The name starts with `/`.
    /// Memory is reserved at once: a full `/dev/shm` is an error here and not a signal later.
    pub fn create(name: &str, len: usize) -> Result<Mapping> {
        let fd = shm::open(name, OFlags::CREATE | OFlags::EXCL | OFlags::RDWR, Mode::RUSR | Mode::WUSR)
            .map_err(|errno| shm_error("shm_open", name, errno))?;
        if let Err(errno) = reserve(&fd, len) {
            let free = available().unwrap_or(0);
            let _ = shm::unlink(name);
            return Err(Error::new("fallocate", format!("{name} ({})", kib(len as u64)), errno)
                .hint(format!("{SHM_DIR} has {} free: use fewer actors, or enlarge it", kib(free))));
        }
        Mapping::map(name, &fd, len, true)
    }

    /// Maps an existing object, for reading and writing or for reading only. It must belong to this user, be closed
    /// to all others, and have at least `least` bytes.
    pub fn open(name: &str, least: usize, write: bool) -> Result<Mapping> {
        let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
        let fd =
            shm::open(name, access, Mode::empty()).map_err(|errno| shm_error("shm_open", name, errno))?;
        Mapping::map(name, &fd, at_least(name, &fd, least)?, write)
    }

    /// Creates a file anywhere, as [`Mapping::create`] creates an object.
    pub fn create_file(path: &Path, len: usize) -> Result<Mapping> {
        let name = path.display().to_string();
        let flags = FileFlags::CREATE | FileFlags::EXCL | FileFlags::RDWR | FileFlags::CLOEXEC;
        let fd = openat(CWD, path, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|errno| Error::new("open", &name, errno).hint("choose another folder by TMPDIR"))?;
        if let Err(errno) = reserve(&fd, len) {
            let _ = rustix::fs::unlink(path);
            return Err(Error::new("fallocate", format!("{name} ({})", kib(len as u64)), errno)
                .hint("choose a folder with more room, on a file system that can reserve it, by TMPDIR"));
        }
        Mapping::map(&name, &fd, len, true)
    }

    /// Maps an existing file for reading and writing, as [`Mapping::open`] maps an object.
    pub fn open_file(path: &Path, least: usize) -> Result<Mapping> {
        let name = path.display().to_string();
        let flags = FileFlags::RDWR | FileFlags::NOFOLLOW | FileFlags::CLOEXEC;
        let fd = openat(CWD, path, flags, Mode::empty()).map_err(|errno| Error::new("open", &name, errno))?;
        Mapping::map(&name, &fd, at_least(&name, &fd, least)?, true)
    }

    fn map(name: &str, fd: &OwnedFd, len: usize, write: bool) -> Result<Mapping> {
        let protection = if write { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory of ours.
        let start = unsafe { mmap(std::ptr::null_mut(), len, protection, MapFlags::SHARED, fd, 0) }
            .map_err(|errno| Error::new("mmap", name, errno))?;
        let start = NonNull::new(start.cast()).ok_or_else(|| Error::unfit(name, "mapped at address 0"))?;
        Ok(Mapping { start, len })
    }

    /// The number of bytes mapped.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The address of a byte, for comparison with what the kernel says a process sleeps on. Panics outside.
    pub fn address(&self, offset: usize) -> usize {
        assert!(offset < self.len, "address {offset} outside a mapping of {}", self.len);
        self.start.as_ptr() as usize + offset
    }

    pub(super) fn pointer(&self, offset: usize, len: usize, align: usize) -> *mut u8 {
        assert!(
            offset.checked_add(len).is_some_and(|end| end <= self.len) && offset.is_multiple_of(align),
            "{len} bytes at {offset} do not lie in a mapping of {}",
            self.len
        );
        // SAFETY: the offset lies inside the mapping, as just asserted.
        unsafe { self.start.as_ptr().add(offset) }
    }

    /// `count` words of 64 bits from a byte offset that is a multiple of 8. Panics outside the mapping. On a mapping
    /// for reading only, loads are fine and a store ends the process.
    pub fn words(&self, offset: usize, count: usize) -> &[AtomicU64] {
        let start = self.pointer(offset, count.saturating_mul(8), 8);
        // SAFETY: the range lies inside the mapping, which lives as long as `self`, and is aligned; every bit pattern
        // is an AtomicU64, and all processes that map the object access it through atomics.
        unsafe { std::slice::from_raw_parts(start.cast(), count) }
    }

    /// `count` words of 32 bits from a byte offset that is a multiple of 4; otherwise as [`Mapping::words`].
    pub fn halves(&self, offset: usize, count: usize) -> &[AtomicU32] {
        let start = self.pointer(offset, count.saturating_mul(4), 4);
        // SAFETY: as in `words`.
        unsafe { std::slice::from_raw_parts(start.cast(), count) }
    }
}

/// Reserves the memory or the disk space of a file: a full one is an error now and not a signal later.
fn reserve(fd: &OwnedFd, len: usize) -> rustix::io::Result<()> {
    loop {
        match fallocate(fd, FallocateFlags::empty(), 0, len as u64) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: start and len are those of the mapping that `map` made, and all borrows of it have ended.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.len) };
    }
}

/// Requires that an open object belongs to this user alone; gives its size.
pub fn owned(name: &str, fd: &OwnedFd) -> Result<u64> {
    let stat = fstat(fd).map_err(|errno| Error::new("fstat", name, errno))?;
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(Error::unfit(name, format!("it belongs to user {}", stat.st_uid)));
    }
    if stat.st_mode & 0o077 != 0 {
        return Err(Error::unfit(name, format!("its mode {:o} lets others in", stat.st_mode & 0o777)));
    }
    Ok(stat.st_size as u64)
}

/// The size of an open object of this user's, which must have so many bytes.
fn at_least(name: &str, fd: &OwnedFd, least: usize) -> Result<usize> {
    let len = owned(name, fd)?;
    if len < least as u64 {
        return Err(Error::unfit(name, format!("it has {len} bytes, fewer than {least}")));
    }
    Ok(len as usize)
}

/// Removes a file of `/dev/shm`; one that is gone already is fine.
pub fn remove(file: &str) -> Result<()> {
    match rustix::fs::unlink(format!("{SHM_DIR}/{file}")) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(Error::new("unlink", format!("{SHM_DIR}/{file}"), errno)),
    }
}

/// The bytes that are free in `/dev/shm`.
pub fn available() -> Option<u64> {
    statvfs(SHM_DIR).ok().map(|vfs| vfs.f_bavail * vfs.f_frsize)
}

fn shm_error(call: &'static str, name: &str, errno: Errno) -> Error {
    let error = Error::new(call, name, errno);
    match errno {
        Errno::NOENT if !std::path::Path::new(SHM_DIR).is_dir() => {
            error.hint(format!("there is no {SHM_DIR}: mount a tmpfs there"))
        }
        Errno::NOENT => error.hint("no such run, or it has ended"),
        Errno::ACCESS => error.hint(format!("check who may write to {SHM_DIR}")),
        Errno::MFILE | Errno::NFILE => error.hint("raise the limit of open files (ulimit -n)"),
        _ => error,
    }
}

fn kib(bytes: u64) -> String {
    if bytes < 10 << 20 { format!("{} KiB", bytes.div_ceil(1024)) } else { format!("{} MiB", bytes >> 20) }
}
