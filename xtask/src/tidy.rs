//! `cargo xtask tidy`: what the tree promises and no compiler holds. Each check says its rule, the place and the way out.

mod absence;
mod arrows;
mod async_core;
mod cargos;
mod circles;
mod commands;
mod crates;
mod defaults;
mod dependencies;
mod lengths;
mod machine;
mod manifests;
mod migrations;
mod printing;
mod publishing;
mod rust;
mod serialize;
mod siblings;
mod tree;
mod workspace;

use anyhow::{Result, ensure};

use self::workspace::Workspace;

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Adds new migrations to `migrations.lock`; those already in it stay as they are.
    #[arg(long)]
    bless: bool,
    /// Prints how many crates each choice of features pulls in, instead of checking.
    #[arg(long)]
    crates: bool,
}

/// One rule about the tree.
struct Check {
    name: &'static str,
    rule: &'static str,
    way_out: &'static str,
    /// Where the rule is broken, a line for each place.
    run: fn(&Workspace) -> Result<Vec<String>>,
}

const CHECKS: &[Check] = &[
    absence::CHECK,
    arrows::CHECK,
    async_core::CHECK,
    cargos::CHECK,
    circles::CHECK,
    commands::CHECK,
    defaults::CHECK,
    dependencies::CHECK,
    lengths::CHECK,
    machine::CHECK,
    manifests::CHECK,
    migrations::CHECK,
    printing::CHECK,
    publishing::CHECK,
    serialize::CHECK,
    siblings::CHECK,
];

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.crates {
        return crates::print();
    }
    if arguments.bless {
        migrations::bless(&Workspace::read()?)?;
    }
    let workspace = Workspace::read()?;
    let mut broken = 0;
    for check in CHECKS {
        let places = (check.run)(&workspace)?;
        if !places.is_empty() {
            broken += 1;
            println!("{}", told(check, &places));
        }
    }
    ensure!(broken == 0, "tidy: {broken} of {} checks failed", CHECKS.len());
    println!("tidy: {} checks passed", CHECKS.len());
    Ok(())
}

/// A failed check as its reader sees it.
fn told(check: &Check, places: &[String]) -> String {
    let Check { name, rule, way_out, .. } = check;
    format!("tidy {name}: {rule}\n  {}\n  way out: {way_out}\n", places.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_rule_place_and_way_out() {
        let text = told(&lengths::CHECK, &["core/src/lib.rs: 400 lines".to_owned()]);
        assert!(text.contains(lengths::CHECK.rule) && text.contains(lengths::CHECK.way_out), "{text}");
        assert!(text.contains("core/src/lib.rs: 400 lines"), "{text}");
    }

    #[test]
    fn checks_are_in_order_of_their_names() {
        let names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}
