//! An actor's events: a ring that its owner overwrites and anyone may read, like a flight recorder. Readers lose what
//! is overwritten before they come, and know how much.

use std::sync::atomic::{AtomicU64, Ordering};

use super::layout::EVENT_WORDS;

/// One visible operation that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it was done, in ticks.
    pub at: u64,
    /// Its position in the actor's program, which says what it was.
    pub position: u32,
    /// What it gave: the value read, 1 or 0 for a try, the item produced.
    pub result: i32,
    /// Which object, packed; 0 for none.
    pub object: u32,
}

/// The owner's side.
#[derive(Debug)]
pub struct Writer<'m> {
    words: &'m [AtomicU64],
    head: &'m AtomicU64,
    next: u64,
    mask: u64,
}

impl<'m> Writer<'m> {
    /// Writes behind what is there. `head` counts the events written.
    pub fn new(words: &'m [AtomicU64], head: &'m AtomicU64) -> Writer<'m> {
        let mask = (words.len() / EVENT_WORDS) as u64 - 1;
        Writer { words, head, next: head.load(Ordering::Relaxed), mask }
    }

    /// Writes an event over the oldest.
    #[inline]
    pub fn push(&mut self, event: Event) {
        let at = (self.next & self.mask) as usize * EVENT_WORDS;
        let record = &self.words[at..at + EVENT_WORDS];
        // A reader that copies this record now sees in the sequence number that it is being written.
        record[3].store(0, Ordering::Relaxed);
        std::sync::atomic::fence(Ordering::Release);
        record[0].store(event.at, Ordering::Relaxed);
        record[1].store(u64::from(event.position) << 32 | u64::from(event.result as u32), Ordering::Relaxed);
        record[2].store(u64::from(event.object), Ordering::Relaxed);
        self.next += 1;
        record[3].store(self.next, Ordering::Release);
        self.head.store(self.next, Ordering::Release);
    }
}

/// One reader's side; readers do not know of each other.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    next: u64,
    /// Events that were overwritten before they were read.
    pub dropped: u64,
    /// Events read.
    pub read: u64,
}

impl Reader {
    /// Hands all new events to `take`, in order.
    pub fn drain(&mut self, words: &[AtomicU64], head: &AtomicU64, mut take: impl FnMut(Event)) {
        let capacity = (words.len() / EVENT_WORDS) as u64;
        let end = head.load(Ordering::Acquire);
        let oldest = end.saturating_sub(capacity);
        if self.next < oldest {
            self.dropped += oldest - self.next;
            self.next = oldest;
        }
        while self.next < end {
            match copy(words, self.next, capacity) {
                Some(event) => {
                    self.read += 1;
                    take(event);
                }
                None => self.dropped += 1,
            }
            self.next += 1;
        }
    }
}

/// Copies one event, unless it is being overwritten.
fn copy(words: &[AtomicU64], number: u64, capacity: u64) -> Option<Event> {
    let at = (number % capacity) as usize * EVENT_WORDS;
    let record = words.get(at..at + EVENT_WORDS)?;
    let before = record[3].load(Ordering::Acquire);
    let [at, what, object] = [0, 1, 2].map(|k: usize| record[k].load(Ordering::Relaxed));
    std::sync::atomic::fence(Ordering::Acquire);
    let after = record[3].load(Ordering::Relaxed);
    (before == number + 1 && after == before).then_some(Event {
        at,
        position: (what >> 32) as u32,
        result: what as u32 as i32,
        object: object as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(n: u64) -> Event {
        Event { at: n, position: n as u32, result: -(n as i32), object: 7 }
    }

    #[test]
    fn reads_what_was_written_and_counts_what_was_lost() {
        let words: Vec<AtomicU64> = (0..8 * EVENT_WORDS).map(|_| AtomicU64::new(0)).collect();
        let head = AtomicU64::new(0);
        let (mut writer, mut reader) = (Writer::new(&words, &head), Reader::default());
        let mut seen = Vec::new();
        for n in 0..5 {
            writer.push(event(n));
        }
        reader.drain(&words, &head, |e| seen.push(e));
        assert_eq!(seen, (0..5).map(event).collect::<Vec<_>>());
        for n in 5..25 {
            writer.push(event(n));
        }
        seen.clear();
        reader.drain(&words, &head, |e| seen.push(e));
        assert_eq!(seen, (17..25).map(event).collect::<Vec<_>>());
        assert_eq!((reader.dropped, reader.read), (12, 13));
    }

    #[test]
    fn a_reader_beside_a_writer_sees_no_torn_event() {
        let words: Vec<AtomicU64> = (0..16 * EVENT_WORDS).map(|_| AtomicU64::new(0)).collect();
        let head = AtomicU64::new(0);
        const TOTAL: u64 = 200_000;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut writer = Writer::new(&words, &head);
                (0..TOTAL).for_each(|n| writer.push(event(n)));
            });
            let mut reader = Reader::default();
            while reader.read + reader.dropped < TOTAL {
                reader.drain(&words, &head, |e| assert_eq!(e, event(e.at)));
            }
        });
    }
}
