//! One rule of a schedule.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;

use crate::ids::VertexId;
use crate::options::excluded::{ExcludedPeriod, InvalidPeriod};
use crate::options::table::JobOptionValues;
use crate::options::value::OptionValue;
use crate::time::Instant;

/// What a rule can say.
const KEYS: [&str; 8] =
    ["name", "period", "zone", "vertices", "min-parallelism", "max-parallelism", "parallelism", "utilization-target"];
/// Characters of a name, at most.
const LONGEST_NAME: usize = 60;

/// A rule that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRule {
    /// It says something that is not known.
    #[error("it has an entry that is not known: expected {}", KEYS.join(", "))]
    UnknownEntry,
    /// It has no name, or one that can't be shown.
    #[error("expected a name of 1 to {LONGEST_NAME} letters, digits, spaces, '.', '-' and '_'")]
    NoName,
    /// Another rule has its name.
    #[error("another rule has that name")]
    NameTwice,
    /// It does not say when it holds.
    #[error("it does not say when it holds: expected a period")]
    NoPeriod,
    /// Its period can't be read.
    #[error("its period: {0}")]
    Period(#[from] InvalidPeriod),
    /// Its zone is none.
    #[error("its zone is none: expected a name such as Europe/Berlin or UTC")]
    Zone,
    /// Its vertices are none.
    #[error("its vertices: expected a list of ids, each of 32 hexadecimal digits")]
    Vertices,
    /// A number is none, or outside of what is allowed.
    #[error("its {0}: expected a whole number from 1 to 32768")]
    Parallelism(&'static str),
    /// It contradicts the job's own bounds.
    #[error("its {0} is outside job.autoscaler.vertex.min-parallelism to max-parallelism, {1} to {2}")]
    OutOfBounds(&'static str, i32, i32),
    /// More at least than at most.
    #[error("its min-parallelism is larger than its max-parallelism")]
    NothingBetween,
    /// A fixed number and bounds.
    #[error("parallelism stands for itself: leave out min-parallelism and max-parallelism")]
    FixedAndBounds,
    /// A utilization that is none.
    #[error("its utilization-target: expected a number above 0 up to 1")]
    Utilization,
    /// A utilization outside the job's own band.
    #[error("its utilization-target is outside job.autoscaler.utilization.min to job.autoscaler.utilization.max")]
    UtilizationBand,
    /// A utilization of some vertices.
    #[error("utilization-target holds for the whole job: leave out vertices, or make it a rule of its own")]
    UtilizationOfVertices,
    /// It asks for nothing.
    #[error("it asks for nothing: expected min-parallelism, max-parallelism, parallelism or utilization-target")]
    Nothing,
}

/// When a job's parallelism has bounds of its own, and which.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScheduleRule {
    /// What it is called in explanations.
    pub name: Arc<str>,
    /// Whom it is for; all where there are none.
    pub vertices: Vec<VertexId>,
    /// Fewest subtasks of each.
    pub least: Option<i32>,
    /// Most subtasks of each.
    pub most: Option<i32>,
    /// The utilization that the whole job is scaled to.
    pub utilization_target: Option<f64>,
    period: ExcludedPeriod,
    zone: Option<Tz>,
}

impl ScheduleRule {
    /// Whether it holds at an instant; its times are those of `zone` where it names none.
    pub fn holds(&self, instant: Instant, zone: Tz) -> bool {
        self.period.includes(instant, self.zone.unwrap_or(zone))
    }

    /// Whether it is for a vertex.
    pub fn is_for(&self, vertex: VertexId) -> bool {
        self.vertices.is_empty() || self.vertices.contains(&vertex)
    }

    pub(super) fn of_entries(
        entries: &BTreeMap<String, String>,
        options: &JobOptionValues,
    ) -> Result<Self, InvalidRule> {
        if entries.keys().any(|key| !KEYS.contains(&key.as_str())) {
            return Err(InvalidRule::UnknownEntry);
        }
        let get = |key: &str| entries.get(key).map(String::as_str);
        let name = get("name").filter(|name| is_name(name)).ok_or(InvalidRule::NoName)?;
        let period = get("period").ok_or(InvalidRule::NoPeriod)?.parse()?;
        let zone = get("zone").map(|zone| zone.trim().parse().map_err(|_| InvalidRule::Zone)).transpose()?;
        let vertices = vertices(get("vertices"))?;
        let number = |key: &'static str| parallelism(key, get(key), options);
        let (mut least, mut most) = (number("min-parallelism")?, number("max-parallelism")?);
        if let Some(fixed) = number("parallelism")? {
            if least.is_some() || most.is_some() {
                return Err(InvalidRule::FixedAndBounds);
            }
            (least, most) = (Some(fixed), Some(fixed));
        }
        if least.zip(most).is_some_and(|(least, most)| least > most) {
            return Err(InvalidRule::NothingBetween);
        }
        let utilization_target = get("utilization-target").map(|text| utilization(text, options)).transpose()?;
        match (utilization_target, least.or(most)) {
            (Some(_), _) if !vertices.is_empty() => Err(InvalidRule::UtilizationOfVertices),
            (None, None) => Err(InvalidRule::Nothing),
            _ => Ok(Self { name: name.trim().into(), vertices, least, most, utilization_target, period, zone }),
        }
    }
}

/// Whether a text may be a rule's name, which is shown.
pub(super) fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
    let text = text.trim();
    !text.is_empty() && text.chars().count() <= LONGEST_NAME && text.chars().all(is_part)
}

fn vertices(text: Option<&str>) -> Result<Vec<VertexId>, InvalidRule> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let ids = Vec::<String>::read(text).filter(|ids| !ids.is_empty()).ok_or(InvalidRule::Vertices)?;
    ids.iter().map(|id| id.parse().map_err(|_| InvalidRule::Vertices)).collect()
}

fn parallelism(key: &'static str, text: Option<&str>, options: &JobOptionValues) -> Result<Option<i32>, InvalidRule> {
    let Some(text) = text else { return Ok(None) };
    let number = i32::read(text.trim()).filter(|number| (1..=32768).contains(number));
    let number = number.ok_or(InvalidRule::Parallelism(key))?;
    let (low, high) = (options.vertex_min_parallelism, options.vertex_max_parallelism);
    if (low..=high).contains(&number) { Ok(Some(number)) } else { Err(InvalidRule::OutOfBounds(key, low, high)) }
}

fn utilization(text: &str, options: &JobOptionValues) -> Result<f64, InvalidRule> {
    let target = f64::read(text.trim()).filter(|target| *target > 0.0 && *target <= 1.0);
    let target = target.ok_or(InvalidRule::Utilization)?;
    let (low, high) = (options.utilization_min.unwrap_or(0.0), options.utilization_max.unwrap_or(1.0));
    if (low..=high).contains(&target) { Ok(target) } else { Err(InvalidRule::UtilizationBand) }
}
