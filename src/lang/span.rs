//! Places in source texts.

/// Which of the texts of a program a place lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileId {
    /// The problem: roles, what they visibly do, what must be true.
    Problem,
    /// The solution, or a self-contained program.
    Solution,
}

/// A half-open range of bytes in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span just behind this one, where something is missing.
    pub fn after(self) -> Span {
        Span { file: self.file, start: self.end, end: self.end }
    }
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name itself.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One text with the name to show for it in messages.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path, or catalogue name such as `dining-philosophers/naive.fork`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// The texts that make one program.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The problem, where it is a text of its own.
    pub problem: Option<Source>,
    /// The solution, or the self-contained program.
    pub solution: Source,
}

impl Sources {
    /// The text that a span points into.
    pub fn get(&self, file: FileId) -> &Source {
        match file {
            FileId::Problem => self.problem.as_ref().unwrap_or(&self.solution),
            FileId::Solution => &self.solution,
        }
    }

    /// The text under a span.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// Where the lines of the texts begin.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    problem: Vec<u32>,
    solution: Vec<u32>,
}

impl Lines {
    /// Finds the lines of all texts.
    pub fn of(sources: &Sources) -> Lines {
        let ends = |text: &str| {
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at as u32).collect()
        };
        Lines { problem: ends(&sources.get(FileId::Problem).text), solution: ends(&sources.solution.text) }
    }

    /// The line of a span's start, counted from 1.
    pub fn line(&self, span: Span) -> u32 {
        let ends = if span.file == FileId::Problem { &self.problem } else { &self.solution };
        1 + ends.partition_point(|end| *end < span.start) as u32
    }
}
