//! A library leaves its process alone.

use anyhow::Result;

use super::workspace::Workspace;
use super::{Check, rust};

pub(super) const CHECK: Check = Check {
    name: "defaults",
    rule: "only programs set what holds for a whole process",
    way_out: "hand it to the client, subscriber or runtime that needs it",
    run,
};

const PROGRAMS: &[&str] = &["flink-autoscaler/", "xtask/", "examples/"];
const CALLS: &[&str] =
    &["install_default", "set_global_default", "set_hook", "set_var", "remove_var", "set_current_dir"];

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let is_program = |path: &str| PROGRAMS.iter().any(|start| path.starts_with(start)) || path.contains("/examples/");
    let mut places = Vec::new();
    for file in workspace.rust().filter(|file| !is_program(&file.path)) {
        let found = rust::all_tokens(&file.text).into_iter().filter(|token| CALLS.contains(&token.text));
        places.extend(found.map(|token| format!("{}:{}: {}", file.path, token.line, token.text)));
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_of_the_process_is_found() {
        let text = "fn f() {\nprovider().install_default(); }";
        let files = [("flink-rest/src/client.rs", text), ("flink-autoscaler/src/main.rs", text)];
        assert_eq!(run(&Workspace::of_files(&files)).unwrap(), ["flink-rest/src/client.rs:2: install_default"]);
    }
}
