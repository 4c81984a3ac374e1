//! Small files, one idea each.

use anyhow::Result;

use super::Check;
use super::workspace::Workspace;

pub(super) const CHECK: Check = Check {
    name: "lengths",
    rule: "a Rust file has 330 lines at most, a lib.rs 120",
    way_out: "give the second idea in it a file of its own, long tests a tests.rs in the module's folder",
    run,
};

const LINES: usize = 330;
const LINES_OF_LIB: usize = 120;

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let place = |path: &str, text: &str| {
        let most = if path.ends_with("/lib.rs") { LINES_OF_LIB } else { LINES };
        let lines = text.lines().count();
        (lines > most).then(|| format!("{path}: {lines} lines"))
    };
    Ok(workspace.rust().filter_map(|file| place(&file.path, &file.text)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let (lib, long) = ("\n".repeat(LINES_OF_LIB + 1), "\n".repeat(LINES + 1));
        let files = [("a/src/lib.rs", lib.as_str()), ("a/src/b.rs", &long), ("a/src/c.rs", &lib), ("a/d.sql", &long)];
        assert_eq!(run(&Workspace::of_files(&files)).unwrap(), ["a/src/lib.rs: 121 lines", "a/src/b.rs: 331 lines"]);
    }
}
