//! Expressions, by binding strength (Pratt's method).

use super::cursor::{Cursor, Parse};
use crate::lang::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::lexer::Token;
use crate::lang::limits::MAX_NESTING;
use crate::lang::span::{Name, Span};

/// Binding strengths, weakest first.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const ADD: u8 = 5;
const MULTIPLY: u8 = 6;

/// Reads one expression.
pub fn expression(cursor: &mut Cursor<'_>) -> Parse<Expr> {
    climb(cursor, OR)
}

/// Reads `low..high`.
pub fn range(cursor: &mut Cursor<'_>) -> Parse<(Expr, Expr)> {
    let low = climb(cursor, ADD)?;
    cursor.expect(Token::DotDot, "`..` and the end of the range")?;
    let high = climb(cursor, ADD)?;
    Ok((low, high))
}

fn climb(cursor: &mut Cursor<'_>, strength: u8) -> Parse<Expr> {
    cursor.depth += 1;
    if cursor.depth > MAX_NESTING {
        let message = format!("this expression is nested more than {MAX_NESTING} deep");
        return Err(Box::new(
            Diagnostic::error(Kind::Limit, cursor.here(), message).help("compute parts of it with `let`"),
        ));
    }
    let mut left = prefix(cursor)?;
    let mut length = 0;
    while let Some((op, binding)) = operator(cursor) {
        if binding < strength {
            break;
        }
        length += 1;
        if length > MAX_NESTING {
            let message = format!("more than {MAX_NESTING} operators in a row");
            return Err(Box::new(
                Diagnostic::error(Kind::Limit, cursor.here(), message).help("compute parts of it with `let`"),
            ));
        }
        cursor.next();
        left = match op {
            Infix::Is => {
                let state = cursor.name("the name of a state")?;
                let span = left.span.to(state.span);
                Expr { kind: ExprKind::Is(Box::new(left), state), span }
            }
            Infix::Binary(op) => {
                let right = climb(cursor, binding + 1)?;
                let span = left.span.to(right.span);
                Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span }
            }
        };
        if binding == COMPARE
            && let Some((_, COMPARE)) = operator(cursor)
        {
            return Err(Box::new(
                Diagnostic::error(Kind::Syntax, cursor.here(), "comparisons do not chain")
                    .label("a second comparison")
                    .help("write a < b and b < c"),
            ));
        }
    }
    cursor.depth -= 1;
    Ok(left)
}

enum Infix {
    Binary(BinaryOp),
    Is,
}

fn operator(cursor: &Cursor<'_>) -> Option<(Infix, u8)> {
    use BinaryOp::*;
    let (op, binding) = match cursor.peek()? {
        Token::Equal => (Equal, COMPARE),
        Token::NotEqual => (NotEqual, COMPARE),
        Token::Less => (Less, COMPARE),
        Token::LessEqual => (LessEqual, COMPARE),
        Token::Greater => (Greater, COMPARE),
        Token::GreaterEqual => (GreaterEqual, COMPARE),
        Token::Plus => (Add, ADD),
        Token::Minus => (Subtract, ADD),
        Token::Star => (Multiply, MULTIPLY),
        Token::Slash => (Divide, MULTIPLY),
        Token::Percent => (Remainder, MULTIPLY),
        Token::Word => match cursor.peek_word()? {
            "or" => (Or, OR),
            "and" => (And, AND),
            "is" => return Some((Infix::Is, COMPARE)),
            _ => return None,
        },
        _ => return None,
    };
    Some((Infix::Binary(op), binding))
}

fn prefix(cursor: &mut Cursor<'_>) -> Parse<Expr> {
    let start = cursor.here();
    if cursor.eat_word("not") {
        let operand = climb(cursor, NOT)?;
        let span = start.to(operand.span);
        return Ok(Expr { kind: ExprKind::Unary(UnaryOp::Not, Box::new(operand)), span });
    }
    if cursor.eat(Token::Minus) {
        let operand = climb(cursor, MULTIPLY + 1)?;
        let span = start.to(operand.span);
        return Ok(Expr { kind: ExprKind::Unary(UnaryOp::Negate, Box::new(operand)), span });
    }
    let quantifier = matches!(cursor.peek_word(), Some("all" | "any"));
    if quantifier && cursor.peek_second() == Some(Token::Word) {
        return quantified(cursor, start);
    }
    primary(cursor)
}

fn quantified(cursor: &mut Cursor<'_>, start: Span) -> Parse<Expr> {
    let all = cursor.eat_word("all");
    if !all {
        cursor.next();
    }
    let name = cursor.name("the name of an index")?;
    cursor.expect_word("in")?;
    let (low, high) = range(cursor)?;
    let guard = if cursor.eat_word("if") { Some(Box::new(climb(cursor, OR)?)) } else { None };
    cursor.expect(Token::Colon, "`:` and the condition")?;
    let body = Box::new(climb(cursor, OR)?);
    let span = start.to(body.span);
    let kind = ExprKind::Quantifier { all, name, low: Box::new(low), high: Box::new(high), guard, body };
    Ok(Expr { kind, span })
}

fn primary(cursor: &mut Cursor<'_>) -> Parse<Expr> {
    let span = cursor.here();
    match cursor.peek() {
        Some(Token::Int) => {
            cursor.next();
            Ok(Expr { kind: ExprKind::Int(integer(cursor.slice(span), span)?), span })
        }
        Some(Token::Duration) => {
            cursor.next();
            Ok(Expr { kind: ExprKind::Duration(milliseconds(cursor.slice(span), span)?), span })
        }
        Some(Token::Text) => {
            let text = cursor.text("a text")?;
            Ok(Expr { kind: ExprKind::Text(text), span })
        }
        Some(Token::Open) => {
            cursor.next();
            let inner = expression(cursor)?;
            cursor.expect(Token::Close, "`)`")?;
            Ok(Expr { kind: inner.kind, span: span.to(cursor.previous()) })
        }
        Some(Token::Word) => {
            if cursor.eat_word("true") {
                return Ok(Expr { kind: ExprKind::Int(1), span });
            }
            if cursor.eat_word("false") {
                return Ok(Expr { kind: ExprKind::Int(0), span });
            }
            let name = cursor.name("a value")?;
            named(cursor, name)
        }
        _ => Err(cursor.expected("a value")),
    }
}

fn named(cursor: &mut Cursor<'_>, mut name: Name) -> Parse<Expr> {
    if cursor.eat(Token::Dot) {
        // What a monitor has; of anything else, that is said when names are looked up.
        match cursor.peek_word() {
            Some(word) if !matches!(word, "wait" | "signal") => {
                name.text = format!("{}.{word}", name.text);
                name.span = name.span.to(cursor.here());
                cursor.next();
            }
            _ => return Err(Box::new(method(cursor, &name))),
        }
    }
    let span = name.span;
    if cursor.eat(Token::OpenBracket) {
        let index = expression(cursor)?;
        cursor.expect(Token::CloseBracket, "`]`")?;
        if cursor.eat(Token::Dot) {
            return Err(Box::new(method(cursor, &name)));
        }
        let span = span.to(cursor.previous());
        return Ok(Expr { kind: ExprKind::Index(name, Box::new(index)), span });
    }
    if !cursor.eat(Token::Open) {
        return Ok(Expr { kind: ExprKind::Name(name.text), span });
    }
    let mut arguments = Vec::new();
    while !cursor.eat(Token::Close) {
        if !arguments.is_empty() {
            cursor.expect(Token::Comma, "`,` or `)`")?;
        }
        if cursor.peek() == Some(Token::Foreign) {
            return Err(Box::new(ampersand(cursor, &name)));
        }
        arguments.push(argument(cursor)?);
    }
    let span = span.to(cursor.previous());
    Ok(Expr { kind: ExprKind::Call(name, arguments), span })
}

/// An argument: an expression, or a range as in `choose(1..6)`.
fn argument(cursor: &mut Cursor<'_>) -> Parse<Expr> {
    let low = expression(cursor)?;
    if !cursor.eat(Token::DotDot) {
        return Ok(low);
    }
    let high = climb(cursor, ADD)?;
    let span = low.span.to(high.span);
    Ok(Expr { kind: ExprKind::Range(Box::new(low), Box::new(high)), span })
}

/// `s.wait()`: other languages' way.
fn method(cursor: &mut Cursor<'_>, object: &Name) -> Diagnostic {
    let span = object.span.to(cursor.here());
    let method = cursor.peek_word().unwrap_or("wait");
    let operation = crate::lang::suggest::operation(method).unwrap_or(method);
    Diagnostic::error(Kind::Spelling, span, "operations are not methods here")
        .label(format!("`{}.{}`", object.text, method))
        .help(format!("write {operation}({})", object.text))
}

/// `sem_wait(&s)`: C's way.
fn ampersand(cursor: &mut Cursor<'_>, function: &Name) -> Diagnostic {
    let span = cursor.here();
    cursor.next();
    let object = cursor.peek_word().unwrap_or("s");
    let operation = crate::lang::suggest::operation(&function.text).unwrap_or(&function.text);
    Diagnostic::error(Kind::Spelling, span, "there are no addresses here")
        .label("not a sign of this language")
        .help(format!("write {operation}({object})"))
}

fn integer(text: &str, span: Span) -> Parse<i32> {
    text.replace('_', "").parse().map_err(|_| {
        Box::new(
            Diagnostic::error(Kind::BigNumber, span, format!("{text} does not fit into 32 bits"))
                .help("the largest number is 2147483647"),
        )
    })
}

fn milliseconds(text: &str, span: Span) -> Parse<i32> {
    let (number, factor) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.trim_end_matches('s'), 1000),
    };
    integer(number, span)?.checked_mul(factor).ok_or_else(|| {
        let message = format!("{text} is more milliseconds than 32 bits hold");
        Box::new(Diagnostic::error(Kind::BigNumber, span, message))
    })
}
