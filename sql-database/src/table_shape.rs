//! Tables as a database has them.

/// A table as a database has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableShape {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<ColumnShape>,
    /// The columns of each of its unique keys.
    pub unique: Vec<Vec<String>>,
}

/// A column as a database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// Its type, as the database spells it.
    pub declared: String,
    /// Whether a row can't be inserted without it.
    pub is_required: bool,
}
