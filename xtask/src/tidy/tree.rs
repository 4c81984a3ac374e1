//! Which crates a choice of features pulls in, as `cargo tree` tells it.

use std::collections::BTreeSet;

use anyhow::Result;
use xshell::Shell;

use crate::cargo::cargo;
use crate::paths;

/// The crates under a package, `name version` each, itself left out.
pub(super) fn crates(package: &str, features: &[&str], edges: &str) -> Result<BTreeSet<String>> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let tree = cargo(&shell).args(["tree", "--package", package, "--edges", edges, "--prefix", "none"]);
    Ok(unique(&tree.args(features).quiet().read()?))
}

/// The first line is the package itself.
fn unique(tree: &str) -> BTreeSet<String> {
    let name_and_version = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    };
    tree.lines().skip(1).filter_map(name_and_version).collect()
}

/// Whether a crate of that name, in whatever version, is among them.
pub(super) fn has(crates: &BTreeSet<String>, name: &str) -> bool {
    crates.iter().any(|found| found.split(' ').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_counts_once_and_itself_never() {
        let crates = unique("me v0.1.0 (/me)\nserde v1.0.0\nserde v1.0.0 (*)\nsyn v2.0.0 (proc-macro)\nsyn v1.0.0\n");
        assert_eq!(Vec::from_iter(&crates), ["serde v1.0.0", "syn v1.0.0", "syn v2.0.0"]);
        assert!(has(&crates, "syn") && !has(&crates, "me") && !has(&crates, "serd"));
    }
}
