//! Statements.

use super::Parser;
use super::cursor::{Cursor, Parse};
use super::expression::{expression, range};
use crate::lang::ast::{Expr, ExprKind, Stmt, StmtKind};
use crate::lang::blocks::Block;
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::lexer::Token;
use crate::lang::span::Span;

impl Parser<'_> {
    /// Reads the statements of a block. What cannot be read is reported and left out.
    pub fn body(&mut self, header: Span, blocks: &[Block]) -> Vec<Stmt> {
        if blocks.is_empty() {
            self.out.push(
                Diagnostic::error(Kind::MissingBlock, header, "nothing is indented below this line")
                    .label("a block belongs below")
                    .help("indent its statements by four spaces, or write pass"),
            );
        }
        let mut statements: Vec<Stmt> = Vec::new();
        for block in blocks {
            match self.statement(block, &mut statements) {
                Ok(Some(statement)) => statements.push(statement),
                Ok(None) => {}
                Err(diagnostic) => {
                    self.out.push(*diagnostic);
                    // What stands below a broken header is still looked at.
                    if !block.children.is_empty() {
                        let span = block.line.span();
                        let body = self.body(span, &block.children);
                        let condition = Expr { kind: ExprKind::Int(1), span };
                        let word = Cursor::new(self.text, &block.line.tokens).peek_word();
                        let looping = matches!(word, Some("loop" | "while" | "for"));
                        let kind = match looping {
                            true => StmtKind::While { condition, body },
                            false => StmtKind::If { arms: vec![(condition, body)], otherwise: Vec::new() },
                        };
                        statements.push(Stmt { kind, span });
                    }
                }
            }
        }
        statements
    }

    /// Reads one statement; `elif` and `else` join the `if` before them in `before`.
    fn statement(&mut self, block: &Block, before: &mut [Stmt]) -> Parse<Option<Stmt>> {
        let text = self.text;
        let mut cursor = Cursor::new(text, &block.line.tokens);
        let span = block.line.span();
        let word = cursor.peek_word().unwrap_or("");
        let kind = match word {
            "if" | "while" | "loop" | "for" => return self.compound(word, cursor, block).map(Some),
            "elif" | "else" => {
                self.otherwise(word, cursor, block, before)?;
                return Ok(None);
            }
            _ => simple(word, &mut cursor)?,
        };
        cursor.end()?;
        self.no_block(block);
        Ok(Some(Stmt { kind, span }))
    }

    fn compound(&mut self, word: &str, mut cursor: Cursor<'_>, block: &Block) -> Parse<Stmt> {
        let span = block.line.span();
        cursor.next();
        let kind = match word {
            "loop" => {
                cursor.header_end()?;
                StmtKind::Loop { body: self.body(span, &block.children) }
            }
            "for" => {
                let name = cursor.name("the name of a counter")?;
                cursor.expect_word("in")?;
                let (low, high) = range(&mut cursor)?;
                cursor.header_end()?;
                StmtKind::For { name, low, high, body: self.body(span, &block.children) }
            }
            _ => {
                let condition = expression(&mut cursor)?;
                cursor.header_end()?;
                let body = self.body(span, &block.children);
                match word {
                    "while" => StmtKind::While { condition, body },
                    _ => StmtKind::If { arms: vec![(condition, body)], otherwise: Vec::new() },
                }
            }
        };
        Ok(Stmt { kind, span })
    }

    fn otherwise(
        &mut self,
        word: &str,
        mut cursor: Cursor<'_>,
        block: &Block,
        before: &mut [Stmt],
    ) -> Parse<()> {
        let span = block.line.span();
        cursor.next();
        if word == "else" && cursor.peek_word() == Some("if") {
            let message = "`else if` is one word here";
            return Err(Box::new(
                Diagnostic::error(Kind::Spelling, cursor.here(), message).help("write elif"),
            ));
        }
        let condition = if word == "elif" { Some(expression(&mut cursor)?) } else { None };
        cursor.header_end()?;
        let body = self.body(span, &block.children);
        match before.last_mut().map(|s| &mut s.kind) {
            Some(StmtKind::If { arms, otherwise }) if otherwise.is_empty() => {
                match condition {
                    Some(condition) => arms.push((condition, body)),
                    None => *otherwise = body,
                }
                Ok(())
            }
            _ => Err(Box::new(
                Diagnostic::error(Kind::Misplaced, span, format!("this `{word}` follows no `if`"))
                    .help("indent it like the `if` it belongs to, right below that block"),
            )),
        }
    }

    /// Complains where lines are indented below a line that takes none.
    pub fn no_block(&mut self, block: &Block) {
        if let Some(child) = block.children.first() {
            self.out.push(
                Diagnostic::error(
                    Kind::Indentation,
                    child.line.span(),
                    "this line is indented, but the line above opens no block",
                )
                .related(block.line.span(), "this line takes no block")
                .help("indent it like the line above"),
            );
        }
    }
}

fn simple(word: &str, cursor: &mut Cursor<'_>) -> Parse<StmtKind> {
    let plain =
        matches!(word, "let" | "break" | "continue" | "pass" | "exit" | "await" | "assert" | "return");
    if plain {
        cursor.next();
    }
    Ok(match word {
        "break" => StmtKind::Break,
        "continue" => StmtKind::Continue,
        "pass" => StmtKind::Pass,
        "exit" => StmtKind::Exit,
        "await" => StmtKind::Await(expression(cursor)?),
        "assert" => StmtKind::Assert(expression(cursor)?),
        "return" => StmtKind::Return(if cursor.peek().is_some() { Some(expression(cursor)?) } else { None }),
        "let" => {
            let name = cursor.name("the name of a new variable")?;
            let mut names = vec![name];
            while cursor.eat(Token::Comma) {
                names.push(cursor.name("the name of a new variable")?);
            }
            cursor.expect(Token::Assign, "`=` and a value")?;
            let value = expression(cursor)?;
            match (names.len(), names.pop()) {
                (1, Some(name)) => StmtKind::Let { name, value },
                (_, last) => StmtKind::LetMany { names: names.into_iter().chain(last).collect(), value },
            }
        }
        _ => return assignment_or_call(cursor),
    })
}

fn assignment_or_call(cursor: &mut Cursor<'_>) -> Parse<StmtKind> {
    let target = expression(cursor)?;
    if cursor.eat(Token::Assign) {
        return Ok(StmtKind::Assign { target, value: expression(cursor)? });
    }
    if cursor.peek() == Some(Token::Foreign) {
        return Err(cursor.expected("the end of the line"));
    }
    if matches!(target.kind, ExprKind::Call(..)) {
        return Ok(StmtKind::Expr(target));
    }
    cursor.end()?;
    Err(Box::new(not_a_statement(&target)))
}

fn not_a_statement(expr: &Expr) -> Diagnostic {
    let diagnostic = Diagnostic::error(Kind::Syntax, expr.span, "this line does nothing");
    match &expr.kind {
        ExprKind::Name(name) => diagnostic.label("a name alone").help(format!("to call it, write {name}()")),
        ExprKind::Binary(crate::program::BinaryOp::Equal, ..) => {
            diagnostic.label("compares and forgets").help("to assign, write a single =")
        }
        _ => diagnostic.label("a value that nobody uses"),
    }
}
