//! Drawing into a part of a frame, clipped, by what things mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::theme::{Theme, Tone};

/// A part of a frame and how to draw in it. Places are relative to the part; what lies outside is not drawn.
pub struct Brush<'b> {
    buffer: &'b mut Buffer,
    area: Rect,
    /// How things look.
    pub theme: Theme,
}

impl<'b> Brush<'b> {
    /// For a part of a frame.
    pub fn new(buffer: &'b mut Buffer, area: Rect, theme: Theme) -> Brush<'b> {
        let area = area.intersection(buffer.area);
        Brush { buffer, area, theme }
    }

    /// Columns.
    pub fn width(&self) -> i32 {
        i32::from(self.area.width)
    }

    /// Rows.
    pub fn height(&self) -> i32 {
        i32::from(self.area.height)
    }

    /// A part of this part.
    pub fn part(&mut self, x: i32, y: i32, width: i32, height: i32) -> Brush<'_> {
        let (left, top) = (x.clamp(0, self.width()), y.clamp(0, self.height()));
        let right = (x + width).clamp(left, self.width());
        let bottom = (y + height).clamp(top, self.height());
        let area = Rect {
            x: self.area.x + left as u16,
            y: self.area.y + top as u16,
            width: (right - left) as u16,
            height: (bottom - top) as u16,
        };
        Brush { buffer: self.buffer, area, theme: self.theme }
    }

    /// Where this part lies in the frame.
    pub fn area(&self) -> Rect {
        self.area
    }

    /// The frame, for widgets that draw themselves.
    pub fn buffer(&mut self) -> &mut Buffer {
        self.buffer
    }

    /// A part of this part, in its place.
    pub fn into_part(mut self, x: i32, y: i32, width: i32, height: i32) -> Brush<'b> {
        self.area = self.part(x, y, width, height).area;
        self
    }

    /// Writes a text, cut off at the edge. Gives the column behind it.
    pub fn text(&mut self, x: i32, y: i32, text: &str, tone: Tone) -> i32 {
        self.styled(x, y, text, self.theme.style(tone))
    }

    /// The same in a style of one's own.
    pub fn styled(&mut self, x: i32, y: i32, text: &str, style: Style) -> i32 {
        let width = Span::raw(text).width() as i32;
        if y < 0 || y >= self.height() || x >= self.width() {
            return x + width;
        }
        let hidden = (-x).max(0) as usize;
        let shown: &str = match text.char_indices().nth(hidden) {
            Some((at, _)) => &text[at..],
            None => return x + width,
        };
        let at = x.max(0);
        let room = (self.width() - at).max(0) as usize;
        // What was there before must not show through.
        let style = Style::reset().patch(style);
        self.buffer.set_stringn(self.area.x + at as u16, self.area.y + y as u16, shown, room, style);
        x + width
    }

    /// Writes a text that ends at a column.
    pub fn text_right(&mut self, end: i32, y: i32, text: &str, tone: Tone) {
        let width = Span::raw(text).width() as i32;
        self.text(end - width, y, text, tone);
    }

    /// Writes a text in the middle of a row.
    pub fn text_middle(&mut self, y: i32, text: &str, tone: Tone) {
        let width = Span::raw(text).width() as i32;
        self.text((self.width() - width).max(0) / 2, y, text, tone);
    }

    /// A box with rounded corners, and a title in its upper edge.
    pub fn frame(&mut self, title: &str, tone: Tone, title_tone: Tone) {
        let (w, h) = (self.width(), self.height());
        if w < 2 || h < 2 {
            return;
        }
        let line = "─".repeat((w - 2) as usize);
        self.text(0, 0, &format!("╭{line}╮"), tone);
        self.text(0, h - 1, &format!("╰{line}╯"), tone);
        for y in 1..h - 1 {
            self.text(0, y, "│", tone);
            self.text(w - 1, y, "│", tone);
        }
        if !title.is_empty() && w > 4 {
            let mut inner = self.part(2, 0, w - 4, 1);
            inner.text(0, 0, &format!(" {title} "), title_tone);
        }
    }

    /// Empties a part.
    pub fn clear(&mut self) {
        for y in self.area.top()..self.area.bottom() {
            for x in self.area.left()..self.area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// Writes a text in lines no wider than the part, from a row on. Gives the row behind it.
    pub fn wrapped(&mut self, x: i32, y: i32, text: &str, tone: Tone) -> i32 {
        let width = (self.width() - x).max(1) as usize;
        let mut row = y;
        for line in wrap(text, width) {
            self.text(x, row, &line, tone);
            row += 1;
        }
        row
    }
}

/// A text in lines of at most so many columns, broken at blanks where there are any.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if text.is_empty() {
        lines.push(String::new());
    }
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let (have, more) = (Span::raw(line.as_str()).width(), Span::raw(word).width());
            if have > 0 && have + 1 + more > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_outside() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 3));
        let mut brush = Brush::new(&mut buffer, Rect::new(2, 1, 5, 1), Theme::default());
        brush.text(-2, 0, "abcdefghijk", Tone::Text);
        brush.text(0, 1, "below", Tone::Text);
        brush.part(3, 0, 99, 99).text(1, 0, "xyz", Tone::Text);
        let row: String = (0..10).map(|x| buffer[(x, 1)].symbol().to_string()).collect();
        assert_eq!(row, "  cdefx   ");
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
    }
}
