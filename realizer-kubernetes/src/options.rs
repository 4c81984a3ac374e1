//! How resources are changed.

autoscaler_core::options! {
    /// How the realizer `KUBERNETES` changes jobs.
    KubernetesRealizerOptions, prefix "autoscaler.standalone.realizer.kubernetes." {
        #[doc = "How a job is rescaled: SPEC changes the parallelism overrides of its resource, REST its requirements over Flink's REST API alone."]
        mode: Mode = "mode", "SPEC", &[];
        #[doc = "Whether a job that can't be rescaled in place is upgraded, which restarts it; in mode SPEC."]
        full_upgrades: bool = "full-upgrades", "false", &[];
    }
}

/// How a job is rescaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By its resource.
    Spec,
    /// Over Flink's REST API.
    Rest,
}

autoscaler_core::named_values!(Mode, "SPEC or REST", "SPEC" => Self::Spec, "REST" => Self::Rest);
