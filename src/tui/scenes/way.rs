//! The way of a message: from a process by a system call into the kernel's buffer and by another one out of it, or past the
//! kernel through memory that both processes map. It names who sends and who receives, and the message moves along.

use std::time::Duration;

use super::traffic::{Hand, Letter, Traffic};
use crate::mechanism::Mechanism;
use crate::report;
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Rows of the way with everything that it says, and the least.
pub const TALL: i32 = 6;
pub const FLAT: i32 = 2;
/// So long a message takes from a process to the buffer, and from there to the other.
const LEG: Duration = Duration::from_millis(320);
/// So long one that was received is still shown where nothing moves.
const HELD: Duration = Duration::from_millis(600);
/// At the highest speed messages are shown as a stream while the last one is not older.
const FLOWS: Duration = Duration::from_millis(250);
/// Columns between two messages of a stream, and how long it takes to move on by one.
const GAP: u128 = 4;
const FLOW_STEP_MS: u128 = 60;

/// Draws the way through one channel, as much of it as there is room for.
pub fn draw(sight: &Sight<'_>, traffic: &Traffic, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    if h < FLAT || w < 20 {
        return;
    }
    let mut y = 0;
    if h > 4 {
        title(sight, traffic, &mut brush.part(0, 0, w, 1));
        y = 1;
    }
    let calls = sight.over.calls();
    words(sight, traffic, calls, &mut brush.part(0, y, w, 1));
    let deep = calls.is_some() && h >= 4;
    let track = Track::lay_out(traffic, w, calls.is_some(), deep);
    let mut part = brush.part(0, y + 1, w, 3.min(h - y - 1));
    track.draw(traffic, calls.is_some(), &mut part);
    track.messages(sight, traffic, &mut part);
    if h >= TALL {
        brush.text(0, y + 4, &facts(sight.over), Tone::Dim);
    }
}

/// Which channel, over what, and how many messages there were.
fn title(sight: &Sight<'_>, traffic: &Traffic, brush: &mut Brush<'_>) {
    let w = brush.width();
    let x = brush.text(0, 0, &traffic.name, Tone::Accent);
    let x = brush.text(x, 0, &format!(" over a {}", sight.over.title()), Tone::Title);
    if let Some((sent, received)) = traffic.counts {
        let long = format!("{sent} sent, {received} received");
        let text = if x + 2 + long.len() as i32 <= w { long } else { format!("{sent} sent") };
        if x + 2 + text.len() as i32 <= w {
            brush.text_right(w, 0, &text, Tone::Dim);
        }
    }
}

/// By which calls the message goes in and out; who sleeps in one of them.
fn words(sight: &Sight<'_>, traffic: &Traffic, calls: Option<[&'static str; 2]>, brush: &mut Brush<'_>) {
    let w = brush.width();
    let [into, out] = calls.unwrap_or(["stores", "loads"]);
    // Whatever carries the messages, a semaphore counts the room; over a ring, another one the messages.
    let sleeps_in = if calls.is_some() { out } else { "sem_wait()" };
    let sleeping = |hand: &Hand, long: String, short: String, awake: &str| match hand {
        Hand::Asleep(_) => (long, short, Tone::Wait),
        Hand::Busy(_) => (awake.to_string(), awake.to_string(), Tone::Accent),
        _ => (awake.to_string(), awake.to_string(), Tone::Dim),
    };
    let left = sleeping(
        &traffic.sender,
        "zzz asleep in sem_wait(): no room".into(),
        "zzz asleep: no room".into(),
        into,
    );
    let right =
        sleeping(&traffic.receiver, format!("asleep in {sleeps_in} zzz"), format!("{sleeps_in} zzz"), out);
    let long = ((left.0.len() + right.0.len()) as i32) < w;
    let (left_text, right_text) = if long { (left.0, right.0) } else { (left.1, right.1) };
    let x = brush.text(0, 0, &left_text, left.2);
    brush.text_right(w, 0, &right_text, right.2);
    let (free, middle) = (w - x - right_text.len() as i32 - 2, place(sight.over));
    if calls.is_none() && (middle.len() as i32) < free {
        let middle_x = ((w - middle.len() as i32) / 2).clamp(x + 1, x + 1 + free - middle.len() as i32);
        brush.text(middle_x, 0, middle, Tone::Good);
    }
}

fn place(over: Mechanism) -> &'static str {
    if over == Mechanism::Mmap { "mapped file" } else { "shared memory" }
}

/// What the mechanism costs by construction, and who can meet over it.
fn facts(over: Mechanism) -> String {
    let copies = match over.abilities().kernel_copies {
        0 => "no kernel copy".to_string(),
        copies => format!("{copies} kernel copies"),
    };
    format!("{copies} · {}", report::reach(over))
}

/// Where everything of the way stands: rows are the processes' (0), the border (1), the kernel's (2).
struct Track {
    width: i32,
    /// Where the buffer is drawn, and its text.
    inside: String,
    box_x: i32,
    box_y: i32,
    /// The cells that a message goes through from the sender to the buffer, and from there to the receiver.
    legs: [Vec<(i32, i32)>; 2],
}

impl Track {
    fn lay_out(traffic: &Traffic, width: i32, kernel: bool, deep: bool) -> Track {
        let names = [&traffic.sender, &traffic.receiver].map(|hand| hand.name().chars().count() as i32);
        let (from, to) = (names[0] + 1, width - names[1] - 1);
        let slots = traffic.inside(width - names[0] - names[1] - 18);
        // Without a row of its own, the kernel is named where the message lies.
        let inside = if kernel && !deep { format!("▕ kernel{slots}▏") } else { format!("▕{slots}▏") };
        let wide = inside.chars().count() as i32;
        let box_x = ((from + to - wide) / 2).max(from + 3);
        let behind = box_x + wide;
        let flat = |from: i32, to: i32, y: i32| (from..to).map(move |x| (x, y));
        if !deep {
            let legs = [flat(from, box_x, 0).collect(), flat(behind, to, 0).collect()];
            return Track { width, inside, box_x, box_y: 0, legs };
        }
        // The corners, where the way goes down into the kernel and comes up again.
        let (down, up) = ((box_x - 4).max(from), (behind + 3).min(to - 1));
        let there = flat(from, down + 1, 0).chain([(down, 1)]).chain(flat(down, box_x, 2));
        let back = flat(behind, up + 1, 2).chain([(up, 1)]).chain(flat(up, to, 0));
        Track { width, inside, box_x, box_y: 2, legs: [there.collect(), back.collect()] }
    }

    /// Who, the border to the kernel, the arrows, the buffer.
    fn draw(&self, traffic: &Traffic, kernel: bool, brush: &mut Brush<'_>) {
        let w = self.width;
        let line = "╌".repeat(w.max(0) as usize);
        brush.text(0, 1, &line, Tone::Border);
        if kernel && self.box_y == 2 {
            brush.text(0, 2, "kernel", Tone::Keyword);
        } else if !kernel {
            brush.text(0, 2, "kernel: not on the way, it only wakes", Tone::Dim);
        }
        let tone = if kernel { Tone::Accent } else { Tone::Good };
        for leg in &self.legs {
            for (at, (x, y)) in leg.iter().enumerate() {
                let sign = match (leg.get(at.wrapping_sub(1)), leg.get(at + 1)) {
                    (_, None) => "▸",
                    (_, Some((_, below))) if below > y => {
                        if *y == 0 {
                            "╮"
                        } else {
                            "┆"
                        }
                    }
                    (_, Some((_, above))) if above < y => {
                        if *y == 2 {
                            "╯"
                        } else {
                            "┆"
                        }
                    }
                    (Some((_, before)), _) if before < y => "╰",
                    (Some((_, before)), _) if before > y => "╭",
                    _ => "─",
                };
                brush.text(*x, *y, sign, tone);
            }
        }
        brush.text(self.box_x, self.box_y, &self.inside, if kernel { Tone::Keyword } else { Tone::Good });
        let name = |hand: &Hand| if matches!(hand, Hand::Asleep(_)) { Tone::Wait } else { Tone::Title };
        brush.text(0, 0, traffic.sender.name(), name(&traffic.sender));
        brush.text_right(w, 0, traffic.receiver.name(), name(&traffic.receiver));
    }

    /// The messages that are on their way now.
    fn messages(&self, sight: &Sight<'_>, traffic: &Traffic, brush: &mut Brush<'_>) {
        let still = brush.theme.still || sight.stepwise;
        let (sent, received) = (traffic.sent.as_ref(), traffic.received.as_ref());
        if sight.snapshot.at_max && sent.is_some_and(|letter| letter.age < FLOWS) {
            return self.stream(sight, still, brush);
        }
        let busy = matches!(traffic.sender, Hand::Busy(_));
        if still {
            if busy {
                self.put(0, self.middle(0), "", brush);
            }
            // On a walk no time passes: what the last step received has just come.
            let held = if sight.stepwise { Duration::from_nanos(1) } else { HELD };
            if let Some(letter) = received.filter(|letter| letter.age < held) {
                self.put(1, self.middle(1), &letter.value, brush);
            }
            return;
        }
        let share = |age: Duration| age.as_secs_f64() / LEG.as_secs_f64();
        // The receiver may come to put its time down before the sender does: that is still one message.
        let together = traffic.counts.is_some_and(|(sent, received)| sent == received);
        let early =
            |sent: &Letter, received: &Letter| received.age.saturating_sub(sent.age) < LEG && together;
        let came = sent.zip(received).map(|(sent, received)| match early(sent, received) {
            true => received.age.min(sent.age),
            false => received.age,
        });
        // One that is received at once is shown on its first way all the same, and then on the second.
        let came = came.or(received.map(|letter| letter.age)).unwrap_or(Duration::MAX);
        let late = match sent.and_then(|sent| sent.age.checked_sub(came)) {
            Some(between) => LEG.saturating_sub(between),
            None => Duration::ZERO,
        };
        if let Some(letter) = received
            && let Some(age) = came.checked_sub(late).filter(|age| *age < LEG)
        {
            self.put(1, share(age), &letter.value, brush);
        }
        if let Some(letter) = sent.filter(|letter| letter.age < LEG) {
            self.put(0, share(letter.age), &letter.value, brush);
        } else if busy {
            self.put(0, 0.0, "", brush);
        }
    }

    /// Where on a leg a message is seen best: in the middle of what lies in the processes' row.
    fn middle(&self, number: usize) -> f64 {
        let path = &self.legs[number];
        let own = path.iter().filter(|(_, y)| *y == 0).count() as f64 / path.len().max(1) as f64;
        if number == 0 { own * 0.4 } else { 1.0 - own * 0.6 }
    }

    /// A message at a share of a leg, with its value where there is room for it before the next corner.
    fn put(&self, number: usize, share: f64, value: &str, brush: &mut Brush<'_>) {
        let path = &self.legs[number];
        let at = ((path.len() as f64 * share) as usize).min(path.len().saturating_sub(1));
        let Some((x, y)) = path.get(at).copied() else { return };
        let room = path.iter().filter(|(px, py)| *py == y && *px > x).count();
        brush.text(x, y, "■", Tone::Try);
        if y == 0 && value.chars().count() < room {
            brush.text(x + 1, y, value, Tone::Try);
        }
    }

    /// More messages than can be told apart.
    fn stream(&self, sight: &Sight<'_>, still: bool, brush: &mut Brush<'_>) {
        let phase = if still { 0 } else { sight.clock.as_millis() / FLOW_STEP_MS % GAP };
        for path in &self.legs {
            for (at, (x, y)) in path.iter().enumerate() {
                if (at as u128 + GAP - phase).is_multiple_of(GAP) {
                    brush.text(*x, *y, "■", Tone::Try);
                }
            }
        }
    }
}
