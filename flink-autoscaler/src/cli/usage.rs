//! What is said of a command line that is not understood: an argument may be a password in the wrong place.

use std::io::Write;
use std::process::ExitCode;

use autoscaler::autoscaler_core::options::is_harmless;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Shows help, the version, or what is wrong.
pub(super) fn show(mut error: clap::Error) -> ExitCode {
    if !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        hide(&mut error);
    }
    if error.kind() == ErrorKind::DisplayVersion {
        // Behind a command, too, it is the program's; clap would call that `flink-autoscaler-run`.
        let _closed = writeln!(std::io::stdout(), "flink-autoscaler {}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    // Whoever closed the output has seen enough.
    let _closed = error.print();
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn hide(error: &mut clap::Error) {
    let typed: &[ContextKind] = match error.kind() {
        ErrorKind::UnknownArgument => &[ContextKind::InvalidArg],
        _ => &[ContextKind::InvalidValue, ContextKind::InvalidSubcommand],
    };
    for kind in typed {
        if let Some(ContextValue::String(text)) = error.get(*kind)
            && !is_shown(text)
        {
            error.insert(*kind, ContextValue::String("(not shown: it may be a password)".to_owned()));
            // Tips repeat what was typed.
            error.remove(ContextKind::Suggested);
        }
    }
}

/// Flags that are no words of ours are letters; anything else is shown where it can hardly be a secret.
fn is_shown(text: &str) -> bool {
    let is_flag = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    text.strip_prefix("--").is_some_and(is_flag) || is_harmless(text, &super::order::COMMANDS.join(" "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::Cli;

    #[test]
    fn only_what_can_hardly_be_a_secret_is_shown() {
        let told = |arguments: &[&str]| {
            let mut error = Cli::try_parse_from(arguments).unwrap_err();
            super::hide(&mut error);
            error.to_string()
        };
        for arguments in [
            &["x", "hunter2"][..],
            &["x", "events", "--limit", "hunter2"],
            &["x", "--log-format", "hunter2", "options"],
            &["x", "state", "hunter2"],
            &["x", "state", "clear", "--hunter2"],
        ] {
            let told = told(arguments);
            assert!(!told.contains("hunter2") && told.contains("not shown"), "{arguments:?}: {told}");
        }
        assert!(told(&["x", "evnts"]).contains("'evnts'"));
        assert!(told(&["x", "events", "--limit", "many"]).contains("'many'"));
        assert!(told(&["x", "options", "--log-format", "jsn"]).contains("'jsn'"));
    }
}
