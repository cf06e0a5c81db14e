//! Roles: who the actors are and what they visibly do.

use super::Parser;
use super::cursor::{Cursor, Parse};
use super::expression::{expression, range};
use crate::lang::ast::{Entry, Expr, ItemKind, State};
use crate::lang::blocks::Block;
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::lexer::Token;
use crate::lang::span::Name;

impl Parser<'_> {
    /// Reads a role and its states.
    pub(super) fn role(&mut self, mut cursor: Cursor<'_>, block: &Block) -> Parse<ItemKind> {
        cursor.next();
        let name = cursor.name("the name of a role")?;
        let count = if cursor.eat(Token::OpenBracket) {
            let count = expression(&mut cursor)?;
            cursor.expect(Token::CloseBracket, "`]`")?;
            Some(count)
        } else {
            None
        };
        if let Err(diagnostic) = cursor.header_end() {
            self.out.push(*diagnostic);
        }
        let mut states = Vec::new();
        let mut pace = None;
        let text = self.text;
        for child in &block.children {
            let mut cursor = Cursor::new(text, &child.line.tokens);
            match role_line(&mut cursor) {
                Ok(RoleLine::State(state)) => states.push(state),
                Ok(RoleLine::Pace(times)) => pace = Some(times),
                Err(diagnostic) => self.out.push(*diagnostic),
            }
            self.no_block(child);
        }
        if block.children.is_empty() {
            return Err(Box::new(
                Diagnostic::error(
                    Kind::MissingBlock,
                    block.line.span(),
                    "nothing is indented below this line",
                )
                .label("a block belongs below")
                .help("list the role's visible states below it, one a line"),
            ));
        }
        Ok(ItemKind::Role { name, count, states, pace })
    }
}

enum RoleLine {
    State(State),
    Pace((Expr, Expr)),
}

fn role_line(cursor: &mut Cursor<'_>) -> Parse<RoleLine> {
    if cursor.peek_word() == Some("pace") && cursor.peek_second() == Some(Token::Duration) {
        cursor.next();
        let times = range(cursor)?;
        cursor.end()?;
        return Ok(RoleLine::Pace(times));
    }
    let name = cursor.name("the name of a state")?;
    let entry = if cursor.eat_word("by") {
        let (activity, parameters) = activity(cursor)?;
        let time = if cursor.eat_word("for") { Some(Box::new(range(cursor)?)) } else { None };
        Entry::By { activity, parameters, time }
    } else if cursor.eat_word("on") {
        let (activity, parameters) = activity(cursor)?;
        if let Some(parameter) = parameters.first() {
            return Err(Box::new(
                Diagnostic::error(Kind::Arguments, parameter.span, "a moment takes no argument")
                    .help("write `by` instead of `on` for an activity with an argument"),
            ));
        }
        Entry::On { activity }
    } else {
        Entry::Plain
    };
    cursor.end()?;
    Ok(RoleLine::State(State { name, entry }))
}

fn activity(cursor: &mut Cursor<'_>) -> Parse<(Name, Vec<Name>)> {
    let name = cursor.name("the name of an activity")?;
    cursor.expect(Token::Open, "`()`")?;
    let mut parameters = Vec::new();
    while !cursor.eat(Token::Close) {
        if !parameters.is_empty() {
            cursor.expect(Token::Comma, "`,` or `)`")?;
        }
        parameters.push(cursor.name("the name of a parameter")?);
    }
    Ok((name, parameters))
}
