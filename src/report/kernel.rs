//! A run as the kernel sees it, in tables like those of ps(1) and ls(1).

use std::fmt::Write;

use super::style::Style;
use crate::kernel::{KernelObject, Member, Picture};

/// What to say where the kernel does not tell everything.
const NOT_TOLD: &str = "on what they sleep is told only to whoever may debug them: ask as root (sudo), or see ptrace_scope \
    in ptrace(2)";

/// A run's processes and objects. `program` is what it was started with.
pub fn kernel(program: &str, picture: &Picture, style: Style) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}  {program}", style.bold(&format!("run {}", picture.run)));
    if picture.unasked > 0 {
        let _ = writeln!(out, "what {} of its processes have open and mapped was not asked", picture.unasked);
    }
    if !picture.is_told() {
        let _ = writeln!(out, "{NOT_TOLD}");
    }
    let titles = ["PID", "PPID", "PGID", "SID", "STAT", "WHO", "CALL", "WAITS ON", "SAYS"];
    let members = picture.members.iter().map(member).collect();
    table(&mut out, &titles, &[0, 1, 2, 3], members, style);
    out.push('\n');
    let titles =
        ["KIND", "NAME", "VALUE", "ASLEEP", "SIZE", "MODE", "OWNER", "INODE", "USERS", "SEE IT WITH"];
    let objects = picture.objects.iter().map(|object| self::object(picture, object)).collect();
    table(&mut out, &titles, &[4, 7, 8], objects, style);
    out.push('\n');
    let pids: Vec<String> =
        picture.members.iter().filter(|m| m.process.is_some()).map(|m| m.pid.to_string()).collect();
    let _ = writeln!(out, "ps -o pid,ppid,pgid,sid,stat,wchan:20,args -p {}", few(&pids, ","));
    if let Some(asleep) = picture.members.iter().find(|member| member.agrees() == Some(true)) {
        let _ = writeln!(out, "strace -p {0}   lsof -p {0}", asleep.pid);
    }
    out
}

/// The first of many, joined.
fn few(words: &[String], between: &str) -> String {
    const FEW: usize = 16;
    words[..words.len().min(FEW)].join(between)
}

fn member(member: &Member) -> Vec<String> {
    let Some(process) = &member.process else {
        let mut row = vec![String::new(); 9];
        (row[0], row[4], row[5]) = (member.pid.to_string(), "gone".into(), member.name.clone());
        return row;
    };
    let says = match member.agrees() {
        Some(true) => "the same",
        Some(false) => "otherwise",
        None => "",
    };
    vec![
        member.pid.to_string(),
        process.parent.to_string(),
        process.group.to_string(),
        process.session.to_string(),
        process.stat(),
        member.name.clone(),
        member.call_name(),
        member.on.as_ref().map_or(String::new(), |spot| spot.name.clone()),
        says.into(),
    ]
}

fn object(picture: &Picture, object: &KernelObject) -> Vec<String> {
    let none = || "—".to_string();
    let seen = object.seen.as_ref();
    let asleep: Vec<String> = object.sleepers.iter().map(|pid| picture.name_of(*pid)).collect();
    let asleep = match (asleep.len(), picture.is_told()) {
        (0, true) => none(),
        (0, false) => object.counted.map_or_else(none, |count| format!("{count} by its count")),
        (1, _) => asleep[0].clone(),
        (many, _) => format!("{many} processes"),
    };
    vec![
        object.kind.name().to_string(),
        object.name.clone(),
        object.value.clone().unwrap_or_else(none),
        asleep,
        seen.and_then(|seen| seen.size).map_or_else(none, |size| size.to_string()),
        seen.map_or_else(none, |seen| format!("{:04o}", seen.mode)),
        seen.map_or_else(none, |seen| seen.owner.clone()),
        seen.map_or_else(none, |seen| seen.inode.to_string()),
        object.users.map_or_else(none, |users| users.to_string()),
        object.commands.first().cloned().unwrap_or_default(),
    ]
}

/// Rows below titles, each column as wide as what is in it. `right` are the columns with numbers.
fn table(out: &mut String, titles: &[&str], right: &[usize], rows: Vec<Vec<String>>, style: Style) {
    let length = |text: &str| text.chars().count();
    let widths: Vec<usize> = (0..titles.len())
        .map(|at| rows.iter().map(|row| length(&row[at])).max().unwrap_or(0).max(length(titles[at])))
        .collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().enumerate().map(|(at, cell)| match right.contains(&at) {
            true => format!("{cell:>0$}", widths[at]),
            false => format!("{cell:<0$}", widths[at]),
        });
        padded.collect::<Vec<String>>().join("  ").trim_end().to_string()
    };
    let _ = writeln!(out, "{}", style.dim(&line(titles.to_vec())));
    for row in &rows {
        let _ = writeln!(out, "{}", line(row.iter().map(String::as_str).collect()));
    }
}
