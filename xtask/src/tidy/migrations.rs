//! Shipped migrations never change: databases hold their checksums.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::Check;
use super::workspace::Workspace;
use crate::paths;

pub(super) const CHECK: Check = Check {
    name: "migrations",
    rule: "a migration that is in migrations.lock never changes, white space included, and every migration is in it",
    way_out: "put the change into a migration of its own; `cargo xtask tidy --bless` adds new ones to the lock",
    run,
};

const LOCK: &str = "migrations.lock";

/// Checksums by path.
type Sums = BTreeMap<String, String>;

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    Ok(differences(&locked(workspace), &present(workspace)))
}

/// Adds those that are not in the lock yet.
pub(super) fn bless(workspace: &Workspace) -> Result<()> {
    let lock = blessed(locked(workspace), present(workspace));
    let text: String = lock.iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
    std::fs::write(paths::root().join(LOCK), text)?;
    Ok(())
}

fn blessed(mut locked: Sums, present: Sums) -> Sums {
    for (path, sum) in present {
        locked.entry(path).or_insert(sum);
    }
    locked
}

/// As `sha256sum` writes them.
fn locked(workspace: &Workspace) -> Sums {
    let text = workspace.file(LOCK).map_or("", |file| file.text.as_str());
    let line = |line: &str| line.split_once("  ").map(|(sum, path)| (path.to_owned(), sum.to_owned()));
    text.lines().filter_map(line).collect()
}

fn present(workspace: &Workspace) -> Sums {
    let migrations = workspace.files.iter().filter(|file| file.path.contains("/migrations/"));
    migrations.map(|file| (file.path.clone(), checksum(&file.text))).collect()
}

fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

fn differences(locked: &Sums, present: &Sums) -> Vec<String> {
    let mut places = Vec::new();
    for (path, sum) in locked {
        match present.get(path) {
            None => places.push(format!("{path}: is gone")),
            Some(now) if now != sum => places.push(format!("{path}: was changed")),
            Some(_) => {}
        }
    }
    let new = present.keys().filter(|path| !locked.contains_key(*path));
    places.extend(new.map(|path| format!("{path}: is not in {LOCK}")));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(sql: &str) -> Workspace {
        Workspace::of_files(&[
            (LOCK, &format!("{}  store/migrations/0001.sql\n", checksum("CREATE"))),
            ("store/migrations/0001.sql", sql),
        ])
    }

    #[test]
    fn a_changed_a_missing_and_a_new_one_are_found() {
        assert!(run(&tree("CREATE")).unwrap().is_empty());
        assert_eq!(run(&tree("CREATE ")).unwrap(), ["store/migrations/0001.sql: was changed"]);
        let without = Workspace::of_files(&[(LOCK, "00  store/migrations/0001.sql\n")]);
        assert_eq!(run(&without).unwrap(), ["store/migrations/0001.sql: is gone"]);
        let new = Workspace::of_files(&[("store/migrations/0002.sql", "")]);
        assert_eq!(run(&new).unwrap(), ["store/migrations/0002.sql: is not in migrations.lock"]);
    }

    #[test]
    fn blessing_adds_and_never_changes() {
        let before = Sums::from([("a".to_owned(), "1".to_owned())]);
        let now = Sums::from([("a".to_owned(), "2".to_owned()), ("b".to_owned(), "3".to_owned())]);
        assert_eq!(
            blessed(before, now),
            Sums::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "3".to_owned())])
        );
    }

    #[test]
    fn checksums_are_those_of_sha256sum() {
        assert_eq!(checksum(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
