//! What the checks look at: packages as cargo knows them, files as git does.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::{Shell, cmd};

use crate::cargo::cargo;
use crate::paths;

/// The tree, read once.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    pub(super) packages: Vec<Package>,
    /// Every text file that git has or would take.
    pub(super) files: Vec<File>,
}

/// A file of text.
#[derive(Debug)]
pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// A member of the workspace.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// Its name in the registry.
    pub(super) name: String,
    /// Its folder from the root.
    pub(super) folder: String,
    pub(super) manifest: Manifest,
}

/// What `cargo metadata` tells of a package.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) manifest_path: String,
    pub(super) description: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) categories: Vec<String>,
    /// The registries it may go to; none of them where `publish = false`.
    pub(super) publish: Option<Vec<String>>,
    pub(super) metadata: serde_json::Value,
    pub(super) dependencies: Vec<Dependency>,
}

/// An edge to another package.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// `dev`, `build`, or nothing for a normal one.
    pub(super) kind: Option<String>,
    pub(super) rename: Option<String>,
    pub(super) features: Vec<String>,
    /// The versions that will do; `*` where only its path is named.
    pub(super) req: String,
    /// Its folder, where it is of the workspace.
    pub(super) path: Option<String>,
}

impl Dependency {
    pub(super) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }

    /// What sources call it.
    pub(super) fn ident(&self) -> String {
        self.rename.as_ref().unwrap_or(&self.name).replace('-', "_")
    }
}

impl Package {
    /// The last part of its folder: what the layout calls it.
    pub(super) fn short(&self) -> &str {
        short(&self.folder)
    }

    pub(super) fn is_published(&self) -> bool {
        self.manifest.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }
}

impl Workspace {
    pub(super) fn read() -> Result<Self> {
        let shell = Shell::new()?;
        let root = paths::root();
        shell.change_dir(&root);
        let metadata = cargo(&shell).args(["metadata", "--no-deps", "--format-version", "1"]).quiet().read()?;
        let listed = cmd!(shell, "git ls-files --cached --others --exclude-standard").quiet().read()?;
        let mut files = Vec::new();
        for path in listed.lines() {
            // What is deleted but not committed yet, and what is no text, is nobody's business here.
            if let Ok(text) = std::fs::read_to_string(root.join(path)) {
                files.push(File { path: path.to_owned(), text });
            }
        }
        Ok(Self { packages: packages(&metadata, &root)?, files })
    }

    pub(super) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The Rust files under a folder.
    pub(super) fn rust_in(&self, folder: &str) -> impl Iterator<Item = &File> {
        let folder = format!("{folder}/");
        self.rust().filter(move |file| file.path.starts_with(&folder))
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    #[cfg(test)]
    pub(super) fn of_files(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { packages: Vec::new(), files: files.iter().map(file).collect() }
    }
}

fn packages(metadata: &str, root: &Path) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Manifest>,
    }
    let metadata: Metadata = serde_json::from_str(metadata).context("cargo metadata")?;
    let of_root = |path: &str| {
        let path = Path::new(path).strip_prefix(root).with_context(|| format!("{path} is outside the workspace"))?;
        Ok::<_, anyhow::Error>(path.to_string_lossy().replace('\\', "/"))
    };
    let package = |mut manifest: Manifest| {
        let folder = of_root(&manifest.manifest_path)?.trim_end_matches("/Cargo.toml").to_owned();
        for dependency in &mut manifest.dependencies {
            dependency.path = dependency.path.as_deref().map(of_root).transpose()?;
        }
        Ok(Package { name: manifest.name.clone(), folder, manifest })
    };
    metadata.packages.into_iter().map(package).collect()
}

/// The last part of a folder.
pub(super) fn short(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_with_their_folders() {
        let metadata = r#"{"packages":[{"name":"x-store","manifest_path":"/r/store/Cargo.toml","publish":[],
            "dependencies":[{"name":"x-core","rename":"the-core","kind":"dev","path":"/r/core"}]}]}"#;
        let packages = packages(metadata, Path::new("/r")).unwrap();
        let [package] = packages.as_slice() else { panic!("{packages:?}") };
        assert_eq!((package.folder.as_str(), package.is_published()), ("store", false));
        let dependency = &package.manifest.dependencies[0];
        assert_eq!((dependency.path.as_deref(), dependency.is_dev()), (Some("core"), true));
        assert_eq!(dependency.ident(), "the_core");
    }
}
