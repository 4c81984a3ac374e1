//! Columns of numbers that all have the same number of rows, as ring buffers in one block.

/// A value that is not there, told apart from NaN by its bits: values that are NaN are stored as [`f64::NAN`].
const ABSENT: f64 = f64::from_bits(0x7ff8_0000_000a_b5e7);
/// Rows that are made room for at once, up to [`LARGE`] rows; then a share of them.
const STEP: usize = 8;
const LARGE: usize = 512;

/// The columns. Rows are added at the end and dropped at the front.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Column after column, each a ring of `room` values.
    block: Vec<f64>,
    columns: usize,
    room: usize,
    /// Where the first row stands in each ring.
    front: usize,
    rows: usize,
}

impl Columns {
    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.block.capacity() * size_of::<f64>()
    }

    /// Adds a column in which no row has a value, and returns its number.
    pub(super) fn add_column(&mut self) -> usize {
        let values = (self.columns + 1) * self.room;
        self.block.resize(values, ABSENT);
        self.columns += 1;
        self.columns - 1
    }

    /// Makes a row without values before the `position`th, or behind the last.
    pub(super) fn insert_row(&mut self, position: usize) {
        if self.rows == self.room {
            self.make_room(self.room + STEP.max(if self.room < LARGE { 0 } else { self.room / 8 }));
        }
        self.rows += 1;
        for column in 0..self.columns {
            for row in (position + 1..self.rows).rev() {
                let moved = self.block[self.at(column, row - 1)];
                let to = self.at(column, row);
                self.block[to] = moved;
            }
        }
        self.clear_row(position);
    }

    /// Takes away the values of a row.
    pub(super) fn clear_row(&mut self, row: usize) {
        for column in 0..self.columns {
            let at = self.at(column, row);
            self.block[at] = ABSENT;
        }
    }

    fn make_room(&mut self, room: usize) {
        let mut block = Vec::with_capacity(self.columns * room);
        for column in 0..self.columns {
            block.extend(self.values(column));
            block.resize((column + 1) * room, ABSENT);
        }
        (self.block, self.room, self.front) = (block, room, 0);
    }

    /// Drops the first rows.
    pub(super) fn drop_rows(&mut self, count: usize) {
        let count = count.min(self.rows);
        if self.room > 0 {
            self.front = (self.front + count) % self.room;
        }
        self.rows -= count;
    }

    fn at(&self, column: usize, row: usize) -> usize {
        let place = self.front + row;
        column * self.room + if place < self.room { place } else { place - self.room }
    }

    pub(super) fn set(&mut self, column: usize, row: usize, value: f64) {
        let at = self.at(column, row);
        self.block[at] = if value.is_nan() { f64::NAN } else { value };
    }

    /// The value, if there is one; it may be NaN.
    pub(super) fn get(&self, column: usize, row: usize) -> Option<f64> {
        let value = self.block[self.at(column, row)];
        (value.to_bits() != ABSENT.to_bits()).then_some(value)
    }

    /// A column's values from the first row to the last; NaN where there is none.
    pub(super) fn values(&self, column: usize) -> impl DoubleEndedIterator<Item = f64> {
        let ring = &self.block[column * self.room..(column + 1) * self.room];
        let until_the_end = self.rows.min(self.room - self.front);
        let (first, second) = (&ring[self.front..self.front + until_the_end], &ring[..self.rows - until_the_end]);
        first.iter().chain(second).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column with the values of these rows.
    fn columns(values: &[Option<f64>]) -> Columns {
        let mut columns = Columns::default();
        columns.add_column();
        for (row, value) in values.iter().enumerate() {
            columns.insert_row(row);
            if let Some(value) = value {
                columns.set(0, row, *value);
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
            columns.set(0, 2, f64::from(row));
            columns.drop_rows(1);
            assert_eq!(columns.values(0).collect::<Vec<_>>(), [f64::from(row) - 1.0, f64::from(row)]);
        }
        assert_eq!(columns.room, STEP);
        let added = columns.add_column();
        assert_eq!((rows(&columns, added), rows(&columns, 0)), (vec![None, None], vec![Some(48.0), Some(49.0)]));
    }

    #[test]
    fn a_row_in_the_middle_moves_the_others() {
        let mut columns = columns(&[Some(0.0), None, Some(2.0)]);
        columns.insert_row(1);
        columns.set(0, 1, 0.5);
        assert_eq!(rows(&columns, 0), [Some(0.0), Some(0.5), None, Some(2.0)]);
        columns.clear_row(0);
        assert_eq!(rows(&columns, 0), [None, Some(0.5), None, Some(2.0)]);
    }
}
