//! What the demo came to.

use std::fmt;
use std::time::Duration;

/// One stretch of constant load.
#[derive(Debug)]
pub(crate) struct Phase {
    name: &'static str,
    load: u32,
    /// Whether what it waited for happened.
    pub(crate) reached: bool,
    /// When the slow vertex took on another number of subtasks, and which.
    steps: Vec<(Duration, i64)>,
    worst_lag: f64,
    last_lag: Option<f64>,
}

impl Phase {
    pub(crate) fn begin(name: &'static str, load: u32) -> Self {
        Self { name, load, reached: false, steps: Vec::new(), worst_lag: 0.0, last_lag: None }
    }

    pub(crate) fn note(&mut self, after: Duration, subtasks: Option<i64>, lag: Option<f64>) {
        // Unless all of them run it is being rescaled.
        if let Some(subtasks) = subtasks
            && self.steps.last().is_none_or(|(_, last)| *last != subtasks)
        {
            self.steps.push((after, subtasks));
        }
        if let Some(lag) = lag {
            self.worst_lag = self.worst_lag.max(lag);
            self.last_lag = Some(lag);
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} records/s): ", self.name, self.load)?;
        match self.steps.as_slice() {
            [] => f.write_str("the slow vertex never ran")?,
            [(_, 1)] => f.write_str("1 subtask throughout")?,
            [(_, only)] => write!(f, "{only} subtasks throughout")?,
            [(_, first), steps @ ..] => {
                write!(f, "{first}")?;
                for (after, subtasks) in steps {
                    write!(f, " -> {subtasks} after {} s", after.as_secs())?;
                }
                f.write_str(" subtasks")?;
            }
        }
        write!(f, "; lag at most {:.0} records", self.worst_lag)?;
        if let Some(lag) = self.last_lag {
            write!(f, ", {lag:.0} at the end")?;
        }
        if self.reached { Ok(()) } else { f.write_str("; NOT followed in time") }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Summary {
    phases: Vec<Phase>,
    /// What a restart kept.
    restart: String,
}

impl Summary {
    pub(crate) fn add(&mut self, phase: Phase) {
        self.phases.push(phase);
    }

    pub(crate) fn restart(&mut self, kept: String) {
        self.restart = kept;
    }

    pub(crate) fn all_reached(&self) -> bool {
        self.phases.iter().all(|phase| phase.reached)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("What happened to the slow vertex, as Flink tells it:")?;
        self.phases.iter().try_for_each(|phase| write!(f, "\n  {phase}"))?;
        if self.restart.is_empty() {
            return Ok(());
        }
        write!(f, "\nThe autoscaler was killed with SIGKILL under full load and started again: {}", self.restart)
    }
}
