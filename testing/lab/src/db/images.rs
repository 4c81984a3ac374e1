//! Images of the servers, for Docker engines that can pull none: the server's files and the libraries they need, a
//! data directory that is initialised, and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use servers::database::{ImageParts, Server, image_parts};

use crate::provision;

/// Whom the server runs as, in the image.
const OWNER: &str = "999:999";

/// Makes an image of each server.
pub(crate) fn make(may_install: bool) -> Result<()> {
    provision::servers(may_install)?;
    let docker = Command::new("docker").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    ensure!(
        docker.is_ok_and(|status| status.success()),
        "no Docker engine answers; on Debian or Ubuntu: apt-get install -y docker.io, then dockerd"
    );
    for server in [Server::Postgres, Server::MySql, Server::MariaDb] {
        let work = tempfile::tempdir()?;
        let parts = image_parts(server, work.path()).with_context(|| format!("{} can't be prepared", server.name()))?;
        let root = work.path().join("root");
        assemble(&parts, &root)?;
        import(&root, &parts)?;
        println!("{} is ready", parts.image);
    }
    Ok(())
}

/// Puts the files together under `root`, each at its own path.
fn assemble(parts: &ImageParts, root: &Path) -> Result<()> {
    let mut files: BTreeSet<PathBuf> = parts.files.iter().cloned().collect();
    for binary in &parts.binaries {
        files.insert(binary.clone());
        files.extend(libraries(binary)?);
    }
    for file in files {
        let target = root.join(file.strip_prefix("/").unwrap_or(&file));
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        // What a link names is what the program needs.
        run(Command::new("cp").args(["-rL"]).arg(&file).arg(&target))?;
    }
    let data = root.join("data");
    run(Command::new("cp").arg("-r").arg(&parts.data).arg(&data))?;
    std::fs::create_dir_all(root.join("tmp"))?;
    std::fs::create_dir_all(root.join("etc"))?;
    std::fs::write(root.join("etc/passwd"), "server:x:999:999::/data:/bin/false\n")?;
    std::fs::write(root.join("etc/group"), "server:x:999:\n")?;
    run(Command::new("chmod").arg("1777").arg(root.join("tmp")))?;
    run(Command::new("chmod").args(["-R", "u=rwX,go="]).arg(&data))?;
    run(Command::new("chown").args(["-R", OWNER]).arg(&data))
}

/// The libraries that a program is linked with, its loader among them.
fn libraries(binary: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("ldd").arg(binary).output().context("can't start ldd")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')))
        .map(PathBuf::from)
        .collect())
}

fn import(root: &Path, parts: &ImageParts) -> Result<()> {
    let mut tar =
        Command::new("tar").arg("-C").arg(root).args(["--numeric-owner", "-c", "."]).stdout(Stdio::piped()).spawn()?;
    let archive = tar.stdout.take().context("tar has no output")?;
    let command = serde_json::to_string(&parts.command)?;
    let mut docker = Command::new("docker");
    docker.args(["import", "--change", "USER 999:999", "--change", &format!("EXPOSE {}", parts.port)]);
    docker.args(["--change", &format!("CMD {command}"), "-", &parts.image]).stdin(archive).stdout(Stdio::null());
    ensure!(docker.status()?.success() && tar.wait()?.success(), "docker import failed");
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("can't start {:?}", command.get_program()))?;
    ensure!(output.status.success(), "{:?} failed: {}", command.get_program(), String::from_utf8_lossy(&output.stderr));
    Ok(())
}
