//! Every feature builds on its own.
//!
//! `cargo check --package` builds one package without its tests, so neither another member nor a dev-dependency turns a
//! feature on behind its back: what `cargo hack --each-feature --no-dev-deps` does, without a program to install.

use anyhow::{Result, bail, ensure};
use xshell::Shell;

use crate::cargo::cargo;
use crate::packages::{FACADE, features_of};
use crate::paths;

const PROGRAM: &str = "flink-autoscaler";

/// What users pick together.
const SETS: &[&str] = &[
    "store-memory,handler-logging",
    "store-memory,handler-logging,realizer-rest",
    "store-sqlite,handler-jdbc",
    "store-jdbc-postgres,handler-jdbc,realizer-rest",
    "store-mysql,handler-jdbc,realizer-rest",
    "source-kubernetes,realizer-kubernetes,store-kubernetes,handler-logging,handler-kubernetes",
    "source-kubernetes,realizer-kubernetes,store-jdbc-postgres,handler-jdbc",
    "source-yarn,realizer-rest,store-sqlite,handler-jdbc",
];

/// Features that are useless alone, and what the compiler says of them: events need a database, which only stores bring.
const REFUSED_ALONE: &[(&str, &str)] =
    &[("handler-jdbc", "writes events into a SQL database, and none is in this build")];

pub(super) fn run(shell: &Shell) -> Result<()> {
    let _denied = shell.push_env("RUSTFLAGS", "-D warnings");
    // Its own directory: other flags would have everything else built again.
    let _target = shell.push_env("CARGO_TARGET_DIR", paths::target().join("combinations"));
    for package in [FACADE, PROGRAM] {
        let (built, refused) = lists(&features_of(package)?);
        let check = |features: &str| {
            let check = cargo(shell).args(["check", "--package", package, "--no-default-features"]);
            check.args(["--features", features])
        };
        for features in built {
            check(&features).run()?;
        }
        for (feature, message) in refused {
            let output = check(&feature).ignore_status().output()?;
            refusal(&feature, message, output.status.success(), &String::from_utf8_lossy(&output.stderr))?;
        }
    }
    Ok(())
}

/// Which lists of features must build, and which features alone must not.
fn lists(features: &[String]) -> (Vec<String>, Vec<(String, &'static str)>) {
    let mut built = vec![String::new()];
    let mut refused = Vec::new();
    for feature in features {
        match REFUSED_ALONE.iter().find(|(name, _)| name == feature) {
            Some((_, message)) => refused.push((feature.clone(), *message)),
            None => built.push(feature.clone()),
        }
    }
    built.extend(SETS.iter().map(|set| (*set).to_owned()));
    built.push(features.join(","));
    (built, refused)
}

fn refusal(feature: &str, message: &str, has_built: bool, said: &str) -> Result<()> {
    ensure!(!has_built, "{feature} builds alone, and can do nothing");
    if !said.contains(message) {
        bail!("{feature} alone fails, but not with {message:?}:\n{said}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_alone_none_all_and_the_sets_are_built() {
        let features = ["handler-jdbc".to_owned(), "store-x".to_owned()];
        let (built, refused) = lists(&features);
        assert_eq!(built[..2], ["", "store-x"]);
        assert_eq!(built.last().unwrap(), "handler-jdbc,store-x");
        assert_eq!(built.len(), 3 + SETS.len());
        assert_eq!(refused, [("handler-jdbc".to_owned(), REFUSED_ALONE[0].1)]);
    }

    #[test]
    fn a_refused_feature_must_fail_with_its_message() {
        assert!(refusal("f", "needs a store", false, "error: `f` needs a store").is_ok());
        assert!(refusal("f", "needs a store", true, "").is_err());
        assert!(refusal("f", "needs a store", false, "error: no space left on device").is_err());
    }
}
