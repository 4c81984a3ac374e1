//! The order in which arguments are typed does not matter: the program's own flags may stand behind Flink's options and
//! behind what a command is about.

use crate::configuration::{OptionTable, is_option};

/// The words that name commands.
pub(super) const COMMANDS: [&str; 25] = [
    "run",
    "replay",
    "simulate",
    "record",
    "recommend",
    "migrate",
    "state",
    "show",
    "export",
    "import",
    "clear",
    "events",
    "options",
    "check",
    "status",
    "approve",
    "top",
    "openapi",
    "completions",
    "man",
    "kubernetes",
    "rbac",
    "manifest",
    "takeover",
    "give-back",
];
/// Those that have commands of their own.
const GROUPS: [&str; 2] = ["state", "kubernetes"];
/// Flags that would be taken for something else behind a job, a trace or a key.
const FLAGS: [&str; 9] =
    ["-h", "--help", "-V", "--version", "--json", "--markdown", "--explain", "--diff", "--summary"];
/// The same with a value.
const WITH_VALUE: [&str; 3] = ["--log-format", "--report", "--svg"];

/// The arguments with the flags of every command right behind the command, and all options by Flink's keys, with their
/// values, behind everything else.
pub(super) fn options_last(arguments: impl Iterator<Item = String>, table: &OptionTable) -> Vec<String> {
    let (mut own, mut flags, mut options) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = arguments.peekable();
    while let Some(argument) = rest.next() {
        if own.is_empty() {
            own.push(argument);
        } else if WITH_VALUE.contains(&argument.as_str()) {
            flags.push(argument);
            flags.extend(rest.next());
        } else if FLAGS.contains(&argument.as_str()) || has_value(&argument) {
            flags.push(argument);
        } else if is_option(&argument, table) {
            let takes_next = argument == "-D" || !(argument.starts_with("-D") || argument.contains('='));
            options.push(argument);
            options.extend(takes_next.then(|| rest.next_if(|value| !value.starts_with("--"))).flatten());
        } else {
            own.push(argument);
        }
    }
    let is_command = |argument: &&String| COMMANDS.contains(&argument.as_str());
    let mut words = own.iter().skip(1).take_while(is_command).count();
    if own.get(1).is_none_or(|command| !GROUPS.contains(&command.as_str())) {
        words = words.min(1);
    }
    let behind = own.split_off((1 + words).min(own.len()));
    own.into_iter().chain(flags).chain(behind).chain(options).collect()
}

/// Whether it is such a flag with its value behind a sign of equality.
fn has_value(argument: &str) -> bool {
    argument.split_once('=').is_some_and(|(flag, _)| WITH_VALUE.contains(&flag))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[track_caller]
    fn check(typed: &[&str], expected: &[&str]) {
        let table = OptionTable::new(&autoscaler::compiled_in());
        assert_eq!(options_last(typed.iter().map(|argument| (*argument).to_owned()), &table), expected);
    }

    #[test]
    fn options_go_last_with_their_values() {
        check(
            &["x", "run", "--a.b", "-1", "--log-format", "json"],
            &["x", "run", "--log-format", "json", "--a.b", "-1"],
        );
        check(&["x", "events", "--a.b=c", "--json"], &["x", "events", "--json", "--a.b=c"]);
        check(
            &["x", "events", "-D", "a.b=c", "-Dd.e=f", "--json"],
            &["x", "events", "--json", "-D", "a.b=c", "-Dd.e=f"],
        );
        check(&["x", "state", "show", "--a.b", "c", "job"], &["x", "state", "show", "job", "--a.b", "c"]);
        check(&["x", "run", "--a.b", "--c.d", "1"], &["x", "run", "--a.b", "--c.d", "1"]);
        check(&["x", "run", "--scalingInterval", "1 s", "-V"], &["x", "run", "-V", "--scalingInterval", "1 s"]);
    }

    #[test]
    fn flags_of_every_command_stand_anywhere() {
        check(&["x", "--log-format", "json", "run"], &["x", "run", "--log-format", "json"]);
        check(&["x", "replay", "trace", "--diff", "-h"], &["x", "replay", "--diff", "-h", "trace"]);
        check(&["x", "options", "key", "--json"], &["x", "options", "--json", "key"]);
        check(&["x", "state", "show", "job", "--help"], &["x", "state", "show", "--help", "job"]);
        check(&["x", "kubernetes", "takeover", "a/b", "-h"], &["x", "kubernetes", "takeover", "-h", "a/b"]);
        check(&["x", "replay", "run", "--summary"], &["x", "replay", "--summary", "run"]);
        check(
            &["x", "replay", "a", "--report", "b", "--c.d", "1"],
            &["x", "replay", "--report", "b", "a", "--c.d", "1"],
        );
        check(&["x", "replay", "a", "--report=b"], &["x", "replay", "--report=b", "a"]);
        check(&["x", "-V"], &["x", "-V"]);
        check(&["x"], &["x"]);
        check(&[], &[]);
    }

    #[test]
    fn every_command_is_known_here() {
        let program = Cli::command();
        for command in program.get_subcommands() {
            assert!(COMMANDS.contains(&command.get_name()), "{}", command.get_name());
            assert_eq!(GROUPS.contains(&command.get_name()), command.has_subcommands(), "{}", command.get_name());
            for inner in command.get_subcommands() {
                assert!(COMMANDS.contains(&inner.get_name()), "{}", inner.get_name());
            }
        }
    }
}
