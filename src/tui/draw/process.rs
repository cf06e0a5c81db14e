//! One process, as the kernel sees it: where it sleeps and on what, the same bytes at another address in each process, what
//! it has mapped and open.

use super::kernel::{glyph, hint_line, waiting_for_news};
use crate::inspect::{Access, Call};
use crate::kernel::{Part, Portrait, Shared, Spot, WORD};
use crate::lab::Observed;
use crate::program::{ActorId, MutexId, Object, SemaphoreId};
use crate::tui::brush::Brush;
use crate::tui::keys::Action;
use crate::tui::panes::View;
use crate::tui::state::{App, Watched};
use crate::tui::theme::Tone;

/// Pieces of text with their columns.
type Line = Vec<(i32, String, Tone)>;

/// Where values begin, behind their names.
const VALUES: i32 = 12;

/// Draws what is known of an actor's process, scrolled by some lines.
pub fn draw(
    app: &App,
    view: &View<'_>,
    actor: ActorId,
    watched: &Watched,
    scroll: usize,
    brush: &mut Brush<'_>,
) {
    let mut lines = what_the_program_says(view, actor);
    match &watched.seen {
        Some(Observed::Actor(portrait)) if portrait.member.part == Part::Actor(actor) => {
            if view.experiment.at.is_some() && view.experiment.walking.is_none() {
                lines.push(vec![(
                    0,
                    "The kernel knows only the present; you look at the past.".into(),
                    Tone::Wait,
                )]);
            }
            asleep(portrait, &mut lines);
            if let Some(shared) = &portrait.shared {
                same_bytes(shared, &mut lines);
            }
            figures(portrait, &mut lines);
            mapped(portrait, &mut lines);
            open(portrait, &mut lines);
        }
        _ => lines.push(vec![(0, waiting_for_news(watched), Tone::Wait)]),
    }
    let height = (brush.height() - 1).max(0) as usize;
    let first = scroll.min(lines.len().saturating_sub(height));
    for (y, line) in lines.iter().skip(first).take(height).enumerate() {
        for (x, text, tone) in line {
            brush.text(*x, y as i32, text, *tone);
        }
    }
    let hints = [
        (format!("{} {}", app.keymap.key(Action::Left), app.keymap.key(Action::Right)), "another object"),
        (app.keymap.key(Action::NextActor), "another process"),
        (app.keymap.key(Action::Kernel), "the whole run"),
    ];
    hint_line(&hints, first + height < lines.len(), brush);
}

fn named(name: &str, value: impl Into<String>, tone: Tone) -> Line {
    vec![(0, name.to_string(), Tone::Dim), (VALUES, value.into(), tone)]
}

fn heading(lines: &mut Vec<Line>, text: impl Into<String>) {
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    lines.push(vec![(0, text.into(), Tone::Title)]);
}

/// Who it is, where in its program, what it holds: known of the past too.
fn what_the_program_says(view: &View<'_>, actor: ActorId) -> Vec<Line> {
    let (program, snapshot) = (view.sight.program, view.seen.snapshot);
    let Some(seen) = snapshot.actors.get(actor.index()) else { return Vec::new() };
    let face = view.sight.face(actor);
    let name = program.actor_name(actor);
    let who = if seen.pid == 0 { name.clone() } else { format!("{name}  pid {}", seen.pid) };
    let column = who.chars().count() as i32 + 2;
    let mut lines =
        vec![vec![(0, who, Tone::Title), (column, format!("{} {}", face.sign, face.word), face.tone)]];
    if seen.life.is_over() {
        lines.push(named("life", seen.life.name(), Tone::Bad));
    }
    let code = &program.actors[actor.index()].code;
    let line = code.line(seen.position);
    let text = view.experiment.subject.lines().nth((line as usize).wrapping_sub(1)).unwrap_or("").trim();
    let place = format!("{line}: {text}");
    lines.push(named("line", place, Tone::Text));
    let holds = held(view, actor);
    if !holds.is_empty() {
        lines.push(named("holds", holds.join(", "), Tone::Text));
    }
    let (steps, at, all) = (seen.steps, seen.position, code.instructions.len());
    lines.push(named("steps", format!("{steps} taken, at instruction {at} of {all}"), Tone::Text));
    lines
}

/// What an actor holds, by name.
fn held(view: &View<'_>, actor: ActorId) -> Vec<String> {
    let program = view.sight.program;
    let semaphores = (0..program.semaphore_count()).map(|id| Object::Semaphore(SemaphoreId(id)));
    let mutexes = (0..program.mutex_count()).map(|id| Object::Mutex(MutexId(id)));
    semaphores
        .chain(mutexes)
        .filter(|object| view.seen.snapshot.holders(program, *object).contains(&actor))
        .map(|object| program.object_name(object))
        .collect()
}

/// Whether it sleeps, in which call, and on what.
fn asleep(portrait: &Portrait, lines: &mut Vec<Line>) {
    let member = &portrait.member;
    heading(lines, "What the kernel says");
    let Some(process) = &member.process else {
        lines.push(vec![(0, "There is no such process any more.".into(), Tone::Bad)]);
        return;
    };
    let state = format!("{} ({})", process.state.0, process.state.words());
    lines.push(named("state", state, Tone::Text));
    let call = match (&portrait.call, &member.call) {
        (Some(text), _) => text.clone(),
        (None, Call::Hidden) => "not told: the kernel shows it only to whoever may debug the process".into(),
        (None, _) => member.call_name(),
    };
    let stopped = matches!(process.state.0, 'T' | 't');
    lines.push(named(if stopped { "stopped in" } else { "in call" }, call, Tone::Accent));
    if let Some(spot) = &member.on {
        lines.push(named("waits on", spot_text(spot), Tone::Wait));
        if spot.place != spot.name {
            lines.push(named("", spot.place.clone(), Tone::Dim));
        }
    }
    match (member.agrees(), &portrait.wait_channel) {
        (Some(true), _) => {
            lines.push(named("", format!("✓ and the program says so too: {}", member.says), Tone::Good))
        }
        (Some(false), _) => {
            lines.push(named("", format!("✗ but the program says: {}", member.says), Tone::Bad))
        }
        (None, _) => lines.push(named("says itself", member.says.clone(), Tone::Text)),
    }
}

fn spot_text(spot: &Spot) -> String {
    match spot.kind {
        Some(kind) => format!("{} {}: a {}", glyph(kind), spot.name, kind.words()),
        None => spot.name.clone(),
    }
}

/// The same word in several processes.
fn same_bytes(shared: &Shared, lines: &mut Vec<Line>) {
    let what = format!("◂ {} {} ▸", glyph(shared.kind), shared.name);
    heading(lines, format!("{what}  the same bytes, at another address in each process"));
    let widest = shared.views.iter().map(|view| view.name.chars().count()).max().unwrap_or(0);
    let name = widest.clamp("the file itself".len(), 24) as i32 + 2;
    let (address, bytes) = (name + 8, name + 8 + 18);
    let row = |who: &str, pid: String, at: String, word: Option<[u8; WORD]>| {
        let word = word.map_or("not ours to read".to_string(), hex);
        vec![
            (0, clipped(who, name - 1), Tone::Text),
            (name, pid, Tone::Dim),
            (address, at, Tone::Accent),
            (bytes, word, Tone::Text),
        ]
    };
    lines.push(vec![
        (0, "process".into(), Tone::Dim),
        (name, "pid".into(), Tone::Dim),
        (address, "address".into(), Tone::Dim),
        (bytes, "bytes there".into(), Tone::Dim),
    ]);
    for view in &shared.views {
        lines.push(row(&view.name, view.pid.to_string(), format!("{:#x}", view.address), view.bytes));
    }
    lines.push(row("the file itself", String::new(), format!("byte {}", shared.place), shared.in_file));
    let meaning = if shared.meaning.is_empty() { String::new() } else { format!(": {}", shared.meaning) };
    let addresses = shared.addresses();
    let plural = if addresses == 1 { "" } else { "es" };
    let (text, tone) = match (shared.agrees(), addresses) {
        (_, 0) => (format!("nobody else may read their memory{meaning}"), Tone::Dim),
        (Some(false), _) => ("it changes faster than it can be read".to_string(), Tone::Wait),
        _ => (format!("✓ the same at {addresses} address{plural}{meaning}"), Tone::Good),
    };
    lines.push(vec![(0, text, tone)]);
}

fn hex(word: [u8; WORD]) -> String {
    word.map(|byte| format!("{byte:02x}")).join(" ")
}

pub(super) fn clipped(text: &str, width: i32) -> String {
    let width = width.max(1) as usize;
    if text.chars().count() <= width {
        return text.to_string();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

/// What it has cost, and whose child it is.
fn figures(portrait: &Portrait, lines: &mut Vec<Line>) {
    let Some(process) = &portrait.member.process else { return };
    heading(lines, "What it costs");
    let time = portrait.processor_time.as_secs_f64() * 1e3;
    lines.push(named("processor", format!("{time:.1} ms so far"), Tone::Text));
    if let Some(switches) = portrait.switches {
        let text = format!("{} as it had to wait, {} by force", switches.voluntary, switches.involuntary);
        lines.push(named("switches", text, Tone::Text));
    }
    let faults =
        format!("{} answered from memory, {} from a disk", process.minor_faults, process.major_faults);
    lines.push(named("page faults", faults, Tone::Text));
    if let Some(memory) = portrait.resident {
        let text = format!("{} KiB of its own, {} KiB shared with others", memory.private, memory.shared);
        lines.push(named("memory", text, Tone::Text));
    }
    lines.push(named("threads", process.threads.to_string(), Tone::Text));
    if let Some(channel) = &portrait.wait_channel {
        lines.push(named("wchan", format!("{channel}: the kernel's function that it sleeps in"), Tone::Text));
    }
    let parent = portrait.parent.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let text = format!("{}{parent}, group {}, session {}", process.parent, process.group, process.session);
    lines.push(named("parent", text, Tone::Text));
}

fn mapped(portrait: &Portrait, lines: &mut Vec<Line>) {
    if portrait.mapped.is_empty() {
        return;
    }
    heading(lines, "What it has mapped of the run");
    for mapped in &portrait.mapped {
        let segment = &mapped.segment;
        let kib = (segment.end - segment.start) >> 10;
        lines.push(vec![
            (0, format!("{:#x}", segment.start), Tone::Accent),
            (16, format!("{kib:>6} KiB"), Tone::Text),
            (28, segment.access.clone(), Tone::Dim),
            (34, format!("{} {}", glyph(mapped.kind), mapped.name), Tone::Text),
        ]);
    }
}

fn open(portrait: &Portrait, lines: &mut Vec<Line>) {
    let Some(open) = &portrait.open else { return };
    heading(lines, "What it has open");
    for file in open {
        let descriptor = &file.descriptor;
        let others: Vec<String> =
            file.others.iter().map(|(name, access)| format!("{name} {}", verb(*access))).collect();
        let others = match others.len() {
            0..=2 => others.join(", "),
            more => format!("{}, and {} more", others[..1].join(", "), more - 1),
        };
        let mut text = descriptor.target.clone();
        if file.name != descriptor.target {
            text = format!("{text}  {}", file.name);
        }
        if !others.is_empty() {
            text = format!("{text}: {others}");
        }
        lines.push(vec![
            (0, format!("{:>3}", descriptor.number), Tone::Accent),
            (4, descriptor.access.letter().to_string(), Tone::Dim),
            (6, text, Tone::Text),
        ]);
    }
}

fn verb(access: Access) -> &'static str {
    match access {
        Access::Read => "reads",
        Access::Write => "writes",
        _ => "has it too",
    }
}
