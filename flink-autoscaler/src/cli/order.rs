//! The order in which arguments are typed does not matter: the program's own flags may stand behind Flink's options.

use crate::configuration::{OptionTable, is_option};

/// The arguments with all options by Flink's keys, and their values, behind everything else.
pub(super) fn options_last(arguments: impl Iterator<Item = String>, table: &OptionTable) -> Vec<String> {
    let (mut own, mut options) = (Vec::new(), Vec::new());
    let mut rest = arguments.peekable();
    while let Some(argument) = rest.next() {
        if !is_option(&argument, table) {
            own.push(argument);
            continue;
        }
        let takes_next = argument == "-D" || !(argument.starts_with("-D") || argument.contains('='));
        options.push(argument);
        options.extend(takes_next.then(|| rest.next_if(|value| !value.starts_with("--"))).flatten());
    }
    own.append(&mut options);
    own
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
