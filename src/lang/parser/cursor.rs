//! A reading position in the tokens of one line, with the errors that all of the parser shares.

use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::lexer::{Lexeme, Token};
use crate::lang::span::{Name, Span};

/// Words that are never names, because a line with them would read two ways.
pub const RESERVED: [&str; 24] = [
    "let", "if", "elif", "else", "while", "loop", "for", "break", "continue", "return", "await", "assert",
    "pass", "exit", "and", "or", "not", "true", "false", "is", "def", "process", "all", "any",
];

/// The result of reading a part of a line; an error ends the reading of that line.
pub type Parse<T> = Result<T, Box<Diagnostic>>;

/// A reading position in one line.
pub struct Cursor<'a> {
    text: &'a str,
    tokens: &'a [Lexeme],
    at: usize,
    /// How deep expressions are nested here.
    pub depth: usize,
}

impl<'a> Cursor<'a> {
    /// Begins at the first token.
    pub fn new(text: &'a str, tokens: &'a [Lexeme]) -> Self {
        Cursor { text, tokens, at: 0, depth: 0 }
    }

    /// The text under a span.
    pub fn slice(&self, span: Span) -> &'a str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// The next token.
    pub fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).map(|l| l.token)
    }

    /// The token behind the next one.
    pub fn peek_second(&self) -> Option<Token> {
        self.tokens.get(self.at + 1).map(|l| l.token)
    }

    /// The next token's text, if it is a word.
    pub fn peek_word(&self) -> Option<&'a str> {
        let lexeme = self.tokens.get(self.at)?;
        (lexeme.token == Token::Word).then(|| self.slice(lexeme.span))
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Option<Lexeme> {
        let lexeme = self.tokens.get(self.at).copied();
        self.at += usize::from(lexeme.is_some());
        lexeme
    }

    /// Where the next token stands, or the end of the line.
    pub fn here(&self) -> Span {
        match self.tokens.get(self.at) {
            Some(lexeme) => lexeme.span,
            None => self.previous().after(),
        }
    }

    /// Where the last taken token stands.
    pub fn previous(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].span
    }

    /// Takes the token if it is the next.
    pub fn eat(&mut self, token: Token) -> bool {
        let hit = self.peek() == Some(token);
        self.at += usize::from(hit);
        hit
    }

    /// Takes the word if it is the next.
    pub fn eat_word(&mut self, word: &str) -> bool {
        let hit = self.peek_word() == Some(word);
        self.at += usize::from(hit);
        hit
    }

    /// Takes the token, or says that `what` was expected.
    pub fn expect(&mut self, token: Token, what: &str) -> Parse<Span> {
        if self.eat(token) { Ok(self.previous()) } else { Err(self.expected(what)) }
    }

    /// Takes the word, or says that it was expected.
    pub fn expect_word(&mut self, word: &str) -> Parse<Span> {
        if self.eat_word(word) { Ok(self.previous()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    /// Takes a name that is not reserved.
    pub fn name(&mut self, what: &str) -> Parse<Name> {
        match self.peek_word() {
            Some(word) if RESERVED.contains(&word) => Err(Box::new(
                Diagnostic::error(
                    Kind::Syntax,
                    self.here(),
                    format!("`{word}` is a word of the language, not a name"),
                )
                .label(format!("expected {what}"))
                .help("choose another name"),
            )),
            Some(word) => {
                let span = self.here();
                self.at += 1;
                Ok(Name { text: word.to_string(), span })
            }
            None => Err(self.expected(what)),
        }
    }

    /// Takes a text in double quotes, without them.
    pub fn text(&mut self, what: &str) -> Parse<String> {
        let span = self.expect(Token::Text, what)?;
        Ok(self.slice(span).trim_matches('"').to_string())
    }

    /// Says that something else was expected at this place.
    pub fn expected(&self, what: &str) -> Box<Diagnostic> {
        let span = self.here();
        let found = match self.peek() {
            None => "the end of the line".to_string(),
            Some(Token::Foreign) => return Box::new(foreign(self.slice(span), span)),
            Some(_) => format!("`{}`", self.slice(span)),
        };
        let message = format!("expected {what}, found {found}");
        Box::new(Diagnostic::error(Kind::Syntax, span, message).label(format!("expected {what}")))
    }

    /// Requires the end of the line.
    pub fn end(&self) -> Parse<()> {
        match self.peek() {
            None => Ok(()),
            Some(Token::Assign) => Err(Box::new(
                Diagnostic::error(Kind::Assignment, self.here(), "`=` stands where a comparison is needed")
                    .label("this assigns")
                    .help("write == to compare"),
            )),
            Some(_) => Err(self.expected("the end of the line")),
        }
    }

    /// Requires `:` and then the end of the line, as in every header of a block.
    pub fn header_end(&mut self) -> Parse<()> {
        if self.peek() == Some(Token::Assign) {
            return self.end();
        }
        if !self.eat(Token::Colon) {
            let mut diagnostic = self.expected("`:`");
            if self.peek().is_none() {
                diagnostic = Box::new(diagnostic.help("end the line with a colon"));
            }
            return Err(diagnostic);
        }
        self.end()
    }
}

fn foreign(sign: &str, span: Span) -> Diagnostic {
    let (message, help) = match sign {
        "&&" => ("`&&` is not used here", "write and"),
        "||" => ("`||` is not used here", "write or"),
        "!" => ("`!` is not used here", "write not"),
        "&" => ("`&` is not used here", "name the semaphore itself: wait(s)"),
        ";" => ("`;` is not used here", "write each statement on a line of its own"),
        "{" | "}" => ("braces are not used here", "end the header with a colon and indent the block"),
        "++" | "+=" => ("there is no short form of adding", "write x = x + 1"),
        _ => ("there is no short form of subtracting", "write x = x - 1"),
    };
    Diagnostic::error(Kind::Spelling, span, message).label("not a sign of this language").help(help)
}
