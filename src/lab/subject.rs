//! A program that can run: its texts, what they compile to, and where they came from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::board::Texts;
use crate::catalogue;
use crate::lang::{self, Diagnostics, FileId, Scope, Sources};
use crate::mechanism::Mechanism;
use crate::program::Program;

/// A program that can run.
#[derive(Debug)]
pub struct Subject {
    /// `problem/solution`, or the path.
    pub name: String,
    /// The texts.
    pub sources: Sources,
    /// Constants that were set.
    pub settings: Vec<(String, i32)>,
    /// What the texts compile to.
    pub program: Arc<Program>,
    /// The file that the solution came from; none for one of the catalogue.
    pub path: Option<PathBuf>,
    /// What carries the messages of its channels.
    pub over: Mechanism,
    /// The problem that it shall solve, if the user named one.
    problem: Option<String>,
}

/// A remark of the compiler on one line of the solution.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Remark {
    /// Counted from 1; 0 if it concerns the problem's text.
    pub line: u32,
    pub message: String,
}

/// Why a program cannot run.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub struct Trouble {
    /// Everything, laid out for people.
    pub text: String,
    /// The same by line, where it is about lines.
    pub remarks: Vec<Remark>,
    /// The text that it is about, if it could be read.
    pub solution: Option<String>,
}

impl Subject {
    /// Loads and compiles a program by the name that a user gives.
    pub fn load(
        name: &str,
        problem: Option<&str>,
        settings: &[(String, i32)],
    ) -> Result<Arc<Subject>, Box<Trouble>> {
        let loaded = catalogue::load(name, problem).map_err(|error| {
            Box::new(Trouble { text: error.to_string(), remarks: Vec::new(), solution: None })
        })?;
        let path = Path::new(name);
        let path = (name.ends_with(".fork") || path.is_file()).then(|| path.to_path_buf());
        Subject::compile(loaded.name, loaded.sources, settings, path, problem.map(str::to_string))
    }

    /// The program that a board or a recording carries.
    pub fn of_texts(texts: &Texts) -> Result<Arc<Subject>, Box<Trouble>> {
        let subject = Subject::compile(texts.program.clone(), texts.sources(), &texts.settings, None, None)?;
        Ok(subject.over(texts.over))
    }

    fn compile(
        name: String,
        sources: Sources,
        settings: &[(String, i32)],
        path: Option<PathBuf>,
        problem: Option<String>,
    ) -> Result<Arc<Subject>, Box<Trouble>> {
        match lang::compile(&sources, settings, Scope::All) {
            Ok(compiled) => {
                let program = Arc::new(compiled.program);
                let (settings, over) = (settings.to_vec(), Mechanism::default());
                Ok(Arc::new(Subject { name, sources, settings, program, path, over, problem }))
            }
            Err(diagnostics) => Err(Box::new(trouble(&sources, &diagnostics))),
        }
    }

    /// The same program with other settings.
    pub fn with(&self, settings: &[(String, i32)]) -> Result<Arc<Subject>, Box<Trouble>> {
        let (path, problem) = (self.path.clone(), self.problem.clone());
        let subject = Subject::compile(self.name.clone(), self.sources.clone(), settings, path, problem)?;
        Ok(subject.over(self.over))
    }

    /// The same program, with this to carry its messages.
    pub fn over(&self, over: Mechanism) -> Arc<Subject> {
        Arc::new(Subject {
            name: self.name.clone(),
            sources: self.sources.clone(),
            settings: self.settings.clone(),
            program: self.program.clone(),
            path: self.path.clone(),
            over,
            problem: self.problem.clone(),
        })
    }

    /// The same program, its file read again.
    pub fn reload(&self) -> Result<Arc<Subject>, Box<Trouble>> {
        match &self.path {
            Some(path) => {
                let name = path.to_string_lossy();
                let subject = Subject::load(&name, self.problem.as_deref(), &self.settings)?;
                Ok(subject.over(self.over))
            }
            None => self.with(&self.settings),
        }
    }

    /// The lines of the solution.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.sources.solution.text.lines()
    }

    /// The problem's name in the catalogue, and the solution's, if it is one of its.
    pub fn place(&self) -> Option<(&str, &str)> {
        if self.path.is_some() { None } else { self.name.split_once('/') }
    }

    /// What goes onto the board of a run.
    pub fn texts(&self) -> Texts {
        Texts::of(&self.name, &self.sources, &self.settings).over(self.over)
    }
}

fn trouble(sources: &Sources, diagnostics: &Diagnostics) -> Trouble {
    let lines = lang::Lines::of(sources);
    let remarks = diagnostics
        .iter()
        .map(|d| Remark {
            line: if d.span.file == FileId::Solution { lines.line(d.span) } else { 0 },
            message: match &d.help {
                Some(help) => format!("{}; {help}", d.message),
                None => d.message.clone(),
            },
        })
        .collect();
    Trouble {
        text: diagnostics.render(sources, false),
        remarks,
        solution: Some(sources.solution.text.clone()),
    }
}
