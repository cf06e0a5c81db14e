//! Frames as an asciicast (version 2): a recording of a terminal that players on the web show.

use std::io::{self, Write};
use std::time::Duration;

use crossterm::cursor::MoveTo;
use crossterm::queue;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;

/// Writes frames, each as what differs from the one before.
pub struct Cast<W: Write> {
    out: W,
    last: Option<Buffer>,
}

impl<W: Write> Cast<W> {
    /// Begins a recording of this size.
    pub fn new(mut out: W, size: (u16, u16), title: &str) -> io::Result<Cast<W>> {
        let header = serde_json::json!({ "version": 2, "width": size.0, "height": size.1, "title": title });
        writeln!(out, "{header}")?;
        Ok(Cast { out, last: None })
    }

    /// Adds a frame.
    pub fn add(&mut self, at: Duration, buffer: &Buffer) -> io::Result<()> {
        let mut bytes = Vec::new();
        if self.last.is_none() {
            bytes.extend_from_slice(b"\x1b[?25l\x1b[2J");
        }
        let before = self.last.take().unwrap_or_else(|| Buffer::empty(buffer.area));
        let changes = before.diff(buffer);
        if !changes.is_empty() {
            CrosstermBackend::new(&mut bytes).draw(changes.into_iter())?;
            queue!(bytes, MoveTo(0, 0))?;
        }
        if !bytes.is_empty() {
            let event = serde_json::json!([at.as_secs_f64(), "o", String::from_utf8_lossy(&bytes)]);
            writeln!(self.out, "{event}")?;
        }
        self.last = Some(buffer.clone());
        Ok(())
    }

    /// Ends the recording.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}
