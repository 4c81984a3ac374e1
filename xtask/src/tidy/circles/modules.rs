//! The modules of a crate, and which file a path leads to.

use std::collections::BTreeMap;

use super::imports::{Imports, Path};

/// A module by its names from the crate's root.
pub(super) type Module = Vec<String>;

/// An import: who, of whom, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) from: Module,
    pub(super) to: Module,
    /// File and line.
    pub(super) place: String,
}

/// A crate's files as modules.
#[derive(Debug, Default)]
pub(super) struct Crate {
    files: BTreeMap<Module, (String, Imports)>,
}

/// Re-exports followed at most: more would be a circle of their own.
const STEPS: usize = 16;

impl Crate {
    /// Of the files under `src`, by their paths from there. What is only for tests is left out.
    pub(super) fn new<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let files = files
            .map(|(path, text)| (module_of(path), path, text))
            .filter(|(module, ..)| module.last().is_none_or(|name| name != "tests"))
            .map(|(module, path, text)| (module, (path.to_owned(), Imports::read(text))));
        Self { files: files.collect() }
    }

    /// Every import of another file's item.
    pub(super) fn imports(&self) -> Vec<Import> {
        let mut found = Vec::new();
        for (from, (file, imports)) in &self.files {
            for path in &imports.paths {
                if let Some(to) = self.target(from, path, STEPS).filter(|to| to != from) {
                    found.push(Import { from: from.clone(), to, place: format!("{file}:{}", path.line) });
                }
            }
        }
        found
    }

    /// The file in which what a path of `module` names is defined; none for other crates'.
    fn target(&self, module: &Module, path: &Path, steps: usize) -> Option<Module> {
        let (first, rest) = path.segments.split_first()?;
        let start = match first.as_str() {
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => return self.above(module, rest, path.depth, steps),
            name => {
                let child = child(module, name);
                if !self.files.contains_key(&child) {
                    return None;
                }
                child
            }
        };
        Some(self.definition(start, rest, steps))
    }

    /// `super::` again and again: first out of the modules written out in the file, then out of the file.
    fn above(&self, module: &Module, rest: &[String], depth: usize, steps: usize) -> Option<Module> {
        let mut start = module.clone();
        let more = rest.iter().take_while(|name| *name == "super").count();
        for _ in 0..(more + 1).saturating_sub(depth) {
            start.pop()?;
        }
        Some(self.definition(start, &rest[more..], steps))
    }

    /// Walks down from `module` as long as the names are modules, then along its re-exports.
    fn definition(&self, module: Module, names: &[String], steps: usize) -> Module {
        let Some((name, rest)) = names.split_first() else { return module };
        let child = child(&module, name);
        if self.files.contains_key(&child) {
            return self.definition(child, rest, steps);
        }
        let Some((_, imports)) = self.files.get(&module) else { return module };
        if steps == 0 || imports.defined.contains(name) {
            return module;
        }
        let follow = |path: &Path| self.target(&module, path, steps - 1);
        if let Some(path) = imports.paths.iter().find(|path| path.alias.as_ref() == Some(name)) {
            return follow(path).map_or(module.clone(), |to| self.definition(to, rest, steps - 1));
        }
        let globs = imports.paths.iter().filter(|path| path.alias.as_deref() == Some("*")).filter_map(follow);
        let mut defining =
            globs.map(|glob| self.definition(glob, names, steps - 1)).filter(|to| self.defines(to, name));
        defining.next().unwrap_or(module.clone())
    }

    fn defines(&self, module: &Module, name: &str) -> bool {
        self.files.get(module).is_some_and(|(_, imports)| imports.defined.contains(name))
    }
}

fn child(module: &Module, name: &str) -> Module {
    let mut child = module.clone();
    child.push(name.to_owned());
    child
}

fn module_of(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    if path == "lib" || path == "main" {
        return Module::new();
    }
    path.split('/').map(str::to_owned).collect()
}
