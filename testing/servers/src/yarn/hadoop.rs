//! Hadoop's jars.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::maven;
use crate::process::target_directory;

const VERSION: &str = "3.4.2";
const POM: &str = include_str!("../../yarn/hadoop.pom");

/// Where an unpacked distribution has its jars.
const FOLDERS: [&str; 7] =
    ["common", "common/lib", "hdfs", "yarn", "yarn/lib", "yarn/timelineservice", "yarn/timelineservice/lib"];

/// What Java 17 must open for Hadoop.
const OPENED: [&str; 8] = [
    "java.base/java.lang",
    "java.base/java.util",
    "java.base/java.io",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/sun.nio.ch",
    "java.base/java.math",
    "java.base/java.text",
];

/// A set of Hadoop's jars.
#[derive(Clone, Debug)]
pub struct Hadoop {
    /// What it is: a version, or the directory it is in.
    pub name: String,
    /// Folders of jars.
    folders: Vec<PathBuf>,
    /// The Java that its processes run in, and that they start containers with.
    pub(super) java_home: String,
}

impl Hadoop {
    /// Whether nothing has to be downloaded.
    pub fn is_there() -> bool {
        home().is_some() || cache().is_ok_and(|cache| place(&cache).exists())
    }

    /// Finds Hadoop in `HADOOP_HOME` where that is set, else downloads it with Maven, once for all processes, which wait for each other.
    /// `say` is told what takes long.
    ///
    /// # Errors
    /// No JDK, no Maven, no network; says what to install.
    pub fn obtain(say: &dyn Fn(&str)) -> Result<Self> {
        Self::chosen(home(), java_home()?, || download(say))
    }

    fn chosen(home: Option<PathBuf>, java_home: String, download: impl FnOnce() -> Result<PathBuf>) -> Result<Self> {
        let Some(home) = home else {
            return Ok(Self { name: format!("Hadoop {VERSION}"), folders: vec![download()?], java_home });
        };
        let share = home.join("share/hadoop");
        ensure!(share.is_dir(), "HADOOP_HOME is set, but there is no {}", share.display());
        let folders = FOLDERS.iter().map(|folder| share.join(folder)).collect();
        Ok(Self { name: share.display().to_string(), folders, java_home })
    }

    /// The class path of all jars.
    pub(super) fn class_path(&self, separator: &str) -> String {
        let folders: Vec<String> = self.folders.iter().map(|folder| format!("{}/*", folder.display())).collect();
        folders.join(separator)
    }

    /// `java` with its class path, `configuration` at its head.
    pub(super) fn java(&self, configuration: &Path, heap: &str) -> Command {
        let mut java = Command::new("env");
        java.arg(format!("JAVA_HOME={}", self.java_home));
        java.arg(format!("HADOOP_CONF_DIR={}", configuration.display()));
        java.arg(format!("{}/bin/java", self.java_home));
        java.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", &format!("-Xmx{heap}")]);
        java.args(OPENED.map(|module| format!("--add-opens={module}=ALL-UNNAMED")));
        java.arg("-cp").arg(format!("{}:{}", configuration.display(), self.class_path(":")));
        java
    }
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HADOOP_HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}

fn cache() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    Ok(std::path::absolute(target_directory(&root))?.join("yarn"))
}

fn place(cache: &Path) -> PathBuf {
    cache.join(format!("hadoop-{VERSION}"))
}

/// Where the JDK is.
fn java_home() -> Result<String> {
    if let Some(home) = std::env::var("JAVA_HOME").ok().filter(|home| !home.is_empty()) {
        return Ok(home);
    }
    let missing =
        "a real YARN needs a JDK 11 or later. On Debian or Ubuntu: apt-get install -y openjdk-17-jdk-headless";
    let output = Command::new("java").args(["-XshowSettings:properties", "-version"]).output().context(missing)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let home = said.lines().find_map(|line| line.trim().strip_prefix("java.home = "));
    Ok(home.context("java does not say where it is: set JAVA_HOME")?.to_owned())
}

fn download(say: &dyn Fn(&str)) -> Result<PathBuf> {
    let cache = cache()?;
    std::fs::create_dir_all(&cache)?;
    let lock = std::fs::File::create(cache.join("lock"))?;
    lock.lock().context("can't wait for another process that downloads")?;
    let place = place(&cache);
    if place.exists() {
        return Ok(place);
    }
    say(&format!("downloading Hadoop {VERSION} from Maven Central (80 MB, once)"));
    let advice = format!(
        "Hadoop {VERSION}; on Debian or Ubuntu: apt-get install -y maven; or set HADOOP_HOME to an unpacked Hadoop"
    );
    maven::download(POM, &place, &advice, |_| Ok(()))?;
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(home: Option<&Path>) -> Result<String> {
        let download = || match home {
            Some(_) => anyhow::bail!("it was downloaded"),
            None => Ok(PathBuf::from("/cache")),
        };
        Ok(Hadoop::chosen(home.map(Path::to_owned), "/java".to_owned(), download)?.class_path(":"))
    }

    #[test]
    fn what_is_there_is_used_and_nothing_downloaded() {
        let home = tempfile::tempdir().unwrap();
        let error = chosen(Some(home.path())).unwrap_err().to_string();
        assert!(error.contains("HADOOP_HOME is set, but there is no"), "{error}");
        let share = home.path().join("share/hadoop");
        std::fs::create_dir_all(&share).unwrap();
        let path = chosen(Some(home.path())).unwrap();
        for folder in ["common/lib/*", "yarn/*", "yarn/lib/*"] {
            assert!(path.split(':').any(|entry| Path::new(entry) == share.join(folder)), "{folder} in {path}");
        }
        assert_eq!(chosen(None).unwrap(), "/cache/*");
    }
}
