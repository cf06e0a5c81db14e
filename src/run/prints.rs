//! What actors print, as the supervisor reads it.

use std::collections::VecDeque;

use rustix::fd::OwnedFd;
use rustix::io::Errno;

/// Lines kept; older ones are dropped.
const MAX_LINES: usize = 1000;
/// Bytes read at a time.
const CHUNK: usize = 16 * 1024;

/// The reading end of the pipe.
#[derive(Debug)]
pub struct Prints {
    pipe: OwnedFd,
    rest: Vec<u8>,
    lines: VecDeque<String>,
    errors: Vec<String>,
}

impl Prints {
    pub(super) fn new(pipe: OwnedFd) -> Prints {
        Prints { pipe, rest: Vec::new(), lines: VecDeque::new(), errors: Vec::new() }
    }

    /// Reads what is there.
    pub fn drain(&mut self) {
        let mut buffer = vec![0; CHUNK];
        loop {
            match rustix::io::read(&self.pipe, &mut buffer) {
                Ok(0) => return,
                Ok(len) => self.take(&buffer[..len]),
                Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        while let Some(end) = self.rest.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let text = String::from_utf8_lossy(&line);
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            match text.strip_prefix("! ") {
                Some(error) => self.errors.push(error.to_string()),
                None => self.lines.push_back(text),
            }
            if self.lines.len() > MAX_LINES {
                self.lines.pop_front();
            }
        }
    }

    /// Takes the lines that came since the last call.
    pub fn lines(&mut self) -> Vec<String> {
        self.lines.drain(..).collect()
    }

    /// What went wrong in actors.
    pub fn errors(&self) -> &[String] {
        &self.errors
    }
}
