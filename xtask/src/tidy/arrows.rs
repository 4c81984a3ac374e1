//! Which crate may know which: arrows point inward.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Check;
use super::workspace::{Package, Workspace, short};

pub(super) const CHECK: Check = Check {
    name: "arrows",
    rule: "a crate knows only those that the layout lets it know",
    way_out: "move what is needed inward (to a port of autoscaler-core), or change the table in xtask/src/tidy/arrows.rs \
              together with ARCHITECTURE.md",
    run,
};

/// By folder, `*` at the end for siblings; the first row that fits counts. What a row may know is written the same way.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("autoscaler-core", &[]),
    ("autoscaler-runtime", &["autoscaler-core"]),
    (
        "autoscaler",
        &[
            "autoscaler-core",
            "autoscaler-runtime",
            "flink-rest",
            "sql-database",
            BACKENDS[0],
            BACKENDS[1],
            BACKENDS[2],
            BACKENDS[3],
            BACKENDS[4],
            "http-endpoint",
            "page",
        ],
    ),
    // Its `replay` and `simulate` commands are for people at a terminal, and a library user does without.
    ("flink-autoscaler", &["autoscaler", "replay", "simulate", "small-file"]),
    ("small-file", &[]),
    ("flink-rest", &["autoscaler-core", "small-file"]),
    ("source-yarn", &["autoscaler-core", "flink-rest"]),
    ("source-kubernetes", &["autoscaler-core", "flink-rest", "kubernetes-api"]),
    ("kubernetes-api", &["autoscaler-core"]),
    ("sql-database", &["autoscaler-core", "small-file"]),
    ("store-memory", &["autoscaler-core"]),
    ("store-kubernetes", &["autoscaler-core", "kubernetes-api"]),
    ("store-*", &["autoscaler-core", "sql-database"]),
    ("handler-jdbc", &["autoscaler-core", "sql-database"]),
    ("handler-kubernetes", &["autoscaler-core", "kubernetes-api"]),
    ("handler-*", &["autoscaler-core"]),
    // Above a resource there is the job that runs: it is put right as the realizer REST does it.
    ("realizer-kubernetes", &["autoscaler-core", "flink-rest", "kubernetes-api", "realizer-rest"]),
    ("realizer-*", &["autoscaler-core", "flink-rest"]),
    ("observer-*", &["autoscaler-core", "autoscaler-runtime"]),
    ("http-endpoint", &["autoscaler-core", "autoscaler-runtime", "small-file"]),
    ("page", &["autoscaler-core", "autoscaler-runtime"]),
    ("replay", &["autoscaler-core", "autoscaler-runtime", "flink-rest"]),
    ("simulate", &["autoscaler-core", "autoscaler-runtime", "store-memory"]),
    ("testkit", &["autoscaler-core", "autoscaler-runtime"]),
    ("servers", &["autoscaler-core", "flink-rest", "replay", "testkit"]),
    ("conformance", &["autoscaler-core", "replay", "testkit"]),
    ("fuzz", &["autoscaler-core", "flink-rest", "replay", "sql-database", BACKENDS[0]]),
    // It checks the tree, and does without all that is in it.
    ("xtask", &[]),
    (
        "lab",
        &[
            "autoscaler*",
            "flink-rest",
            "fuzz",
            "replay",
            "servers",
            "sql-database",
            "testkit",
            BACKENDS[0],
            BACKENDS[1],
            BACKENDS[2],
        ],
    ),
    // An example knows what its reader would.
    ("custom-*", &["autoscaler*", "testkit"]),
    ("embed", &["autoscaler"]),
];

const BACKENDS: [&str; 5] = ["store-*", "handler-*", "realizer-*", "source-*", "observer-*"];

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    Ok(places(&workspace.packages))
}

fn places(packages: &[Package]) -> Vec<String> {
    let mut places = Vec::new();
    for package in packages {
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| fits(name, package.short())) else {
            places.push(format!("{}: has no row in the table", package.folder));
            continue;
        };
        for (target, is_dev) in edges(package) {
            let (from, to) = (package.short(), short(&target));
            if !is_dev && !allowed.iter().any(|name| fits(name, to)) {
                places.push(format!("{from} -> {to}; it may know: {}", allowed.join(", ")));
            }
            // What is for tests may know everything; everything's tests may know it.
            if is_dev && !target.starts_with("testing/") && reached(packages, &target).contains(&package.folder) {
                places.push(format!("{from} -> {to} in its tests, which itself depends on {from}"));
            }
        }
    }
    places
}

/// The folders it depends on, and whether for its tests only.
fn edges(package: &Package) -> impl Iterator<Item = (String, bool)> {
    package.manifest.dependencies.iter().filter_map(|dependency| Some((dependency.path.clone()?, dependency.is_dev())))
}

/// Folders that a package depends on, over any number of steps.
fn reached(packages: &[Package], folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let package = packages.iter().find(|package| package.folder == folder);
        for (target, is_dev) in package.into_iter().flat_map(edges) {
            if !is_dev && found.insert(target.clone()) {
                open.push(target);
            }
        }
    }
    found
}

fn fits(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::{Dependency, Manifest};

    fn package(folder: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependency = |(path, kind): &(&str, Option<&str>)| Dependency {
            path: Some((*path).to_owned()),
            kind: kind.map(str::to_owned),
            ..Dependency::default()
        };
        let manifest = Manifest { dependencies: dependencies.iter().map(dependency).collect(), ..Manifest::default() };
        Package { name: folder.to_owned(), folder: folder.to_owned(), manifest }
    }

    #[test]
    fn an_arrow_outward_is_found() {
        let packages = [package("autoscaler-core", &[("flink-rest", None)]), package("flink-rest", &[])];
        assert_eq!(places(&packages), ["autoscaler-core -> flink-rest; it may know: "]);
    }

    #[test]
    fn siblings_never_meet_and_nothing_knows_the_binary() {
        let packages = [
            package("store-sqlite", &[("store-memory", None), ("sql-database", None)]),
            package("autoscaler", &[("flink-autoscaler", Some("build"))]),
        ];
        let found = places(&packages);
        assert!(found[0].starts_with("store-sqlite -> store-memory;"), "{found:?}");
        assert!(found[1].starts_with("autoscaler -> flink-autoscaler;"), "{found:?}");
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn tests_may_know_siblings_and_test_crates_but_nothing_above() {
        let packages = [
            package("autoscaler-core", &[("testing/testkit", Some("dev")), ("replay", Some("dev"))]),
            package("store-memory", &[("autoscaler-core", None), ("handler-logging", Some("dev"))]),
            package("handler-logging", &[("autoscaler-core", None)]),
            package("replay", &[("autoscaler-runtime", None)]),
            package("autoscaler-runtime", &[("autoscaler-core", None)]),
            package("testing/testkit", &[("autoscaler-core", None)]),
        ];
        assert_eq!(
            places(&packages),
            ["autoscaler-core -> replay in its tests, which itself depends on autoscaler-core"]
        );
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        assert_eq!(places(&[package("common-utils", &[])]), ["common-utils: has no row in the table"]);
    }
}
