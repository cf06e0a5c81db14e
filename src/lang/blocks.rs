//! Lines to nested blocks, by indentation.

use super::diagnostic::{Diagnostic, Diagnostics, Kind};
use super::lexer::Line;
use super::limits::MAX_NESTING;

/// A line and the lines indented below it.
#[derive(Debug)]
pub struct Block {
    /// The line itself.
    pub line: Line,
    /// What is indented below it.
    pub children: Vec<Block>,
}

/// Nests lines by their indentation. Lines that fit nowhere are reported and kept at the nearest level.
pub fn nest(lines: Vec<Line>, diagnostics: &mut Diagnostics) -> Vec<Block> {
    // The open blocks, outermost first; `open[0]` collects the top level.
    let mut open: Vec<(usize, Vec<Block>)> = vec![(0, Vec::new())];
    for line in lines {
        let mut top = open[open.len() - 1].0;
        if line.indent > top {
            if !open[open.len() - 1].1.is_empty() && open.len() <= MAX_NESTING {
                open.push((line.indent, Vec::new()));
            } else if open.len() > MAX_NESTING {
                let message = format!("blocks are nested more than {MAX_NESTING} deep");
                diagnostics.push(Diagnostic::error(Kind::Limit, line.span(), message));
            } else {
                diagnostics.push(
                    Diagnostic::error(Kind::Indentation, line.span(), "this line is indented for no reason")
                        .help("begin it in the first column"),
                );
            }
        }
        while line.indent < top && open.len() > 1 {
            close(&mut open);
            top = open[open.len() - 1].0;
            if line.indent > top {
                diagnostics.push(
                    Diagnostic::error(
                        Kind::Indentation,
                        line.span(),
                        "this line's indentation fits none of the blocks above it",
                    )
                    .label(format!("indented by {}", line.indent))
                    .help("indent the lines of one block alike, four spaces for each level"),
                );
                break;
            }
        }
        let last = open.len() - 1;
        open[last].1.push(Block { line, children: Vec::new() });
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map(|(_, blocks)| blocks).unwrap_or_default()
}

fn close(open: &mut Vec<(usize, Vec<Block>)>) {
    if let Some((_, children)) = open.pop()
        && let Some(parent) = open.last_mut().and_then(|(_, blocks)| blocks.last_mut())
    {
        parent.children = children;
    }
}
