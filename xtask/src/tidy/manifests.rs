//! What crates.io and docs.rs show of a crate.

use anyhow::Result;

use super::Check;
use super::workspace::{Package, Workspace};

pub(super) const CHECK: Check = Check {
    name: "manifests",
    rule: "a crate either has `publish = false` or is named flink-autoscaler… and has README.md, description, keywords, \
           categories, repository and `[package.metadata.docs.rs] all-features`",
    way_out: "complete its Cargo.toml; those of handler-logging are a model",
    run,
};

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let published = workspace.packages.iter().filter(|package| package.is_published());
    let lacking = |package: &Package| {
        let lacking = lacking(workspace, package);
        (!lacking.is_empty()).then(|| format!("{}: lacks {}", package.folder, lacking.join(", ")))
    };
    Ok(published.filter_map(lacking).collect())
}

fn lacking(workspace: &Workspace, package: &Package) -> Vec<&'static str> {
    let manifest = &package.manifest;
    let has_readme = workspace.file(&format!("{}/README.md", package.folder)).is_some();
    let docs_have_all = manifest.metadata.pointer("/docs/rs/all-features") == Some(&serde_json::Value::Bool(true));
    let needed = [
        (package.name.starts_with("flink-autoscaler"), "a name that begins with flink-autoscaler, or publish = false"),
        (has_readme, "README.md"),
        (manifest.description.is_some(), "description"),
        (!manifest.keywords.is_empty(), "keywords"),
        (!manifest.categories.is_empty(), "categories"),
        (manifest.repository.is_some(), "repository"),
        (docs_have_all, "[package.metadata.docs.rs] all-features = true"),
    ];
    needed.into_iter().filter(|(has, _)| !has).map(|(_, what)| what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::Manifest;

    #[test]
    fn an_incomplete_published_crate_is_found() {
        let mut workspace = Workspace::of_files(&[("a/README.md", "")]);
        let manifest = Manifest { description: Some("A".to_owned()), ..Manifest::default() };
        workspace.packages.push(Package { name: "a".to_owned(), folder: "a".to_owned(), manifest });
        let own = Manifest { publish: Some(Vec::new()), ..Manifest::default() };
        workspace.packages.push(Package { name: "b".to_owned(), folder: "b".to_owned(), manifest: own });
        let found = run(&workspace).unwrap();
        let [line] = found.as_slice() else { panic!("{found:?}") };
        assert!(line.starts_with("a: lacks a name") && line.contains("keywords") && !line.contains("README"), "{line}");
    }
}
