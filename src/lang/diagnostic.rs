//! Errors and warnings about a text: where, what, and what to write instead.

use std::collections::HashSet;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::limits::MAX_DIAGNOSTICS;
use super::span::{FileId, Sources, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program cannot run.
    Error,
    /// The program can run; something in it looks like a mistake.
    Warning,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What kind of mistake a diagnostic is about. Each has a name, shown in brackets, and a test of its text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            /// Every kind, for the test that wants an example of each.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The name shown in brackets.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* }
            }
        }
    };
}

kinds! {
    /// A tab where indentation is made of spaces.
    Tab = "tab",
    /// A character that no token starts with.
    Character = "character",
    /// A number that 32 bits cannot hold.
    BigNumber = "big-number",
    /// Indentation that fits no open block, or a block where none belongs.
    Indentation = "indentation",
    /// A header without its block.
    MissingBlock = "missing-block",
    /// Something else was expected here.
    Syntax = "syntax",
    /// `=` where `==` was meant.
    Assignment = "assignment",
    /// A textbook's other spelling of an operation (`P(s)`, `s.wait()`, `sem_post(&s)`).
    Spelling = "spelling",
    /// A text beyond one of the limits.
    Limit = "limit",
    /// A name that nothing declares.
    UnknownName = "unknown-name",
    /// A name declared twice.
    Duplicate = "duplicate",
    /// A name used as something that it is not.
    WrongKind = "wrong-kind",
    /// A call with the wrong number of arguments.
    Arguments = "arguments",
    /// A constant assigned to.
    AssignConstant = "assign-constant",
    /// An expression that must be known before the run.
    NotConstant = "not-constant",
    /// Arithmetic on constants that fails.
    ConstantFault = "constant-fault",
    /// A value outside the range it must lie in.
    Range = "range",
    /// An index outside an array for some actor.
    Index = "index",
    /// A role that no process plays.
    RoleWithoutProcess = "role-without-process",
    /// A process for a role that does not exist.
    ProcessWithoutRole = "process-without-role",
    /// An activity that the process never performs.
    ActivityNeverCalled = "activity-never-called",
    /// Another role's activity.
    ForeignActivity = "foreign-activity",
    /// A `def` that calls itself.
    Recursion = "recursion",
    /// A problem's line in a solution.
    ProblemLine = "problem-line",
    /// A statement outside the construct it belongs to.
    Misplaced = "misplaced",
    /// An item used as a number.
    ItemArithmetic = "item-arithmetic",
    /// An `always` that is false before anybody moves.
    FalseAlways = "false-always",
    /// A `let` never read.
    UnusedLet = "unused-let",
    /// A `signal` on a semaphore that nobody waits for.
    UnawaitedSignal = "unawaited-signal",
    /// A loop without any visible step.
    EmptyLoop = "empty-loop",
    /// Statements that cannot be reached.
    Unreachable = "unreachable",
}

/// One error or warning.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// What kind of mistake.
    pub kind: Kind,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What stands under the marked place; may be empty.
    pub label: String,
    /// A second place that explains the first.
    pub related: Option<(Span, String)>,
    /// What to write instead.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(kind: Kind, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            kind,
            message: message.into(),
            span,
            label: String::new(),
            related: None,
            help: None,
        }
    }

    /// A warning at a place.
    pub fn warning(kind: Kind, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(kind, span, message) }
    }

    /// Adds the words under the marked place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a second place.
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }

    fn render(&self, sources: &Sources, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut elements: Vec<Element<'_>> = vec![snippet(sources, self).into()];
        if let Some((span, label)) = &self.related
            && span.file != self.span.file
        {
            let source = sources.get(span.file);
            elements.push(
                Snippet::source(source.text.as_str())
                    .path(source.name.as_str())
                    .annotation(AnnotationKind::Context.span(bytes(sources, *span)).label(label.as_str()))
                    .into(),
            );
        }
        let title = level.primary_title(self.message.as_str()).id(self.kind.name());
        let mut groups = vec![title.elements(elements)];
        if let Some(help) = &self.help {
            groups.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        renderer.render(&groups)
    }
}

fn snippet<'a>(
    sources: &'a Sources,
    diagnostic: &'a Diagnostic,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = sources.get(diagnostic.span.file);
    let mut primary = AnnotationKind::Primary.span(bytes(sources, diagnostic.span));
    if !diagnostic.label.is_empty() {
        primary = primary.label(diagnostic.label.as_str());
    }
    let mut snippet = Snippet::source(source.text.as_str()).path(source.name.as_str()).annotation(primary);
    if let Some((span, label)) = &diagnostic.related
        && span.file == diagnostic.span.file
    {
        let context = AnnotationKind::Context.span(bytes(sources, *span)).label(label.as_str());
        snippet = snippet.annotation(context);
    }
    snippet
}

/// The span as byte offsets that lie on character boundaries of the text.
fn bytes(sources: &Sources, span: Span) -> std::ops::Range<usize> {
    let text = &sources.get(span.file).text;
    let floor = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    floor(span.start)..floor(span.end).max(floor(span.start))
}

/// What was found while reading a program.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// Names of which nothing more is said: their declaration failed, or they were reported.
    hushed: HashSet<String>,
}

impl Diagnostics {
    /// Adds one, unless the same was said of the same place already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.kind == Kind::UnknownName {
            let name = diagnostic.message.split('`').nth(1).unwrap_or("").to_string();
            if !name.is_empty() && !self.hushed.insert(name) {
                return;
            }
        }
        let known = |d: &Diagnostic| d.span == diagnostic.span && d.kind == diagnostic.kind;
        if self.list.len() <= MAX_DIAGNOSTICS * 4 && !self.list.iter().any(known) {
            self.list.push(diagnostic);
        }
    }

    /// All that was said, in the order of the texts.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Says nothing more of a name that is not known.
    pub fn hush(&mut self, name: &str) {
        self.hushed.insert(name.to_string());
    }

    /// The errors alone: where there are some, warnings are mostly about what the errors left out.
    pub fn errors(mut self) -> Diagnostics {
        self.list.retain(|d| d.severity == Severity::Error);
        self
    }

    /// Whether more was found than anyone will read.
    pub fn is_long(&self) -> bool {
        self.list.len() > MAX_DIAGNOSTICS
    }

    /// Whether something of a kind was found.
    pub fn has(&self, kind: Kind) -> bool {
        self.list.iter().any(|d| d.kind == kind)
    }

    /// Whether anything forbids running the program.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds all of another.
    pub fn append(&mut self, other: Diagnostics) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// The text to show, at most [`MAX_DIAGNOSTICS`] of them, errors before warnings, in the order of the source.
    pub fn render(&self, sources: &Sources, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut sorted: Vec<_> = self.list.iter().collect();
        sorted.sort_by_key(|d| (d.severity, d.span.file == FileId::Solution, d.span.start));
        let mut out = String::new();
        for diagnostic in sorted.iter().take(MAX_DIAGNOSTICS) {
            out.push_str(&diagnostic.render(sources, &renderer));
            out.push_str("\n\n");
        }
        if sorted.len() > MAX_DIAGNOSTICS {
            out.push_str(&format!("… and {} more\n\n", sorted.len() - MAX_DIAGNOSTICS));
        }
        let errors = sorted.iter().filter(|d| d.severity == Severity::Error).count();
        if errors > 0 {
            let plural = if errors == 1 { "" } else { "s" };
            out.push_str(&format!("{errors} error{plural} in {}\n", sources.solution.name));
        }
        out
    }
}
