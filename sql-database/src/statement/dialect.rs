//! What databases spell differently.

/// How a row is written whether or not its key is already in the table: `head VALUES … tail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upsert {
    /// Up to the values.
    pub head: String,
    /// Behind them.
    pub tail: String,
}

/// What databases spell differently.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Writing a row of `columns` into a table; all of them but `key` are replaced where its key is already in it.
    pub upsert: fn(table: &str, columns: &[&str], key: &[&str]) -> Upsert,
    /// A text that changes whenever a row of the state table does, whoever changes it.
    pub state_version: &'static str,
    /// The same for a row of our table of policies' memory.
    pub memory_version: &'static str,
    /// Behind a query whose rows nobody else may change until the transaction ends; none where a transaction that
    /// writes is alone anyway.
    pub lock_rows: Option<&'static str>,
}
