//! Which applications are looked at, and how their JobManagers are reached.

mod access;

use std::time::Duration;

pub use access::ManagerAccessOptions;

autoscaler_core::options! {
    /// What the source `YARN` looks at.
    YarnSourceOptions, prefix "autoscaler.standalone.fetcher.yarn." {
        #[doc = "URLs of the ResourceManagers, with the path before /ws/v1 where there is one: http://rm1:8088;http://rm2:8088."]
        resource_managers: Vec<String> = "resource-managers", none, &[] => secret();
        #[doc = "Types of the applications that are looked at, as yarn.application.type says."]
        application_types: Vec<String> = "application-types", "Apache Flink", &[];
        #[doc = "Tags (yarn.tags) of which an application must have one to be looked at; none: all are."]
        application_tags: Vec<String> = "application-tags", none, &[];
        #[doc = "Queues whose applications are looked at, by full or last name; none: all."]
        queues: Vec<String> = "queues", none, &[];
        #[doc = "Users whose applications are looked at; none: all."]
        users: Vec<String> = "users", none, &[];
        #[doc = "Names of the applications that are looked at; none: all."]
        application_names: Vec<String> = "application-names", none, &[];
        #[doc = "How JobManagers are reached: DIRECT at the address they registered with, PROXY by the ResourceManager's web proxy, AUTO directly where that works, else by the proxy."]
        access: Road = "access", "AUTO", &[];
        #[doc = "URL of the web proxy, in place of the one that the ResourceManager names: https://gateway/yarn/proxy."]
        proxy_address: String = "proxy-address", none, &[] => secret();
        #[doc = "How long an application may be unknown to an active ResourceManager before its jobs are gone, how long the jobs of a new attempt may take to come back, and how long an ended one is kept where its jobs' state can't be removed."]
        forget_after: Duration = "forget-after", "10 min", &[] => at_least(1.0);
        #[doc = "What a scaling must find free in the application's queue, the queues above it and the cluster to be carried out: NONE (it takes what it gets, and asks for the rest), MEMORY, or MEMORY_AND_CORES, where the scheduler counts both."]
        resource_check: Counted = "resource-check", "NONE", &[];
        #[doc = "How long an application may wait for containers before that is an event."]
        waits_told_after: Duration = "waits-told-after", "2 min", &[] => at_least(1.0);
        #[doc = "User that ResourceManagers and their proxy are told (user.name), where they ask for one without Kerberos."]
        user_name: String = "user-name", none, &[];
    }
}

/// How JobManagers are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// As it is possible.
    Auto,
    /// At the address that they registered with.
    Direct,
    /// By the ResourceManager's web proxy.
    Proxy,
}

autoscaler_core::named_values!(
    Road,
    "AUTO, DIRECT or PROXY",
    "AUTO" => Self::Auto,
    "DIRECT" => Self::Direct,
    "PROXY" => Self::Proxy
);

/// What must be free for a scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Nothing.
    None,
    /// Memory.
    Memory,
    /// Memory and virtual cores.
    MemoryAndCores,
}

autoscaler_core::named_values!(
    Counted,
    "NONE, MEMORY or MEMORY_AND_CORES",
    "NONE" => Self::None,
    "MEMORY" => Self::Memory,
    "MEMORY_AND_CORES" => Self::MemoryAndCores
);
