//! Deciding is a plain function call.

use anyhow::Result;

use super::workspace::Workspace;
use super::{Check, rust};

pub(super) const CHECK: Check = Check {
    name: "async-core",
    rule: "autoscaler-core is async only in the traits of its ports",
    way_out: "let the caller wait, and hand the core what came of it",
    run,
};

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let is_port = |path: &str| path.starts_with("autoscaler-core/src/ports");
    let mut places = Vec::new();
    for file in workspace.rust_in("autoscaler-core/src").filter(|file| !is_port(&file.path)) {
        let found = rust::tokens(&file.text).into_iter().filter(|token| matches!(token.text, "async" | "await"));
        places.extend(found.map(|token| format!("{}:{}: {}", file.path, token.line, token.text)));
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn async_outside_of_the_ports_is_found() {
        let text = "//! async\nasync fn f() {}";
        let files = [("autoscaler-core/src/cycle.rs", text), ("autoscaler-core/src/ports/store.rs", text)];
        assert_eq!(run(&Workspace::of_files(&files)).unwrap(), ["autoscaler-core/src/cycle.rs:2: async"]);
    }
}
