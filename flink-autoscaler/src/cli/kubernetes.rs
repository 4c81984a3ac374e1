//! `flink-autoscaler kubernetes`: what is applied to a Kubernetes cluster to run it there, and handing jobs over.

mod deployment;
mod handover;
mod rights;

use std::io::Write;

use anyhow::{Result, ensure};
use autoscaler::realizer_kubernetes::Direction;
use autoscaler::source_kubernetes::ConfigMapName;
use clap::Subcommand;
use serde_json::Value;

use super::program::Program;

/// What everything is called unless it is said otherwise.
const NAME: &str = "flink-autoscaler";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prints the service account and what it may do, as YAML for `kubectl apply --filename -`.
    Rbac(Scope),
    /// Prints all that runs it, as YAML for `kubectl apply --filename -`: namespace, rights, options, a volume for its state
    /// where it is in a file, and the deployment.
    Manifest {
        #[command(flatten)]
        scope: Scope,
        /// Its image, with every feature in it.
        #[arg(long, default_value = concat!("flink-autoscaler:", env!("CARGO_PKG_VERSION")))]
        image: String,
        /// A secret whose `token` requests for metrics and the API must carry; with it they are served to other pods, and the
        /// kubelet looks after its health.
        #[arg(long, value_name = "SECRET")]
        http_secret: Option<String>,
        /// How many run, of which one leads and the others follow until it ends; more than one with --store kubernetes.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
        replicas: u16,
    },
    /// Takes a job over from the operator's own autoscaler, without a restart: switches that off and this one on for it, and keeps
    /// the parallelism that is deployed. What the operator's own has learnt of the job is stored where the options of `run` say.
    Takeover(handover::Arguments),
    /// Gives a job back to the operator's own autoscaler, without a restart, with what this one has learnt of it.
    GiveBack(handover::Arguments),
}

/// Where it runs, and which jobs it scales.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Scope {
    /// The namespace it runs in.
    #[arg(long, default_value = NAME)]
    namespace: String,
    /// A namespace whose jobs it scales, once for each; without any all of them.
    #[arg(long, value_name = "NAMESPACE", value_delimiter = ',')]
    watch: Vec<String>,
    /// Without the right to change resources: jobs are rescaled over Flink's REST API alone.
    #[arg(long)]
    rest_only: bool,
    /// Flink's REST APIs are reached through the API server, such as where network policies let nothing else through; the right
    /// to that comes with it.
    #[arg(long)]
    proxy: bool,
    /// Where it keeps its state: in a file on a volume, or in ConfigMaps beside the jobs' resources, with a Lease as the right to
    /// act. The rights that these need come with it.
    #[arg(long, value_enum, ignore_case = true, default_value_t = Store::Sqlite)]
    store: Store,
    /// What happens to a job is told by Events of its resource, too; the right to write them comes with it.
    #[arg(long)]
    events: bool,
    /// The ConfigMap of the operator's own configuration, usually flink-operator-config where it runs: its defaults hold for jobs
    /// whose resources don't say otherwise. The right to get it, and no other of its namespace, comes with it.
    #[arg(long, value_name = "NAMESPACE/NAME")]
    operator_configuration: Option<ConfigMapName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Store {
    Sqlite,
    Kubernetes,
}

/// Prints what is asked for.
pub(super) fn run(program: Program, command: &Command) -> Result<()> {
    let objects = match command {
        Command::Takeover(arguments) => return handover::run(program, arguments, Direction::Takeover),
        Command::GiveBack(arguments) => return handover::run(program, arguments, Direction::GiveBack),
        Command::Rbac(scope) => rights::objects(scope),
        Command::Manifest { scope, image, http_secret, replicas } => {
            let shared = *replicas == 1 || scope.store == Store::Kubernetes;
            ensure!(shared, "replicas need a store that they share: --store kubernetes");
            deployment::objects(scope, image, http_secret.as_deref(), *replicas)?
        }
    };
    write!(std::io::stdout(), "{}", yaml(&objects)?)?;
    Ok(())
}

/// One document for each object.
fn yaml(objects: &[Value]) -> Result<String> {
    let documents: Vec<String> = objects.iter().map(serde_saphyr::to_string).collect::<Result<_, _>>()?;
    Ok(documents.join("---\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_what_is_meant() {
        let watch = vec!["x".to_owned(), "y".to_owned()];
        let scope = Scope {
            namespace: "a".to_owned(),
            watch,
            rest_only: false,
            proxy: false,
            store: Store::Kubernetes,
            events: true,
            operator_configuration: None,
        };
        let objects = deployment::objects(&scope, "registry:5000/image:tag", Some("token"), 2).unwrap();
        let read: Vec<Value> = serde_saphyr::from_multiple(&yaml(&objects).unwrap()).unwrap();
        assert_eq!(read, objects);
    }
}
