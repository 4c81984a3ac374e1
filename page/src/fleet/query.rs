//! Which jobs are asked for, and in which order.

use serde::Deserialize;

use super::row::Row;
use crate::link::encoded;

/// The query of the fleet's address.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    /// What name, id or key contain, in any case.
    pub(super) q: String,
    /// The name of a cluster; empty for all.
    pub(super) cluster: String,
    pub(super) show: Show,
    pub(super) sort: Sort,
    /// From 0 on.
    pub(super) page: usize,
}

/// Which jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Show {
    #[default]
    All,
    /// Something fails.
    Failing,
    /// They should have other parallelism.
    Changing,
    /// Autoscaling is off.
    Off,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sort {
    #[default]
    Name,
    Utilization,
    Lag,
    Subtasks,
    Scalings,
    Trouble,
}

impl Show {
    /// All but `All`.
    pub(super) const SOME: [Self; 3] = [Self::Failing, Self::Changing, Self::Off];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Failing => "failing",
            Self::Changing => "changing",
            Self::Off => "off",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::All => "all jobs",
            Self::Failing => "with errors",
            Self::Changing => "with another recommendation",
            Self::Off => "switched off",
        }
    }

    pub(super) fn fits(self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::Failing => row.trouble.is_some(),
            Self::Changing => row.recommended.is_some_and(|then| row.subtasks != Some(then)),
            Self::Off => row.view.is_enabled == Some(false),
        }
    }
}

impl Sort {
    pub(super) const ALL: [Self; 6] =
        [Self::Name, Self::Utilization, Self::Lag, Self::Subtasks, Self::Scalings, Self::Trouble];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Utilization => "utilization",
            Self::Lag => "lag",
            Self::Subtasks => "subtasks",
            Self::Scalings => "scalings",
            Self::Trouble => "trouble",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Utilization => "utilization, highest first",
            Self::Lag => "lag, longest first",
            Self::Subtasks => "subtasks, most first",
            Self::Scalings => "scalings, most first",
            Self::Trouble => "errors first",
        }
    }

    /// Orders rows; those that are alike stay in order of cluster and key.
    pub(super) fn order(self, rows: &mut [Row]) {
        let highest = |value: Option<f64>| std::cmp::Reverse(value.map_or(i64::MIN, thousandths));
        match self {
            Self::Name => rows.sort_by_cached_key(|row| row.view.job.name.to_lowercase()),
            Self::Utilization => rows.sort_by_key(|row| highest(row.utilization)),
            Self::Lag => rows.sort_by_key(|row| highest(row.lag)),
            Self::Subtasks => rows.sort_by_key(|row| std::cmp::Reverse(row.subtasks)),
            Self::Scalings => rows.sort_by_key(|row| std::cmp::Reverse(row.scalings)),
            Self::Trouble => rows.sort_by_key(|row| row.trouble.is_none()),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the order of what is beyond 10^15 does not matter")]
fn thousandths(value: f64) -> i64 {
    (value * 1000.0) as i64
}

impl Asked {
    pub(super) fn cluster(&self) -> Option<&str> {
        Some(self.cluster.as_str()).filter(|name| !name.is_empty())
    }

    pub(super) fn fits(&self, row: &Row) -> bool {
        let wanted = self.q.trim().to_lowercase();
        let job = &row.view.job;
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        self.show.fits(row)
            && (wanted.is_empty() || has(&job.name) || has(job.key.as_str()) || has(&job.id.to_string()))
    }

    /// The address of another page of the same.
    pub(super) fn at_page(&self, page: usize) -> String {
        self.address(self.show, self.sort, page)
    }

    /// The address of others of the same.
    pub(super) fn showing(&self, show: Show) -> String {
        self.address(show, self.sort, 0)
    }

    /// The address of the same in another order.
    pub(super) fn sorted(&self, sort: Sort) -> String {
        self.address(self.show, sort, 0)
    }

    fn address(&self, show: Show, sort: Sort, page: usize) -> String {
        let (q, cluster) = (encoded(&self.q), encoded(&self.cluster));
        format!("/?q={q}&cluster={cluster}&show={}&sort={}&page={page}", show.name(), sort.name())
    }
}
