//! `fiveforks list`

use serde::Serialize;

use super::Exit;
use crate::catalogue::{self, PROBLEMS};
use crate::cli::Format;
use crate::program::Program;
use crate::report::{SCHEMA, Style, TOOL, expectation};

#[derive(Serialize)]
struct Document {
    schema: u32,
    tool: &'static str,
    problems: Vec<ProblemJson>,
}

#[derive(Serialize)]
struct ProblemJson {
    id: &'static str,
    title: String,
    parameters: Vec<ParameterJson>,
    solutions: Vec<SolutionJson>,
}

#[derive(Serialize)]
struct ParameterJson {
    name: String,
    default: i32,
    low: i32,
    high: i32,
}

#[derive(Serialize)]
struct SolutionJson {
    id: &'static str,
    title: String,
    correct: bool,
    expect: Vec<String>,
    fixed_by: Option<String>,
    about: String,
}

pub fn list(format: Format) -> anyhow::Result<Exit> {
    let document = document();
    match format {
        Format::Json => say!("{}", serde_json::to_string(&document)?),
        Format::Text => text(&document),
    }
    Ok(Exit::Fine)
}

fn document() -> Document {
    let problems = PROBLEMS.iter().filter_map(|problem| {
        let programs: Vec<(&catalogue::Solution, Program)> =
            problem.solutions.iter().filter_map(|s| Some((s, catalogue::compiled(problem, s)?))).collect();
        let first = &programs.first()?.1;
        let parameters = first.constants.iter().filter_map(|c| {
            let (low, high) = c.range?;
            Some(ParameterJson { name: c.name.clone(), default: c.value, low, high })
        });
        Some(ProblemJson {
            id: problem.id,
            title: first.problem.clone(),
            parameters: parameters.collect(),
            solutions: programs.iter().map(|(s, program)| solution(s.id, program)).collect(),
        })
    });
    Document { schema: SCHEMA, tool: TOOL, problems: problems.collect() }
}

fn solution(id: &'static str, program: &Program) -> SolutionJson {
    SolutionJson {
        id,
        title: program.solution.clone(),
        correct: program.is_correct(),
        expect: program.expects.iter().map(expectation).collect(),
        fixed_by: program.fixed_by.clone(),
        about: program.about.clone(),
    }
}

fn text(document: &Document) {
    let style = Style::for_terminal(std::io::IsTerminal::is_terminal(&std::io::stdout()));
    for problem in &document.problems {
        let parameters: Vec<String> = problem
            .parameters
            .iter()
            .map(|p| format!("{} = {} ({} to {})", p.name, p.default, p.low, p.high))
            .collect();
        say!("{}  {}", style.bold(problem.id), parameters.join(", "));
        for s in &problem.solutions {
            let mark = if s.correct { style.good("✓ correct") } else { style.bad("✗ buggy  ") };
            let fixed = s.fixed_by.as_ref().map(|f| format!(", fixed by {f}")).unwrap_or_default();
            say!("  {mark}  {:<18} {:<44} {}{fixed}", s.id, s.title, s.expect.join(", "));
        }
        say!();
    }
    say!("Run one with `fiveforks run dining-philosophers/naive`, read one with `fiveforks show …`.");
}
