//! An autoscaler with a store of one's own: what `flink-autoscaler run` does, with one backend more.

use anyhow::Context;
use autoscaler::autoscaler_core::options::{Configuration, Origin};
use autoscaler::autoscaler_runtime::Process;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut backends = autoscaler::compiled_in();
    custom_store::register(&mut backends);
    let mut configuration = Configuration::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(key) = arguments.next() {
        let (key, value) = key.strip_prefix("--").zip(arguments.next()).context("expected --key value")?;
        configuration.set(key, value, Origin::Flag);
    }
    let process = Process::open(configuration, backends)?;
    process.remarks().iter().for_each(|remark| tracing::warn!("{remark}"));
    let stop = CancellationToken::new();
    let at_ctrl_c = stop.clone();
    tokio::spawn(async move { tokio::signal::ctrl_c().await.map(|()| at_ctrl_c.cancel()) });
    Ok(process.run(stop).await?)
}
