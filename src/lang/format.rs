//! The one layout of a text: `fiveforks fmt`.
//!
//! Works on lines of tokens, so that comments stay where they are. Indentation becomes four spaces a level, spacing
//! between tokens becomes uniform, a role's columns are aligned, and blank lines never come in twos.

use super::diagnostic::Diagnostics;
use super::lexer::{Lexeme, Line, Token, lex};
use super::parser;
use super::span::FileId;

const INDENT: &str = "    ";

/// Lays a text out anew. A text that cannot be read is left alone: its errors come back.
pub fn format(text: &str) -> Result<String, Diagnostics> {
    let mut out = Diagnostics::default();
    parser::parse(FileId::Solution, text, &mut out);
    if out.has_errors() {
        return Err(out);
    }
    let mut layout =
        Layout { lines: Vec::new(), open: vec![0], comments: Vec::new(), blank: false, role: None };
    for raw in text.lines() {
        layout.line(raw);
    }
    layout.flush_comments(None);
    layout.end_role();
    Ok(layout.lines.join("\n").trim_matches('\n').to_string() + "\n")
}

struct Layout {
    lines: Vec<String>,
    /// The indentations of the open blocks in the old text.
    open: Vec<usize>,
    /// Comment lines that wait for the line they stand above.
    comments: Vec<(usize, String)>,
    /// Whether a blank line came since the last line.
    blank: bool,
    /// Where the states of the open role begin in `lines`.
    role: Option<usize>,
}

impl Layout {
    fn line(&mut self, raw: &str) {
        let trimmed = raw.trim();
        if trimmed.is_empty() {
            self.flush_comments(None);
            self.blank = !self.lines.is_empty();
        } else if trimmed.starts_with('#') {
            self.comments.push((raw.len() - raw.trim_start().len(), trimmed.to_string()));
        } else if let Some(line) = lex(FileId::Solution, raw, &mut Diagnostics::default()).into_iter().next()
        {
            self.code(raw, &line);
        }
    }

    fn code(&mut self, raw: &str, line: &Line) {
        while self.open.len() > 1 && line.indent < self.open[self.open.len() - 1] {
            self.open.pop();
        }
        if line.indent > self.open[self.open.len() - 1] {
            self.open.push(line.indent);
        }
        let depth = self.open.len() - 1;
        if depth == 0 {
            self.end_role();
        }
        self.flush_comments(Some(depth));
        self.blank_line();
        let mut text = INDENT.repeat(depth) + &code(raw, &line.tokens);
        let end = line.tokens[line.tokens.len() - 1].span.end as usize;
        if let Some(comment) = raw[end..].find('#') {
            text = format!("{text}  {}", raw[end + comment..].trim_end());
        }
        self.lines.push(text);
        if depth == 0 && raw.trim_start().starts_with("role ") {
            self.role = Some(self.lines.len());
        }
    }

    fn blank_line(&mut self) {
        if std::mem::take(&mut self.blank) {
            self.lines.push(String::new());
        }
    }

    /// Writes the waiting comments at the depth of the line they stand above, or, if they stand alone, where they stood.
    fn flush_comments(&mut self, depth: Option<usize>) {
        for (indent, comment) in std::mem::take(&mut self.comments) {
            let stood = self.open.iter().rposition(|open| *open <= indent).unwrap_or(0);
            let depth = depth.unwrap_or(stood);
            if depth == 0 {
                self.end_role();
            }
            self.blank_line();
            self.lines.push(INDENT.repeat(depth) + &comment);
        }
    }

    /// Aligns the columns of the role that ends here: state, `by …`, `for …`.
    fn end_role(&mut self) {
        let Some(start) = self.role.take() else { return };
        let rows: Vec<Vec<String>> = self.lines[start..].iter().map(|line| columns(line)).collect();
        let width = |column: usize| {
            let cells = rows.iter().filter(|row| row.len() > column + 1);
            cells.map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let widths = [width(0), width(1)];
        for (line, row) in self.lines[start..].iter_mut().zip(&rows) {
            if row.len() > 1 {
                let cells = row.iter().enumerate().map(|(at, cell)| {
                    let width = if at + 1 < row.len() { widths[at] } else { 0 };
                    format!("{cell:width$}")
                });
                *line = cells.collect::<Vec<_>>().join(" ");
            }
        }
    }
}

/// A role's line in its columns; one column where it has none.
fn columns(line: &str) -> Vec<String> {
    if line.trim_start().starts_with('#') {
        return vec![line.to_string()];
    }
    // What follows in a comment is no column.
    let code = line.split('#').next().unwrap_or(line).len();
    for word in [" by ", " on "] {
        let Some(at) = line[..code].find(word) else { continue };
        let (state, rest) = (line[..at].to_string(), line[at + 1..].to_string());
        return match rest[..code - at - 1].find(" for ") {
            Some(at) => vec![state, rest[..at].to_string(), rest[at + 1..].to_string()],
            None => vec![state, rest],
        };
    }
    vec![line.to_string()]
}

/// A line's tokens with uniform spacing; names with dashes stay as they are.
fn code(raw: &str, lexemes: &[Lexeme]) -> String {
    let from = lexemes[0].span.start as usize;
    let to = lexemes[lexemes.len() - 1].span.end as usize;
    match raw[from..to].strip_prefix("problem:") {
        Some(name) => format!("problem: {}", name.trim()),
        None => tokens(raw, lexemes),
    }
}

/// Words before `(` or `[` that are no names: a space stays between.
const SPACED: [&str; 14] =
    ["and", "or", "not", "in", "if", "elif", "while", "return", "await", "assert", "to", "is", "for", "with"];

fn tokens(raw: &str, lexemes: &[Lexeme]) -> String {
    let slice = |l: &Lexeme| &raw[l.span.start as usize..l.span.end as usize];
    let mut out = String::new();
    let mut unary = false;
    for (at, lexeme) in lexemes.iter().enumerate() {
        if at > 0 && !unary && spaced(&lexemes[at - 1], slice(&lexemes[at - 1]), lexeme.token) {
            out.push(' ');
        }
        unary = lexeme.token == Token::Minus && {
            at == 0 || !ends_value(lexemes[at - 1].token, slice(&lexemes[at - 1]))
        };
        out.push_str(slice(lexeme));
    }
    out
}

/// Whether a token can end a value, so that a minus behind it subtracts.
fn ends_value(token: Token, text: &str) -> bool {
    match token {
        Token::Word => !SPACED.contains(&text),
        Token::Int | Token::Duration | Token::Close | Token::CloseBracket => true,
        _ => false,
    }
}

fn spaced(before: &Lexeme, text: &str, token: Token) -> bool {
    match (before.token, token) {
        (Token::Open | Token::OpenBracket | Token::DotDot | Token::Dot, _) => false,
        (
            _,
            Token::Close | Token::CloseBracket | Token::Comma | Token::Colon | Token::DotDot | Token::Dot,
        ) => false,
        (Token::Word, Token::Open | Token::OpenBracket) => SPACED.contains(&text),
        (Token::CloseBracket, Token::OpenBracket) => false,
        _ => true,
    }
}
