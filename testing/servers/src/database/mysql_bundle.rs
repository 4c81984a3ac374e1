//! MySQL's own server where Debian's stable suites have none: the package of Debian's unstable suite, unpacked into a directory
//! and started through its own loader, so that nothing of the machine is touched.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

const LOADER: &str = "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2";
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";
const SERVER: &str = "usr/sbin/mysqld";
/// Whose signatures packages must have: what they hold is run.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Where it is unpacked.
fn place() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    crate::process::target_directory(&root).join("mysql")
}

/// Where it was unpacked, if it was.
fn root() -> Option<PathBuf> {
    std::fs::canonicalize(place()).ok().filter(|root| root.join(SERVER).exists())
}

/// The command that starts the server, if it was unpacked.
pub(super) fn command() -> Option<Vec<String>> {
    let root = root()?;
    let text = |path: &str| root.join(path).display().to_string();
    Some({
        vec![
            text(LOADER),
            "--library-path".to_owned(),
            text(LIBRARIES),
            text(SERVER),
            "--no-defaults".to_owned(),
            format!("--basedir={}", text("usr")),
            format!("--lc-messages-dir={}", text("usr/share/mysql")),
        ]
    })
}

/// Fetches and unpacks it, if it is not there.
///
/// # Errors
/// This is not Debian or Ubuntu on x86-64, or the package can't be had.
pub fn obtain() -> Result<()> {
    if command().is_some() {
        return Ok(());
    }
    ensure!(cfg!(all(target_os = "linux", target_arch = "x86_64")), "only for Linux on x86-64");
    let work = tempfile::tempdir()?;
    let directory = |name: &str| -> Result<PathBuf> {
        let path = work.path().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    };
    let (state, cache) = (directory("state/lists/partial")?, directory("cache/archives/partial")?);
    let sources = work.path().join("sources.list");
    let mirror = debian_mirror();
    std::fs::write(&sources, format!("deb [signed-by={KEYRING}] {mirror} sid main\n"))?;
    let status = work.path().join("status");
    std::fs::write(&status, "")?;
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.arg("-qq");
        for option in [
            format!("Dir::Etc::sourcelist={}", sources.display()),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            format!("Dir::State={}", state.parent().and_then(Path::parent).unwrap_or(&state).display()),
            format!("Dir::State::status={}", status.display()),
            format!("Dir::Cache={}", cache.parent().and_then(Path::parent).unwrap_or(&cache).display()),
            "Debug::NoLocking=1".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
        ] {
            apt.args(["-o", &option]);
        }
        crate::process::run(apt.args(arguments))
    };
    apt(&["update"]).context("can't read Debian's unstable suite")?;
    apt(&["install", "--download-only", "--no-install-recommends", "-y", "mysql-server-core"])
        .context("can't download mysql-server-core")?;
    let unpacked = tempfile::tempdir_in(place().parent().context("no target directory")?)?;
    for package in std::fs::read_dir(work.path().join("cache/archives"))?.flatten() {
        if package.path().extension().is_some_and(|extension| extension == "deb") {
            crate::process::run(Command::new("dpkg-deb").arg("-x").arg(package.path()).arg(unpacked.path()))?;
        }
    }
    ensure!(unpacked.path().join(SERVER).exists(), "the packages have no mysqld");
    // Others than root are to run it.
    crate::process::run(Command::new("chmod").args(["-R", "a+rX"]).arg(unpacked.path()))?;
    std::fs::rename(unpacked.keep(), place())?;
    Ok(())
}

/// The mirror that this machine's own apt uses, else Debian's.
fn debian_mirror() -> String {
    let output = Command::new("apt-cache").arg("policy").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let urls = text.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with("http")));
    let mut mirrors = urls.filter(|url| url.trim_end_matches('/').ends_with("/debian"));
    mirrors.next().unwrap_or("http://deb.debian.org/debian").to_owned()
}
