//! Packages of the workspace and their features.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::Shell;

use crate::cargo::cargo;
use crate::paths;

/// The facade.
pub(crate) const FACADE: &str = "flink-autoscaler-lib";

/// The features of a package, but for `default`.
pub(crate) fn features_of(package: &str) -> Result<Vec<String>> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let metadata = cargo(&shell).args(["metadata", "--no-deps", "--format-version", "1"]).quiet().read()?;
    features_in(&metadata, package)
}

fn features_in(metadata: &str, package: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        features: BTreeMap<String, Vec<String>>,
    }
    let metadata: Metadata = serde_json::from_str(metadata).context("cargo metadata")?;
    let package = metadata.packages.into_iter().find(|found| found.name == package);
    let features = package.context("the package is not in the workspace")?.features;
    Ok(features.into_keys().filter(|feature| feature != "default").collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_listed_without_the_default() {
        let metadata =
            r#"{"packages":[{"name":"a","features":{"default":["store-x"],"handler-jdbc":[],"store-x":[]}}]}"#;
        assert_eq!(features_in(metadata, "a").unwrap(), ["handler-jdbc", "store-x"]);
        assert!(features_in(metadata, "b").is_err());
    }
}
