//! Figures as a table of Markdown, and as JSON.

use std::fmt;

use anyhow::Result;
use serde::Serialize;

use super::ledger::Ledger;
use super::options::OPTIONS;

/// What one policy came to under one course.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) course: &'static str,
    pub(super) policy: &'static str,
    #[serde(flatten)]
    pub(super) ledger: Ledger,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    flink: String,
    options: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
}

impl Report {
    pub(super) fn new(flink: &str) -> Self {
        Self { flink: flink.to_owned(), options: OPTIONS.to_vec(), rows: Vec::new() }
    }

    pub(super) fn add(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    pub(super) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "| course | policy | seconds over 10 s of lag | over 60 s | worst lag, s | rescales | subtask-seconds | subtasks of the slow vertex |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |",
        )?;
        for Row { course, policy, ledger } in &self.rows {
            let Ledger { late: [ten, sixty], worst, rescales, subtask_seconds, steps, .. } = ledger;
            let steps: Vec<_> = steps.iter().map(|(second, subtasks)| format!("{subtasks} ({second:.0} s)")).collect();
            write!(
                f,
                "\n| {course} | {policy} | {ten:.0} | {sixty:.0} | {worst:.0} | {rescales} | {subtask_seconds:.0} | {} |",
                steps.join(", ")
            )?;
        }
        Ok(())
    }
}
