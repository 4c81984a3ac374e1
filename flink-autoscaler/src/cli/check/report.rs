//! What was found.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use crate::cli::say::one_line;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// Worth a thought.
    Warning,
    /// It keeps something from working.
    Error,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// What is so.
    pub(super) text: String,
    /// What to do about it.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    pub(super) what_to_do: Option<String>,
}

impl Finding {
    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self { level: Level::Ok, text: text.into(), what_to_do: None }
    }

    pub(super) fn warning(text: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { level: Level::Warning, text: text.into(), what_to_do: Some(what_to_do.into()) }
    }

    pub(super) fn error(text: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { level: Level::Error, text: text.into(), what_to_do: Some(what_to_do.into()) }
    }

    /// Where the text itself says what to do.
    pub(super) fn says_it_all(level: Level, text: impl Into<String>) -> Self {
        Self { level, text: text.into(), what_to_do: None }
    }
}

/// What was found about one thing.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Section {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    findings: Vec<Finding>,
}

impl Section {
    pub(super) fn of_cluster(title: String, cluster: &str) -> Self {
        Self { title, cluster: Some(cluster.to_owned()), ..Self::default() }
    }

    pub(super) fn of_job(title: String, cluster: &str, job: &str) -> Self {
        Self { job: Some(job.to_owned()), ..Self::of_cluster(title, cluster) }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    pub(super) fn ok(&mut self, text: impl Into<String>) {
        self.add(Finding::ok(text));
    }

    pub(super) fn warning(&mut self, text: impl Into<String>, what_to_do: impl Into<String>) {
        self.add(Finding::warning(text, what_to_do));
    }

    pub(super) fn error(&mut self, text: impl Into<String>, what_to_do: impl Into<String>) {
        self.add(Finding::error(text, what_to_do));
    }
}

/// An option, and what it comes to.
#[derive(Debug, Serialize)]
pub(super) struct Value {
    pub(super) key: String,
    /// As it may be shown.
    pub(super) value: String,
    pub(super) origin: String,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) values: Vec<Value>,
    sections: Vec<Section>,
}

impl Report {
    /// A new section, behind the others.
    pub(super) fn section(&mut self, title: &str) -> &mut Section {
        self.push(Section { title: title.to_owned(), ..Section::default() })
    }

    pub(super) fn push(&mut self, section: Section) -> &mut Section {
        self.sections.push(section);
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    fn told(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| !section.findings.is_empty())
    }

    fn count(&self, level: Level) -> usize {
        self.sections.iter().flat_map(|section| &section.findings).filter(|finding| finding.level == level).count()
    }

    /// The worst that was found.
    pub(super) fn worst(&self) -> Level {
        let levels = self.sections.iter().flat_map(|section| &section.findings).map(|finding| finding.level);
        levels.max().unwrap_or(Level::Ok)
    }

    /// Writes it, for programs or for people.
    pub(super) fn write(&self, json: bool, out: &mut impl Write) -> Result<()> {
        let (errors, warnings) = (self.count(Level::Error), self.count(Level::Warning));
        if json {
            let object = serde_json::json!({
                "outcome": self.worst(), "errors": errors, "warnings": warnings, "values": self.values,
                "sections": self.told().collect::<Vec<_>>(),
            });
            writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?;
            return Ok(out.flush()?);
        }
        for section in self.told() {
            writeln!(out, "{}", one_line(&section.title))?;
            for Finding { level, text, what_to_do } in &section.findings {
                let level = match level {
                    Level::Ok => "ok",
                    Level::Warning => "warning",
                    Level::Error => "error",
                };
                writeln!(out, "  {level:<7}  {}", one_line(text))?;
                if let Some(what_to_do) = what_to_do {
                    writeln!(out, "           -> {}", one_line(what_to_do))?;
                }
            }
            writeln!(out)?;
        }
        if !self.values.is_empty() {
            writeln!(out, "Options and what they come to")?;
            for Value { key, value, origin } in &self.values {
                writeln!(out, "  {}: {} ({})", one_line(key), one_line(value), one_line(origin))?;
            }
            writeln!(out)?;
        }
        writeln!(out, "{}, {}", counted(&errors, "error"), counted(&warnings, "warning"))?;
        Ok(out.flush()?)
    }
}

/// So many of something: `1 slot`, `2 slots`.
pub(super) fn counted(count: &impl ToString, one: &str) -> String {
    let count = count.to_string();
    if count == "1" { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(report: &Report, json: bool) -> String {
        let mut out = Vec::new();
        report.write(json, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_says_how_bad_it_is_and_what_to_do() {
        let mut report = Report::default();
        assert_eq!((report.worst(), written(&report, false)), (Level::Ok, "0 errors, 0 warnings\n".to_owned()));
        let section = report.push(Section::of_job("Job a\u{1b}[2J".to_owned(), "c", "00"));
        section.ok("it runs");
        section.warning("it is late", "hurry");
        assert_eq!(
            written(&report, false),
            "Job a\\u{1b}[2J\n  ok       it runs\n  warning  it is late\n           -> hurry\n\n0 errors, 1 warning\n"
        );
        let json: serde_json::Value = serde_json::from_str(&written(&report, true)).unwrap();
        assert_eq!((&json["outcome"], &json["warnings"]), (&"warning".into(), &1.into()));
        assert_eq!(json["sections"][0]["findings"][1]["do"], "hurry");
        assert_eq!(json["sections"][0]["job"], "00");
    }
}
