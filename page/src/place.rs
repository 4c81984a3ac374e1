//! Where a vertex's utilization lies in its band.

use autoscaler_core::metric::{EvaluatedMetrics, ScalingMetric as M};
use autoscaler_core::policy::VertexDecision;
use autoscaler_core::topology::VertexInfo;
use maud::{Markup, html};

/// Where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is asked for more than it should be: a reason to scale up.
    Above,
    /// It is left alone.
    Within,
    /// It could do much more than it is asked for: a reason to scale down.
    Below,
    /// All its subtasks have ended.
    Finished,
    Unknown,
}

/// What is known of a vertex in the latest cycle. Rates are records per second, NaN where not known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vertex<'a> {
    pub(crate) info: &'a VertexInfo,
    pub(crate) decision: Option<&'a VertexDecision>,
    pub(crate) target: f64,
    pub(crate) capacity: f64,
    pub(crate) busy: f64,
    pub(crate) lag: f64,
    /// The band of true processing rates.
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl<'a> Vertex<'a> {
    pub(crate) fn new(
        info: &'a VertexInfo,
        decision: Option<&'a VertexDecision>,
        metrics: Option<&EvaluatedMetrics>,
    ) -> Self {
        let average = |metric| metrics.map_or(f64::NAN, |metrics| metrics.average(metric));
        let current = |metric| metrics.map_or(f64::NAN, |metrics| metrics.current(metric));
        Self {
            info,
            decision,
            target: average(M::TargetDataRate),
            capacity: average(M::TrueProcessingRate),
            busy: average(M::Load),
            lag: current(M::Lag),
            low: decision.map_or_else(|| current(M::ScaleUpRateThreshold), |decision| decision.band.scale_up_below),
            high: decision
                .map_or_else(|| current(M::ScaleDownRateThreshold), |decision| decision.band.scale_down_above),
        }
    }

    /// The share of its capacity that is asked for; NaN where that is not known.
    pub(crate) fn utilization(&self) -> f64 {
        self.target / self.capacity
    }

    pub(crate) fn place(&self) -> Place {
        if self.info.finished {
            Place::Finished
        } else if self.capacity < self.low {
            Place::Above
        } else if self.capacity > self.high {
            Place::Below
        } else if self.capacity.is_nan() || self.low.is_nan() || self.high.is_nan() {
            Place::Unknown
        } else {
            Place::Within
        }
    }

    /// Its utilization at the ends of its band, lower first.
    pub(crate) fn band(&self) -> (f64, f64) {
        (self.target / self.high, self.target / self.low)
    }

    pub(crate) fn recommended(&self) -> Option<i64> {
        self.decision.map(|decision| i64::from(decision.target()))
    }
}

impl Place {
    pub(crate) const ALL: [Self; 5] = [Self::Above, Self::Within, Self::Below, Self::Finished, Self::Unknown];

    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Within => "within",
            Self::Below => "below",
            Self::Finished | Self::Unknown => "unknown",
        }
    }

    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Above => "▲",
            Self::Within => "●",
            Self::Below => "▼",
            Self::Finished => "■",
            Self::Unknown => "?",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Above => "above its band",
            Self::Within => "within its band",
            Self::Below => "below its band",
            Self::Finished => "finished",
            Self::Unknown => "not known",
        }
    }

    pub(crate) fn chip(self) -> Markup {
        html! { span class=(format!("place {}", self.class())) { (self.sign()) " " (self.title()) } }
    }
}
