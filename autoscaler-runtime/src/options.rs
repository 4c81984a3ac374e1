//! The options of the process as such: how fast it goes, and which backends it uses.

mod names;

use std::time::Duration;

use autoscaler_core::options::{Configuration, InvalidOption};

use crate::pace::Pace;
pub use names::Names;

autoscaler_core::options! {
    /// The options of the process as such.
    RuntimeOptions, prefix "autoscaler.standalone." {
        #[doc = "Time between the starts of two cycles of a job."]
        interval: Duration = "control-loop.interval", "10 s", &["scalingInterval"] => at_least(0.001);
        #[doc = "Jobs of a cluster worked on at once; as many again that wait for slow answers."]
        parallelism: i32 = "control-loop.parallelism", "100", &[] => at_least(1.0);
        #[doc = "Time after which a job's cycle is ended, whatever the job's own options say."]
        cycle_timeout: Duration = "control-loop.cycle-timeout", "1 min", &[] => at_least(0.001), seconds();
        #[doc = "Lists of a cluster's jobs in a row that must lack a job before its state is removed."]
        gone_after_lists: i32 = "gone-jobs.lists", "3", &[] => at_least(1.0);
        #[doc = "Time for which a job must have been missing before its state is removed."]
        gone_after: Duration = "gone-jobs.delay", "1 min", &[] => seconds();
        #[doc = "Where state is kept: one of the stores in this build, such as MEMORY, SQLITE or JDBC."]
        state_store: String = "state-store.type", "MEMORY", &[];
        #[doc = "Where events go: one or more of the handlers in this build, such as logging,jdbc."]
        event_handlers: Names = "event-handler.type", "LOGGING", &[];
        #[doc = "Where clusters come from: one of the sources in this build."]
        fetcher: String = "fetcher.type", "FLINK_CLUSTER", &[];
        #[doc = "How scalings are applied: one of the realizers in this build."]
        realizer: String = "realizer.type", "REST", &[];
        #[doc = "Whether this is one of several replicas on one state store: one leads, the others follow until it ends."]
        is_replica: bool = "high-availability.enabled", "false", &[];
        #[doc = "Time after which another process may act if the one that did is not heard of, in a store on a server."]
        lease_duration: Duration = "high-availability.lease-duration", "15 s", &[] => at_least(1.0), seconds();
        #[doc = "What others call this process when it holds the right to act; the host's name if it is not set."]
        replica_id: String = "high-availability.replica-id", none, &[];
    }
}

impl RuntimeOptions {
    /// Reads and checks the options in `configuration`.
    ///
    /// # Errors
    /// The first option that can't be used: its key, its value, its origin and what is allowed.
    pub fn from_configuration(configuration: &Configuration) -> Result<Self, InvalidOption> {
        Self::checked(configuration)
    }

    /// Whether the state store is one that replicas share, where they are to be had: one with a lease.
    ///
    /// # Errors
    /// It has no lease, and this process is to be one of several.
    pub fn replicas_share(&self, has_lease: bool) -> Result<(), InvalidOption> {
        if has_lease || !self.is_replica {
            return Ok(());
        }
        let problem = format_args!(
            "is true, and the state store {} keeps state where no other replica gets at it: use one that replicas share, such as JDBC",
            self.state_store.trim().to_ascii_uppercase()
        );
        Err(InvalidOption::new("autoscaler.standalone.high-availability.enabled", problem))
    }

    /// How fast a control loop goes by these options.
    pub fn pace(&self) -> Pace {
        let at_least_one = |number: i32| u32::try_from(number).unwrap_or(1).max(1);
        Pace::new(self.interval)
            .with_parallelism(at_least_one(self.parallelism) as usize)
            .with_cycle_timeout(self.cycle_timeout)
            .with_gone_jobs(at_least_one(self.gone_after_lists), self.gone_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler_core::options::Origin;

    #[test]
    fn ranges_are_checked() {
        let message = |key: &str, value: &str| {
            let mut configuration = Configuration::new();
            configuration.set(format!("autoscaler.standalone.{key}"), value, Origin::Flag);
            RuntimeOptions::from_configuration(&configuration).unwrap_err().to_string()
        };
        assert_eq!(
            message("control-loop.parallelism", "0"),
            "option autoscaler.standalone.control-loop.parallelism has the value '0' (from the command line): expected a whole \
             number, 1 or more"
        );
        assert!(message("control-loop.interval", "0 s").contains("control-loop.interval"));
        assert!(message("control-loop.cycle-timeout", "0 s").contains("control-loop.cycle-timeout"));
        assert!(message("gone-jobs.lists", "-1").contains("gone-jobs.lists"));
    }
}
