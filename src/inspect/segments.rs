//! What a process has mapped, and where.

use std::fs;

/// One line of `/proc/PID/maps` (proc_pid_maps(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The first address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// `r`, `w`, `x`, and `s` for shared or `p` for private, each or `-`.
    pub access: String,
    /// Where in the file the first address lies.
    pub offset: u64,
    /// The file's number on its device; 0 for memory without a file.
    pub inode: u64,
    /// The file, or the kernel's word for what it is; may be empty.
    pub path: String,
}

impl Segment {
    fn parse(line: &str) -> Option<Segment> {
        let mut words = line.splitn(6, ' ');
        let (start, end) = words.next()?.split_once('-')?;
        let hex = |text: &str| u64::from_str_radix(text, 16).ok();
        let access = words.next()?.to_string();
        let offset = hex(words.next()?)?;
        let _device = words.next()?;
        let inode = words.next()?.parse().ok()?;
        let path = words.next().unwrap_or("").trim_start().to_string();
        Some(Segment { start: hex(start)?, end: hex(end)?, access, offset, inode, path })
    }

    /// Where in the file an address lies, if it lies in this segment.
    pub fn place_of(&self, address: u64) -> Option<u64> {
        (self.start..self.end).contains(&address).then(|| address - self.start + self.offset)
    }

    /// The address of a place in the file, if this segment maps it.
    pub fn address_of(&self, place: u64) -> Option<u64> {
        let address = self.start.checked_add(place.checked_sub(self.offset)?)?;
        (address < self.end).then_some(address)
    }

    /// Whether others that map the same see what is written here.
    pub fn is_shared(&self) -> bool {
        self.access.ends_with('s')
    }
}

/// What a process has mapped, by address; none if there is no such process, or the kernel will not tell.
pub fn segments(pid: u32) -> Option<Vec<Segment>> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    Some(maps.lines().filter_map(Segment::parse).collect())
}

/// The segment that an address lies in, and where in its file.
pub fn find(segments: &[Segment], address: u64) -> Option<(&Segment, u64)> {
    segments.iter().find_map(|segment| Some((segment, segment.place_of(address)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_maps() {
        let line = "7f08e4a37000-7f08e4a39000 rw-s 00001000 00:1c 42   /dev/shm/two words (deleted)";
        let segment = Segment::parse(line).expect("a segment");
        assert_eq!((segment.inode, segment.path.as_str()), (42, "/dev/shm/two words (deleted)"));
        assert!(segment.is_shared());
        assert_eq!(segment.place_of(0x7f08_e4a3_8004), Some(0x2004));
        assert_eq!(segment.address_of(0x2004), Some(0x7f08_e4a3_8004));
        assert_eq!((segment.place_of(0x7f08_e4a3_9000), segment.address_of(0x3000)), (None, None));
        assert_eq!(segment.address_of(0xfff), None);
        let nameless = Segment::parse("7f00-7f10 rw-p 00000000 00:00 0 ").expect("a segment");
        assert!(nameless.path.is_empty() && !nameless.is_shared());
        assert!(Segment::parse("not a line").is_none());
    }
}
