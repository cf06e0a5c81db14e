//! Mailboxes: the channels of a program, what lies in each, who waits at either end, and the way that a message takes
//! through the kernel or past it.

use crate::mechanism::{Mechanism, Reach};
use crate::program::{ActorId, Channel, ChannelId, Object};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Lines of the way below the channels.
const WAY: i32 = 4;
/// Columns for those who wait at an end.
const END: i32 = 7;

/// Draws the actors on the left, the channels on the right; one below the other where that is narrow.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    if sight.program.channels.is_empty() {
        return super::plain::draw(sight, brush);
    }
    if w < 60 {
        let people = (h / 2).min(sight.snapshot.actors.len() as i32);
        let actors: Vec<ActorId> = (0..sight.snapshot.actors.len() as u32).map(ActorId).collect();
        super::room::people(sight, &actors, &mut brush.part(0, 0, w, people));
        return channels(sight, &mut brush.part(0, people + 1, w, h - people - 1));
    }
    let side = (w * 2 / 5).clamp(22, 40);
    super::plain::draw(sight, &mut brush.part(0, 0, side, h));
    channels(sight, &mut brush.part(side + 2, 0, w - side - 2, h));
}

/// Draws the channels, and below them the way of a message.
pub fn channels(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let way = if h > WAY + 3 { WAY } else { 0 };
    let all: Vec<(&Channel, ChannelId)> = sight
        .program
        .channels
        .iter()
        .flat_map(|c| (0..c.size.unwrap_or(1)).map(move |k| (c, ChannelId(c.base.0 + k))))
        .collect();
    let each = if all.len() as i32 * 2 <= h - way { 2 } else { 1 };
    let rows = ((h - way) / each).max(0) as usize;
    let shown = if all.len() > rows { rows.saturating_sub(1) } else { all.len() };
    let top = ((h - way - shown as i32 * each) / 2).max(0);
    let name = |id: ChannelId, channel: &Channel| {
        let text = sight.program.object_name(Object::Semaphore(channel.ends.messages(id.0)));
        text.trim_start_matches("a message in ").to_string()
    };
    let widest = all.iter().take(shown).map(|(c, id)| name(*id, c).chars().count() as i32).max().unwrap_or(0);
    for (at, (channel, id)) in all.iter().take(shown).enumerate() {
        let y = top + at as i32 * each;
        brush.text(0, y, &name(*id, channel), Tone::Accent);
        let mut row = brush.part(widest + 1, y, w - widest - 1, 1);
        mailbox(sight, channel, *id, &mut row);
    }
    if shown < all.len() {
        brush.text(0, h - way - 1, &format!("and {} more", all.len() - shown), Tone::Dim);
    }
    if way > 0 {
        path(sight.over, &mut brush.part(0, h - way, w, way));
    }
}

/// One channel: who waits for room, what lies in it, who waits for a message.
fn mailbox(sight: &Sight<'_>, channel: &Channel, id: ChannelId, brush: &mut Brush<'_>) {
    let (room, messages) = (channel.ends.room(id.0), channel.ends.messages(id.0));
    let inside = sight.snapshot.objects.semaphores.get(messages.index()).map_or(0, |s| s.value);
    let x = waiting(sight, Object::Semaphore(room), 0, brush);
    let x = brush.text(x.max(END), 0, "▸ ▕", Tone::Border);
    let space = (brush.width() - x - 2 * END).max(4) as u32;
    let x = if channel.capacity <= space {
        (0..channel.capacity).fold(x, |x, k| match k < inside {
            true => brush.text(x, 0, "■", Tone::Good),
            false => brush.text(x, 0, "·", Tone::Dim),
        })
    } else {
        brush.text(x, 0, &format!("■ {inside} of {}", channel.capacity), Tone::Good)
    };
    let x = brush.text(x, 0, "▏▸ ", Tone::Border);
    waiting(sight, Object::Semaphore(messages), x, brush);
}

/// Those who wait for an object, as signs. Gives where the next thing can stand.
fn waiting(sight: &Sight<'_>, object: Object, mut x: i32, brush: &mut Brush<'_>) -> i32 {
    let actors = (0..sight.snapshot.actors.len() as u32).map(ActorId);
    for actor in actors.filter(|a| sight.waits_for(*a) == Some(object)).take(2) {
        let face = sight.face(actor);
        let tone = if sight.is_stuck(actor) { Tone::Bad } else { face.tone };
        x = brush.text(x, 0, &format!("{}{} ", face.sign, sight.short(actor)), tone);
    }
    x
}

/// The calls by which a message goes in and comes out; none where no call of the kernel carries it.
fn calls(over: Mechanism) -> Option<(&'static str, &'static str)> {
    Some(match over {
        Mechanism::Pipe | Mechanism::Fifo => ("write", "read"),
        Mechanism::Mqueue => ("mq_send", "mq_receive"),
        Mechanism::Sysv => ("msgsnd", "msgrcv"),
        Mechanism::Unix | Mechanism::UnixDgram | Mechanism::Tcp => ("send", "recv"),
        Mechanism::Signal => ("sigqueue", "sigwaitinfo"),
        Mechanism::Shm | Mechanism::Mmap => return None,
    })
}

/// The way of a message: process, system call, kernel's buffer, process; or process, shared memory, process.
fn path(over: Mechanism, brush: &mut Brush<'_>) {
    let abilities = over.abilities();
    brush.text(0, 1, over.title(), Tone::Title);
    let mut x = brush.text(0, 2, "A", Tone::Text);
    match calls(over) {
        Some((into, out)) => {
            x = brush.text(x, 2, &format!(" ─{into}()▸ "), Tone::Accent);
            x = brush.text(x, 2, "▕ kernel ▏", Tone::Keyword);
            x = brush.text(x, 2, &format!(" ─{out}()▸ "), Tone::Accent);
        }
        None => {
            x = brush.text(x, 2, " ─stores▸ ", Tone::Good);
            x = brush.text(x, 2, "▕ shared memory ▏", Tone::Good);
            x = brush.text(x, 2, " ─loads▸ ", Tone::Good);
        }
    }
    brush.text(x, 2, "B", Tone::Text);
    let copies = match abilities.kernel_copies {
        0 => "no copy by the kernel".to_string(),
        copies => format!("{copies} copies by the kernel"),
    };
    let reach = match abilities.reach {
        Reach::Related => "related processes",
        Reach::Machine => "one machine",
        Reach::Machines => "many machines",
    };
    brush.text(0, 3, &format!("{copies} · {reach}"), Tone::Dim);
}
