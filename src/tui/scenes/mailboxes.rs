//! Mailboxes: the channels of a program, what lies in each, who waits at either end, and the way that a message takes
//! through the kernel or past it.

use std::collections::HashSet;

use super::traffic::{self, Traffic};
use super::way;
use super::words::Words;
use crate::program::{ActorId, Channel, ChannelId, Object};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Columns for those who wait at an end.
const END: i32 = 7;

/// Draws the actors on the left, the channels on the right, one below the other where that is narrow; the words in the
/// rows that both leave.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    if sight.program.channels.is_empty() {
        return super::plain::draw(sight, brush);
    }
    let narrow = w < 60;
    let people = (h / 2).min(sight.snapshot.actors.len() as i32);
    let words = Words::of(sight, w);
    let upper = h - if narrow { people + 1 } else { 0 };
    let (listed, tall) = rows_of(sight.program.channel_count() as usize, upper);
    let free = upper - listed - tall;
    let below = words.rows(if narrow { free } else { free.min(h - super::plain::needed(sight)) });
    words.draw(&mut brush.part(0, h - below, w, below));
    let h = h - below;
    if narrow {
        let actors: Vec<ActorId> = (0..sight.snapshot.actors.len() as u32).map(ActorId).collect();
        super::room::people(sight, &actors, &mut brush.part(0, 0, w, people));
        return channels(sight, &mut brush.part(0, people + 1, w, h - people - 1));
    }
    let side = (w * 2 / 5).clamp(22, 40);
    super::plain::roles(sight, &mut brush.part(0, 0, side, h));
    channels(sight, &mut brush.part(side + 2, 0, w - side - 2, h));
}

/// Draws the channels, and below them the way of a message through the one where something happened last.
pub fn channels(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let all: Vec<(&Channel, ChannelId)> = sight
        .program
        .channels
        .iter()
        .flat_map(|c| (0..c.size.unwrap_or(1)).map(move |k| (c, ChannelId(c.base.0 + k))))
        .collect();
    let at = busiest(sight, &all);
    let Some(traffic) = all.get(at).map(|(channel, id)| Traffic::of(sight, channel, *id)) else { return };
    let (listed, tall) = rows_of(all.len(), h);
    let rows = h - tall;
    if listed > 0 {
        // A blank between, where there is room for one.
        let rows = if tall > 0 && rows > listed { rows - 1 } else { rows };
        list(sight, &all, at, &mut brush.part(0, 0, w, rows));
    }
    let top = if listed > 0 { rows } else { rows / 2 };
    way::draw(sight, &traffic, &mut brush.part(0, top, w, tall));
}

/// Rows for a list of so many channels, and for the way through one of them, where there are so many rows.
fn rows_of(channels: usize, h: i32) -> (i32, i32) {
    // The way says all that there is to say of an only channel.
    let listed = if channels > 1 || h < way::FLAT { channels as i32 } else { 0 };
    let fits = |tall: &i32| h - tall >= listed;
    let tall = (way::FLAT..=way::TALL).rev().find(fits).unwrap_or(if h > way::TALL { way::TALL } else { 0 });
    (listed, tall)
}

/// The channel where something happened last; where nothing has happened yet, one where somebody is about to. Once
/// somebody can never go on, one where they hang.
fn busiest(sight: &Sight<'_>, all: &[(&Channel, ChannelId)]) -> usize {
    /// Of so many is asked who is about to use them: of a crowd that takes long.
    const ASKED: usize = 16;
    let asleep: HashSet<Object> = sight.stuck.iter().filter_map(|actor| sight.waits_for(*actor)).collect();
    let hang = |(channel, id): &(&Channel, ChannelId)| {
        [channel.ends.room(id.0), channel.ends.messages(id.0)]
            .map(Object::Semaphore)
            .iter()
            .any(|end| asleep.contains(end))
    };
    if let Some(at) = all.iter().position(hang) {
        return at;
    }
    let aged = all.iter().enumerate().filter_map(|(at, (_, id))| Some((traffic::age(sight, *id)?, at)));
    let in_use = |(channel, id): &(&Channel, ChannelId)| Traffic::of(sight, channel, *id).is_in_use();
    let latest = aged.min().map(|(_, at)| at);
    latest.or_else(|| all.iter().take(ASKED).position(in_use)).unwrap_or(0)
}

/// A row a channel; the one whose way is drawn is marked.
fn list(sight: &Sight<'_>, all: &[(&Channel, ChannelId)], marked: usize, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let each = if all.len() as i32 * 2 <= h { 2 } else { 1 };
    let rows = (h / each).max(0) as usize;
    let shown = if all.len() > rows { rows.saturating_sub(1) } else { all.len() };
    let top = ((h - shown as i32 * each) / 2).max(0);
    let name = |(channel, id): &(&Channel, ChannelId)| traffic::name(sight, channel, *id);
    let widest = all.iter().take(shown).map(|one| name(one).chars().count() as i32).max().unwrap_or(0);
    for (at, one) in all.iter().take(shown).enumerate() {
        let y = top + at as i32 * each;
        if at == marked {
            brush.text(0, y, "▸", Tone::Focus);
        }
        brush.text(1, y, &name(one), Tone::Accent);
        let mut row = brush.part(widest + 2, y, w - widest - 2, 1);
        mailbox(sight, one.0, one.1, &mut row);
    }
    if shown < all.len() {
        brush.text(0, h - 1, &format!("and {} more", all.len() - shown), Tone::Dim);
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
