//! Starting cargo, and what it built.
//!
//! Cargo tells the program that it runs about its package: `CARGO_PKG_NAME`, `CARGO_MANIFEST_DIR` and many more. Handed on to
//! another cargo they make build scripts run again that look at them, and with ring all that is built on it. So every
//! cargo is started here, as from a shell.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::{Cmd, Shell, cmd};

/// Variables that begin with `CARGO_` and are the user's: a table of cargo's configuration, or part of one.
const USERS_TABLES: &[&str] = &[
    "ALIAS",
    "BUILD",
    "CACHE",
    "CREDENTIAL",
    "DOC",
    "FUTURE",
    "HTTP",
    "INSTALL",
    "NET",
    "PATCH",
    "PROFILE",
    "REGISTRIES",
    "REGISTRY",
    "RESOLVER",
    "SOURCE",
    "TARGET",
    "TERM",
    "UNSTABLE",
];
const USERS: &[&str] = &["HOME", "INCREMENTAL", "ENCODED_RUSTFLAGS", "ENCODED_RUSTDOCFLAGS", "LOG", "CACHE_RUSTC_INFO"];

/// Whether cargo has set a variable for the program it runs.
fn is_cargos(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("CARGO_") else { return ["CARGO", "OUT_DIR"].contains(&name) };
    let table = rest.split('_').next().unwrap_or(rest);
    !USERS.contains(&rest) && (!USERS_TABLES.contains(&table) || rest == "TARGET_TMPDIR")
}

/// The variables of this process that a program it starts must not see.
pub(crate) fn variables() -> impl Iterator<Item = OsString> {
    std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_str().is_some_and(is_cargos))
}

/// Cargo, as from the user's shell.
pub(crate) fn cargo(shell: &Shell) -> Cmd<'_> {
    variables().fold(cmd!(shell, "cargo"), |cargo, name| cargo.env_remove(name))
}

/// Builds programs of the workspace and returns where they are, in that order. All are built with what the tests are built
/// with, so that nothing has to be built for both.
pub(crate) fn programs(shell: &Shell, names: &[&str]) -> Result<Vec<PathBuf>> {
    let bins = names.iter().flat_map(|name| ["--bin", name]);
    let build = cargo(shell).args(["build", "--workspace", "--all-features"]).args(bins);
    let messages = build.arg("--message-format=json-render-diagnostics").quiet().read()?;
    names.iter().map(|name| executable(&messages, name)).collect()
}

/// Where a program is, from cargo's messages.
fn executable(messages: &str, name: &str) -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        target: Option<Target>,
        executable: Option<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let mut of_name = messages.filter(|message| message.target.as_ref().is_some_and(|target| target.name == name));
    of_name.find_map(|message| message.executable).with_context(|| format!("cargo has not built {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_users_variables_are_handed_on() {
        for cargos in [
            "CARGO",
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_MANIFEST_LINKS",
            "CARGO_CRATE_NAME",
            "CARGO_BIN_NAME",
            "CARGO_PRIMARY_PACKAGE",
            "CARGO_TARGET_TMPDIR",
            "CARGO_CFG_UNIX",
            "CARGO_FEATURE_STD",
            "OUT_DIR",
        ] {
            assert!(is_cargos(cargos), "{cargos}");
        }
        for users in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_INCREMENTAL",
            "CARGO_NET_OFFLINE",
            "CARGO_BUILD_JOBS",
            "RUSTFLAGS",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
            "CARGO_REGISTRIES_OURS_TOKEN",
            "CARGO_TERM_COLOR",
            "PATH",
            "CARGO_PROFILE_DEV_DEBUG",
            "CARGO_HTTP_CAINFO",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_LOG",
        ] {
            assert!(!is_cargos(users), "{users}");
        }
    }

    /// This test runs under cargo, as xtask does.
    #[test]
    fn what_a_shell_built_is_not_built_again() {
        let directory = tempfile::tempdir().unwrap();
        let (shell, path) = (Shell::new().unwrap(), directory.path());
        shell.change_dir(path);
        shell.write_file("Cargo.toml", "[package]\nname = \"looks\"\nedition = \"2024\"\n[workspace]\n").unwrap();
        shell.write_file("src/lib.rs", "").unwrap();
        let looks = "fn main() { println!(\"cargo::rerun-if-env-changed=CARGO_PKG_NAME\"); }\n";
        shell.write_file("build.rs", looks).unwrap();
        let target = format!("CARGO_TARGET_DIR={}", path.join("target").display());
        // What a user may have set for every cargo of his, as CI does, among them.
        let users = ["CARGO_INCREMENTAL", "RUSTFLAGS", "RUSTC_WRAPPER"];
        let variables = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"].into_iter().chain(users);
        let kept = variables.filter_map(|name| Some(format!("{name}={}", std::env::var(name).ok()?)));
        let profiles = std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PROFILE_"));
        let kept = kept.chain(profiles.map(|(name, value)| format!("{name}={value}")));
        let from_a_shell: Vec<String> = std::iter::once(target.clone()).chain(kept).collect();
        cmd!(shell, "env -i {from_a_shell...} cargo build --offline --quiet").run().unwrap();
        let is_fresh = |cargo: Cmd<'_>| {
            let build = cargo.args(["build", "--offline", "--verbose"]).env("CARGO_TARGET_DIR", path.join("target"));
            build.quiet().read_stderr().unwrap().contains("Fresh looks")
        };
        assert!(is_fresh(cargo(&shell)));
        assert!(!is_fresh(cmd!(shell, "cargo")), "without care it is built again, which is what is tested");
    }

    #[test]
    fn a_program_is_where_cargo_says() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"lab","kind":["lib"]},"executable":null}
{"reason":"compiler-artifact","target":{"name":"lab","kind":["bin"]},"executable":"/t/debug/lab"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages, "lab").unwrap(), PathBuf::from("/t/debug/lab"));
        assert!(executable(messages, "xtask").unwrap_err().to_string().contains("has not built xtask"));
    }
}
