//! `flink-autoscaler man`: manual pages.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::configuration::OptionTable;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The command that the page is about, such as `run` or `state show`; without one, the program as a whole.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write all pages into this directory, a file for each command; it is made where it is missing.
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Prints a page, or writes all of them.
pub(super) fn run(command: Command, table: &OptionTable, arguments: &Arguments) -> Result<()> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    if let Some(directory) = &arguments.dir {
        std::fs::create_dir_all(directory).with_context(|| format!("can't make {}", directory.display()))?;
        for (name, page) in pages(&command, table)? {
            let path = directory.join(name);
            std::fs::write(&path, page).with_context(|| format!("can't write {}", path.display()))?;
        }
        return Ok(());
    }
    let mut about = &command;
    for name in &arguments.command {
        let Some(found) = about.find_subcommand(name) else {
            let known: Vec<&str> = about.get_subcommands().map(Command::get_name).collect();
            bail!("there is no such command of {}; there are: {}", about.get_name(), known.join(", "));
        };
        about = found;
    }
    let mut out = std::io::stdout().lock();
    out.write_all(&page(about, table)?.1)?;
    Ok(out.flush()?)
}

/// The pages of a command and of those below it: file names and texts.
fn pages(command: &Command, table: &OptionTable) -> Result<Vec<(String, Vec<u8>)>> {
    let mut all = vec![page(command, table)?];
    for subcommand in command.get_subcommands() {
        all.extend(pages(subcommand, table)?);
    }
    Ok(all)
}

fn page(command: &Command, table: &OptionTable) -> Result<(String, Vec<u8>)> {
    let man = Man::new(command.clone()).manual("flink-autoscaler");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let behind = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    sections(&behind).to_writer(&mut text)?;
    if command.get_name() == "options" {
        keys(table).to_writer(&mut text)?;
    }
    Ok((man.get_filename(), text))
}

/// What the help says behind the options: a paragraph that begins with a line like `Examples:` is a section of its own,
/// line by line.
fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        let titled = paragraph.split_once('\n').and_then(|(first, lines)| Some((first.strip_suffix(':')?, lines)));
        match titled {
            Some((title, lines)) => {
                roff.control("SH", [title.to_uppercase().as_str()]).control("nf", []);
                for line in lines.lines() {
                    roff.text([roman(line)]);
                }
                roff.control("fi", []);
            }
            None => {
                roff.control("SH", ["NOTES"]).text([roman(paragraph)]);
            }
        }
    }
    roff
}

/// Every option by its key.
fn keys(table: &OptionTable) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["OPTION KEYS"]);
    for row in table.rows() {
        roff.control("TP", []);
        let default = row.default.map_or("no default".to_owned(), |default| format!("default: {default}"));
        roff.text([bold(row.key)]);
        roff.text([roman(format!("{} {}; {default}.", row.doc, row.allowed()))]);
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_command_has_a_page() {
        let table = OptionTable::new(&autoscaler::compiled_in());
        let mut command = crate::cli::Cli::command().disable_help_subcommand(true);
        command.build();
        let pages = pages(&command, &table).unwrap();
        let text = |file: &str| {
            let page = pages.iter().find(|(name, _)| name == file);
            String::from_utf8(page.unwrap_or_else(|| panic!("{file}")).1.clone()).unwrap()
        };
        let program = text("flink-autoscaler.1");
        assert!(program.contains("FLINK_CONF_DIR") && program.contains(".SH \"EXIT STATUS\""), "{program}");
        assert!(text("flink-autoscaler-state-show.1").contains("flink\\-autoscaler\\-state\\-show"));
        assert!(text("flink-autoscaler-run.1").contains("\\-\\-key value"));
        assert!(text("flink-autoscaler-options.1").contains("job.autoscaler.utilization.target"));
    }
}
