//! What a check found beside what the program's `expect` lines say.

use serde::Serialize;

use super::checked_json::fairness_name;
use crate::check::{Fairness, Fault, Memory, Report, Stop};
use crate::program::{Expect, Expected, Program, Under};

/// Something that is not as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surprise {
    /// What.
    pub kind: Expected,
    /// Under which fairness.
    pub fairness: Fairness,
    /// Whether it was expected and not found; otherwise it was found and not expected.
    pub missing: bool,
}

impl Surprise {
    fn text(&self) -> String {
        let (kind, fairness) = (self.kind.name(), fairness_name(self.fairness));
        match self.missing {
            true => format!("{kind} was NOT found under {fairness} fairness"),
            false => format!("{kind} was found under {fairness} fairness and is NOT expected"),
        }
    }
}

/// How a comparison ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Everything that is expected was found, and nothing else.
    AsExpected,
    /// Something is missing, or was found and is not expected.
    NotAsExpected,
    /// Not everything was looked at, and only what was not found is missing: a limit is no answer.
    NotCompared,
}

/// What was expected, and what is not so.
#[derive(Clone, Debug)]
pub struct Comparison<'p> {
    /// The `expect` lines.
    pub expected: &'p [Expect],
    /// What is not as they say.
    pub surprises: Vec<Surprise>,
    /// How it ended.
    pub end: Compared,
}

impl<'p> Comparison<'p> {
    /// Compares a report with what its program says.
    pub fn of(program: &'p Program, report: &Report) -> Comparison<'p> {
        let surprises = surprises(program, report);
        let partly = !report.is_complete() && report.stop != Stop::AfterFault;
        let end = match surprises.iter().all(|surprise| surprise.missing) {
            _ if surprises.is_empty() => Compared::AsExpected,
            true if partly => Compared::NotCompared,
            _ => Compared::NotAsExpected,
        };
        Comparison { expected: &program.expects, surprises, end }
    }

    /// What was compared, in a line without an end. Not for what was not compared.
    pub fn text(&self) -> String {
        let expected: Vec<String> = self.expected.iter().map(expectation).collect();
        let wrong: Vec<String> = self.surprises.iter().map(Surprise::text).collect();
        let end = if wrong.is_empty() { "as expected".into() } else { wrong.join("; ") };
        format!("expected: {}: {end}", expected.join(", "))
    }
}

/// An `expect` line without its first word.
pub fn expectation(expect: &Expect) -> String {
    let under = expect.under.map(|under| format!(" under {}", under.name())).unwrap_or_default();
    format!("{}{under}", expect.verdict.name())
}

/// What is not as the program's `expect` lines say.
fn surprises(program: &Program, report: &Report) -> Vec<Surprise> {
    let mut wrong = Vec::new();
    for (fairness, strong) in [(Fairness::Weak, false), (Fairness::Strong, true)] {
        let asked = |kind: Expected| report.progress || kind.is_safety();
        let expects = program.expected(strong, report.memory == Memory::Tso);
        let mut expected: Vec<Expected> = expects.into_iter().filter(|kind| asked(*kind)).collect();
        if expected.is_empty() {
            expected.push(Expected::Holds);
        }
        let mut found: Vec<Expected> = report.faults_under(fairness).map(Fault::verdict).collect();
        if report.holds(fairness) {
            found.push(Expected::Holds);
        }
        let missing = expected.iter().filter(|kind| !found.contains(kind)).map(|kind| (*kind, true));
        let unexpected = found.iter().filter(|kind| !expected.contains(kind)).map(|kind| (*kind, false));
        for (kind, missing) in missing.chain(unexpected) {
            let surprise = Surprise { kind, fairness, missing };
            if !wrong.contains(&surprise) {
                wrong.push(surprise);
            }
        }
    }
    wrong
}

/// A comparison for programs.
#[derive(Serialize)]
pub(super) struct ComparisonJson {
    expected: Vec<ExpectJson>,
    result: &'static str,
    surprises: Vec<SurpriseJson>,
}

#[derive(Serialize)]
struct ExpectJson {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fairness: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_model: Option<&'static str>,
}

#[derive(Serialize)]
struct SurpriseJson {
    verdict: &'static str,
    fairness: &'static str,
    is: &'static str,
}

impl ComparisonJson {
    pub(super) fn of(comparison: &Comparison<'_>) -> ComparisonJson {
        let expect = |e: &Expect| ExpectJson {
            verdict: e.verdict.name(),
            fairness: e.under.filter(|under| *under != Under::Tso).map(Under::name),
            memory_model: e.under.filter(|under| *under == Under::Tso).map(Under::name),
        };
        let surprise = |s: &Surprise| SurpriseJson {
            verdict: s.kind.name(),
            fairness: fairness_name(s.fairness),
            is: if s.missing { "missing" } else { "unexpected" },
        };
        ComparisonJson {
            expected: comparison.expected.iter().map(expect).collect(),
            result: match comparison.end {
                Compared::AsExpected => "as expected",
                Compared::NotAsExpected => "not as expected",
                Compared::NotCompared => "not compared",
            },
            surprises: comparison.surprises.iter().map(surprise).collect(),
        }
    }
}
