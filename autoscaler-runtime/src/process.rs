//! Everything that options name, put together.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::options::{Configuration, JobOptions, process_remarks};
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::registry::{Backend, Backends, OpenRealizer, Opened, Opening};
use autoscaler_core::{
    AutoScalerEventHandler, AutoScalerStateStore, Autoscaler, ClusterSource, ErrorChain, Lease, LeaseTerms, PortError,
};
use tokio_util::sync::CancellationToken;

use crate::approvals::Approvals;
use crate::back_off::BackOff;
use crate::beginning::BeginningObserver;
use crate::clock::Clock;
use crate::configurations::Configurations;
use crate::deadline::Deadline;
use crate::event_handlers::EventHandlers;
use crate::log_observer::LogObserver;
use crate::observer::CycleObserver;
use crate::options::RuntimeOptions;
use crate::ports::Ports;
use crate::start_error::StartError;
use crate::supervisor::Supervisor;
use crate::tenure::Tenure;
use crate::watched::Watched;

/// How long events that wait may take to be written at the end.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);

/// An autoscaler whose parts are opened, and which does not run yet.
#[derive(Debug)]
pub struct Process {
    configuration: Configuration,
    options: RuntimeOptions,
    autoscaler: Autoscaler,
    store: Opened<dyn AutoScalerStateStore>,
    handler: Arc<dyn AutoScalerEventHandler>,
    source: Arc<dyn ClusterSource>,
    realizer: Backend<OpenRealizer>,
    observers: Vec<Arc<dyn CycleObserver>>,
    beginnings: Option<Arc<dyn BeginningObserver>>,
    clock: Option<Arc<dyn Clock>>,
    approvals: Option<Arc<Approvals>>,
    remarks: Vec<String>,
    watchers: BackendObservers,
    host: String,
}

/// Opens the state store that `state-store.type` names, with what should be known about its options.
///
/// # Errors
/// An option can't be used, or there is no such store in this build.
pub fn open_store(
    configuration: &Configuration,
    backends: &mut Backends,
) -> Result<(Opened<dyn AutoScalerStateStore>, Vec<String>), StartError> {
    let options = RuntimeOptions::from_configuration(configuration)?;
    let backend =
        backends.stores.named_in(configuration, "autoscaler.standalone.state-store.type", &options.state_store)?;
    let mut opening = Opening::new(configuration, &mut backends.extensions);
    let store = (backend.open)(&mut opening).map_err(StartError::of("state store"))?;
    Ok((store, opening.remarks))
}

impl Process {
    /// Opens what the options name. Nothing is connected to yet.
    ///
    /// # Errors
    /// An option can't be used, or names a backend that is not in this build.
    pub fn open(configuration: Configuration, mut backends: Backends) -> Result<Self, StartError> {
        let options = RuntimeOptions::from_configuration(&configuration)?;
        let of_jobs = JobOptions::of_process(&configuration)?;
        let complaint_interval = of_jobs.scaling_event_interval;
        let rows: Vec<_> = RuntimeOptions::SPECS.iter().chain(backends.options()).collect();
        let mut remarks: Vec<String> = of_jobs.remarks.into_iter().map(|remark| remark.text).collect();
        remarks.extend(process_remarks(&rows, &configuration));
        let (store, more) = open_store(&configuration, &mut backends)?;
        options.replicas_share(store.lease.is_some())?;
        remarks.extend(more);
        let source =
            backends.sources.named_in(&configuration, "autoscaler.standalone.fetcher.type", &options.fetcher)?;
        let realizer =
            backends.realizers.named_in(&configuration, "autoscaler.standalone.realizer.type", &options.realizer)?;
        let mut handlers = Vec::new();
        for name in &options.event_handlers.0 {
            handlers.push(backends.handlers.named_in(
                &configuration,
                "autoscaler.standalone.event-handler.type",
                name,
            )?);
        }
        let mut opening = Opening::new(&configuration, &mut backends.extensions);
        let watchers = opening.extensions.get_or_default::<BackendObservers>().clone();
        let mut opened: Vec<Arc<dyn AutoScalerEventHandler>> = Vec::new();
        for handler in handlers {
            let port = (handler.open)(&mut opening).map_err(StartError::of("event handler"))?.port;
            let port = Arc::new(Deadline::<dyn AutoScalerEventHandler>::new(port, options.pace().cycle_timeout));
            opened.push(Arc::new(Watched::<dyn AutoScalerEventHandler>::new(port, watchers.clone(), handler.name)));
        }
        let handler = if opened.len() == 1 { opened.remove(0) } else { Arc::new(EventHandlers::new(opened)) };
        let source = (source.open)(&mut opening).map_err(StartError::of("source of clusters"))?.port;
        remarks.append(&mut opening.remarks);
        Ok(Self {
            autoscaler: Autoscaler::new().with_complaint_interval(complaint_interval),
            options,
            store,
            handler,
            source,
            realizer,
            observers: vec![Arc::new(LogObserver::default())],
            beginnings: None,
            clock: None,
            approvals: None,
            remarks,
            watchers,
            host: "a process".to_owned(),
            configuration,
        })
    }

    /// With an autoscaler of one's own: plugins, a time zone.
    #[must_use]
    pub fn with_autoscaler(mut self, change: impl FnOnce(Autoscaler) -> Autoscaler) -> Self {
        self.autoscaler = change(self.autoscaler);
        self
    }

    /// With one more observer; the log is the first.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn CycleObserver>) -> Self {
        self.observers.push(observer);
        self
    }

    /// With somebody who looks at what cycles begin with.
    #[must_use]
    pub fn with_beginning_observer(mut self, observer: Arc<dyn BeginningObserver>) -> Self {
        self.beginnings = Some(observer);
        self
    }

    /// With approvals of scalings that options keep from being carried out.
    #[must_use]
    pub fn with_approvals(mut self, approvals: Arc<Approvals>) -> Self {
        self.approvals = Some(approvals);
        self
    }

    /// With another source of clusters, such as one around that which the options name.
    #[must_use]
    pub fn with_source(mut self, change: impl FnOnce(Arc<dyn ClusterSource>) -> Arc<dyn ClusterSource>) -> Self {
        self.source = change(self.source);
        self
    }

    /// With another clock than the machine's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// With the name of the host, by which others call the process unless an option names it.
    #[must_use]
    pub fn on_host(mut self, name: impl Into<String>) -> Self {
        self.host = name.into();
        self
    }

    /// What somebody should know about the options: keys that are not known, parts without effect.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Where state is kept.
    pub fn store(&self) -> &Arc<dyn AutoScalerStateStore> {
        &self.store.port
    }

    /// Runs until `stop` is cancelled; then running cycles end and events that wait are written, within a bound.
    ///
    /// # Errors
    /// Somebody else holds the lease, or a backend says that it can't be used as it is. One that is away for now does
    /// not keep the process from starting.
    pub async fn run(self, stop: CancellationToken) -> Result<(), StartError> {
        let pace = self.options.pace();
        let within = pace.cycle_timeout;
        let store: Arc<dyn AutoScalerStateStore> =
            Arc::new(Deadline::<dyn AutoScalerStateStore>::new(self.store.port, within));
        let store: Arc<dyn AutoScalerStateStore> =
            Arc::new(Watched::<dyn AutoScalerStateStore>::new(store, self.watchers, "state store"));
        // Calls that are not made for a while are none to be counted.
        let store: Arc<dyn AutoScalerStateStore> = Arc::new(BackOff::new(store));
        let handler = self.handler;
        let mut ports = Ports::new(self.autoscaler, Arc::clone(&store), Arc::clone(&handler));
        ports = self.observers.into_iter().fold(ports, Ports::with_observer);
        ports = self.beginnings.into_iter().fold(ports, Ports::with_beginning_observer);
        ports = self.clock.into_iter().fold(ports, Ports::with_clock);
        ports = self.approvals.into_iter().fold(ports, Ports::with_approvals);
        let tenure = match self.store.lease {
            Some(lease) => {
                let terms = LeaseTerms::new(holder(&self.options, &self.host), self.options.lease_duration);
                let taken = take(lease, &ports, terms, self.options.is_replica);
                match stop.run_until_cancelled(taken).await {
                    Some(tenure) => Some(tenure.map_err(StartError::of("state store"))?),
                    None => return Ok(()),
                }
            }
            None => None,
        };
        // The lease is given back last: nobody else may act before the last cycle has ended.
        let done = CancellationToken::new();
        let keeping = tenure.map(|tenure| tokio::spawn(tenure.keep(done.clone())));
        let source = Arc::new(Deadline::<dyn ClusterSource>::new(self.source, within));
        let configurations = Arc::new(Configurations::new(self.configuration.clone()));
        let (configuration, realizer) = (self.configuration, self.realizer);
        let make_realizer = move |cluster: &autoscaler_core::Cluster| (realizer.open)(&configuration, cluster);
        let running = async {
            usable(store.jobs().await.map(drop), "state store")?;
            usable(handler.ready().await, "event handler")?;
            let supervisor = Supervisor::new(source, make_realizer, ports, configurations, pace).finding_stored_jobs();
            supervisor.run(stop).await;
            match tokio::time::timeout(FLUSH_WITHIN, handler.flush()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!("events are lost: {}", error.chain()),
                Err(_) => tracing::warn!("events are lost: they could not be written within {FLUSH_WITHIN:?}"),
            }
            Ok(())
        };
        let ended = running.await;
        done.cancel();
        if let Some(keeping) = keeping {
            let _ended = keeping.await;
        }
        ended
    }
}

async fn take(lease: Arc<dyn Lease>, ports: &Ports, terms: LeaseTerms, is_replica: bool) -> Result<Tenure, PortError> {
    match is_replica {
        true => Tenure::follow(lease, ports.clone(), terms).await,
        false => Tenure::begin(lease, ports.clone(), terms).await,
    }
}

/// What others call the process; no two have the same.
fn holder(options: &RuntimeOptions, host: &str) -> String {
    let name = options.replica_id.as_deref().unwrap_or(host);
    let nonce = RandomState::new().hash_one(std::process::id()) >> 32;
    format!("{name} (process {}, {nonce:08x})", std::process::id())
}

/// A backend that is away for now is none that can't be used.
fn usable(answer: Result<(), PortError>, what: &'static str) -> Result<(), StartError> {
    match answer {
        Ok(()) => Ok(()),
        Err(error) if error.is_transient() => {
            tracing::warn!("the {what} is away, and is tried again whenever it is needed: {}", ErrorChain(&error));
            Ok(())
        }
        Err(error) => Err(StartError::of(what)(error)),
    }
}
