//! Columns that share the width of the page.
//!
//! Cells are wrapped here, where long names may be broken at their joints; `comfy-table` draws them.

use comfy_table::{Cell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};
use unicode_width::UnicodeWidthStr;

use super::page::wrap;
use crate::text::plain;

/// The columns between two columns.
const GUTTER: usize = 2;
/// A column is never narrower than this, if its content is not.
const LEAST: usize = 8;

/// Rows under a header.
pub(super) struct Grid<const N: usize> {
    header: [&'static str; N],
    rows: Vec<[String; N]>,
    /// Columns of numbers are set to the right.
    numbers: bool,
}

impl<const N: usize> Grid<N> {
    pub(super) fn new(header: [&'static str; N]) -> Self {
        Self { header, rows: Vec::new(), numbers: false }
    }

    /// With every column but the first set to the right.
    pub(super) fn with_numbers(mut self) -> Self {
        self.numbers = true;
        self
    }

    /// Adds a row. A line break in a cell stays one.
    pub(super) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| cell.split('\n').map(plain).collect::<Vec<_>>().join("\n")));
    }

    /// The lines, none longer than `width`; each row begins on a line of its own.
    pub(super) fn lines(&self, width: usize) -> Vec<String> {
        let widths = self.widths(width);
        let mut table = Table::new();
        table.load_style(style()).set_content_arrangement(ContentArrangement::Disabled).set_header(self.header);
        for row in &self.rows {
            table.add_row(row.iter().zip(widths).map(|(cell, width)| Cell::new(fitted(cell, width))));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if index + 1 == N { 0 } else { GUTTER as u16 }));
            if self.numbers && index > 0 {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// The width of every column: what it needs where there is room for all; else those that need more than an equal
    /// share of what is left divide it.
    fn widths(&self, width: usize) -> [usize; N] {
        let longest = |index: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(index))
                .flat_map(|cell| cell.lines())
                .map(UnicodeWidthStr::width)
                .max()
        };
        let needs: [usize; N] = std::array::from_fn(|index| {
            let header = self.header.get(index).map_or(0, |title| title.width());
            longest(index).unwrap_or_default().max(header)
        });
        let mut room = width.saturating_sub(GUTTER * N.saturating_sub(1));
        let mut order: [usize; N] = std::array::from_fn(|index| index);
        order.sort_by_key(|index| needs.get(*index).copied());
        let mut widths = [0; N];
        for (done, index) in order.into_iter().enumerate() {
            // The last, which needs most, gets all that is left.
            let share = (room / (N - done).max(1)).max(LEAST);
            let given = needs.get(index).copied().unwrap_or_default().min(share);
            room = room.saturating_sub(given);
            if let Some(width) = widths.get_mut(index) {
                *width = given;
            }
        }
        widths
    }
}

fn fitted(cell: &str, width: usize) -> String {
    let lines: Vec<String> = cell.split('\n').flat_map(|line| wrap(line, width.max(1), "", "")).collect();
    lines.join("\n")
}

/// No borders but a line under the header.
fn style() -> TableStyle {
    TableStyle::new()
        .header_lines(ContentLineStyle::none())
        .header_separator(LineStyle::none().fill('─'))
        .content_lines(ContentLineStyle::none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid<3> {
        let mut grid = Grid::new(["Severity", "Check", "Message"]);
        grid.row(["low".to_owned(), "a-check-with-a-long-name".to_owned(), "A sentence of several words.".to_owned()]);
        grid
    }

    #[test]
    fn columns_get_what_they_need_where_there_is_room() {
        assert_eq!(grid().widths(140), [8, 24, 28]);
    }

    #[test]
    fn columns_that_need_much_divide_what_is_left() {
        assert_eq!(grid().widths(44), [8, 16, 16]);
    }

    #[test]
    fn no_line_is_longer_than_the_width() {
        for width in 30..100 {
            for line in grid().lines(width) {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }
}
