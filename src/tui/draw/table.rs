//! Tables: columns as wide as what is in them; the least important are left out where there is no room.

use ratatui::text::Span;

use super::process::clipped;
use crate::tui::brush::Brush;
use crate::tui::theme::Tone;

/// Blanks between two columns.
const GAP: i32 = 2;
/// A column that must be shown is not made narrower than this.
const LEAST: i32 = 6;

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    title: &'static str,
    right: bool,
    /// The higher, the sooner it is left out; 0 never is.
    rank: u32,
    /// Where it begins, and how wide it is; none if it is left out.
    place: Option<(i32, i32)>,
}

impl Column {
    /// Words, which begin where the column begins.
    pub fn left(title: &'static str) -> Column {
        Column { title, right: false, rank: 0, place: None }
    }

    /// Numbers, which end where the column ends.
    pub fn right(title: &'static str) -> Column {
        Column { right: true, ..Column::left(title) }
    }

    /// How dispensable it is.
    pub fn rank(self, rank: u32) -> Column {
        Column { rank, ..self }
    }
}

/// Columns and what stands in them.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<(String, Tone)>>,
}

fn width(text: &str) -> i32 {
    Span::raw(text).width() as i32
}

impl Table {
    /// Without rows yet.
    pub fn new(columns: &[Column]) -> Table {
        Table { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, a cell for each column.
    pub fn add(&mut self, row: Vec<(String, Tone)>) {
        self.rows.push(row);
    }

    /// Decides which columns there is room for.
    pub fn lay_out(&mut self, room: i32) {
        let widest = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at)).map(|(text, _)| width(text));
            cells.max().unwrap_or(0).max(width(self.columns[at].title))
        };
        let mut widths: Vec<Option<i32>> = (0..self.columns.len()).map(|at| Some(widest(at))).collect();
        let needed = |widths: &[Option<i32>]| widths.iter().flatten().map(|w| w + GAP).sum::<i32>() - GAP;
        while needed(&widths) > room {
            let dispensable = (0..widths.len()).filter(|at| widths[*at].is_some());
            let Some(at) = dispensable.max_by_key(|at| (self.columns[*at].rank, *at)) else { break };
            if self.columns[at].rank == 0 {
                break;
            }
            widths[at] = None;
        }
        // What cannot be left out is made narrower, the widest first.
        while needed(&widths) > room {
            let Some(most) = widths.iter().flatten().copied().max().filter(|w| *w > LEAST) else { break };
            if let Some(width) = widths.iter_mut().flatten().find(|width| **width == most) {
                *width -= 1;
            }
        }
        let mut x = 0;
        for (column, width) in self.columns.iter_mut().zip(widths) {
            column.place = width.map(|width| (x, width));
            x += width.map_or(0, |width| width + GAP);
        }
    }

    /// Draws the titles.
    pub fn head(&self, y: i32, brush: &mut Brush<'_>) {
        for column in &self.columns {
            column.cell(column.title, Tone::Dim, y, brush);
        }
    }

    /// Draws a row.
    pub fn row(&self, row: usize, selected: bool, y: i32, brush: &mut Brush<'_>) {
        if selected {
            let blank = " ".repeat(brush.width().max(0) as usize);
            brush.text(0, y, &blank, Tone::Selected);
        }
        for (column, (text, tone)) in self.columns.iter().zip(&self.rows[row]) {
            column.cell(text, if selected { Tone::Selected } else { *tone }, y, brush);
        }
    }
}

impl Column {
    fn cell(&self, text: &str, tone: Tone, y: i32, brush: &mut Brush<'_>) {
        let Some((x, room)) = self.place else { return };
        let text = clipped(text, room);
        let x = if self.right { x + room - width(&text) } else { x };
        brush.text(x, y, &text, tone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_important_goes_first_and_the_rest_becomes_narrow() {
        let mut table =
            Table::new(&[Column::left("a"), Column::right("b").rank(1), Column::left("c").rank(2)]);
        table.add(["aaaaaaaaaa", "bbbb", "cccc"].map(|text| (text.to_string(), Tone::Text)).to_vec());
        let mut places = |room: i32| {
            table.lay_out(room);
            table.columns.iter().map(|column| column.place).collect::<Vec<_>>()
        };
        assert_eq!(places(22), [Some((0, 10)), Some((12, 4)), Some((18, 4))]);
        assert_eq!(places(21), [Some((0, 10)), Some((12, 4)), None]);
        assert_eq!(places(15), [Some((0, 10)), None, None]);
        assert_eq!(places(8), [Some((0, 8)), None, None]);
        assert_eq!(places(1), [Some((0, LEAST)), None, None]);
    }
}
