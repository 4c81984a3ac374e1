//! Know one SQL store, know all.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Check;
use super::workspace::Workspace;

pub(super) const CHECK: Check = Check {
    name: "siblings",
    rule: "SQL store crates have the same file names inside",
    way_out: "name the file as its siblings do; what only one database needs goes on the list in xtask/src/tidy/siblings.rs",
    run,
};

/// Files that one store alone has, and why.
const ALONE: &[(&str, &str)] = &[
    // SQLite has one writer at a time; servers have many.
    ("store-sqlite", "src/database/writer.rs"),
    // Readers and its one writer share a file.
    ("store-sqlite", "src/database/log.rs"),
    // Its locks are files; servers have locks of their own.
    ("store-sqlite", "src/files.rs"),
    // Servers have a row for it, which sql-database looks after.
    ("store-sqlite", "src/lease.rs"),
    ("store-jdbc-postgres", "migrations/lease.sql"),
    ("store-mysql", "migrations/lease.sql"),
    // Its table of observations began without row ids.
    ("store-sqlite", "migrations/observations_with_rowid.sql"),
];

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let stores: Vec<(&str, BTreeSet<String>)> = workspace
        .packages
        .iter()
        .filter(|package| package.folder.starts_with("store-"))
        .filter(|package| {
            package.manifest.dependencies.iter().any(|dependency| dependency.path.as_deref() == Some("sql-database"))
        })
        .map(|package| (package.folder.as_str(), inside(workspace, &package.folder)))
        .collect();
    let all: BTreeSet<String> = stores.iter().flat_map(|(_, files)| files).cloned().collect();
    let lacks = |(store, files): &(&str, BTreeSet<String>)| {
        all.difference(files).map(|file| format!("{store}: has no {file}, its siblings do")).collect::<Vec<_>>()
    };
    Ok(stores.iter().flat_map(lacks).collect())
}

/// Sources, and migrations without their numbers, from the crate's folder.
fn inside(workspace: &Workspace, folder: &str) -> BTreeSet<String> {
    let inside = |path: &str| {
        let path = path.strip_prefix(folder)?.strip_prefix('/')?;
        match path.strip_prefix("migrations/") {
            Some(migration) => Some(format!("migrations/{}", migration.split_once('_')?.1)),
            None => path.starts_with("src/").then(|| path.to_owned()),
        }
    };
    let files = workspace.files.iter().filter_map(|file| inside(&file.path));
    files.filter(|path| !ALONE.contains(&(folder, path.as_str()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::{Dependency, Manifest, Package};

    #[test]
    fn a_sibling_with_other_files_is_found() {
        let mut workspace = Workspace::of_files(&[
            ("store-a/src/lib.rs", ""),
            ("store-a/migrations/0001_a.sql", ""),
            ("store-sqlite/src/lib.rs", ""),
            ("store-sqlite/src/database/writer.rs", ""),
        ]);
        let dependency = Dependency { path: Some("sql-database".to_owned()), ..Dependency::default() };
        for folder in ["store-a", "store-sqlite"] {
            let manifest = Manifest { dependencies: vec![dependency.clone()], ..Manifest::default() };
            workspace.packages.push(Package { name: folder.to_owned(), folder: folder.to_owned(), manifest });
        }
        assert_eq!(run(&workspace).unwrap(), ["store-sqlite: has no migrations/a.sql, its siblings do"]);
    }
}
