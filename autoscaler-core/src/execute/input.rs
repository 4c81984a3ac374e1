//! What carrying out a scaling goes by.

use chrono_tz::Tz;

use crate::context::JobAutoScalerContext;
use crate::options::JobOptions;
use crate::plugin::Plugins;
use crate::proposed::Changes;
use crate::time::Instant;
use crate::topology::JobTopology;

/// A scaling to be carried out.
#[derive(Debug)]
pub(crate) struct Execution<'a> {
    pub(crate) context: &'a JobAutoScalerContext,
    pub(crate) plugins: &'a Plugins,
    /// The zone that excluded periods are written in.
    pub(crate) time_zone: Tz,
    pub(crate) options: &'a JobOptions,
    pub(crate) topology: &'a JobTopology,
    /// Records per second that the sources read; none where that is not known.
    pub(crate) read_rate: Option<f64>,
    pub(crate) now: Instant,
    /// The scaling that somebody approved.
    pub(crate) approved: Option<&'a Changes>,
}
