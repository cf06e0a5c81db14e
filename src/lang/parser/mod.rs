//! Lines to a syntax tree. Every line is read by itself, so one mistake hides no other.

mod cursor;
mod expression;
mod monitor;
mod object;
mod role;
mod statement;

use cursor::{Cursor, Parse};
use expression::{expression, range};

use super::ast::{Expr, File, Item, ItemKind, LeadsTo};
use super::blocks::{Block, nest};
use super::diagnostic::{Diagnostic, Diagnostics, Kind};
use super::lexer::{Token, lex};
use super::limits::{MAX_LABEL, MAX_SOURCE_BYTES};
use super::span::{FileId, Name, Span};
use super::suggest;

/// The words that begin a declaration, for suggestions.
const DECLARATIONS: [&str; 23] = [
    "problem",
    "solution",
    "const",
    "shared",
    "semaphore",
    "fair",
    "mutex",
    "recursive",
    "role",
    "always",
    "possible",
    "progress",
    "items",
    "scene",
    "check",
    "expect",
    "fixed",
    "process",
    "def",
    "monitor",
    "rwlock",
    "barrier",
    "channel",
];

/// Reads one text. What cannot be read is reported and left out of the tree.
pub fn parse(file: FileId, text: &str, out: &mut Diagnostics) -> File {
    if text.len() > MAX_SOURCE_BYTES {
        let span = Span { file, start: 0, end: 0 };
        let message = format!("this text has {} bytes; at most {MAX_SOURCE_BYTES} are read", text.len());
        out.push(Diagnostic::error(Kind::Limit, span, message));
        return File::default();
    }
    let blocks = nest(lex(file, text, out), out);
    let mut parser = Parser { text, out };
    let items = blocks.iter().filter_map(|block| parser.item(block)).collect();
    File { about: about(text), items }
}

/// The comment block that a text begins with, without its `#`s.
pub fn about(text: &str) -> String {
    text.lines()
        .map_while(|line| line.strip_prefix('#'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads blocks and collects what is wrong with them.
struct Parser<'a> {
    text: &'a str,
    out: &'a mut Diagnostics,
}

/// Where the condition of a property belongs.
const BELOW: &str = "write the condition below it, indented by four spaces";

impl Parser<'_> {
    fn item(&mut self, block: &Block) -> Option<Item> {
        let span = block.line.span();
        match self.declaration(block) {
            Ok(kind) => Some(Item { kind, span }),
            Err(diagnostic) => {
                self.out.push(*diagnostic);
                // What this line was to declare is not missed as well.
                for lexeme in block.line.tokens.iter().filter(|l| l.token == Token::Word) {
                    self.out.hush(&self.text[lexeme.span.start as usize..lexeme.span.end as usize]);
                }
                None
            }
        }
    }

    fn declaration(&mut self, block: &Block) -> Parse<ItemKind> {
        let text = self.text;
        let mut cursor = Cursor::new(text, &block.line.tokens);
        let word = cursor.peek_word().unwrap_or("");
        match word {
            "role" => return self.role(cursor, block),
            "always" | "possible" | "progress" => return self.property(word, cursor, block),
            "process" | "def" => return self.routine(word, cursor, block),
            "monitor" => return self.monitor(cursor, block),
            _ => {}
        }
        let kind = line(word, &mut cursor)?;
        cursor.end()?;
        self.no_block(block);
        Ok(kind)
    }

    fn routine(&mut self, word: &str, mut cursor: Cursor<'_>, block: &Block) -> Parse<ItemKind> {
        cursor.next();
        let name = cursor.name(if word == "def" { "the name of the def" } else { "the name of a role" })?;
        let mut parameters = Vec::new();
        if cursor.eat(Token::Open) {
            while !cursor.eat(Token::Close) {
                if !parameters.is_empty() {
                    cursor.expect(Token::Comma, "`,` or `)`")?;
                }
                parameters.push(cursor.name("the name of a parameter")?);
            }
        }
        if let Err(diagnostic) = cursor.header_end() {
            self.out.push(*diagnostic);
        }
        let body = self.body(block.line.span(), &block.children);
        if word == "def" {
            return Ok(ItemKind::Def { name, parameters, body, monitor: None });
        }
        if let Some(second) = parameters.get(1) {
            return Err(Box::new(
                Diagnostic::error(Kind::Arguments, second.span, "a process has one parameter: its number")
                    .label("one too many"),
            ));
        }
        Ok(ItemKind::Process { name, parameter: parameters.pop(), body })
    }

    fn property(&mut self, word: &str, mut cursor: Cursor<'_>, block: &Block) -> Parse<ItemKind> {
        cursor.next();
        let label = label(&mut cursor)?;
        let guard = if cursor.eat_word("if") { Some(expression(&mut cursor)?) } else { None };
        cursor.header_end().map_err(|found| Box::new(found.help(BELOW)))?;
        if block.children.is_empty() {
            return Err(Box::new(
                Diagnostic::error(
                    Kind::MissingBlock,
                    block.line.span(),
                    "nothing is indented below this line",
                )
                .label("a block belongs below")
                .help(BELOW),
            ));
        }
        let text = self.text;
        let mut conditions = Vec::new();
        let mut claims = Vec::new();
        for child in &block.children {
            let mut cursor = Cursor::new(text, &child.line.tokens);
            if word == "progress" {
                claims.push(leads_to(&mut cursor)?);
            } else {
                conditions.push(expression(&mut cursor)?);
            }
            cursor.end()?;
            self.no_block(child);
        }
        Ok(match word {
            "progress" => ItemKind::Progress { label, guard, claims },
            _ => ItemKind::Property { always: word == "always", label, guard, conditions },
        })
    }
}

fn leads_to(cursor: &mut Cursor<'_>) -> Parse<LeadsTo> {
    let role = cursor.name("the name of a role")?;
    cursor.expect(Token::Colon, "`:` and `state leads to state`")?;
    let from = cursor.name("the name of a state")?;
    cursor.expect_word("leads")?;
    cursor.expect_word("to")?;
    let to = cursor.name("the name of a state")?;
    Ok(LeadsTo { role, from, to })
}

/// The declarations of a single line.
fn line(word: &str, cursor: &mut Cursor<'_>) -> Parse<ItemKind> {
    let start = cursor.here();
    cursor.next();
    match word {
        "problem" if cursor.peek() == Some(Token::Colon) => {
            cursor.next();
            Ok(ItemKind::ProblemName { name: rest(cursor, "the name of a problem")? })
        }
        "problem" => Ok(ItemKind::Problem { title: title(cursor)? }),
        "solution" => Ok(ItemKind::Solution { title: title(cursor)? }),
        "fixed" => fixed_by(cursor),
        "const" => {
            let name = cursor.name("the name of a constant")?;
            cursor.expect(Token::Assign, "`=` and a value")?;
            let value = expression(cursor)?;
            Ok(ItemKind::Const { name, value, range: optional_range(cursor)? })
        }
        "shared" => {
            let (name, size) = sized(cursor, "the name of a variable")?;
            let init = initial(cursor)?;
            Ok(ItemKind::Shared { name, size, init, range: optional_range(cursor)? })
        }
        "semaphore" | "fair" | "recursive" | "mutex" | "rwlock" | "barrier" | "channel" => {
            object::object(word, cursor)
        }
        "items" => {
            let label = label(cursor)?;
            cursor.expect(Token::Colon, "`:` and `activity to activity`")?;
            let produce = cursor.name("the activity that makes items")?;
            cursor.expect_word("to")?;
            let consume = cursor.name("the activity that uses them up")?;
            Ok(ItemKind::Items { label, produce, consume })
        }
        "scene" => Ok(ItemKind::Scene { name: cursor.name("the name of a scene")? }),
        "check" => check_with(cursor),
        "expect" => {
            let verdict = cursor.name("a verdict")?;
            let under =
                if cursor.eat_word("under") { Some(cursor.name("weak, strong or tso")?) } else { None };
            Ok(ItemKind::Expect { verdict, under })
        }
        _ => Err(Box::new(unknown(word, start, cursor))),
    }
}

fn unknown(word: &str, start: Span, cursor: &Cursor<'_>) -> Diagnostic {
    if word == "condition" {
        return Diagnostic::error(Kind::Misplaced, start, "a condition belongs to a monitor")
            .help("indent it below `monitor name:`, among the variables that it guards");
    }
    let what = if word.is_empty() { cursor.slice(start) } else { word };
    let diagnostic =
        Diagnostic::error(Kind::Syntax, start, format!("expected a declaration, found `{what}`"))
            .label("no declaration begins like this");
    if let Some(known) = suggest::nearest(what, DECLARATIONS) {
        return diagnostic.help(format!("did you mean `{known}`?"));
    }
    if super::parser::cursor::RESERVED.contains(&what) || cursor.peek() == Some(Token::Open) {
        return diagnostic.help("statements belong into a process, indented below `process role(i):`");
    }
    diagnostic.help("declare variables with `shared x = 0`, semaphores with `semaphore s = 1`")
}

/// What a property demands, in words.
fn label(cursor: &mut Cursor<'_>) -> Parse<String> {
    let span = cursor.here();
    let label = cursor.text("a text in double quotes that says what is demanded")?;
    if label.chars().count() > MAX_LABEL {
        let message = format!("this text has more than {MAX_LABEL} characters");
        return Err(Box::new(Diagnostic::error(Kind::Limit, span, message).help("say it in a sentence")));
    }
    Ok(label)
}

fn title(cursor: &mut Cursor<'_>) -> Parse<String> {
    let span = cursor.expect(Token::Title, "a title")?;
    Ok(cursor.slice(span).to_string())
}

fn fixed_by(cursor: &mut Cursor<'_>) -> Parse<ItemKind> {
    let span = cursor.expect(Token::Title, "`by` and the name of a solution")?;
    match cursor.slice(span).strip_prefix("by ").map(str::trim) {
        Some(name) if !name.is_empty() => Ok(ItemKind::FixedBy { name: name.to_string() }),
        _ => Err(Box::new(
            Diagnostic::error(Kind::Syntax, span, "expected `by` and the name of a solution")
                .help("write fixed by ordered"),
        )),
    }
}

/// The rest of the line as one word with dashes, such as a catalogue name.
fn rest(cursor: &mut Cursor<'_>, what: &str) -> Parse<String> {
    let start = cursor.here();
    if cursor.peek() != Some(Token::Word) {
        return Err(cursor.expected(what));
    }
    while matches!(cursor.peek(), Some(Token::Word | Token::Minus | Token::Int | Token::Slash | Token::Dot)) {
        cursor.next();
    }
    Ok(cursor.slice(start.to(cursor.previous())).to_string())
}

fn sized(cursor: &mut Cursor<'_>, what: &str) -> Parse<(Name, Option<Expr>)> {
    let name = cursor.name(what)?;
    if !cursor.eat(Token::OpenBracket) {
        return Ok((name, None));
    }
    let size = expression(cursor)?;
    cursor.expect(Token::CloseBracket, "`]`")?;
    Ok((name, Some(size)))
}

fn initial(cursor: &mut Cursor<'_>) -> Parse<Option<Expr>> {
    Ok(if cursor.eat(Token::Assign) { Some(expression(cursor)?) } else { None })
}

fn optional_range(cursor: &mut Cursor<'_>) -> Parse<Option<(Expr, Expr)>> {
    Ok(if cursor.eat_word("in") { Some(range(cursor)?) } else { None })
}

fn check_with(cursor: &mut Cursor<'_>) -> Parse<ItemKind> {
    cursor.expect_word("with")?;
    let name = cursor.name("the name of a constant")?;
    cursor.expect(Token::Assign, "`=` and values")?;
    let mut values = vec![expression(cursor)?];
    while cursor.eat(Token::Comma) {
        values.push(expression(cursor)?);
    }
    Ok(ItemKind::CheckWith { name, values })
}
