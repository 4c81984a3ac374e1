//! What the long help and the manual page of the program say behind its commands.

/// Of the program as a whole.
pub(super) const PROGRAM: &str = "\
Options have Flink's keys: --key value, --key=value or -D key=value, and stand anywhere behind the command. Every command \
that needs to know a cluster or a database takes those of `run`. `flink-autoscaler options` lists them.

Files:
  config.yaml or flink-conf.yaml in the directory that FLINK_CONF_DIR names: options, weaker than the command line

Environment:
  FLINK_CONF_DIR               directory of the configuration file
  JDBC_PWD                     password of the database, unless an option names another variable or a file
  FLINK_AUTOSCALER_HTTP_TOKEN  token of the HTTP endpoint
  FLINK_AUTOSCALER_LOG_FORMAT  text or json, as --log-format
  RUST_LOG                     what is logged, such as info,flink_autoscaler::explain=debug
  TZ                           time zone of excluded periods

Exit status:
  0  done; 1  not done, what is wrong is said on the standard error; 2  the command line is not understood.
  `check`, `replay --diff` and `status` say theirs in their own help.";

/// Of `check`.
pub(super) const CHECK: &str = "\
What is looked at: where options come from and what they come to; values that can't be used, keys that are mistyped, options that \
contradict each other or have no effect; the database with its schema; the address of the HTTP endpoint; each cluster with its \
version, scheduler and slots; and of each job whether it can be rescaled in place, has its metrics, and what its own \
configuration changes. Nothing is written, migrated or rescaled, and a cluster or database that is away ends nothing.

Exit status:
  0  no errors, and with --strict no warnings; 1  errors, or warnings with --strict; 2  the command line is not understood

Examples:
  flink-autoscaler check --autoscaler.standalone.fetcher.flink-cluster.host gateway
  FLINK_CONF_DIR=/etc/flink flink-autoscaler check --strict
  flink-autoscaler check --offline --json      # what a build can check without a cluster";

/// Of `status`.
#[cfg(feature = "http-endpoint")]
pub(super) const STATUS: &str = "\
It asks the HTTP endpoint of `run` (autoscaler.standalone.http.address, or --url), with the token of \
autoscaler.standalone.http.token-file or FLINK_AUTOSCALER_HTTP_TOKEN where one is set: give it the options that `run` has, or \
the same FLINK_CONF_DIR.

Exit status:
  0  all is well
  1  something is failing: the process is not ready, a cluster can't be listed, a job's cycle failed or was left out
  2  it can't be told: nobody answers, the token is not the right one, there is no such job, or the command line is not understood

Examples:
  flink-autoscaler status
  flink-autoscaler status --job orders
  flink-autoscaler status --url https://autoscaler.example/ --json";
