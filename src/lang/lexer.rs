//! Text to lines of tokens. Indentation is counted here and made into blocks by [`super::blocks`].

use logos::Logos;

use super::diagnostic::{Diagnostic, Diagnostics, Kind};
use super::span::{FileId, Span};

/// The words and signs of the language. Keywords are names here: most stay free for variables.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r]+")]
#[logos(skip(r"#[^\n]*", allow_greedy = true))]
pub enum Token {
    /// A name or a word of the language.
    #[regex(r"[\p{L}_][\p{L}\p{N}_]*")]
    Word,
    /// A whole number.
    #[regex(r"[0-9][0-9_]*")]
    Int,
    /// A time: `200ms`, `2s`.
    #[regex(r"[0-9][0-9_]*(ms|s)")]
    Duration,
    /// A text in double quotes.
    #[regex(r#""[^"\n]*""#)]
    Text,
    #[token("(")]
    #[allow(missing_docs)]
    Open,
    #[token(")")]
    #[allow(missing_docs)]
    Close,
    #[token("[")]
    #[allow(missing_docs)]
    OpenBracket,
    #[token("]")]
    #[allow(missing_docs)]
    CloseBracket,
    #[token(",")]
    #[allow(missing_docs)]
    Comma,
    #[token(":")]
    #[allow(missing_docs)]
    Colon,
    #[token("..")]
    #[allow(missing_docs)]
    DotDot,
    #[token(".")]
    #[allow(missing_docs)]
    Dot,
    #[token("==")]
    #[allow(missing_docs)]
    Equal,
    #[token("!=")]
    #[allow(missing_docs)]
    NotEqual,
    #[token("<=")]
    #[allow(missing_docs)]
    LessEqual,
    #[token(">=")]
    #[allow(missing_docs)]
    GreaterEqual,
    #[token("<")]
    #[allow(missing_docs)]
    Less,
    #[token(">")]
    #[allow(missing_docs)]
    Greater,
    #[token("=")]
    #[allow(missing_docs)]
    Assign,
    #[token("+")]
    #[allow(missing_docs)]
    Plus,
    #[token("-")]
    #[allow(missing_docs)]
    Minus,
    #[token("*")]
    #[allow(missing_docs)]
    Star,
    #[token("/")]
    #[allow(missing_docs)]
    Slash,
    #[token("%")]
    #[allow(missing_docs)]
    Percent,
    /// A sign of other languages: kept, so that the message can say what to write here.
    #[token("&&")]
    #[token("||")]
    #[token("!")]
    #[token("&")]
    #[token(";")]
    #[token("{")]
    #[token("}")]
    #[token("++")]
    #[token("--")]
    #[token("+=")]
    #[token("-=")]
    Foreign,
    /// The rest of a `problem` or `solution` line, as it stands.
    Title,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Lexeme {
    /// Which.
    pub token: Token,
    /// Where.
    pub span: Span,
}

/// A line that is neither blank nor only a comment.
#[derive(Clone, Debug)]
pub struct Line {
    /// Spaces before the first token.
    pub indent: usize,
    /// The tokens, at least one.
    pub tokens: Vec<Lexeme>,
}

impl Line {
    /// From the first token to the last.
    pub fn span(&self) -> Span {
        self.tokens[0].span.to(self.tokens[self.tokens.len() - 1].span)
    }
}

/// Words whose line goes on with free text.
const TITLED: [&str; 3] = ["problem", "solution", "fixed"];

/// Splits a text into lines of tokens.
pub fn lex(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0usize;
    for raw in text.split('\n') {
        if let Some(line) = lex_line(file, raw, start, diagnostics) {
            lines.push(line);
        }
        start += raw.len() + 1;
    }
    lines
}

fn lex_line(file: FileId, raw: &str, start: usize, out: &mut Diagnostics) -> Option<Line> {
    let at = |a: usize, b: usize| Span { file, start: (start + a) as u32, end: (start + b) as u32 };
    let body = raw.trim_start_matches([' ', '\t', '\r']);
    let indent = raw.len() - body.len();
    if body.is_empty() || body.starts_with('#') {
        return None;
    }
    if let Some(tab) = raw[..indent].find('\t')
        && !out.has(Kind::Tab)
    {
        out.push(
            Diagnostic::error(Kind::Tab, at(tab, tab + 1), "a tab in the indentation")
                .label("tab")
                .help("indent with spaces, four for each block"),
        );
    }
    let mut tokens = Vec::new();
    let mut lexer = Token::lexer(body);
    while let Some(token) = lexer.next() {
        let range = lexer.span();
        let span = at(indent + range.start, indent + range.end);
        match token {
            Ok(token) => {
                let first = tokens.is_empty() && indent == 0 && TITLED.contains(&lexer.slice());
                tokens.push(Lexeme { token, span });
                if first && let Some(title) = title(lexer.remainder()) {
                    let begin = indent + range.end + title.0;
                    tokens.push(Lexeme { token: Token::Title, span: at(begin, begin + title.1.len()) });
                    break;
                }
            }
            Err(()) => out.push(bad_character(lexer.slice(), span)),
        }
    }
    // A tab counts as a block's four spaces, so that it is not complained of twice.
    let tabs = raw[..indent].matches('\t').count();
    (!tokens.is_empty()).then_some(Line { indent: indent + 3 * tabs, tokens })
}

/// The free text behind `problem`, `solution` or `fixed`, and where in `rest` it starts. None where the word
/// is a name after all (`problem: …` and `problem = …` go on as tokens).
fn title(rest: &str) -> Option<(usize, &str)> {
    let text = rest.split(" #").next().unwrap_or(rest).trim_end();
    let trimmed = text.trim_start();
    let lead = text.len() - trimmed.len();
    if lead == 0 || trimmed.is_empty() || trimmed.starts_with(['=', ':']) {
        return None;
    }
    Some((lead, trimmed))
}

fn bad_character(slice: &str, span: Span) -> Diagnostic {
    let first = slice.chars().next().unwrap_or(' ');
    if first == '"' {
        return Diagnostic::error(Kind::Character, span, "this text has no end")
            .label("starts here")
            .help("close it with \" on the same line");
    }
    let shown: String = first.escape_debug().collect();
    let message = format!("the character `{shown}` has no meaning here");
    let diagnostic = Diagnostic::error(Kind::Character, span, message);
    match first {
        '“' | '”' | '\'' | '‘' | '’' => {
            diagnostic.help("write texts in straight double quotes: \"…\"")
        }
        '−' | '–' | '—' => diagnostic.help("write minus as -"),
        '≤' => diagnostic.help("write <="),
        '≥' => diagnostic.help("write >="),
        '≠' => diagnostic.help("write !="),
        '←' => diagnostic.help("write ="),
        '∧' => diagnostic.help("write and"),
        '∨' => diagnostic.help("write or"),
        '¬' => diagnostic.help("write not"),
        _ => diagnostic,
    }
}
