//! The command line: `--key value`, `--key=value` and `-D key=value`, as the Java process takes it.

use autoscaler::autoscaler_core::options::{Configuration, Origin, is_harmless, nearest_key, shown_key};

use super::OptionTable;

/// A command line that can't be read. Shows only what can hardly be a part of a value, which may be secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidArgument {
    /// Something that is no option.
    #[error("{0} is no option: expected --key value, --key=value or -D key=value")]
    NotAnOption(String),
    /// An option without a value.
    #[error("option {0} on the command line has no value: expected --{0} value")]
    NoValue(String),
    /// A definition without a value, or without a key.
    #[error("{0} has no value: expected -D key=value")]
    NoDefinition(String),
    /// An option without dots that is not one of the old names.
    #[error("{key} is not known{hint}")]
    Unknown {
        /// The key.
        key: String,
        /// The key it may have meant.
        hint: String,
    },
}

/// Whether an argument is, or begins, an option by Flink's key: `-D…`, or a key with dots or one of the old names.
pub(crate) fn is_option(argument: &str, table: &OptionTable) -> bool {
    let Some(key) = argument.strip_prefix('-').map(|rest| rest.strip_prefix('-').unwrap_or(rest)) else { return false };
    let key = key.split('=').next().unwrap_or_default();
    argument.starts_with("-D") || key.contains('.') || table.short_names().any(|known| known == key)
}

/// Reads options by Flink's keys.
///
/// # Errors
/// The first argument that is no option, has no value or is not known.
pub(crate) fn read_arguments(arguments: &[String], table: &OptionTable) -> Result<Configuration, InvalidArgument> {
    let mut configuration = Configuration::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let pair = if let Some(definition) = argument.strip_prefix("-D") {
            let definition = if definition.is_empty() {
                rest.next().ok_or_else(|| InvalidArgument::NoDefinition("-D".to_owned()))?
            } else {
                definition
            };
            definition.split_once('=').ok_or_else(|| no_definition(definition, table))?
        } else {
            let key = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-')).filter(|key| !key.is_empty());
            let key = key.ok_or_else(|| no_option(argument))?;
            match key.split_once('=') {
                Some(pair) => pair,
                None => {
                    check_key(key.trim(), table)?;
                    let value = rest.next().filter(|value| !value.starts_with("--"));
                    (key, value.ok_or_else(|| InvalidArgument::NoValue(shown_key(key)))?.as_str())
                }
            }
        };
        let (key, value) = (pair.0.trim(), pair.1);
        check_key(key, table)?;
        configuration.set(key, value, Origin::Flag);
    }
    Ok(configuration)
}

/// Keys of Flink have dots; what has none is an old name of ours or a mistake.
fn check_key(key: &str, table: &OptionTable) -> Result<(), InvalidArgument> {
    if key.contains('.') || table.short_names().any(|known| known == key) {
        return Ok(());
    }
    let nearest = nearest_key(key, table.rows().map(|row| row.key).chain(table.short_names()));
    let key = match nearest {
        None if !is_harmless(key, "") => "an option, not shown as it may be a password,".to_owned(),
        _ => format!("option --{}", shown_key(key)),
    };
    Err(InvalidArgument::Unknown {
        key,
        hint: nearest.map_or(String::new(), |nearest| format!("; did you mean --{nearest}?")),
    })
}

fn no_option(argument: &str) -> InvalidArgument {
    InvalidArgument::NotAnOption(match is_harmless(argument, "") {
        true => format!("'{argument}'"),
        false => "an argument that is not shown, as it may be a part of a value (which goes into quotes where it has spaces),"
            .to_owned(),
    })
}

fn no_definition(definition: &str, table: &OptionTable) -> InvalidArgument {
    let is_known = table.rows().any(|row| row.key == definition || row.alternatives.contains(&definition));
    InvalidArgument::NoDefinition(match is_known || is_harmless(definition, "") {
        true => format!("-D {definition}"),
        false => "an argument behind -D (not shown: it may be a password)".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> OptionTable {
        OptionTable::new(&autoscaler::compiled_in())
    }

    fn read(arguments: &[&str]) -> Result<Configuration, InvalidArgument> {
        read_arguments(&arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>(), &table())
    }

    #[test]
    fn options_are_told_from_flags() {
        for option in ["--a.b", "--a.b=c", "-a.b", "-D", "-Da.b=c", "--scalingInterval"] {
            assert!(is_option(option, &table()), "{option}");
        }
        for flag in ["--json", "--since=1.5 h", "-", "--", "a.b", "--log-format", "-V"] {
            assert!(!is_option(flag, &table()), "{flag}");
        }
    }

    #[test]
    fn every_form_is_read() {
        let read =
            read(&["--a.b", "1", "--c.d=2", "-D", "e.f=3", "-Dg.h=4=5", "--flinkClusterPort", "-1", "--i.j", ""])
                .unwrap();
        let entries: Vec<_> = read.iter().collect();
        assert_eq!(
            entries,
            [("a.b", "1"), ("c.d", "2"), ("e.f", "3"), ("flinkClusterPort", "-1"), ("g.h", "4=5"), ("i.j", "")]
        );
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(
            read(&["host"]).unwrap_err().to_string(),
            "'host' is no option: expected --key value, --key=value or -D key=value"
        );
        assert!(matches!(read(&["--a.b"]), Err(InvalidArgument::NoValue(key)) if key == "a.b"));
        assert!(matches!(read(&["--a.b", "--c.d", "1"]), Err(InvalidArgument::NoValue(key)) if key == "a.b"));
        assert!(matches!(read(&["-D"]), Err(InvalidArgument::NoDefinition(_))));
        assert_eq!(
            read(&["--flinkClusterPot", "1"]).unwrap_err().to_string(),
            "option --flinkClusterPot is not known; did you mean --flinkClusterPort?"
        );
    }
}
