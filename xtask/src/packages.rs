//! Packages of the workspace, their features and their tests.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::Shell;

use crate::cargo::cargo;
use crate::paths;

/// The facade.
pub(crate) const FACADE: &str = "flink-autoscaler-lib";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    features: BTreeMap<String, Vec<String>>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// The features of a package, but for `default`.
pub(crate) fn features_of(package: &str) -> Result<Vec<String>> {
    features_in(metadata()?, package)
}

/// The names of all programs of integration tests.
pub(crate) fn test_programs() -> Result<BTreeSet<String>> {
    Ok(test_programs_in(metadata()?))
}

fn metadata() -> Result<Metadata> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let metadata = cargo(&shell).args(["metadata", "--no-deps", "--format-version", "1"]).quiet().read()?;
    serde_json::from_str(&metadata).context("cargo metadata")
}

fn features_in(metadata: Metadata, package: &str) -> Result<Vec<String>> {
    let package = metadata.packages.into_iter().find(|found| found.name == package);
    let features = package.context("the package is not in the workspace")?.features;
    Ok(features.into_keys().filter(|feature| feature != "default").collect())
}

fn test_programs_in(metadata: Metadata) -> BTreeSet<String> {
    let targets = metadata.packages.into_iter().flat_map(|package| package.targets);
    targets.filter(|target| target.kind == ["test"]).map(|target| target.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        let features = r#""features":{"default":["store-x"],"handler-jdbc":[],"store-x":[]}"#;
        let target = |name, kind| format!(r#"{{"name":"{name}","kind":["{kind}"]}}"#);
        let a = [target("a", "lib"), target("suite", "test"), target("real_flink", "test")].join(",");
        let b = [target("suite", "test"), target("core", "bench")].join(",");
        let packages =
            format!(r#"{{"name":"a",{features},"targets":[{a}]}},{{"name":"b","features":{{}},"targets":[{b}]}}"#);
        serde_json::from_str(&format!(r#"{{"packages":[{packages}]}}"#)).unwrap()
    }

    #[test]
    fn features_are_listed_without_the_default() {
        assert_eq!(features_in(metadata(), "a").unwrap(), ["handler-jdbc", "store-x"]);
        assert!(features_in(metadata(), "c").is_err());
    }

    #[test]
    fn test_programs_are_those_of_all_packages() {
        assert_eq!(Vec::from_iter(test_programs_in(metadata())), ["real_flink", "suite"]);
    }
}
