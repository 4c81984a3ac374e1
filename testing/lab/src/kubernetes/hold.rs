//! The process that the servers end with.

use std::time::Duration;

use anyhow::Result;
use servers::flink::{DEFAULT_VERSION, Distribution};
use servers::kubernetes::{ApiServer, k3s};
use servers::operator::{self, Operator};

use super::{SERVERS, Told};
use crate::paths;

/// Has what the operator is run from: its own jars and Flink's, whatever Flink it will see.
pub(super) fn jars(say: &dyn Fn(&str)) -> Result<Distribution> {
    operator::obtain(say)?;
    Distribution::obtain(DEFAULT_VERSION, &paths::flink_cache(), say)
}

/// Starts what is asked for, takes note of it, and stays.
pub(super) fn hold(with_operator: bool, is_own: bool, is_k3s: bool) -> Result<()> {
    let say = |line: &str| println!("{line}");
    let server = if is_k3s { k3s::start()? } else { ApiServer::of_this_process() };
    let operator = match with_operator {
        true => Some(Operator::start(&jars(&say)?, &server, None, &say)?),
        false => None,
    };
    let directory = operator.as_ref().map(|operator| operator.directory().to_owned());
    let ApiServer { kubeconfig, origin } = server.clone();
    SERVERS.tell(Told { kubeconfig, origin, is_own, operator: directory })?;
    if operator.is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        return runtime.block_on(async {
            let client = server.client(None).await?;
            loop {
                let Err(problem) = operator::play_controller(&client).await;
                say(&format!("Deployments can't be made available: {problem:#}"));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }
    loop {
        std::thread::park();
    }
}
