//! Nothing is depended on that no source names.

use std::collections::BTreeSet;

use anyhow::Result;

use super::workspace::{Dependency, File, Package, Workspace};
use super::{Check, rust};

pub(super) const CHECK: Check = Check {
    name: "dependencies",
    rule: "every dependency is named by a source of its crate, a normal one by more than tests",
    way_out: "remove it from Cargo.toml, or move it to [dev-dependencies]",
    run,
};

/// Dependencies for the sake of a feature of theirs, and why.
const UNNAMED: &[(&str, &str)] = &[];

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let mut places = Vec::new();
    for package in &workspace.packages {
        places.extend(unused(workspace, package));
        places.extend(repeated(package));
    }
    places.extend(unshared(workspace));
    Ok(places)
}

fn unused(workspace: &Workspace, package: &Package) -> Vec<String> {
    let source = format!("{}/src/", package.folder);
    let (mut in_source, mut anywhere) = (BTreeSet::new(), BTreeSet::new());
    let borrowed = workspace.rust_in(&package.folder).flat_map(|file| borrowed(workspace, file));
    for file in workspace.rust_in(&package.folder).chain(borrowed) {
        let is_source = file.path.starts_with(&source);
        // Doc comments and macros' texts use crates, too: words of the whole text, not tokens.
        anywhere.extend(words(&file.text));
        if is_source {
            in_source.extend(rust::tokens(&file.text).into_iter().map(|token| token.text));
        }
    }
    let place = |dependency: &Dependency| {
        let ident = dependency.ident();
        let named = if dependency.is_dev() { &anywhere } else { &in_source };
        let is_named = named.contains(ident.as_str()) || UNNAMED.contains(&(package.short(), ident.as_str()));
        let kind = dependency.kind.as_deref().unwrap_or("normal");
        (!is_named).then(|| format!("{}: {ident} ({kind})", package.folder))
    };
    package.manifest.dependencies.iter().filter_map(place).collect()
}

/// The files of others that it has as modules by `#[path = "…"]`.
fn borrowed<'a>(workspace: &'a Workspace, file: &'a File) -> impl Iterator<Item = &'a File> {
    let paths = file.text.split("#[path = \"").skip(1).filter_map(|rest| rest.split('"').next());
    paths.filter_map(|path| {
        let mut folder: Vec<&str> = file.path.split('/').collect();
        folder.pop();
        for step in path.split('/') {
            if step == ".." {
                folder.pop();
            } else {
                folder.push(step);
            }
        }
        workspace.file(&folder.join("/"))
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c != '_' && !c.is_alphanumeric())
}

/// Dependencies of tests that the crate has anyway.
fn repeated(package: &Package) -> Vec<String> {
    let all = &package.manifest.dependencies;
    let adds_nothing = |dev: &&Dependency| {
        let same = all.iter().find(|other| !other.is_dev() && other.ident() == dev.ident());
        dev.is_dev() && same.is_some_and(|same| dev.features.iter().all(|feature| same.features.contains(feature)))
    };
    let repeated = all.iter().filter(adds_nothing);
    repeated.map(|dev| format!("{}: {} (dev) is a normal dependency already", package.folder, dev.ident())).collect()
}

/// Shared versions that no member takes.
fn unshared(workspace: &Workspace) -> Vec<String> {
    let text = workspace.file("Cargo.toml").map_or("", |file| file.text.as_str());
    let section = text.lines().skip_while(|line| line.trim() != "[workspace.dependencies]").skip(1);
    let names = section.take_while(|line| !line.starts_with('[')).filter_map(|line| Some(line.split_once(" = ")?.0));
    let is_taken = |name: &str| {
        let taken: BTreeSet<_> = workspace
            .packages
            .iter()
            .flat_map(|package| &package.manifest.dependencies)
            .map(|dependency| dependency.rename.as_ref().unwrap_or(&dependency.name))
            .collect();
        taken.iter().any(|taken| *taken == name)
    };
    names.filter(|name| !is_taken(name)).map(|name| format!("Cargo.toml: {name} (workspace)")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::Manifest;

    fn workspace(files: &[(&str, &str)], dependencies: &[(&str, Option<&str>)]) -> Workspace {
        let mut workspace = Workspace::of_files(files);
        let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
            ..Dependency::default()
        };
        let manifest = Manifest { dependencies: dependencies.iter().map(dependency).collect(), ..Manifest::default() };
        workspace.packages.push(Package { name: "a".to_owned(), folder: "a".to_owned(), manifest });
        workspace
    }

    #[test]
    fn an_unused_one_and_one_for_tests_only_are_found() {
        let files = [
            ("a/src/lib.rs", "// url\nuse serde_json::Value;\n#[cfg(test)] mod tests { use rstest::rstest; }"),
            ("a/tests/suite.rs", "fn main() { tokio::spawn() }"),
        ];
        let dependencies =
            [("serde-json", None), ("url", None), ("rstest", None), ("tokio", Some("dev")), ("sqlx", Some("dev"))];
        assert_eq!(
            run(&workspace(&files, &dependencies)).unwrap(),
            ["a: url (normal)", "a: rstest (normal)", "a: sqlx (dev)"]
        );
    }

    #[test]
    fn what_a_module_of_another_crate_names_is_used() {
        let files = [
            ("a/tests/it/main.rs", "#[path = \"../../../b/tests/url.rs\"]\nmod url;"),
            ("b/tests/url.rs", "sqlx::x()"),
        ];
        let dependencies = [("sqlx", Some("dev")), ("bytes", Some("dev"))];
        assert_eq!(run(&workspace(&files, &dependencies)).unwrap(), ["a: bytes (dev)"]);
    }

    #[test]
    fn one_of_tests_that_is_normal_anyway_is_found() {
        let files = [("a/src/lib.rs", "use url::Url;")];
        let found = run(&workspace(&files, &[("url", None), ("url", Some("dev"))])).unwrap();
        assert_eq!(found, ["a: url (dev) is a normal dependency already"]);
    }

    #[test]
    fn a_shared_version_that_nobody_takes_is_found() {
        let manifest = "[workspace.dependencies]\nurl = \"2\"\nbytes = \"1\"\n\n[profile.dev]\ndebug = \"x\"\n";
        let files = [("Cargo.toml", manifest), ("a/src/lib.rs", "use url::Url;")];
        assert_eq!(run(&workspace(&files, &[("url", None)])).unwrap(), ["Cargo.toml: bytes (workspace)"]);
    }
}
