//! etcd, kube-apiserver and Helm, built by Go from the Go module proxy and kept under `target/kubernetes`, by version.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::go;
use crate::process::target_directory;

struct Program {
    name: &'static str,
    version: &'static str,
    package: &'static str,
    /// The module that requires it, with what it is checked by.
    module: &'static str,
    sums: &'static str,
    linker: &'static str,
}

const ETCD: Program = Program {
    name: "etcd",
    version: "3.6.16",
    package: "go.etcd.io/etcd/server/v3",
    module: include_str!("../../kubernetes/etcd.mod"),
    sums: include_str!("../../kubernetes/etcd.sum"),
    linker: "-s -w",
};

const API_SERVER: Program = Program {
    name: "kube-apiserver",
    version: "1.33.13",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    module: include_str!("../../kubernetes/apiserver.mod"),
    sums: include_str!("../../kubernetes/apiserver.sum"),
    // It says its version; clients may refuse one that says none.
    linker: "-s -w -X k8s.io/component-base/version.gitVersion=v1.33.13 \
             -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=33",
};

const HELM: Program = Program {
    name: "helm",
    version: "3.22.0",
    package: "helm.sh/helm/v3/cmd/helm",
    module: include_str!("../../kubernetes/helm.mod"),
    sums: include_str!("../../kubernetes/helm.sum"),
    linker: "-s -w -X helm.sh/helm/v3/internal/version.version=v3.22.0",
};

/// Where the two programs of an API server are.
#[derive(Debug)]
pub struct Programs {
    pub(super) etcd: PathBuf,
    pub(super) api_server: PathBuf,
}

/// Where they are kept.
pub(crate) fn cache() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    target_directory(&root).join("kubernetes")
}

/// Whether both are built.
pub fn are_there() -> bool {
    [ETCD, API_SERVER].iter().all(|program| program.place(&cache()).exists())
}

/// Finds the programs of an API server, or builds them: once for all processes, which wait for each other. `say` is told what
/// takes long.
///
/// # Errors
/// There is no Go, or its modules can't be had or built.
pub fn obtain(say: &dyn Fn(&str)) -> Result<Programs> {
    let (cache, _lock) = locked()?;
    Ok(Programs { etcd: ETCD.obtain(&cache, say)?, api_server: API_SERVER.obtain(&cache, say)? })
}

/// Whether Helm is on the path, or built.
pub fn has_helm() -> bool {
    is_helm_on_path() || HELM.place(&cache()).exists()
}

/// Helm: the one on the path, else one that is built as the others are, in a minute.
///
/// # Errors
/// As with [`obtain`].
pub fn helm(say: &dyn Fn(&str)) -> Result<PathBuf> {
    if is_helm_on_path() {
        return Ok(HELM.name.into());
    }
    let (cache, _lock) = locked()?;
    HELM.obtain(&cache, say)
}

/// Whether there is one of a version that takes our chart.
fn is_helm_on_path() -> bool {
    let asked =
        Command::new(HELM.name).args(["version", "--short"]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    asked.is_ok_and(|answer| answer.stdout.starts_with(b"v3.") || answer.stdout.starts_with(b"v4."))
}

/// The directory, and what keeps other processes from building in it.
pub(crate) fn locked() -> Result<(PathBuf, File)> {
    let cache = cache();
    std::fs::create_dir_all(&cache)?;
    let lock = File::create(cache.join("lock"))?;
    lock.lock().context("can't wait for another process that builds or downloads")?;
    Ok((cache, lock))
}

impl Program {
    fn place(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.name, self.version))
    }

    fn obtain(&self, cache: &Path, say: &dyn Fn(&str)) -> Result<PathBuf> {
        let place = self.place(cache);
        if place.exists() {
            return Ok(place);
        }
        let go = go::program()?;
        say(&format!(
            "building {} {} with Go (all programs for Kubernetes: seven minutes on two free cores, once)",
            self.name, self.version
        ));
        let work = tempfile::tempdir_in(cache)?;
        std::fs::write(work.path().join("go.mod"), self.module)?;
        std::fs::write(work.path().join("go.sum"), self.sums)?;
        let built = work.path().join(self.name);
        let mut build = Command::new(go);
        build.current_dir(work.path()).args(["build", "-v", "-mod=mod", "-p=2", "-trimpath", "-ldflags", self.linker]);
        self.run(build.arg("-o").arg(&built).arg(self.package), say)
            .with_context(|| format!("can't build {} {} from Go's module proxy", self.name, self.version))?;
        std::fs::rename(built, &place)?;
        Ok(place)
    }

    /// Runs it to its end, which takes minutes: how far it has come is told.
    fn run(&self, build: &mut Command, say: &dyn Fn(&str)) -> Result<()> {
        let mut running = build.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let said = running.stderr.take().context("what Go says can't be read")?;
        let mut progress = Progress::default();
        for line in BufReader::new(said).lines() {
            if let Some(counts) = progress.take(line?) {
                say(&format!("{}: {counts}", self.name));
            }
        }
        ensure!(running.wait()?.success(), "go build failed: {}", progress.last.make_contiguous().join("\n"));
        Ok(())
    }
}

/// How many lines make it worth telling how far a build has come.
const STEP: u32 = 250;
/// As many of the last lines are kept.
const KEPT: usize = 8;

/// What `go build -v` has said.
#[derive(Default)]
struct Progress {
    modules: u32,
    packages: u32,
    last: VecDeque<String>,
}

impl Progress {
    /// Takes a line, and tells how far it has come now and then.
    fn take(&mut self, line: String) -> Option<String> {
        // A package is named by its path alone.
        let is_package = !line.contains(' ');
        self.packages += u32::from(is_package);
        self.modules += u32::from(line.starts_with("go: downloading "));
        self.last.push_back(line);
        if self.last.len() > KEPT {
            self.last.pop_front();
        }
        let Self { modules, packages, .. } = self;
        (is_package && *packages % STEP == 0)
            .then(|| format!("{modules} modules fetched, {packages} packages compiled"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_tells_how_far_it_has_come() {
        let mut progress = Progress::default();
        assert_eq!(progress.take("go: downloading k8s.io/api v0.33.13".to_owned()), None);
        let told: Vec<_> = (0..STEP).filter_map(|package| progress.take(format!("k8s.io/api/p{package}"))).collect();
        assert_eq!(told, ["1 modules fetched, 250 packages compiled"]);
        progress.take("x.go:1:1: undefined: y".to_owned());
        assert_eq!((progress.last.len(), progress.last.back().unwrap().as_str()), (KEPT, "x.go:1:1: undefined: y"));
    }
}
