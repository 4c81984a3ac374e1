//! One place starts cargo.

use anyhow::Result;

use super::Check;
use super::workspace::Workspace;

pub(super) const CHECK: Check = Check {
    name: "cargos",
    rule: "xtask and what it runs start cargo through xtask/src/cargo.rs, which hides the variables of the cargo that runs them",
    way_out: "cargo::cargo(&shell) instead of a command of one's own; otherwise ring and all on it are built again each time",
    run,
};

const PROGRAMS: &[&str] = &["xtask/", "testing/lab/"];
const PLACE: &str = "xtask/src/cargo.rs";

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    // Cut in two, so that this file is not found itself.
    let starts = ["cmd!(shell, \"ca", "Command::new(\"ca", "var_os(\"CA", "var(\"CA"].map(|start| {
        let end = if start.ends_with("CA") { "RGO\")" } else { "rgo" };
        format!("{start}{end}")
    });
    let mut places = Vec::new();
    let is_looked_at = |path: &str| PROGRAMS.iter().any(|start| path.starts_with(start)) && path != PLACE;
    for file in workspace.rust().filter(|file| is_looked_at(&file.path)) {
        for (line, text) in (1..).zip(file.text.lines()) {
            if starts.iter().any(|start| text.contains(start)) {
                places.push(format!("{}:{line}: {}", file.path, text.trim()));
            }
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cargo_started_elsewhere_is_found() {
        let text = ["let a = cmd!(shell, \"car", "go build\");"].concat();
        let files = [("xtask/src/a.rs", text.as_str()), (PLACE, &text), ("flink-rest/src/a.rs", &text)];
        let found = run(&Workspace::of_files(&files)).unwrap();
        assert_eq!(found, [format!("xtask/src/a.rs:1: {text}")]);
    }
}
