//! Jars from Maven Central.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::run;

/// Downloads the jars that `pom` depends on, has `sift` take out what is not wanted, and moves the folder to `place`: whole, so
/// that an interrupted download leaves nothing half done.
///
/// # Errors
/// There is no Maven, or it can't download them, which `advice` tells; files can't be written.
pub(crate) fn download(pom: &str, place: &Path, advice: &str, sift: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let work = tempfile::tempdir_in(place.parent().context("jars have a place in a folder")?)?;
    std::fs::write(work.path().join("pom.xml"), pom)?;
    let jars = work.path().join("jars");
    let mut maven = Command::new("mvn");
    maven.current_dir(work.path()).args(["-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime"]);
    maven.arg(format!("-DoutputDirectory={}", jars.display()));
    run(&mut maven).with_context(|| format!("Maven can't download {advice}"))?;
    sift(&jars)?;
    Ok(std::fs::rename(jars, place)?)
}
