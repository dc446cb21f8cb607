//! Columns as kubectl prints them: upper-case heads, three spaces between, no borders.

/// Cells wider than this push the rest of their line aside instead of widening the column.
const WIDEST: usize = 64;
const GAP: usize = 3;

/// The widths of a table's columns, found by showing it every row before the first is printed.
#[derive(Clone, Debug)]
pub(crate) struct Columns<const N: usize> {
    heads: [&'static str; N],
    widths: [usize; N],
}

impl<const N: usize> Columns<N> {
    /// Columns as wide as their heads.
    pub(crate) fn new(heads: [&'static str; N]) -> Self {
        Self {
            heads,
            widths: heads.map(str::len),
        }
    }

    /// A whole table, each line ended.
    pub(crate) fn table(heads: [&'static str; N], rows: &[[String; N]]) -> String {
        let mut columns = Self::new(heads);
        for row in rows {
            columns.measure(row);
        }
        let mut text = columns.head() + "\n";
        for row in rows {
            text.push_str(&columns.line(row));
            text.push('\n');
        }
        text
    }

    /// Makes room for a row.
    pub(crate) fn measure(&mut self, cells: &[String; N]) {
        for (width, cell) in self.widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count().min(WIDEST));
        }
    }

    /// The line of heads.
    pub(crate) fn head(&self) -> String {
        self.line(&self.heads.map(str::to_owned))
    }

    /// A row as a line. Columns without a head are left out.
    pub(crate) fn line(&self, cells: &[String; N]) -> String {
        let mut line = String::new();
        for ((head, width), cell) in self.heads.iter().zip(self.widths).zip(cells) {
            if head.is_empty() {
                continue;
            }
            line.push_str(cell);
            let short = width.saturating_sub(cell.chars().count());
            line.extend(std::iter::repeat_n(' ', short + GAP));
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut columns = Columns::new(["POD", "", "EXIT"]);
        let row = ["train-x".to_owned(), "hidden".to_owned(), String::new()];
        columns.measure(&row);
        assert_eq!(columns.head(), "POD       EXIT");
        assert_eq!(columns.line(&row), "train-x");
    }
}
