//! What is generated from the option table and the commands: docs/options.md, completions, manual pages.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::process::Command;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/options.md");

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_of_options_is_current() {
    let page = printed(&["options", "--markdown"]);
    if std::env::var("TRYCMD").is_ok_and(|mode| mode == "overwrite") {
        std::fs::write(PAGE, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(PAGE).unwrap_or_default() == page,
        "docs/options.md is not current: cargo run -p flink-autoscaler --all-features -- options --markdown > docs/options.md"
    );
}

/// What bash, zsh and fish offer at the end of a line that is being typed.
#[cfg(unix)]
mod shells {
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::printed;

    /// Takes the directory of our completions and the words, the last of which is being typed.
    const BASH: &str = r#"
source "$1/_flink-autoscaler"; COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2))
_flink__autoscaler flink-autoscaler "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

    /// zsh completes only what is typed at a terminal: a second zsh at a terminal of the first, where what would be shown
    /// goes to a file and the last thing shown is a word to wait for.
    const ZSH: &str = r#"
cat >$1/setup <<END
PROMPT=
fpath=($1 \$fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
    case " \$* " in *" -"[OAD]" "*) builtin compadd "\$@"; return;; esac
    local -a hits
    builtin compadd -O hits "\$@"
    print -rl -- \$hits >>$1/offered
    builtin compadd "\$@"
}
over() { print over; exit }
comppostfuncs=(over)
bindkey '^I' complete-word
print set-up
END
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source $1/setup"
zpty -r shell said '*set-up*'
: >$1/offered
zpty -w -n shell "${*:2}"$'\t'
zpty -r shell said '*over*'
print -rl -- ${(f)"$(<$1/offered)"}
"#;

    /// A description is behind a tab.
    const FISH: &str = r"source $argv[1]/_flink-autoscaler; complete --do-complete (string join -- ' ' $argv[2..]) | string replace --regex '\t.*' ''";

    fn offered(shell: &str, words: &[&str]) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("_flink-autoscaler"), printed(&["completions", shell])).unwrap();
        let mut command = bare(shell, directory.path());
        let output = command.arg("flink-autoscaler").args(words).stderr(Stdio::inherit()).output();
        let output =
            output.unwrap_or_else(|error| panic!("{shell}: {error}; on Debian or Ubuntu: apt-get install -y {shell}"));
        let said = String::from_utf8(output.stdout).unwrap();
        let mut offered: Vec<String> = said.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        offered.sort();
        offered
    }

    /// A shell that asks its completions, without the user's configuration.
    fn bare(shell: &str, directory: &Path) -> Command {
        let mut command = Command::new(shell);
        match shell {
            "bash" => command.args(["--norc", "-c", BASH, shell]),
            "zsh" => command.args(["-f", "-c", ZSH, shell]),
            _ => command.args(["--no-config", "-c", FISH]),
        };
        // Where they write down what they have found out.
        command.arg(directory).current_dir(directory).env("HOME", directory).env_remove("XDG_CONFIG_HOME");
        command
    }

    fn completes(shell: &str) {
        assert!(offered(shell, &["mig"]).contains(&"migrate".to_owned()));
        let keys = offered(shell, &["run", "--job.autoscaler.utilization"]);
        let key = |name: &str| format!("--job.autoscaler.utilization.{name}");
        assert_eq!(keys, [key("max"), key("min"), key("target")], "{shell}");
        let values = offered(shell, &["run", "--job.autoscaler.metrics.busy-time.aggregator", "M"]);
        assert_eq!(values, ["MAX", "MIN"], "{shell}");
        let stores = offered(shell, &["run", "--autoscaler.standalone.state-store.type", "m"]);
        assert_eq!(stores, ["memory"], "{shell}");
        let keys = offered(shell, &["options", "job.autoscaler.quota"]);
        assert_eq!(keys, ["job.autoscaler.quota.cpu", "job.autoscaler.quota.memory"], "{shell}");
        assert_eq!(offered(shell, &["completions", "f"]), ["fish"], "{shell}");
        assert_eq!(offered(shell, &["nosuch", "--nosuch"]), [""; 0], "{shell}");
    }

    #[test]
    fn bash_completes_commands_keys_and_values() {
        completes("bash");
        // To bash, an equals sign is a word.
        let key = "--job.autoscaler.metrics.busy-time.aggregator";
        assert_eq!(offered("bash", &["run", key, "=", "M"]), ["MAX", "MIN"]);
        assert_eq!(offered("bash", &["run", key, "="]), ["AVG", "MAX", "MIN"]);
    }

    #[test]
    fn zsh_completes_commands_keys_and_values() {
        completes("zsh");
        assert_eq!(offered("zsh", &["run", "--job.autoscaler.metrics.busy-time.aggregator=M"]), ["MAX", "MIN"]);
    }

    #[test]
    fn fish_completes_commands_keys_and_values() {
        completes("fish");
        let key = "--job.autoscaler.metrics.busy-time.aggregator";
        let values = offered("fish", &["run", &format!("{key}=M")]);
        assert_eq!(values, ["MAX", "MIN"].map(|value| format!("{key}={value}")));
    }
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let directory = tempfile::tempdir().unwrap();
    printed(&["man", "--dir", directory.path().to_str().unwrap()]);
    let pages: Vec<String> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for page in ["flink-autoscaler.1", "flink-autoscaler-run.1", "flink-autoscaler-state-export.1"] {
        assert!(pages.iter().any(|written| written == page), "{page}: {pages:?}");
    }
    assert!(printed(&["man", "run"]).contains("FLINK_CONF_DIR"));
}
