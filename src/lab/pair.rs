//! Two solutions of one problem that belong together: a buggy one and the one that mends it.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::subject::Subject;
use crate::catalogue;
use crate::lang;
use crate::program::Program;

/// How a line differs from the pair's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The pair does not have it.
    Added,
    /// The pair has another one in its place.
    Changed,
    /// The pair has more lines before this one.
    LessBefore,
}

/// The catalogue's name of the solution that belongs to this one: the fix of a buggy one, or a buggy one that this one
/// mends. `last` is preferred where several do, so that one goes back to where one came from.
pub fn counterpart(subject: &Subject, last: Option<&str>) -> Option<String> {
    let text = &subject.sources.solution.text;
    let (problem, solution) = match subject.place() {
        Some((problem, solution)) => (problem.to_string(), solution),
        None => (lang::named_problem(text)?, ""),
    };
    let found = catalogue::find(&problem).ok()?;
    let mended = |id: &str| {
        let other = found.solutions.iter().find(|s| s.id == id);
        other
            .and_then(|s| catalogue::compiled(found, s))
            .is_some_and(|p| p.fixed_by.as_deref() == Some(solution))
    };
    if let Some(last) = last
        && last.split_once('/').is_some_and(|(of, id)| of == problem && mended(id))
    {
        return Some(last.to_string());
    }
    if let Some(fix) =
        subject.program.fixed_by.as_ref().filter(|fix| found.solutions.iter().any(|s| s.id == *fix))
    {
        return Some(format!("{problem}/{fix}"));
    }
    if solution.is_empty() {
        return None;
    }
    let compiled: Vec<(&str, Program)> =
        found.solutions.iter().filter_map(|s| Some((s.id, catalogue::compiled(found, s)?))).collect();
    let mends = |p: &Program| p.fixed_by.as_deref() == Some(solution);
    let buggy = |p: &Program| !p.is_correct();
    let pick = |wanted: &dyn Fn(&(&str, Program)) -> bool| compiled.iter().find(|entry| wanted(entry));
    let pair = pick(&|(_, p)| mends(p)).or_else(|| pick(&|(_, p)| buggy(p)))?;
    Some(format!("{problem}/{}", pair.0))
}

/// How the lines of a text differ from another's: line, counted from 1, and mark. Comments and blank lines do not count.
pub fn changed_lines(text: &str, other: &str) -> Vec<(u32, Mark)> {
    let lines = |text: &'_ str| -> Vec<(u32, String)> {
        let code = text.lines().zip(1..).map(|(line, number)| (number, line.trim_end().to_string()));
        code.filter(|(_, line)| !line.trim_start().starts_with('#') && !is_heading(line)).collect()
    };
    let (ours, theirs) = (lines(text), lines(other));
    let texts = |lines: &[(u32, String)]| lines.iter().map(|(_, l)| l.clone()).collect::<Vec<String>>();
    let mut marks = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &texts(&theirs), &texts(&ours)) {
        let (tag, _, new) = op.as_tag_tuple();
        let mark = match tag {
            DiffTag::Equal => continue,
            DiffTag::Insert => Mark::Added,
            DiffTag::Replace => Mark::Changed,
            DiffTag::Delete => {
                if let Some((line, _)) = ours.get(new.start) {
                    marks.push((*line, Mark::LessBefore));
                }
                continue;
            }
        };
        marks.extend(ours[new].iter().filter(|(_, text)| !text.is_empty()).map(|(line, _)| (*line, mark)));
    }
    marks
}

/// Whether a line says what a solution is, and not what it does; blank lines say neither.
pub fn is_heading(line: &str) -> bool {
    line.is_empty() || ["solution ", "expect ", "fixed by ", "problem:"].iter().any(|w| line.starts_with(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fix_of_the_naive_philosophers_is_two_lines() {
        let text = |id: &str| catalogue::load(id, None).expect("a program").sources.solution.text;
        let (naive, ordered) = (text("dining-philosophers/naive"), text("dining-philosophers/ordered"));
        let marks = changed_lines(&ordered, &naive);
        let lines: Vec<&str> =
            marks.iter().filter_map(|(line, _)| ordered.lines().nth(*line as usize - 1)).collect();
        assert_eq!(lines.len(), 2, "{marks:?}");
        assert!(lines.iter().all(|line| line.contains("wait(fork[")), "{lines:?}");
    }

    #[test]
    fn the_toggle_goes_there_and_back() {
        let subject = |name: &str| Subject::load(name, None, &[]).expect("a program");
        let there = counterpart(&subject("dining-philosophers/two-checks"), None).expect("a fix");
        assert_eq!(there, "dining-philosophers/one-look");
        let back = counterpart(&subject(&there), Some("dining-philosophers/two-checks"));
        assert_eq!(back.as_deref(), Some("dining-philosophers/two-checks"));
        // One that mends another and can be mended itself goes back first.
        let mended = subject("dining-philosophers/ordered");
        let to = |last: Option<&str>| counterpart(&mended, last);
        assert_eq!(to(None).as_deref(), Some("dining-philosophers/ordered-fair"));
        assert_eq!(to(Some("dining-philosophers/naive")).as_deref(), Some("dining-philosophers/naive"));
    }
}
