//! `cargo xtask ci`: format, lints, what the tree promises, docs, the features users pick, every test, and the image.

mod features;

use anyhow::Result;
use xshell::Shell;

use crate::cargo::{cargo, programs};
use crate::{deny, image, lab, paths, test, tidy};

pub(crate) fn run() -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    cargo(&shell).args(["fmt", "--all", "--check"]).run()?;
    tidy::run(&tidy::Arguments::default())?;
    let advisories = deny::run()?;
    let clippy = cargo(&shell).args(["clippy", "--workspace", "--all-targets", "--all-features"]);
    clippy.args(["--", "-D", "warnings"]).run()?;
    features::run(&shell)?;
    {
        let _denied = shell.push_env("RUSTDOCFLAGS", "-D warnings");
        cargo(&shell).args(["doc", "--workspace", "--all-features", "--no-deps"]).run()?;
    }
    test::run(&test::Arguments::default())?;
    let binary = programs(&shell, &["flink-autoscaler"])?.remove(0);
    if let Err(problem) = lab::run("provision", &["--image"]) {
        println!("{problem:#}");
    }
    let image = image::checked(binary)?;
    // What was left out is said where it is seen.
    println!("{}", deny::told(advisories));
    println!("{}", image::told(&image));
    Ok(())
}
