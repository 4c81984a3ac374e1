//! The source as one of the backends that options can name.

use std::sync::Arc;

use autoscaler_core::options::{InvalidOption, JobOptions};
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{ClusterName, ClusterSource, PortError};
use flink_rest::{AnswerRoom, Carrier, ClusterAccess, ClusterAccessOptions, FlinkClient};
use url::Url;

use crate::filter::Filter;
use crate::manager::Managers;
use crate::options::{ManagerAccessOptions, YarnSourceOptions};
use crate::road::{Base, Roads, ToApplication};
use crate::source::YarnSource;

/// Adds the source of clusters `YARN` and its options.
pub fn register(backends: &mut Backends) {
    backends.add_options(YarnSourceOptions::SPECS);
    backends.add_options(ManagerAccessOptions::SPECS);
    backends.add_options(ClusterAccessOptions::SPECS);
    let doc = "the running Flink applications of the YARN cluster whose ResourceManagers fetcher.yarn.resource-managers names";
    backends.sources.add("YARN", doc, open);
}

const MANAGERS: &str = "autoscaler.standalone.fetcher.yarn.resource-managers";
const PROXY: &str = "autoscaler.standalone.fetcher.yarn.proxy-address";

fn url(text: &str, key: &str) -> Result<Url, InvalidOption> {
    // The text may hold a password, and is not shown.
    let expected = || InvalidOption::new(key, "expected http:// or https:// URLs without ? and #");
    let url = Url::parse(text.trim()).map_err(|_| expected())?;
    let is_usable = matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
    is_usable.then_some(url).ok_or_else(expected)
}

fn open(opening: &mut Opening<'_>) -> Result<Opened<dyn ClusterSource>, PortError> {
    let options = YarnSourceOptions::checked(opening.configuration)?;
    let timeout = JobOptions::from_configuration(opening.configuration)?.rest_client_timeout;
    let (flink_access, max_answer) = ClusterAccessOptions::common(opening.configuration)?;
    let room = opening.extensions.get_or_default::<AnswerRoom>().clone();
    let observers = opening.extensions.get_or_default::<BackendObservers>().clone();
    let manager_access = ManagerAccessOptions::of(opening.configuration)?;
    let texts = options.resource_managers.iter().flatten().map(|text| text.trim()).filter(|text| !text.is_empty());
    let managers = texts.map(|text| url(text, MANAGERS)).collect::<Result<Vec<_>, _>>()?;
    if managers.is_empty() {
        return Err(InvalidOption::new(MANAGERS, "is needed by fetcher.type YARN: http://resourcemanager:8088").into());
    }
    let proxy_address = options.proxy_address.as_ref().map(|text| url(text, PROXY)).transpose()?;
    let clients = managers.iter().map(|manager| {
        let client = FlinkClient::with_access(manager.as_str(), timeout, manager_access.clone())?;
        Ok(client.with_max_answer(max_answer).with_answer_room(&room))
    });
    let clients = clients.collect::<Result<Vec<_>, PortError>>()?;
    let mut bare = ClusterAccess::default();
    bare.ca_file.clone_from(&manager_access.ca_file);
    bare.proxy.clone_from(&manager_access.proxy);
    let roads = Arc::new(Roads {
        choice: options.access,
        direct: Carrier::new(flink_access.clone(), "JobManagers")?,
        trusted: Carrier::new(manager_access, "the ResourceManager's proxy")?,
        bare: Carrier::new(bare, "the web proxy")?,
        trusted_origins: managers.iter().chain(&proxy_address).map(Url::origin).collect(),
        proxy_address: proxy_address.map(Base),
        user_name: options.user_name.clone(),
        patience: timeout / 3,
    });
    let mut counting = ClusterAccess::default();
    counting.max_requests = flink_access.max_requests;
    let make_client = Box::new(move |way: Arc<ToApplication>, name: &ClusterName| {
        let client = FlinkClient::through(way, &format!("http://{name}"), timeout, counting.clone())?;
        let client = client.with_max_answer(max_answer).with_answer_room(&room);
        Ok(client.watched_by(observers.clone(), name.clone()))
    });
    Ok(Opened::new(Arc::new(YarnSource {
        managers: Managers::new(clients, &options.application_types, options.user_name.clone()),
        filter: Filter::of(&options),
        roads,
        forget_after: options.forget_after,
        counted: options.resource_check,
        waits_told_after: options.waits_told_after,
        make_client,
        claims: Arc::default(),
        known: tokio::sync::Mutex::default(),
    })))
}
