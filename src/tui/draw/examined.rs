//! A check: counters while it works, then the proof, or the faults to choose from.

use std::sync::atomic::Ordering;

use super::Areas;
use crate::check::Fairness;
use crate::lab::{Examination, Examined};
use crate::report;
use crate::tui::brush::{Brush, wrap};
use crate::tui::theme::Tone;

/// Draws it.
pub fn draw(examination: &Examination, at: usize, brush: &mut Brush<'_>, areas: &mut Areas) {
    match &examination.result {
        None => racing(examination, brush),
        Some(Err(error)) => {
            brush.text(0, 0, "it cannot be checked", Tone::Bad);
            brush.wrapped(0, 2, error, Tone::Text);
        }
        Some(Ok(examined)) => found(examination, examined, at, brush, areas),
    }
}

fn racing(examination: &Examination, brush: &mut Brush<'_>) {
    let read = |counter: &std::sync::atomic::AtomicU64| report::thousands(counter.load(Ordering::Relaxed));
    let progress = &examination.progress;
    let seconds = examination.began.elapsed().as_secs_f64();
    let rate = progress.transitions.load(Ordering::Relaxed) as f64 / seconds.max(1e-3) / 1e6;
    let rows = [
        ("states", read(&progress.states)),
        ("transitions", read(&progress.transitions)),
        ("steps deep", read(&progress.depth)),
        ("to look at here", read(&progress.frontier)),
        ("a second", format!("{rate:.1} M")),
        ("seconds", format!("{seconds:.1}")),
    ];
    let doing = match progress.phase.load(Ordering::Relaxed) {
        0 => "every schedule is tried, the shortest first",
        _ => "all states are seen; now: does everybody always get somewhere?",
    };
    brush.text(0, 0, doing, Tone::Title);
    for (row, (word, value)) in rows.iter().enumerate() {
        let y = row as i32 + 2;
        brush.text_right(20, y, value, Tone::Accent);
        brush.text(22, y, word, Tone::Dim);
    }
    let bottom = brush.height() - 1;
    brush.text(0, bottom, "esc ends it; the processes run on meanwhile", Tone::Dim);
}

fn found(
    examination: &Examination,
    examined: &Examined,
    at: usize,
    brush: &mut Brush<'_>,
    areas: &mut Areas,
) {
    let report = &examined.report;
    let program = &examination.subject.program;
    let (w, h) = (brush.width(), brush.height());
    let seen = format!("{} states, {}", report::thousands(report.states), report::time(report.elapsed));
    brush.text_right(w, 0, &seen, Tone::Dim);
    let unproved = report::unproved(report);
    if report.faults.is_empty() {
        match &unproved {
            None => {
                brush.text(0, 0, "HOLDS: no schedule at all breaks it", Tone::Good);
                for (row, label) in report::properties(program, report.progress).iter().enumerate() {
                    brush.text(0, row as i32 + 2, &format!("✓ {label}"), Tone::Good);
                }
            }
            Some(why) => {
                brush.text(0, 0, "NOT PROVED", Tone::Wait);
                brush.wrapped(0, 2, &format!("No fault was found, but {why}."), Tone::Text);
            }
        }
        brush.text(0, h - 1, "esc closes", Tone::Dim);
        return;
    }
    brush.text(0, 0, "schedules that break it, the shortest of each kind", Tone::Bad);
    let list = report.faults.len().min((h - 8).max(1) as usize);
    let first = at.saturating_sub(list.saturating_sub(1));
    areas.rows = Some((brush.part(0, 2, w, list as i32).area(), first));
    for (row, fault) in report.faults.iter().skip(first).take(list).enumerate() {
        let steps = match (fault.moves.0.len(), fault.cycle) {
            (0, _) => "never possible".to_string(),
            (all, Some(stem)) => format!("{}, then {} for ever", report::counted(stem), all - stem),
            (all, None) => report::counted(all),
        };
        let under = match fault.fairness {
            Some(Fairness::Weak) => "if waiting is not fair",
            Some(Fairness::Strong) => "even if waiting is fair",
            None => "",
        };
        let tone = if first + row == at { Tone::Selected } else { Tone::Text };
        let line = format!(" {:<12} {steps:<30} {under}", fault.verdict().name());
        brush.text(0, row as i32 + 2, &line, tone);
    }
    if let Some(text) = examined.texts.get(at) {
        let lines = wrap(text, w.max(1) as usize);
        let room = (h - list as i32 - 5).max(0) as usize;
        for (row, line) in lines.iter().take(room).enumerate() {
            brush.text(0, list as i32 + 3 + row as i32, line, Tone::Dim);
        }
    }
    let end = if unproved.is_some() { " · not all schedules were tried after that" } else { "" };
    brush.text(0, h - 1, &format!("enter walks there, step by step · esc closes{end}"), Tone::Dim);
}
