//! Columns of numbers that all have the same number of rows, in blocks of a few rows each.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// A value that is not there, told apart from NaN by its bits: values that are NaN are stored as [`f64::NAN`].
const ABSENT: f64 = f64::from_bits(0x7ff8_0000_000a_b5e7);
/// Rows of a block: what is copied when a row is added to columns that somebody else shares, whatever the window.
const ROWS: usize = 16;
/// A column of a block that was full before the column was added.
const NOTHING: [f64; ROWS] = [ABSENT; ROWS];

/// The columns. Rows are added at the end and dropped at the front. Copies share what they have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Column after column of [`ROWS`] values; columns that are younger than the block may be missing at its end.
    blocks: VecDeque<Arc<Vec<f64>>>,
    columns: usize,
    /// Rows of the first block that were dropped.
    front: usize,
    rows: usize,
}

impl Columns {
    /// Bytes on the heap, those that copies share included.
    pub(super) fn heap_bytes(&self) -> usize {
        let blocks = self.blocks.iter().map(|block| size_of::<Vec<f64>>() + block.capacity() * size_of::<f64>());
        self.blocks.capacity() * size_of::<Arc<Vec<f64>>>() + blocks.sum::<usize>()
    }

    /// Makes a row without values before the `position`th, or behind the last.
    pub(super) fn insert_row(&mut self, position: usize) {
        if self.front + self.rows == self.blocks.len() * ROWS {
            if self.blocks.len() == self.blocks.capacity() {
                self.blocks.reserve_exact(1 + self.blocks.len() / 8);
            }
            self.blocks.push_back(Arc::new(Vec::with_capacity(self.columns * ROWS)));
        }
        self.rows += 1;
        for row in (position + 1..self.rows).rev() {
            for column in 0..self.columns {
                let moved = self.raw(column, row - 1);
                self.row_mut(row).put(column, moved);
            }
        }
        self.clear_row(position);
    }

    /// Takes away the values of a row.
    pub(super) fn clear_row(&mut self, row: usize) {
        let mut row = self.row_mut(row);
        (0..*row.columns).for_each(|column| row.put(column, ABSENT));
    }

    /// A row to put values into.
    pub(super) fn row_mut(&mut self, row: usize) -> RowMut<'_> {
        let place = self.front + row;
        let block = Arc::make_mut(&mut self.blocks[place / ROWS]);
        if block.len() < self.columns * ROWS {
            block.resize(self.columns * ROWS, ABSENT);
        }
        RowMut { block, columns: &mut self.columns, place: place % ROWS }
    }

    /// Drops the first rows.
    pub(super) fn drop_rows(&mut self, count: usize) {
        let count = count.min(self.rows);
        self.rows -= count;
        self.front += count;
        self.blocks.drain(..self.front / ROWS);
        self.front %= ROWS;
    }

    fn raw(&self, column: usize, row: usize) -> f64 {
        let place = self.front + row;
        let value = self.blocks.get(place / ROWS).and_then(|block| block.get(column * ROWS + place % ROWS));
        value.copied().unwrap_or(ABSENT)
    }

    /// The value, if there is one; it may be NaN.
    pub(super) fn get(&self, column: usize, row: usize) -> Option<f64> {
        let value = self.raw(column, row);
        (value.to_bits() != ABSENT.to_bits()).then_some(value)
    }

    /// A column's values from the first row to the last; NaN where there is none.
    pub(super) fn values(&self, column: usize) -> impl DoubleEndedIterator<Item = f64> {
        self.runs(column).flatten().copied()
    }

    /// The same in runs of values that lie one behind the other.
    pub(super) fn runs(&self, column: usize) -> impl DoubleEndedIterator<Item = &[f64]> {
        let of_column = column * ROWS..(column + 1) * ROWS;
        self.blocks.iter().enumerate().map(move |(index, block)| {
            let values = block.get(of_column.clone()).unwrap_or(&NOTHING);
            &values[self.rows_of(index)]
        })
    }

    /// Which rows of a block there are.
    fn rows_of(&self, block: usize) -> Range<usize> {
        let first = if block == 0 { self.front } else { 0 };
        first..ROWS.min(self.front + self.rows - block * ROWS)
    }
}

/// One row, with a block of its own.
pub(super) struct RowMut<'a> {
    block: &'a mut Vec<f64>,
    columns: &'a mut usize,
    place: usize,
}

impl RowMut<'_> {
    /// Adds a column in which no row has a value, and returns its number.
    pub(super) fn add_column(&mut self) -> usize {
        self.block.resize(self.block.len() + ROWS, ABSENT);
        *self.columns += 1;
        *self.columns - 1
    }

    pub(super) fn set(&mut self, column: usize, value: f64) {
        self.put(column, if value.is_nan() { f64::NAN } else { value });
    }

    fn put(&mut self, column: usize, value: f64) {
        self.block[column * ROWS + self.place] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column with the values of these rows.
    fn columns(values: &[Option<f64>]) -> Columns {
        let mut columns = Columns::default();
        for (row, value) in values.iter().enumerate() {
            columns.insert_row(row);
            let mut there = columns.row_mut(row);
            if row == 0 {
                there.add_column();
            }
            if let Some(value) = value {
                there.set(0, *value);
            }
        }
        columns
    }

    fn rows(columns: &Columns, column: usize) -> Vec<Option<f64>> {
        (0..columns.rows).map(|row| columns.get(column, row)).collect()
    }

    #[test]
    fn an_absent_value_is_not_nan() {
        let columns = columns(&[None, Some(-f64::NAN), Some(ABSENT)]);
        assert_eq!(columns.get(0, 0), None);
        assert!(columns.get(0, 1).unwrap().is_nan() && columns.get(0, 2).unwrap().is_nan());
        assert!(columns.values(0).all(f64::is_nan));
    }

    #[test]
    fn rows_go_round() {
        let mut columns = columns(&[Some(0.0), Some(1.0)]);
        for row in 2..50 {
            columns.insert_row(2);
            columns.row_mut(2).set(0, f64::from(row));
            columns.drop_rows(1);
            assert_eq!(columns.values(0).collect::<Vec<_>>(), [f64::from(row) - 1.0, f64::from(row)]);
        }
        assert!(columns.blocks.len() <= 2);
        let added = columns.row_mut(0).add_column();
        assert_eq!((rows(&columns, added), rows(&columns, 0)), (vec![None, None], vec![Some(48.0), Some(49.0)]));
    }

    #[test]
    fn a_row_in_the_middle_moves_the_others() {
        let mut columns = columns(&[Some(0.0), None, Some(2.0)]);
        columns.insert_row(1);
        columns.row_mut(1).set(0, 0.5);
        assert_eq!(rows(&columns, 0), [Some(0.0), Some(0.5), None, Some(2.0)]);
        columns.clear_row(0);
        assert_eq!(rows(&columns, 0), [None, Some(0.5), None, Some(2.0)]);
    }

    #[test]
    fn a_copy_shares_all_but_the_last_rows() {
        let mut columns = columns(&[Some(1.0); 20]);
        let copy = columns.clone();
        columns.insert_row(20);
        columns.row_mut(20).set(0, 2.0);
        columns.drop_rows(10);
        let shared = columns.blocks.iter().filter(|block| copy.blocks.iter().any(|other| Arc::ptr_eq(block, other)));
        assert_eq!((shared.count(), columns.blocks.len()), (1, 2));
        assert_eq!(rows(&copy, 0), [Some(1.0); 20]);
        assert_eq!(columns.values(0).sum::<f64>(), 12.0);
    }
}
