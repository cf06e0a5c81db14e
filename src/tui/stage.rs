//! The screens without a terminal: keys from a script, frames for pictures. The same state, update and draw as on a real
//! one, on real processes.

use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::draw::draw;
use super::key::Press;
use super::state::{App, Effect};
use crate::duration;

/// Time between two frames.
const FRAME: Duration = Duration::from_millis(50);
/// How long `verdict` waits for one.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a key's effect is shown before the next key.
const BEAT: Duration = Duration::from_millis(100);

/// One line of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Cue {
    /// Press a key.
    Press(Press),
    /// Wait for a time.
    Wait(Duration),
    /// Wait until something was found, and a moment longer.
    Verdict,
}

/// Reads a script: keys as the help writes them, times to wait (`2s`), and `verdict`, which waits for one; blanks between.
pub fn script(text: &str) -> Result<Vec<Cue>, String> {
    text.split_whitespace()
        .map(|word| match (word, duration::parse(word)) {
            ("verdict", _) => Ok(Cue::Verdict),
            (_, Ok(time)) if word.len() > 1 => Ok(Cue::Wait(time)),
            _ => word.parse().map(Cue::Press),
        })
        .collect()
}

/// A frame, and when it was drawn.
pub struct Shot<'a> {
    /// What was drawn.
    pub buffer: &'a Buffer,
    /// Since the beginning.
    pub at: Duration,
    /// How long drawing it took.
    pub took: Duration,
}

/// Plays a script, and hands over every frame. The last one is given back.
pub fn perform(app: &mut App, size: (u16, u16), cues: &[Cue], mut see: impl FnMut(&Shot<'_>)) -> Buffer {
    let area = Rect::new(0, 0, size.0, size.1);
    let began = Instant::now();
    let mut buffer = Buffer::empty(area);
    let mut frame = |app: &mut App| {
        app.advance();
        let drawing = Instant::now();
        buffer.reset();
        draw(app, area, &mut buffer);
        see(&Shot { buffer: &buffer, at: began.elapsed(), took: drawing.elapsed() });
    };
    let mut for_time = |app: &mut App, time: Duration, until: &dyn Fn(&App) -> bool| {
        let start = Instant::now();
        loop {
            frame(app);
            if until(app) || start.elapsed() >= time {
                return;
            }
            std::thread::sleep(FRAME.min(time.saturating_sub(start.elapsed())));
        }
    };
    let never = |_: &App| false;
    for cue in cues {
        match cue {
            Cue::Wait(time) => for_time(app, *time, &never),
            Cue::Verdict => {
                let found = |app: &App| {
                    app.lab().is_some_and(|lab| {
                        lab.experiments.iter().any(|e| e.history.beside.verdicts.iter().any(|v| v.is_fault()))
                    })
                };
                for_time(app, PATIENCE, &found);
                for_time(app, BEAT, &never);
            }
            Cue::Press(press) => {
                app.press(*press);
                for_time(app, BEAT, &never);
            }
        }
        if app.effects.drain(..).any(|effect| effect == Effect::Quit) {
            break;
        }
    }
    for_time(app, Duration::ZERO, &never);
    buffer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_keys_and_times() {
        let cues = script("b 2s verdict enter + 0").expect("a script");
        assert_eq!(cues[1], Cue::Wait(Duration::from_secs(2)));
        assert_eq!(cues[2], Cue::Verdict);
        assert!(matches!(cues[5], Cue::Press(_)));
        assert!(script("nokey").is_err());
    }
}
