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
    /// How the right to act is a row; none where it is not.
    pub lease: Option<LeaseDialect>,
}

/// What databases spell differently about the right to act.
#[derive(Clone, Copy, Debug)]
pub struct LeaseDialect {
    /// The present instant by the database's clock, in milliseconds since the epoch.
    pub now: &'static str,
    /// What an INSERT that leaves a row alone which is there already begins with, in place of INSERT INTO, and its end.
    pub insert_absent: (&'static str, &'static str),
    /// Behind a query whose rows nobody else may lock for changing until the transaction ends.
    pub share_lock: &'static str,
}
