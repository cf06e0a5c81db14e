//! `monitor table:` and what stands below it. Its names are its own: inside, `count` is `table.count`; outside, its defs are
//! called `table.put(x)`.

use std::collections::HashSet;

use super::cursor::{Cursor, Parse};
use super::{Parser, line, sized};
use crate::lang::ast::{Expr, ExprKind, Item, ItemKind, Stmt, StmtKind};
use crate::lang::blocks::Block;
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::span::Name;

impl Parser<'_> {
    pub(super) fn monitor(&mut self, mut cursor: Cursor<'_>, block: &Block) -> Parse<ItemKind> {
        cursor.next();
        let name = cursor.name("the name of the monitor")?;
        let hoare = cursor.eat_word("hoare");
        if !hoare {
            cursor.eat_word("mesa");
        }
        if let Err(diagnostic) = cursor.header_end() {
            self.out.push(*diagnostic);
        }
        let mut items: Vec<Item> = block.children.iter().filter_map(|b| self.member(&name, b)).collect();
        let own: HashSet<String> = items.iter().filter_map(|i| declared(&i.kind)).collect();
        let scope = Scope { monitor: &name.text, own };
        items.iter_mut().for_each(|item| scope.item(&mut item.kind));
        Ok(ItemKind::Monitor { name, hoare, items })
    }

    /// A line of a monitor, with the block below it.
    fn member(&mut self, monitor: &Name, block: &Block) -> Option<Item> {
        let span = block.line.span();
        match self.member_kind(monitor, block) {
            Ok(kind) => Some(Item { kind, span }),
            Err(diagnostic) => {
                self.out.push(*diagnostic);
                None
            }
        }
    }

    fn member_kind(&mut self, monitor: &Name, block: &Block) -> Parse<ItemKind> {
        let mut cursor = Cursor::new(self.text, &block.line.tokens);
        let word = cursor.peek_word().unwrap_or("");
        let kind = match word {
            "def" => {
                let mut kind = self.routine(word, cursor, block)?;
                if let ItemKind::Def { monitor: of, .. } = &mut kind {
                    *of = Some(monitor.clone());
                }
                return Ok(kind);
            }
            "shared" => line(word, &mut cursor)?,
            "condition" => {
                cursor.next();
                let (name, size) = sized(&mut cursor, "the name of a condition")?;
                ItemKind::Condition { name, size, monitor: monitor.clone() }
            }
            _ => {
                let message = format!("`{}` does not belong into a monitor", cursor.slice(cursor.here()));
                return Err(Box::new(
                    Diagnostic::error(Kind::Misplaced, cursor.here(), message)
                        .label("shared, condition or def")
                        .help("a monitor holds shared variables, conditions, and the defs that use them"),
                ));
            }
        };
        cursor.end()?;
        self.no_block(block);
        Ok(kind)
    }
}

/// What a member declares.
fn declared(kind: &ItemKind) -> Option<String> {
    match kind {
        ItemKind::Shared { name, .. } | ItemKind::Condition { name, .. } | ItemKind::Def { name, .. } => {
            Some(name.text.clone())
        }
        _ => None,
    }
}

/// Gives a monitor's own names their full form wherever they stand inside it.
struct Scope<'s> {
    monitor: &'s str,
    own: HashSet<String>,
}

impl Scope<'_> {
    fn name(&self, text: &mut String) {
        if self.own.contains(text.as_str()) {
            *text = format!("{}.{text}", self.monitor);
        }
    }

    fn item(&self, kind: &mut ItemKind) {
        match kind {
            ItemKind::Shared { name, size, init, range } => {
                self.name(&mut name.text);
                let range = range.iter_mut().flat_map(|(low, high)| [low, high]);
                size.iter_mut().chain(init).chain(range).for_each(|e| self.expr(e));
            }
            ItemKind::Condition { name, size, .. } => {
                self.name(&mut name.text);
                size.iter_mut().for_each(|e| self.expr(e));
            }
            ItemKind::Def { name, parameters, body, .. } => {
                self.name(&mut name.text);
                parameters.iter_mut().for_each(|p| self.name(&mut p.text));
                self.body(body);
            }
            _ => {}
        }
    }

    fn body(&self, body: &mut [Stmt]) {
        for stmt in body {
            self.statement(&mut stmt.kind);
        }
    }

    fn statement(&self, kind: &mut StmtKind) {
        match kind {
            StmtKind::Let { name, value } => {
                self.name(&mut name.text);
                self.expr(value);
            }
            StmtKind::LetMany { names, value } => {
                names.iter_mut().for_each(|name| self.name(&mut name.text));
                self.expr(value);
            }
            StmtKind::Assign { target, value } => {
                self.expr(target);
                self.expr(value);
            }
            StmtKind::Expr(e) | StmtKind::Await(e) | StmtKind::Assert(e) | StmtKind::Return(Some(e)) => {
                self.expr(e);
            }
            StmtKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.expr(condition);
                    self.body(body);
                }
                self.body(otherwise);
            }
            StmtKind::While { condition, body } => {
                self.expr(condition);
                self.body(body);
            }
            StmtKind::Loop { body } => self.body(body),
            StmtKind::For { name, low, high, body } => {
                self.name(&mut name.text);
                self.expr(low);
                self.expr(high);
                self.body(body);
            }
            StmtKind::Return(None)
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Pass
            | StmtKind::Exit => {}
        }
    }

    fn expr(&self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Name(text) => self.name(text),
            ExprKind::Index(name, index) => {
                self.name(&mut name.text);
                self.expr(index);
            }
            ExprKind::Call(name, arguments) => {
                self.name(&mut name.text);
                arguments.iter_mut().for_each(|a| self.expr(a));
            }
            ExprKind::Unary(_, a) => self.expr(a),
            ExprKind::Binary(_, a, b) | ExprKind::Range(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            _ => {}
        }
    }
}
