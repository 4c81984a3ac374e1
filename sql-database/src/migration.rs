//! A migration, as a build has it and as a database does.

/// A migration that this build has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMigration {
    /// Its version.
    pub version: i64,
    /// What it does.
    pub description: String,
    /// Its statements.
    pub sql: String,
}

impl KnownMigration {
    /// Whether its statements name a table.
    pub(crate) fn is_about(&self, table: &str) -> bool {
        self.sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == table)
    }
}

/// The migrations of a migrator.
pub fn known(migrator: &sqlx::migrate::Migrator) -> Vec<KnownMigration> {
    let migration = |migration: &sqlx::migrate::Migration| KnownMigration {
        version: migration.version,
        description: migration.description.to_string(),
        sql: migration.sql.as_str().to_owned(),
    };
    migrator.iter().map(migration).collect()
}

/// A migration that a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedMigration {
    /// Its version.
    pub version: i64,
    /// Whether it ran to its end.
    pub complete: bool,
}
