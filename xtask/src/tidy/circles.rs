//! No circles between the modules of a crate.
//!
//! The modules of one folder, each with everything below it, are the ideas of that folder; who imports whom among them
//! has no circles, at every level. A module's file and its own folder are one idea: what they import from each other
//! does not count. An import counts where the name is defined, whatever re-exports lead to it.

mod graph;
mod imports;
mod modules;

use anyhow::Result;

use self::modules::Crate;
use super::Check;
use super::workspace::Workspace;

pub(super) const CHECK: Check = Check {
    name: "circles",
    rule: "modules of one crate don't import each other in circles",
    way_out: "move what both need to a file of its own that imports neither",
    run,
};

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let mut places = Vec::new();
    for package in &workspace.packages {
        let source = format!("{}/src/", package.folder);
        let files =
            workspace.rust_in(&package.folder).filter_map(|file| Some((file.path.strip_prefix(&source)?, file)));
        let files = files.map(|(path, file)| (path, file.text.as_str()));
        places.extend(circles(files).iter().map(|circle| format!("{}: {circle}", package.folder)));
    }
    Ok(places)
}

fn circles<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    graph::circles(&Crate::new(files).imports())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        circles(files.iter().copied())
    }

    #[test]
    fn two_files_that_import_each_other_are_found() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B;\nstruct A;"),
            ("b.rs", "use super::a;\nstruct B;"),
        ];
        assert_eq!(found(&files), ["a -> b (a.rs:1), b -> a (b.rs:1)"]);
    }

    #[test]
    fn longer_circles_through_re_exports_and_folders_are_found() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c; pub use a::inner::A as First;"),
            ("a.rs", "pub(crate) mod inner;"),
            ("a/inner.rs", "use crate::{b::{self, B}, c as other}; pub struct A;"),
            ("b.rs", "fn f() { crate::c::g() } pub struct B;"),
            ("c.rs", "use crate::First;"),
        ];
        assert_eq!(found(&files), ["a -> b (a/inner.rs:1), a -> c (a/inner.rs:1), b -> c (b.rs:1), c -> a (c.rs:1)"]);
    }

    #[test]
    fn siblings_in_a_folder_are_found() {
        let files = [
            ("main.rs", "mod p;"),
            ("p.rs", "mod x; mod y; pub use y::Y;"),
            ("p/x.rs", "use super::Y; pub struct X;"),
            ("p/y.rs", "use super::x::*; pub struct Y;"),
        ];
        assert_eq!(found(&files), ["p/x -> p/y (p/x.rs:1), p/y -> p/x (p/y.rs:1)"]);
    }

    #[test]
    fn a_module_and_its_folder_are_one_idea() {
        let files = [
            ("lib.rs", "mod p; pub struct Root; pub use p::x::X;"),
            ("p.rs", "mod x; use x::X; use crate::Root; struct Shared;"),
            ("p/x.rs", "use super::Shared; pub struct X;\n#[cfg(test)] mod tests { use super::*; use crate::q::Q; }"),
            ("q.rs", "use crate::X; pub struct Q;"),
        ];
        assert!(found(&files).is_empty(), "{:?}", found(&files));
    }
}
