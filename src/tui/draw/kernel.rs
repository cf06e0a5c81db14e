//! The run, as the kernel sees it: its processes and its objects, and the commands that show the same.

use super::table::{Column, Table};
use crate::kernel::{KernelObject, Kind, Member, Part, Picture};
use crate::lab::Observed;
use crate::tui::brush::Brush;
use crate::tui::keys::Action;
use crate::tui::state::{App, Watched};
use crate::tui::theme::Tone;

/// The sign of a kind of object.
pub fn glyph(kind: Kind) -> &'static str {
    match kind {
        Kind::Board | Kind::MappedFile => "▬",
        Kind::Semaphore | Kind::FairSemaphore => "◆",
        Kind::Mutex | Kind::Monitor | Kind::RwLock | Kind::Barrier | Kind::Lock => "■",
        Kind::Word => "·",
        Kind::Pipe | Kind::Fifo | Kind::Socket => "⇢",
        Kind::PosixQueue | Kind::SystemVQueue => "≡",
    }
}

/// Why there is nothing to see yet.
pub fn waiting_for_news(watched: &Watched) -> String {
    watched.why.clone().unwrap_or_else(|| "asking the kernel …".into())
}

/// The last row: keys, and whether there is more above it.
pub fn hint_line(hints: &[(String, &str)], more: bool, brush: &mut Brush<'_>) {
    let (edge, y) = (brush.width(), brush.height() - 1);
    let mut x = 0;
    for (keys, text) in hints {
        x = brush.text(x, y, keys, Tone::Accent) + 1;
        x = brush.text(x, y, text, Tone::Dim) + 3;
    }
    if more {
        brush.text_right(edge, y, " more ▾", Tone::Dim);
    }
}

/// Rows below the tables: a line between, two about the selected row, two commands, keys.
const FOOT: i32 = 6;

/// How many rows there are to show.
pub fn rows(watched: &Watched) -> u16 {
    let Some(Observed::Run(picture)) = &watched.seen else { return 2 };
    // Two titles, two heads, a blank.
    (picture.members.len() + picture.objects.len()).min(1000) as u16 + 5 + FOOT as u16
}

/// Draws the run; `at` is the selected row.
pub fn draw(app: &App, watched: &Watched, at: usize, brush: &mut Brush<'_>) {
    let Some(Observed::Run(picture)) = &watched.seen else {
        brush.part(0, 0, 10_000, 4).wrapped(0, 0, &waiting_for_news(watched), Tone::Wait);
        return;
    };
    let (w, h) = (brush.width(), brush.height());
    let at = at.min((picture.members.len() + picture.objects.len()).saturating_sub(1));
    let (members, objects) = (members(picture, w), objects(picture, w));
    let mut lines: Vec<Row> = vec![Row::Title(titles(picture).0), Row::Head(&members)];
    lines.extend((0..picture.members.len()).map(|row| Row::Of(&members, row, row)));
    lines.extend([Row::Blank, Row::Title(titles(picture).1), Row::Head(&objects)]);
    lines.extend((0..picture.objects.len()).map(|row| Row::Of(&objects, row, picture.members.len() + row)));
    let room = (h - FOOT).max(1) as usize;
    let selected = lines.iter().position(|line| line.number() == Some(at)).unwrap_or(0);
    let first = selected.saturating_sub(room / 2).min(lines.len().saturating_sub(room));
    for (y, line) in lines.iter().skip(first).take(room).enumerate() {
        line.draw(at, y as i32, brush);
    }
    foot(app, picture, at, first + room < lines.len(), brush);
}

/// A line of the list.
enum Row<'t> {
    Blank,
    Title(String),
    Head(&'t Table),
    /// A row of a table, and its number among all that can be selected.
    Of(&'t Table, usize, usize),
}

impl Row<'_> {
    fn number(&self) -> Option<usize> {
        if let Row::Of(.., number) = self { Some(*number) } else { None }
    }

    fn draw(&self, at: usize, y: i32, brush: &mut Brush<'_>) {
        match self {
            Row::Blank => {}
            Row::Title(text) => drop(brush.text(0, y, text, Tone::Title)),
            Row::Head(table) => table.head(y, brush),
            Row::Of(table, row, number) => table.row(*row, *number == at, y, brush),
        }
    }
}

fn titles(picture: &Picture) -> (String, String) {
    let (members, objects) = (picture.members.len(), picture.objects.len());
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let unasked = match picture.unasked {
        0 => String::new(),
        more => format!("; what {more} of them have open and mapped was not asked"),
    };
    let told = if picture.is_told() { "" } else { "; what they sleep on is not told here" };
    (
        format!("Run {}: {members} processes{unasked}{told}", picture.run),
        format!("{objects} object{}", plural(objects)),
    )
}

fn members(picture: &Picture, width: i32) -> Table {
    let mut table = Table::new(&[
        Column::right("pid"),
        Column::right("parent").rank(2),
        Column::right("group").rank(1),
        Column::right("session").rank(1),
        Column::left("stat"),
        Column::left("who"),
        Column::left("in call"),
        Column::left("waits on"),
        Column::left("see it with").rank(3),
    ]);
    for member in &picture.members {
        let number = |of: fn(&crate::inspect::Process) -> u32| {
            member.process.as_ref().map_or("—".into(), |process| of(process).to_string())
        };
        let stat = member.process.as_ref().map_or("gone".into(), |process| process.stat());
        let over = member.process.as_ref().is_none_or(|process| process.state.is_over());
        table.add(vec![
            (member.pid.to_string(), Tone::Text),
            (number(|p| p.parent), Tone::Dim),
            (number(|p| p.group), Tone::Dim),
            (number(|p| p.session), Tone::Dim),
            (stat, if over { Tone::Dead } else { Tone::Text }),
            (member.name.clone(), if over { Tone::Dead } else { Tone::Text }),
            (member.call_name(), Tone::Accent),
            waits_on(member),
            (format!("strace -p {}", member.pid), Tone::Dim),
        ]);
    }
    table.lay_out(width);
    table
}

/// What a process sleeps on, and whether it says so itself.
fn waits_on(member: &Member) -> (String, Tone) {
    let (sign, tone) = match member.agrees() {
        Some(true) => (" ✓", Tone::Wait),
        Some(false) => (" ✗", Tone::Bad),
        None => ("", Tone::Wait),
    };
    let on = member.on.as_ref().map(|spot| format!("{} {}", spot.kind.map_or("", glyph), spot.name));
    (on.unwrap_or_default() + sign, tone)
}

fn objects(picture: &Picture, width: i32) -> Table {
    let mut table = Table::new(&[
        Column::left("kind"),
        Column::left("name"),
        Column::left("value"),
        Column::left("asleep on it"),
        Column::right("size").rank(1),
        Column::left("mode").rank(2),
        Column::left("owner").rank(4),
        Column::right("inode").rank(3),
        Column::right("users").rank(5),
        Column::left("see it with").rank(6),
    ]);
    for object in &picture.objects {
        let seen = |of: &dyn Fn(&crate::kernel::Seen) -> String| object.seen.as_ref().map_or("—".into(), of);
        table.add(vec![
            (format!("{} {}", glyph(object.kind), object.kind.name()), Tone::Dim),
            (object.name.clone(), Tone::Accent),
            (object.value.clone().unwrap_or_else(|| "—".into()), Tone::Text),
            (sleepers(picture, object), Tone::Wait),
            (seen(&|s| s.size.map_or("—".into(), bytes)), Tone::Text),
            (seen(&|s| format!("{:04o}", s.mode)), Tone::Text),
            (seen(&|s| s.owner.clone()), Tone::Text),
            (seen(&|s| s.inode.to_string()), Tone::Text),
            (object.users.map_or("—".into(), |users| users.to_string()), Tone::Text),
            (object.commands.first().cloned().unwrap_or_default(), Tone::Dim),
        ]);
    }
    table.lay_out(width);
    table
}

fn sleepers(picture: &Picture, object: &KernelObject) -> String {
    match object.sleepers.as_slice() {
        [] if picture.is_told() => String::new(),
        [] => object.counted.map_or(String::new(), |count| format!("{count} by its count")),
        [one] => format!("◌ {}", picture.name_of(*one)),
        several => format!("◌ {} processes", several.len()),
    }
}

fn bytes(size: u64) -> String {
    match size {
        0..10_240 => format!("{size} B"),
        10_240..10_485_760 => format!("{} KiB", size >> 10),
        _ => format!("{} MiB", size >> 20),
    }
}

/// What is selected at length, and how to see it without us.
fn foot(app: &App, picture: &Picture, at: usize, more: bool, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let line = "─".repeat(w.max(0) as usize);
    brush.text(0, h - FOOT, &line, Tone::Border);
    let (text, commands) = match picture.members.get(at) {
        Some(member) => (about_member(member), member.commands().to_vec()),
        None => match picture.objects.get(at - picture.members.len()) {
            Some(object) => (about_object(picture, object), object.commands.clone()),
            None => return,
        },
    };
    brush.part(0, h - FOOT + 1, w, 2).wrapped(0, 0, &text, Tone::Text);
    let x = brush.text(0, h - FOOT + 3, "see it: ", Tone::Dim);
    let (first, rest) = commands.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    brush.text(x, h - FOOT + 3, first, Tone::Accent);
    brush.text(x, h - FOOT + 4, &rest.join("   "), Tone::Accent);
    let mut hints = vec![(app.keymap.key(Action::NextPane), "processes, objects")];
    if picture.members.get(at).is_some_and(|member| matches!(member.part, Part::Actor(_))) {
        hints.push(("enter".into(), "look closer"));
    }
    hints.push((app.keymap.key(Action::Back), "close"));
    hint_line(&hints, more, brush);
}

fn about_member(member: &Member) -> String {
    let Some(process) = &member.process else { return format!("{}: its process is gone", member.name) };
    let does = match member.part {
        Part::Supervisor => "started the run and looks at it",
        Part::Guard => "clears up if the supervisor is killed",
        Part::Actor(_) => member.says.as_str(),
    };
    let agrees = match member.agrees() {
        Some(true) => "; ✓ the kernel says so too",
        Some(false) => "; ✗ the kernel says otherwise",
        None => "",
    };
    format!("{}: {}; {does}{agrees}", member.name, process.state.words())
}

fn about_object(picture: &Picture, object: &KernelObject) -> String {
    let mut text = format!("{}: {}", object.name, object.kind.words());
    if let Some(holder) = object.holder {
        text += &format!("; held by {}", picture.name_of(holder));
    }
    if !object.sleepers.is_empty() {
        let names: Vec<String> = object.sleepers.iter().map(|pid| picture.name_of(*pid)).collect();
        text += &format!("; asleep on it: {}", names.join(", "));
    }
    if let Some(counted) = object.counted {
        text += &format!("; it counts {counted} asleep");
    }
    match &object.seen {
        Some(seen) => {
            let size = seen.size.map(|size| format!("{}, ", bytes(size))).unwrap_or_default();
            text += &format!("; {size}mode {:04o}, owner {}", seen.mode, seen.owner);
            if seen.inode != 0 {
                text += &format!(", inode {}", seen.inode);
            }
        }
        None if object.kind.is_on_board() => text += "; ls does not show it",
        None => {}
    }
    if let Some(users) = object.users {
        text += &format!("; {users} processes have it");
    }
    text
}
