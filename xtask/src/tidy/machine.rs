//! Nothing knows the machine it was written on.

use anyhow::Result;

use super::Check;
use super::workspace::Workspace;
use crate::paths;

pub(super) const CHECK: Check = Check {
    name: "machine",
    rule: "no file names a path of one machine",
    way_out: "make the path relative to the workspace, or an argument",
    run,
};

/// Folders in which people and build servers keep their checkouts.
const HOMES: &[&str] = &["home", "Users", "root", "work", "workspace"];

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let root = paths::root().to_string_lossy().into_owned();
    Ok(places(workspace, &root))
}

fn places(workspace: &Workspace, root: &str) -> Vec<String> {
    let mut places = Vec::new();
    for file in &workspace.files {
        for (line, text) in (1..).zip(file.text.lines()) {
            if let Some(path) = own_path(text, root) {
                places.push(format!("{}:{line}: {path}", file.path));
            }
        }
    }
    places
}

/// The path that begins at the root of a file system and goes into somebody's folder.
fn own_path<'a>(line: &'a str, root: &'a str) -> Option<&'a str> {
    if root.len() > 1 && line.contains(root) {
        return Some(root);
    }
    let is_inside = |c: char| c.is_alphanumeric() || "/.:_-$})".contains(c);
    line.match_indices('/').find_map(|(at, _)| {
        let (before, path) = (&line[..at], &line[at..]);
        let (home, rest) = path[1..].split_once('/')?;
        let begins = !before.ends_with(is_inside) && rest.starts_with(|c: char| c.is_alphanumeric());
        (begins && HOMES.contains(&home)).then(|| path.split([' ', '"', '\'', '`']).next().unwrap_or(path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found() {
        let home = ["", "home", "me", "flink"].join("/");
        let text = format!("cd docs/home/page; GET http://host/root/x\ncat \"{home}\" /srv/checkout/a");
        let workspace = Workspace::of_files(&[("README.md", &text)]);
        assert_eq!(places(&workspace, "/nowhere"), [format!("README.md:2: {home}")]);
        assert_eq!(places(&workspace, "/srv/checkout"), ["README.md:2: /srv/checkout"]);
    }
}
