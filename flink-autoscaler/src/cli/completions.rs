//! `flink-autoscaler completions`: scripts that complete commands and options in a shell.

use std::io::Write;

use anyhow::Result;
use autoscaler::autoscaler_core::options::OptionSpec;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, Command};
use clap_complete::Shell;

use crate::configuration::OptionTable;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script for a shell.
pub(super) fn run(command: Command, table: &OptionTable, arguments: &Arguments) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(script(arguments.shell, with_keys(command, table)).as_bytes())?;
    Ok(out.flush()?)
}

fn script(shell: Shell, mut command: Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "flink-autoscaler", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => for_bash(&script),
        Shell::Fish => script + &positional_values(&command),
        _ => script,
    }
}

/// What clap_complete 4.6 lacks for bash: it takes the hyphen of the program's name for a subcommand in one half of what
/// it writes, and to bash, `=` is a word of its own.
fn for_bash(script: &str) -> String {
    const VALUE: &str = r#"    prev="$3"
    if [[ "${prev}" == "=" ]]; then
        prev="${COMP_WORDS[COMP_CWORD - 2]}"
    elif [[ "${cur}" == "=" ]]; then
        cur=""
    fi
"#;
    script.replace("flink__subcmd__autoscaler", "flink__autoscaler").replacen("    prev=\"$3\"\n", VALUE, 1)
}

/// What it lacks for fish: values of arguments that have no name, such as the shells of `completions`.
fn positional_values(command: &Command) -> String {
    let positionals = command.get_subcommands().flat_map(|command| {
        command.get_positionals().map(|argument| (command.get_name(), argument.get_possible_values()))
    });
    let lines = positionals.filter(|(_, values)| !values.is_empty()).map(|(command, values)| {
        let values: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
        format!(
            "complete -c flink-autoscaler -n \"__fish_flink_autoscaler_using_subcommand {command}\" -f -a \"{}\"\n",
            values.join(" ")
        )
    });
    lines.collect()
}

/// The commands with every option key as a flag of those that take options: the parser takes keys as they come, a
/// shell has to know them.
fn with_keys(command: Command, table: &OptionTable) -> Command {
    let takes_options = command.get_arguments().any(Arg::is_trailing_var_arg_set);
    let is_about_keys = command.get_arguments().any(|argument| argument.get_id() == "keys");
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let command = names
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, |subcommand| with_keys(subcommand, table)));
    let keys = || table.rows().filter(|row| !row.key.contains('<'));
    if takes_options {
        return command.args(keys().map(|row| flag(table, row)));
    }
    if is_about_keys {
        let keys = PossibleValuesParser::new(keys().map(|row| row.key));
        return command.mut_arg("keys", |argument| argument.value_parser(keys));
    }
    command
}

fn flag(table: &OptionTable, row: &'static OptionSpec) -> Arg {
    let argument = Arg::new(row.key).long(row.key).help(row.doc).value_name("VALUE").action(ArgAction::Set);
    match values(table, row) {
        values if values.is_empty() => argument,
        values => argument.value_parser(PossibleValuesParser::new(values)),
    }
}

/// The values of an option that has few.
fn values(table: &OptionTable, row: &OptionSpec) -> Vec<String> {
    let backends = table.backends(row.key);
    if !backends.is_empty() {
        return backends.iter().map(|(name, _)| name.to_lowercase()).collect();
    }
    let allowed = row.allowed();
    let named: Vec<String> = allowed.split(" or ").flat_map(|names| names.split(", ")).map(str::to_owned).collect();
    let is_name =
        |name: &String| name == "true" || name == "false" || name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    if named.iter().all(is_name) { named } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, ValueEnum};

    #[test]
    fn every_shell_knows_commands_and_keys() {
        let table = OptionTable::new(&autoscaler::compiled_in());
        for shell in Shell::value_variants() {
            let script = script(*shell, with_keys(crate::cli::Cli::command(), &table));
            for known in ["replay", "job.autoscaler.utilization.target", "EVENLY_SPREAD", "log-format"] {
                assert!(script.contains(known), "{shell}: {known}");
            }
        }
    }

    #[test]
    fn the_commands_are_whole_with_keys_and_without() {
        let table = OptionTable::new(&autoscaler::compiled_in());
        crate::cli::Cli::command().debug_assert();
        with_keys(crate::cli::Cli::command(), &table).debug_assert();
    }
}
