//! etcd and kube-apiserver, built by Go from the Go module proxy and kept under `target/kubernetes`, by version.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{run, target_directory};

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

/// Where the two programs are.
#[derive(Debug)]
pub struct Programs {
    pub(super) etcd: PathBuf,
    pub(super) api_server: PathBuf,
}

/// Finds the programs, or builds them: once for all processes, which wait for each other. `say` is told what takes long.
///
/// # Errors
/// There is no Go, or its modules can't be had or built.
pub fn obtain(say: &dyn Fn(&str)) -> Result<Programs> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cache = target_directory(&root).join("kubernetes");
    std::fs::create_dir_all(&cache)?;
    let lock = File::create(cache.join("lock"))?;
    lock.lock().context("can't wait for another process that builds")?;
    Ok(Programs { etcd: ETCD.obtain(&cache, say)?, api_server: API_SERVER.obtain(&cache, say)? })
}

impl Program {
    fn obtain(&self, cache: &Path, say: &dyn Fn(&str)) -> Result<PathBuf> {
        let place = cache.join(format!("{}-{}", self.name, self.version));
        if place.exists() {
            return Ok(place);
        }
        say(&format!(
            "building {} {} with Go (both programs: six minutes on two free cores, once)",
            self.name, self.version
        ));
        let work = tempfile::tempdir_in(cache)?;
        std::fs::write(work.path().join("go.mod"), self.module)?;
        std::fs::write(work.path().join("go.sum"), self.sums)?;
        let built = work.path().join(self.name);
        let mut go = Command::new("go");
        go.current_dir(work.path()).args(["build", "-mod=mod", "-p=2", "-trimpath", "-ldflags", self.linker, "-o"]);
        run(go.arg(&built).arg(self.package)).with_context(|| {
            format!(
                "can't build {} {}; it needs Go 1.26 (https://go.dev/dl) and its module proxy",
                self.name, self.version
            )
        })?;
        std::fs::rename(built, &place)?;
        Ok(place)
    }
}
