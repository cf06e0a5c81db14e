//! Declarations of objects to synchronize with, each on a line.

use super::cursor::{Cursor, Parse};
use super::expression::expression;
use super::{initial, sized};
use crate::lang::ast::{ItemKind, Preference};
use crate::lang::diagnostic::{Diagnostic, Kind};

/// Reads what stands behind `word`.
pub fn object(word: &str, cursor: &mut Cursor<'_>) -> Parse<ItemKind> {
    match word {
        "semaphore" => semaphore(cursor, false),
        "fair" => fair(cursor),
        "recursive" => {
            let fair = cursor.eat_word("fair");
            if !cursor.eat_word("mutex") {
                return Err(cursor.expected(if fair { "`mutex`" } else { "`mutex` or `fair`" }));
            }
            mutex(cursor, true, fair)
        }
        "mutex" => mutex(cursor, false, false),
        "rwlock" => rwlock(cursor),
        "barrier" => {
            let (name, size) = sized(cursor, "the name of a barrier")?;
            Ok(ItemKind::Barrier { name, size, parties: initial(cursor)? })
        }
        _ => {
            let (name, size) = sized(cursor, "the name of a channel")?;
            let capacity = if cursor.eat_word("size") { Some(expression(cursor)?) } else { None };
            Ok(ItemKind::Channel { name, size, capacity })
        }
    }
}

fn semaphore(cursor: &mut Cursor<'_>, fair: bool) -> Parse<ItemKind> {
    let (name, size) = sized(cursor, "the name of a semaphore")?;
    Ok(ItemKind::Semaphore { fair, name, size, init: initial(cursor)? })
}

fn mutex(cursor: &mut Cursor<'_>, recursive: bool, fair: bool) -> Parse<ItemKind> {
    let (name, size) = sized(cursor, "the name of a mutex")?;
    Ok(ItemKind::Mutex { name, size, recursive, fair })
}

fn fair(cursor: &mut Cursor<'_>) -> Parse<ItemKind> {
    if cursor.eat_word("rwlock") {
        let (name, size) = sized(cursor, "the name of a read-write lock")?;
        return Ok(ItemKind::RwLock { name, size, preference: Preference::Fair });
    }
    if cursor.eat_word("mutex") {
        return mutex(cursor, false, true);
    }
    if !cursor.eat_word("semaphore") {
        return Err(cursor.expected("`semaphore`, `mutex` or `rwlock`"));
    }
    semaphore(cursor, true)
}

/// `rwlock db`, and whom it prefers: readers, if nothing is said.
fn rwlock(cursor: &mut Cursor<'_>) -> Parse<ItemKind> {
    let (name, size) = sized(cursor, "the name of a read-write lock")?;
    let mut preference = Preference::Readers;
    if cursor.eat_word("prefer") {
        preference = match cursor.peek_word() {
            Some("readers") => Preference::Readers,
            Some("writers") => Preference::Writers,
            _ => {
                let message = "a read-write lock prefers readers or writers";
                return Err(Box::new(
                    Diagnostic::error(Kind::Syntax, cursor.here(), message)
                        .help(format!("write prefer writers, or: fair rwlock {}", name.text)),
                ));
            }
        };
        cursor.next();
    }
    Ok(ItemKind::RwLock { name, size, preference })
}
