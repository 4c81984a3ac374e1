//! Domain types have no JSON of their own: a rename inside can't change a database.

use anyhow::Result;

use super::workspace::Workspace;
use super::{Check, rust};

pub(super) const CHECK: Check = Check {
    name: "serialize",
    rule: "in autoscaler-core only the rows' shapes derive Serialize or Deserialize",
    way_out: "give the row a struct in autoscaler-core/src/state/codec/wire.rs and convert",
    run,
};

/// The file of shapes, and its folder.
const SHAPES: &str = "autoscaler-core/src/state/codec/wire";

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let mut places = Vec::new();
    for file in workspace.rust_in("autoscaler-core/src").filter(|file| !file.path.starts_with(SHAPES)) {
        let mut is_derive = false;
        for token in rust::tokens(&file.text) {
            match token.text {
                "derive" => is_derive = true,
                "]" => is_derive = false,
                "Serialize" | "Deserialize" if is_derive => {
                    places.push(format!("{}:{}: {}", file.path, token.line, token.text));
                }
                _ => {}
            }
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_type_with_json_is_found() {
        let text = "use serde::Serialize;\n#[derive(Debug, Serialize)]\nstruct Event;";
        let files = [("autoscaler-core/src/event.rs", text), ("autoscaler-core/src/state/codec/wire.rs", text)];
        assert_eq!(run(&Workspace::of_files(&files)).unwrap(), ["autoscaler-core/src/event.rs:2: Serialize"]);
    }
}
