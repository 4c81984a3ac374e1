//! What the processes of a YARN cluster are configured with.

use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result};

use super::Hadoop;

/// The ports of a cluster, all on the loopback interface.
#[derive(Debug)]
pub(super) struct Ports {
    /// The ResourceManager's REST API and its web proxy.
    pub(super) web: u16,
    pub(super) zookeeper: u16,
    others: [u16; 8],
}

impl Ports {
    /// Free ones; `web` where it is not 0.
    pub(super) fn free(web: u16) -> Result<Self> {
        // Held all at once, so that no two are the same.
        let listeners = (0..10).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<Vec<_>, _>>();
        let mut ports = Vec::new();
        for listener in listeners.context("no free port")? {
            ports.push(listener.local_addr()?.port());
        }
        let [free, zookeeper, others @ ..] = <[u16; 10]>::try_from(ports).ok().context("too few ports")?;
        Ok(Self { web: if web == 0 { free } else { web }, zookeeper, others })
    }
}

/// Memory (MB) and vcores of the one node.
const NODE: (u32, u32) = (14336, 32);

/// Part of the cluster (percent) that the queue `root.stream` can have at most; `root.batch` has the rest for sure.
const STREAM: u32 = 90;

/// Whose the keys of addresses are, in the order of [`Ports::others`].
const ADDRESSES: [&str; 8] = [
    "yarn.resourcemanager.address",
    "yarn.resourcemanager.scheduler.address",
    "yarn.resourcemanager.resource-tracker.address",
    "yarn.resourcemanager.admin.address",
    "yarn.nodemanager.address",
    "yarn.nodemanager.localizer.address",
    "yarn.nodemanager.webapp.address",
    "yarn.nodemanager.collector-service.address",
];

const LOGGING: &str = "\
log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{HH:mm:ss,SSS} %p %c{1}: %m%n
";

/// Writes the configuration of a cluster in `directory` to its folder `conf`.
pub(super) fn write(directory: &Path, hadoop: &Hadoop, ports: &Ports) -> Result<()> {
    let conf = directory.join("conf");
    std::fs::create_dir_all(&conf)?;
    let inside = |name: &str| directory.join(name).display().to_string();
    let text = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let core = vec![text("fs.defaultFS", "file:///"), text("hadoop.tmp.dir", &inside("tmp"))];
    let mut yarn = vec![
        text("yarn.resourcemanager.hostname", "127.0.0.1"),
        text("yarn.nodemanager.hostname", "127.0.0.1"),
        text("yarn.nodemanager.bind-host", "127.0.0.1"),
        ("yarn.resourcemanager.webapp.address".to_owned(), format!("127.0.0.1:{}", ports.web)),
        text(
            "yarn.resourcemanager.scheduler.class",
            "org.apache.hadoop.yarn.server.resourcemanager.scheduler.capacity.CapacityScheduler",
        ),
        text("yarn.scheduler.minimum-allocation-mb", "128"),
        ("yarn.nodemanager.resource.memory-mb".to_owned(), NODE.0.to_string()),
        ("yarn.nodemanager.resource.cpu-vcores".to_owned(), NODE.1.to_string()),
        text("yarn.nodemanager.pmem-check-enabled", "false"),
        text("yarn.nodemanager.vmem-check-enabled", "false"),
        // A disk that is nine tenths full would make the one node unfit: at its start even without the checker.
        text("yarn.nodemanager.disk-health-checker.enable", "false"),
        text("yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100"),
        text("yarn.resourcemanager.am.max-attempts", "10"),
        text("yarn.resourcemanager.recovery.enabled", "true"),
        text(
            "yarn.resourcemanager.store.class",
            "org.apache.hadoop.yarn.server.resourcemanager.recovery.FileSystemRMStateStore",
        ),
        ("yarn.resourcemanager.fs.state-store.uri".to_owned(), format!("file://{}", inside("resource-manager"))),
        text("yarn.nodemanager.local-dirs", &inside("local")),
        text("yarn.nodemanager.log-dirs", &inside("logs")),
        // JobManagers find the ResourceManager by it.
        text("yarn.nodemanager.env-whitelist", "JAVA_HOME,HADOOP_CONF_DIR"),
        ("yarn.application.classpath".to_owned(), format!("{},{}", inside("conf"), hadoop.class_path(","))),
        // Whoever is left behind by a killed cluster gives up.
        text("yarn.resourcemanager.connect.max-wait.ms", "120000"),
    ];
    yarn.extend(ADDRESSES.iter().zip(ports.others).map(|(key, port)| ((*key).to_owned(), format!("127.0.0.1:{port}"))));
    let queue = |name: &str, capacity: u32, most: u32| {
        let key = format!("yarn.scheduler.capacity.root.{name}");
        [(format!("{key}.capacity"), capacity.to_string()), (format!("{key}.maximum-capacity"), most.to_string())]
    };
    let mut queues = vec![
        text("yarn.scheduler.capacity.root.queues", "stream,batch"),
        // Else JobManagers may have a tenth of a queue, and the second application waits.
        text("yarn.scheduler.capacity.maximum-am-resource-percent", "1"),
    ];
    queues.extend(queue("stream", STREAM, STREAM));
    queues.extend(queue("batch", 100 - STREAM, 100));
    for (name, properties) in [("core-site.xml", core), ("yarn-site.xml", yarn), ("capacity-scheduler.xml", queues)] {
        let properties: String = properties
            .iter()
            .map(|(key, value)| format!("<property><name>{key}</name><value>{value}</value></property>\n"))
            .collect();
        std::fs::write(conf.join(name), format!("<configuration>\n{properties}</configuration>\n"))?;
    }
    std::fs::write(conf.join("log4j.properties"), LOGGING)?;
    Ok(())
}
