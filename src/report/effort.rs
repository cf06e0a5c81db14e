//! What a check took, in a line.

use super::sentence::time;
use crate::check::{Memory, Report};
use crate::program::Program;

/// What it took, in a line.
pub fn effort(program: &Program, report: &Report) -> String {
    let seconds = report.searched.as_secs_f64();
    let bytes = report.bytes as f64 / report.states.max(1) as f64;
    let memory = match report.memory {
        Memory::Sc => "",
        Memory::Tso => " · total store order",
    };
    format!(
        "{} states · {} transitions · {} steps deep · {} · {:.1} M transitions/s on {} thread{} · {bytes:.1} bytes a state{memory}{}",
        thousands(report.states),
        thousands(report.transitions),
        report.depth,
        time(report.elapsed),
        report.transitions as f64 / seconds.max(1e-9) / 1e6,
        report.threads,
        if report.threads == 1 { "" } else { "s" },
        reductions(program, report),
    )
}

/// What was not looked at because something else stands for it.
fn reductions(program: &Program, report: &Report) -> String {
    let order = report.partial_order.then(|| "independent steps in one order".to_string());
    let exchanged = report.symmetry.iter().map(|(actor, count)| {
        let role = &program.role_of(*actor).name;
        format!("symmetric in {count} {role}s")
    });
    let all: Vec<String> = order.into_iter().chain(exchanged).collect();
    if all.is_empty() { String::new() } else { format!("\n  reduced: {}", all.join(", ")) }
}

/// A number with its thousands apart.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
