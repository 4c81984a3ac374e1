//! `flink-autoscaler openapi`: what the HTTP API answers, for programs that ask it.

use std::io::Write;

use anyhow::Result;

/// Prints the description.
pub(super) fn run() -> Result<()> {
    writeln!(std::io::stdout(), "{}", autoscaler::http_endpoint::openapi()?)?;
    Ok(())
}
