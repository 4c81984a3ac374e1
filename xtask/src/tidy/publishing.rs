//! Crates can be published one after the other.
//!
//! A dependency with a version has to be in the registry before the crate that has it, one for tests only as well. One by
//! path alone is left out of what is published, and cargo allows that for tests only.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::Check;
use super::workspace::{Dependency, Package, Workspace};

pub(super) const CHECK: Check = Check {
    name: "publishing",
    rule: "published crates don't need each other in circles, those that only tests use included",
    way_out: "in [dev-dependencies] name it by its path alone: { path = \"../x\", package = \"flink-autoscaler-x\" }",
    run,
};

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let published = workspace.packages.iter().filter(|package| package.is_published());
    let mut needs: BTreeMap<&str, BTreeSet<&str>> =
        published.map(|package| (package.folder.as_str(), needs(package))).collect();
    // Who needs nobody any more is published next; what is never left over is in a circle, or needs who is.
    while let Some(next) = needs.iter().find(|(_, needs)| needs.is_empty()).map(|(folder, _)| *folder) {
        needs.remove(next);
        needs.values_mut().for_each(|needs| _ = needs.remove(next));
    }
    // And who only leads there is no part of it.
    let leads_there = |needs: &BTreeMap<&str, BTreeSet<&str>>, folder: &str, of_it: &BTreeSet<&str>| {
        of_it.iter().all(|need| needs.contains_key(need)) && !needs.values().any(|others| others.contains(folder))
    };
    while let Some(last) =
        needs.iter().find(|(folder, of_it)| leads_there(&needs, folder, of_it)).map(|(folder, _)| *folder)
    {
        needs.remove(last);
    }
    let stuck = |(folder, needs): (&str, BTreeSet<&str>)| {
        format!("{folder}: needs {} to be published first", Vec::from_iter(needs).join(", "))
    };
    Ok(needs.into_iter().map(stuck).collect())
}

/// The crates of the workspace that have to be published before this one.
fn needs(package: &Package) -> BTreeSet<&str> {
    let has_version = |dependency: &&Dependency| dependency.req != "*" || !dependency.is_dev();
    package
        .manifest
        .dependencies
        .iter()
        .filter(has_version)
        .filter_map(|dependency| dependency.path.as_deref())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::Manifest;

    /// A crate in a folder, with what it needs: folder, version or `*`, and whether for tests only.
    fn package(folder: &str, needs: &[(&str, &str, bool)]) -> Package {
        let dependency = |(path, req, is_dev): &(&str, &str, bool)| Dependency {
            path: Some((*path).to_owned()),
            req: (*req).to_owned(),
            kind: is_dev.then(|| "dev".to_owned()),
            ..Dependency::default()
        };
        let manifest = Manifest { dependencies: needs.iter().map(dependency).collect(), ..Manifest::default() };
        Package { name: folder.to_owned(), folder: folder.to_owned(), manifest }
    }

    fn found(runtime: &[(&str, &str, bool)]) -> Vec<String> {
        let packages = vec![
            package("core", &[]),
            package("runtime", runtime),
            package("store", &[("core", "^1", false), ("kit", "^1", true)]),
            package("kit", &[("runtime", "^1", false)]),
        ];
        run(&Workspace { packages, ..Workspace::default() }).unwrap()
    }

    #[test]
    fn a_circle_through_what_tests_use_is_found() {
        let circle = found(&[("core", "^1", false), ("store", "^1", true)]);
        assert_eq!(circle.len(), 3, "{circle:?}");
        assert!(circle.contains(&"runtime: needs store to be published first".to_owned()), "{circle:?}");
        assert_eq!(found(&[("core", "^1", false), ("store", "*", true)]), [] as [&str; 0], "by path alone");
    }

    #[test]
    fn a_crate_that_is_not_published_can_t_be_needed() {
        let circle = found(&[("elsewhere", "^1", true)]);
        assert!(circle.contains(&"runtime: needs elsewhere to be published first".to_owned()), "{circle:?}");
    }
}
