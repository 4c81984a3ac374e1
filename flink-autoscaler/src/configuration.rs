//! Where options come from: defaults, then a file, then the command line; a job's own configuration goes on top later.

mod arguments;
mod content;
mod file;
mod lines;
mod table;
mod yaml;

use std::path::Path;

use autoscaler::autoscaler_core::options::{Configuration, InvalidOption, JobOptions};

pub(crate) use arguments::{InvalidArgument, is_option, read_arguments};
pub(crate) use file::ConfigFileError;
pub(crate) use table::OptionTable;

/// Why the process can't start with what it was given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigurationError {
    /// A configuration file.
    #[error(transparent)]
    File(#[from] ConfigFileError),
    /// The command line.
    #[error(transparent)]
    Argument(#[from] InvalidArgument),
    /// An option's value.
    #[error(transparent)]
    Option(#[from] InvalidOption),
}

/// The options of the process, and what somebody should know about them.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// All layers, merged.
    pub(crate) configuration: Configuration,
    /// Files, lines and keys without effect.
    pub(crate) remarks: Vec<String>,
}

/// The options of the process: those of the configuration file in `directory`, under the command line's.
///
/// # Errors
/// A file or an argument that can't be read, or an option with a value it can't have.
pub(crate) fn load(
    directory: Option<&Path>,
    arguments: &[String],
    table: &OptionTable,
) -> Result<Loaded, ConfigurationError> {
    let mut loaded = read(directory, arguments, table)?;
    let options = JobOptions::of_process(&loaded.configuration)?;
    table.check(&loaded.configuration)?;
    loaded.remarks.extend(options.remarks.into_iter().map(|remark| remark.text));
    loaded.remarks.extend(table.remarks(&loaded.configuration));
    Ok(loaded)
}

/// The same, whatever values the options have.
///
/// # Errors
/// A file or an argument that can't be read.
pub(crate) fn read(
    directory: Option<&Path>,
    arguments: &[String],
    table: &OptionTable,
) -> Result<Loaded, ConfigurationError> {
    let mut loaded = match directory {
        Some(directory) => file::read_directory(directory)?,
        None => Loaded::default(),
    };
    loaded.configuration.merge(&read_arguments(arguments, table)?);
    Ok(loaded)
}
