//! `cargo xtask tidy --crates`: how many crates each choice pulls in.

use anyhow::Result;

use super::tree;
use crate::packages::{FACADE, features_of};

/// A row's name, and the arguments of `cargo tree`.
fn choices() -> Result<Vec<(String, &'static str, Vec<String>)>> {
    let none = || vec!["--no-default-features".to_owned()];
    let with = |feature: &str| [none(), vec!["--features".to_owned(), feature.to_owned()]].concat();
    let mut choices = vec![
        ("autoscaler-core".to_owned(), "flink-autoscaler-core", Vec::new()),
        ("autoscaler-runtime".to_owned(), "flink-autoscaler-runtime", Vec::new()),
        ("facade, no feature".to_owned(), FACADE, none()),
    ];
    for feature in features_of(FACADE)? {
        choices.push((format!("facade, `{feature}`"), FACADE, with(&feature)));
    }
    choices.extend([
        ("facade, default".to_owned(), FACADE, Vec::new()),
        ("facade, all features".to_owned(), FACADE, vec!["--all-features".to_owned()]),
        ("binary, default".to_owned(), "flink-autoscaler", Vec::new()),
        ("binary, all features".to_owned(), "flink-autoscaler", vec!["--all-features".to_owned()]),
        ("testkit".to_owned(), "flink-autoscaler-testkit", Vec::new()),
        ("examples/custom-store".to_owned(), "custom-store", Vec::new()),
    ]);
    Ok(choices)
}

/// A Markdown table, for ARCHITECTURE.md.
pub(super) fn print() -> Result<()> {
    println!("| choice | crates |\n| --- | ---: |");
    for (name, package, arguments) in choices()? {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        println!("| {name} | {} |", tree::crates(package, &arguments, "normal")?.len());
    }
    Ok(())
}
