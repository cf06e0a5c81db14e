//! What an actor prints. Lines go to the supervisor through standard output, a pipe that all actors of a run share;
//! a line is written in one piece, so lines do not mix. Control characters are taken out before any terminal sees them.

use std::io::Write;

use rustix::pipe::PIPE_BUF;

/// Collects a line and writes it.
pub struct Printer {
    name: String,
    line: String,
}

impl Printer {
    /// For an actor of this name.
    pub fn new(name: String) -> Printer {
        Printer { name, line: String::new() }
    }

    /// Adds a text, and a number behind it; `last` ends the line.
    pub fn print(&mut self, text: &str, value: Option<i32>, last: bool) {
        let mut add = |part: &str| {
            if part.is_empty() || self.line.len() + part.len() > PIPE_BUF / 2 {
                return;
            }
            if !self.line.is_empty() {
                self.line.push(' ');
            }
            self.line.extend(part.chars().filter(|c| !c.is_control()));
        };
        add(text);
        if let Some(value) = value {
            add(&value.to_string());
        }
        if last {
            self.flush_line();
        }
    }

    fn flush_line(&mut self) {
        let mut line = format!("{}: {}\n", self.name, std::mem::take(&mut self.line));
        while line.len() > PIPE_BUF {
            line.pop();
        }
        // A full pipe drops the line: showing what is printed must not hold the actor up.
        let _ = std::io::stdout().write_all(line.as_bytes());
        let _ = std::io::stdout().flush();
    }

    /// Ends an open line.
    pub fn flush(&mut self) {
        if !self.line.is_empty() {
            self.flush_line();
        }
    }
}
