//! `flink-autoscaler kubernetes takeover` and `give-back`.

use std::io::Write;

use anyhow::{Context, Result};
use autoscaler::realizer_kubernetes::{ApiClient, Direction, Kind, handover};

use crate::cli::program::block_on;
use crate::cli::say;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The resource: NAMESPACE/NAME.
    #[arg(value_name = "NAMESPACE/NAME")]
    resource: String,
    /// It is a FlinkSessionJob instead of a FlinkDeployment.
    #[arg(long)]
    session_job: bool,
    /// Only shows what would be applied, with the API server's checks.
    #[arg(long)]
    dry_run: bool,
}

/// Hands the job over, and says what else is to be done.
pub(super) fn run(arguments: &Arguments, direction: Direction) -> Result<()> {
    let (namespace, name) = arguments
        .resource
        .split_once('/')
        .context("the resource is named by NAMESPACE/NAME, such as orders/checkout")?;
    let kind = if arguments.session_job { Kind::FlinkSessionJob } else { Kind::FlinkDeployment };
    let api = ApiClient::default();
    let done = block_on(async { Ok(handover(&api, kind, namespace, name, direction, arguments.dry_run).await?) })?;
    let mut out = std::io::stdout();
    write!(out, "{}", serde_saphyr::to_string(&done.object)?)?;
    let whose = match direction {
        Direction::Takeover => "this autoscaler's",
        Direction::GiveBack => "the operator's own autoscaler's",
    };
    let would = if arguments.dry_run { "would be" } else { "is" };
    say::remark(&format!("{} {would} {whose}, without a restart", done.of));
    done.remarks.iter().for_each(|remark| say::remark(remark));
    Ok(())
}
