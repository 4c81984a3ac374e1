//! `cargo xtask ci`: format, lints, docs, the feature combinations users pick, and every test.

use anyhow::{Result, ensure};
use xshell::{Shell, cmd};

use crate::{paths, test};

/// Feature sets that must build on their own: none, each store alone, the smallest useful one.
const COMBINATIONS: &[&str] = &[
    "",
    "store-memory",
    "handler-logging",
    "realizer-rest",
    "store-memory,handler-logging",
    "store-memory,handler-logging,realizer-rest",
    "store-sqlite",
    "store-jdbc-postgres",
    "store-mysql",
    "handler-jdbc",
    "store-jdbc-postgres,handler-jdbc,realizer-rest",
];

/// Crates that must not be in a build without SQL, and C code that must be in none.
const NEVER: &[&str] = &["aws-lc-sys", "openssl-sys"];
const NOT_WITHOUT_SQL: &[&str] = &["sqlx", "sqlx-core", "sql-database"];

pub(crate) fn run() -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    cmd!(shell, "cargo fmt --all --check").run()?;
    cmd!(shell, "cargo clippy --workspace --all-targets --all-features -- -D warnings").run()?;
    combinations(&shell)?;
    trees(&shell)?;
    {
        let _denied = shell.push_env("RUSTDOCFLAGS", "-D warnings");
        cmd!(shell, "cargo doc --workspace --all-features --no-deps").run()?;
    }
    test::run(&test::Arguments::default())
}

fn combinations(shell: &Shell) -> Result<()> {
    let _denied = shell.push_env("RUSTFLAGS", "-D warnings");
    // Its own directory: other flags would have everything else built again.
    let _target = shell.push_env("CARGO_TARGET_DIR", paths::target().join("combinations"));
    for features in COMBINATIONS {
        cmd!(shell, "cargo check --package flink-autoscaler --no-default-features --features {features}").run()?;
    }
    Ok(())
}

fn trees(shell: &Shell) -> Result<()> {
    let tree = |features: &[&str]| {
        cmd!(shell, "cargo tree --package flink-autoscaler --edges normal,build --prefix none {features...}")
            .quiet()
            .read()
    };
    let smallest = tree(&["--no-default-features", "--features", "store-memory,handler-logging,realizer-rest"])?;
    let found = first_in(&smallest, NOT_WITHOUT_SQL);
    ensure!(found.is_none(), "{found:?} is in the tree of a build without SQL");
    let whole = tree(&["--all-features"])?;
    let found = first_in(&whole, NEVER);
    ensure!(found.is_none(), "{found:?} is in the tree; TLS is rustls with ring");
    Ok(())
}

fn first_in<'a>(tree: &str, names: &[&'a str]) -> Option<&'a str> {
    names.iter().find(|name| tree.lines().any(|line| line.split(' ').next() == Some(name))).copied()
}
