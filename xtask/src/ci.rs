//! `cargo xtask ci`: format, lints, what the tree promises, docs, the features users pick, and every test.

mod features;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::{paths, test, tidy};

pub(crate) fn run() -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    cmd!(shell, "cargo fmt --all --check").run()?;
    tidy::run(&tidy::Arguments::default())?;
    cmd!(shell, "cargo clippy --workspace --all-targets --all-features -- -D warnings").run()?;
    features::run(&shell)?;
    {
        let _denied = shell.push_env("RUSTDOCFLAGS", "-D warnings");
        cmd!(shell, "cargo doc --workspace --all-features --no-deps").run()?;
    }
    test::run(&test::Arguments::default())
}
