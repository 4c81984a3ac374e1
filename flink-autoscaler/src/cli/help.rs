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
  0  done
  1  not done: what is wrong is said on the standard error
  2  the command line is not understood
  `check`, `recommend`, `replay --diff` and `status` say theirs in their own help.";

/// Of `run`.
pub(super) const RUN: &str = "\
Health, metrics and a JSON API are served at autoscaler.standalone.http.address, 127.0.0.1:8090 unless it says otherwise. \
Before a first start: flink-autoscaler check; while it runs: flink-autoscaler status.

Exit status:
  0  it was asked to stop, and has stopped
  1  it can't start: an option, the database, or another one that runs on it

Examples:
  flink-autoscaler run --autoscaler.standalone.fetcher.flink-cluster.host gateway --job.autoscaler.enabled true
  FLINK_CONF_DIR=/etc/flink flink-autoscaler run --log-format json
  flink-autoscaler run --job.autoscaler.enabled true --job.autoscaler.scaling.enabled false      # only reports";

/// Of `kubernetes`.
#[cfg(feature = "realizer-kubernetes")]
pub(super) const KUBERNETES: &str = "\
`rbac` and `manifest` ask nothing of a Kubernetes cluster, and change nothing there: what they print is for kubectl. `takeover` and \
`give-back` change one resource and, unless --without-state is given, what is stored of its job, by the kubeconfig that kubectl uses.

Exit status:
  0  done
  1  not handed over: why is said on the standard error
  2  the command line is not understood

Examples:
  flink-autoscaler kubernetes manifest | kubectl apply --filename -
  flink-autoscaler kubernetes manifest --watch orders,billing --http-secret flink-autoscaler-http
  flink-autoscaler kubernetes rbac --rest-only
  flink-autoscaler kubernetes takeover orders/checkout --dry-run
  flink-autoscaler kubernetes takeover orders/checkout --autoscaler.standalone.state-store.type kubernetes \
      --autoscaler.standalone.state-store.kubernetes.namespace flink-autoscaler";

/// Of `replay`.
pub(super) const REPLAY: &str = "\
Exit status:
  0  done
  1  a trace can't be read, or with --diff a cycle differs from what was recorded
  2  the command line is not understood

Examples:
  flink-autoscaler replay trace.jsonl.gz --explain
  flink-autoscaler replay traces/ --diff
  flink-autoscaler replay trace.jsonl.gz --summary --job.autoscaler.utilization.target 0.6
  flink-autoscaler replay trace.jsonl.gz --report report.html --job.autoscaler.policy responsive
  flink-autoscaler replay trace.jsonl.gz --svg charts.svg";

/// Of `simulate`.
pub(super) const SIMULATE: &str = "\
Lag is age: now minus the arrival of the record that is read. What is paid is held against an all-knowing planner, who sizes for 70 % \
at each moment and whose rescales cost nothing. cost: job-minutes per hour beyond that, where a rescale is 10, and a minute of lag 2 \
beyond 30 s, 12 beyond 60 s, 22 beyond 120 s. The same scenario has the same outcome, on every machine.

Examples:
  flink-autoscaler simulate --scenario spike
  flink-autoscaler simulate --scenario checkout.yaml --policy responsive --plot checkout.svg
  flink-autoscaler simulate --from orders.jsonl.gz --policy responsive
  flink-autoscaler simulate --scenario drawn-17 --policy reference --job.autoscaler.metrics.window '5 min'";

/// Of `record`.
pub(super) const RECORD: &str = "\
It may run beside an autoscaler that acts. No secrets are recorded.

Exit status:
  0  it was asked to stop, or the time of --for is over
  1  it can't start: an option, the cluster, or where it is to record
  2  the command line is not understood

Examples:
  flink-autoscaler record --cluster http://localhost:8081 --job orders --for '30 min' --out orders.jsonl.gz
  flink-autoscaler record --cluster http://localhost:8081 --out traces/";

/// Of `recommend`.
pub(super) const RECOMMEND: &str = "\
Exit status:
  0  every job was judged, or there is none
  1  no cluster could be asked, there is no such job, or an option can't be used
  2  the command line is not understood
  3  at least one job could not be judged, and why is said

Examples:
  flink-autoscaler recommend --cluster http://localhost:8081
  flink-autoscaler recommend --cluster http://localhost:8081 --job orders --for '16 min' --json";

/// Of `migrate`.
#[cfg(feature = "sql")]
pub(super) const MIGRATE: &str = "\
The database is that of the state store and of the event handlers that the options name. Tables of the Java process stay as they \
are, and ours are added beside them. `run` does the same at its start, unless autoscaler.standalone.jdbc.migrate is MANUAL.

Examples (with the options that `run` has):
  flink-autoscaler migrate --status --autoscaler.standalone.state-store.type sqlite
  flink-autoscaler migrate --dry-run --autoscaler.standalone.state-store.type jdbc --autoscaler.standalone.jdbc.url URL";

/// Of `state`.
pub(super) const STATE: &str = "\
What it works on is the state store of the options, which are those of `run`; a store on the heap can't be looked at. What changes \
state is refused while an autoscaler runs on it.

Examples:
  flink-autoscaler state show --autoscaler.standalone.state-store.type sqlite
  flink-autoscaler state export JOB --autoscaler.standalone.state-store.type sqlite > job.json";

/// Of `events`.
#[cfg(feature = "handler-jdbc")]
pub(super) const EVENTS: &str = "\
Examples (with the options that `run` has):
  flink-autoscaler events --since '2 h' --reason ScalingReport --autoscaler.standalone.state-store.type sqlite
  flink-autoscaler events --job JOB --follow --json --autoscaler.standalone.state-store.type sqlite";

/// Of `options`.
pub(super) const OPTIONS: &str = "\
Examples:
  flink-autoscaler options metrics.window scalingInterval
  flink-autoscaler options --json
  flink-autoscaler options --markdown > options.md";

/// Of `check`.
pub(super) const CHECK: &str = "\
What is looked at: where options come from and what they come to; values that can't be used, keys that are mistyped, options that \
contradict each other or have no effect; the database with its schema; the address of the HTTP endpoint; each cluster with its \
version, scheduler and slots; and of each job whether it can be rescaled in place, has its metrics, and what its own \
configuration changes. Nothing is written, migrated or rescaled, and a cluster or database that is away ends nothing.

Exit status:
  0  no errors, and with --strict no warnings
  1  errors, or warnings with --strict
  2  the command line is not understood

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

/// Of `approve`.
#[cfg(feature = "http-endpoint")]
pub(super) const APPROVE: &str = "\
With job.autoscaler.scaling.enabled: false a scaling is decided and not carried out. What is approved is what was seen, by its id; the \
job's next cycle carries it out if it decides just the same, and no later one does. Nothing is done if the job has restarted, was rescaled \
or needs something else by then, and after autoscaler.standalone.approval.expires-after. The process is found as `status` finds it.

Exit status:
  0  it is carried out; without --proposal: something is proposed
  1  it is refused, and why is said; without --proposal: nothing is proposed
  2  it can't be told: nobody answers, the token is not the right one, there is no such job, or the command line is not understood

Examples:
  flink-autoscaler approve --job orders
  flink-autoscaler approve --job orders --proposal 5f0c6d3a9b1e2847";

/// Of `top`.
#[cfg(feature = "http-endpoint")]
pub(super) const TOP: &str = "\
It asks the HTTP endpoint of `run`, as `status` does, again and again. Keys: arrows move, enter opens a job, esc goes back, / searches by \
name, id and key, s sorts by something else, q quits. NO_COLOR has it do without colours.

Examples:
  flink-autoscaler top
  flink-autoscaler top --url http://autoscaler:8090 --cluster prod:8081";
