//! Large private memory, zeroed, in large pages where the kernel has them.

use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

use super::{Error, Result};

mod sealed {
    pub trait Zeroable {}
}

/// Words that zero bytes are a valid value of, and that need no drop: the atomic integers.
pub trait Word: sealed::Zeroable + Sync {}

macro_rules! words {
    ($($word:ty)*) => { $(impl sealed::Zeroable for $word {} impl Word for $word {})* };
}

words! { AtomicU8 AtomicU32 AtomicU64 }

/// An array of atomic words, all 0 at first. Pages cost memory only once they are written.
#[derive(Debug)]
pub struct Words<T: Word> {
    first: NonNull<T>,
    len: usize,
    bytes: usize,
}

// SAFETY: the memory belongs to this value alone and is only reached through shared references to atomics, which may be
// used from any thread.
unsafe impl<T: Word> Send for Words<T> {}
// SAFETY: as above.
unsafe impl<T: Word> Sync for Words<T> {}

impl<T: Word> Words<T> {
    /// So many words. Fails if the kernel refuses the memory.
    pub fn new(len: usize) -> Result<Words<T>> {
        let Some(bytes) = len.max(1).checked_mul(size_of::<T>()) else {
            return Err(Error::new("mmap", "private memory", rustix::io::Errno::NOMEM));
        };
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing that exists.
        let memory = unsafe {
            let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
            mmap_anonymous(std::ptr::null_mut(), bytes, ProtFlags::READ | ProtFlags::WRITE, flags)
        };
        let memory = memory.map_err(|errno| Error::new("mmap", format!("{bytes} bytes of memory"), errno))?;
        // Only advice: where there are no large pages, small ones do.
        // SAFETY: the range is the mapping just made; the advice changes no contents.
        let _ = unsafe { madvise(memory, bytes, Advice::LinuxHugepage) };
        let first = NonNull::new(memory.cast::<T>())
            .ok_or_else(|| Error::new("mmap", "private memory", rustix::io::Errno::NOMEM))?;
        Ok(Words { first, len, bytes })
    }
}

impl<T: Word> Deref for Words<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the mapping holds `len` words, is aligned to a page and zeroed, which is a valid value of every `Word`
        // (the trait is sealed), and lives as long as `self`; there are no unique references to it.
        unsafe { std::slice::from_raw_parts(self.first.as_ptr(), self.len) }
    }
}

impl<T: Word> Drop for Words<T> {
    fn drop(&mut self) {
        // SAFETY: the range was mapped in `new`, and no reference into it outlives `self`.
        let _ = unsafe { munmap(self.first.as_ptr().cast(), self.bytes) };
    }
}

/// Asks the processor to fetch the cache line of an element that is needed soon. An index outside is no harm.
#[inline(always)]
pub fn prefetch<T: Word>(words: &Words<T>, at: usize) {
    if at < words.len {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the address lies inside the mapping, and a prefetch reads nothing that the program could see.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(words.first.as_ptr().add(at).cast::<i8>());
        }
    }
}
