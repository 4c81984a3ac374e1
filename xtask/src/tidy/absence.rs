//! What must not be in the dependencies of a build.

use std::collections::BTreeSet;

use anyhow::Result;

use super::workspace::Workspace;
use super::{Check, tree};

pub(super) const CHECK: Check = Check {
    name: "absence",
    rule: "a build pulls in only what its features are for",
    way_out: "put the dependency behind the feature that needs it, or turn its own default features off; \
              `cargo tree --package P --invert CRATE` says who brings it",
    run,
};

/// A build and the crates that must not be in it.
struct Absence {
    package: &'static str,
    features: &'static [&'static str],
    crates: &'static [&'static str],
}

const NONE: &[&str] = &["--no-default-features"];
const DRIVERS: &[&str] = &["sqlx-postgres", "sqlx-mysql", "sqlx-sqlite", "libsqlite3-sys"];
const ABSENT: &[Absence] = &[
    Absence {
        package: "flink-autoscaler-core",
        features: &[],
        crates: &["tokio", "reqwest", "sqlx", "clap", "rand", "fastrand", "getrandom"],
    },
    Absence { package: "flink-autoscaler-runtime", features: &[], crates: &["reqwest", "sqlx", "clap", "axum"] },
    Absence {
        package: "flink-autoscaler-lib",
        features: NONE,
        crates: &["clap", "comfy-table", "serde-saphyr", "tracing-subscriber", "flate2", "sqlx", "reqwest"],
    },
    Absence { package: "flink-autoscaler-testkit", features: &[], crates: &["sqlx", "axum", "reqwest"] },
    Absence { package: "flink-autoscaler-observer-prometheus", features: &[], crates: &["axum", "hyper"] },
    Absence { package: "flink-autoscaler-http-endpoint", features: &[], crates: &["sqlx", "reqwest", "rustls"] },
    Absence {
        package: "flink-autoscaler-page",
        features: &[],
        crates: &["sqlx", "reqwest", "flink-autoscaler-http-endpoint"],
    },
    Absence { package: "flink-autoscaler-sql-database", features: &[], crates: DRIVERS },
    Absence { package: "flink-autoscaler-handler-jdbc", features: &[], crates: DRIVERS },
    Absence {
        package: "flink-autoscaler",
        features: &["--no-default-features", "--features", "store-memory,handler-logging,realizer-rest"],
        crates: &["sqlx", "sqlx-core", "flink-autoscaler-sql-database"],
    },
    // Those who are not on Kubernetes don't build its types.
    Absence { package: "flink-autoscaler", features: &[], crates: &["kube", "kube-client", "k8s-openapi"] },
    // One TLS provider, rustls with ring: no C to build, and two of them would have to be told apart at run time.
    Absence { package: "flink-autoscaler", features: &["--all-features"], crates: &["aws-lc-sys", "openssl-sys"] },
];

fn run(_: &Workspace) -> Result<Vec<String>> {
    let mut places = Vec::new();
    for absence in ABSENT {
        let found = tree::crates(absence.package, absence.features, "normal,build")?;
        places.extend(present(absence, &found));
    }
    Ok(places)
}

fn present(absence: &Absence, found: &BTreeSet<String>) -> Vec<String> {
    let Absence { package, features, crates } = absence;
    let place = |name: &&str| format!("{name} is in the tree of {package} {}", features.join(" "));
    crates.iter().filter(|name| tree::has(found, name)).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_present_is_found() {
        let found = BTreeSet::from(["tokio v1.0.0".to_owned(), "serde v1.0.0".to_owned()]);
        assert_eq!(present(&ABSENT[0], &found), ["tokio is in the tree of flink-autoscaler-core "]);
        assert!(present(&ABSENT[0], &BTreeSet::from(["tokio-util v1.0.0".to_owned()])).is_empty());
    }
}
