//! Flink's jars: from `FLINK_HOME`, or from PyPI's `apache-flink-libraries`, kept under `target/flink`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process::run;

/// A set of Flink's jars.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// What it is: a version, or the directory it is in.
    pub name: String,
    lib: PathBuf,
}

/// Takes Flink's jars, and no others, out of either form the package comes in.
const UNPACK: &str = r#"
import os, sys, tarfile, zipfile
package, target = sys.argv[1:]
def put(name, data):
    with open(os.path.join(target, os.path.basename(name)), "wb") as out:
        out.write(data)
if package.endswith(".whl"):
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            if name.startswith("pyflink/lib/") and name.endswith(".jar"):
                put(name, archive.read(name))
else:
    with tarfile.open(package) as archive:
        for member in archive:
            if "/deps/lib/" in member.name and member.name.endswith(".jar"):
                put(member.name, archive.extractfile(member).read())
"#;

impl Distribution {
    /// Finds or downloads a distribution: the one in `FLINK_HOME` if that is set, else the newest of `version`, such
    /// as `1.20`, `2.2` or `1.20.5`. `say` is told what takes long.
    ///
    /// # Errors
    /// No JDK, no pip, no network, or no such version; says what to install.
    pub fn obtain(version: &str, cache: &Path, say: &dyn Fn(&str)) -> Result<Self> {
        check_java()?;
        if let Some(home) = std::env::var_os("FLINK_HOME").filter(|home| !home.is_empty()) {
            let lib = PathBuf::from(home).join("lib");
            ensure!(has_dist_jar(&lib), "FLINK_HOME is set, but there is no flink-dist-*.jar in {}", lib.display());
            return Ok(Self { name: lib.display().to_string(), lib });
        }
        let lib = cache.join(version).join("lib");
        if !has_dist_jar(&lib) {
            download(version, cache, &lib, say)?;
        }
        Ok(Self { name: version.to_owned(), lib })
    }

    /// The class path of all jars.
    pub fn class_path(&self) -> String {
        format!("{}/*", self.lib.display())
    }

    /// All jars.
    ///
    /// # Errors
    /// They are no longer there.
    pub fn jars(&self) -> Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(&self.lib)?.collect::<Result<Vec<_>, _>>()?;
        Ok(entries.into_iter().map(|entry| entry.path()).collect())
    }

    /// The jar of Flink itself.
    ///
    /// # Errors
    /// It is no longer there.
    pub fn dist_jar(&self) -> Result<PathBuf> {
        dist_jar(&self.lib).with_context(|| format!("there is no flink-dist-*.jar in {}", self.lib.display()))
    }
}

fn dist_jar(lib: &Path) -> Option<PathBuf> {
    let mut entries = std::fs::read_dir(lib).ok()?.flatten();
    entries.find(|entry| entry.file_name().to_string_lossy().starts_with("flink-dist")).map(|entry| entry.path())
}

fn has_dist_jar(lib: &Path) -> bool {
    dist_jar(lib).is_some()
}

fn check_java() -> Result<()> {
    let runs =
        |program: &str| Command::new(program).arg("-version").output().is_ok_and(|output| output.status.success());
    ensure!(
        runs("java") && runs("javac"),
        "a real Flink needs a JDK 11 or later, and there is no java or no javac. On Debian or Ubuntu: \
         apt-get install -y openjdk-17-jdk-headless (or default-jdk-headless); on macOS: brew install openjdk@17"
    );
    Ok(())
}

fn download(version: &str, cache: &Path, lib: &Path, say: &dyn Fn(&str)) -> Result<()> {
    let python = ["python3", "python"].into_iter().find(|python| {
        Command::new(python).args(["-m", "pip", "--version"]).output().is_ok_and(|output| output.status.success())
    });
    let Some(python) = python else {
        bail!(
            "Flink's jars come from PyPI, and there is no pip. On Debian or Ubuntu: apt-get install -y python3-pip; or set \
             FLINK_HOME to an unpacked Flink distribution"
        );
    };
    let requirement = if version.matches('.').count() < 2 {
        format!("apache-flink-libraries=={version}.*")
    } else {
        format!("apache-flink-libraries=={version}")
    };
    say(&format!("downloading {requirement} from PyPI (230 to 310 MB, once)"));
    std::fs::create_dir_all(cache)?;
    let downloads = tempfile::tempdir_in(cache)?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "--dest"]);
    run(pip.arg(downloads.path()).arg(&requirement)).with_context(|| format!("pip can't download {requirement}"))?;
    let package = std::fs::read_dir(downloads.path())?.flatten().next().context("pip downloaded nothing")?.path();
    say("unpacking");
    // Unpacked beside its place and moved there, so that an interrupted download leaves nothing half done.
    let unpacked = tempfile::tempdir_in(cache)?;
    run(Command::new(python).args(["-c", UNPACK]).arg(&package).arg(unpacked.path()))
        .context("the package can't be unpacked")?;
    ensure!(has_dist_jar(unpacked.path()), "{} has no flink-dist jar", package.display());
    std::fs::create_dir_all(lib.parent().context("no place for the jars")?)?;
    if lib.exists() {
        std::fs::remove_dir_all(lib)?;
    }
    std::fs::rename(unpacked.keep(), lib)?;
    Ok(())
}
