//! Libraries don't print.

use anyhow::Result;

use super::workspace::Workspace;
use super::{Check, rust};

pub(super) const CHECK: Check = Check {
    name: "printing",
    rule: "nothing but the program, xtask, examples, test programs and test servers prints",
    way_out: "log with tracing, or return the text to the caller",
    run,
};

const MAY_PRINT: &[&str] =
    &["flink-autoscaler/", "xtask/", "examples/", "testing/servers/", "testing/conformance/", "testing/lab/"];
const MACROS: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

fn run(workspace: &Workspace) -> Result<Vec<String>> {
    let is_program = |path: &str| path.contains("/examples/") || path.contains("/tests/");
    let may_print = |path: &str| is_program(path) || MAY_PRINT.iter().any(|start| path.starts_with(start));
    let mut places = Vec::new();
    for file in workspace.rust().filter(|file| !may_print(&file.path)) {
        for pair in rust::all_tokens(&file.text).windows(2) {
            let [name, sign] = pair else { continue };
            if MACROS.contains(&name.text) && sign.text == "!" {
                places.push(format!("{}:{}: {}!", file.path, name.line, name.text));
            }
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_prints_is_found() {
        let text = "// println!\nfn f() {\n dbg!(1); }";
        let files = [("store/src/lib.rs", text), ("flink-autoscaler/src/cli.rs", text), ("a/examples/embed.rs", text)];
        assert_eq!(run(&Workspace::of_files(&files)).unwrap(), ["store/src/lib.rs:3: dbg!"]);
    }
}
