//! Where options come from: defaults, then a file, then the command line; a job's own configuration goes on top later.

mod arguments;
mod file;

use std::path::Path;

use autoscaler::autoscaler_core::options::{
    Configuration, InvalidOption, JobOptions, OptionSpec, StandaloneOptions, nearest_key,
};

pub use arguments::{InvalidArgument, read_arguments};
pub use file::{ConfigFileError, read_directory};

/// Why the process can't start with what it was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
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

/// The options of the process: `config.yaml` or `flink-conf.yaml` in `directory`, under the command line's.
///
/// # Errors
/// A file or an argument that can't be read, or an option with a value it can't have.
pub fn load(
    directory: Option<&Path>,
    arguments: &[String],
) -> Result<(Configuration, StandaloneOptions), ConfigurationError> {
    let mut configuration = match directory {
        Some(directory) => read_directory(directory)?,
        None => Configuration::new(),
    };
    configuration.merge(&read_arguments(arguments)?);
    let options = StandaloneOptions::from_configuration(&configuration)?;
    JobOptions::from_configuration(&configuration)?;
    Ok((configuration, options))
}

/// All rows of the option table.
pub fn all_options() -> impl Iterator<Item = &'static OptionSpec> {
    StandaloneOptions::SPECS.iter().chain(JobOptions::SPECS).chain(JobOptions::PLUGIN_SPECS)
}

/// Options that are set and have no effect, each with what to do about it.
pub fn unknown_options(configuration: &Configuration) -> Vec<String> {
    let mut found: Vec<String> =
        JobOptions::from_configuration(configuration).map(|options| options.unknown_keys).unwrap_or_default();
    let known = |key: &str| StandaloneOptions::SPECS.iter().any(|spec| spec.key == key);
    for (key, _) in configuration.iter().filter(|(key, _)| key.starts_with("autoscaler.") && !known(key)) {
        found.push(match nearest_key(key, StandaloneOptions::SPECS.iter().map(|spec| spec.key)) {
            Some(nearest) => format!("option {key} is not known and has no effect; did you mean {nearest}?"),
            None => format!("option {key} is not known and has no effect"),
        });
    }
    found
}
