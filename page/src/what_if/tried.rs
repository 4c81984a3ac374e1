//! Options that somebody wants to try.

use autoscaler_core::ParsedConfiguration;
use autoscaler_core::options::{Configuration, JobOptions, Origin, PolicyChoice, nearest_key, shown_key};

const POLICY: &str = "job.autoscaler.policy";
/// Bytes of the text, at most.
const MOST_BYTES: usize = 16 << 10;

/// Options over a job's own.
#[derive(Debug)]
pub(super) struct Tried {
    /// What was asked for alone.
    pub(super) over: Configuration,
    /// The job's configuration with it.
    pub(super) parsed: ParsedConfiguration,
}

impl Tried {
    /// The options of a text, `key: value` in each line.
    pub(super) fn read(own: &ParsedConfiguration, text: &str) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("expected at most {MOST_BYTES} bytes of options, not {}", text.len()));
        }
        let mut over = Configuration::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = option(line)?;
            over.set(key, value, Origin::Flag);
        }
        let mut all: Configuration = own.configuration.clone();
        all.merge(&over);
        let parsed = ParsedConfiguration::new(all);
        match &parsed.options {
            Err(error) => Err(error.to_string()),
            Ok(_) => Ok(Self { over, parsed }),
        }
    }

    /// The policy that decides with them.
    pub(super) fn policy(&self) -> PolicyChoice {
        self.parsed.options.as_ref().map_or(PolicyChoice::Reference, |options| options.policy)
    }

    /// The same options, but with another policy.
    pub(super) fn with_policy(&self, policy: &'static str) -> Configuration {
        let mut over = self.over.clone();
        over.set(POLICY, policy, Origin::Flag);
        over
    }

    /// As lines of a configuration in YAML. Values are in quotes: a FlinkDeployment takes texts alone.
    pub(super) fn yaml(&self) -> String {
        let line = |(key, value): (&str, &str)| format!("{key}: '{}'\n", value.replace('\'', "''"));
        self.over.iter().map(line).collect()
    }
}

/// The key and value in a line.
fn option(line: &str) -> Result<(&str, String), String> {
    let (key, value) = line.split_once(':').ok_or("expected lines such as job.autoscaler.utilization.target: 0.6")?;
    let (key, value) = (key.trim(), value.trim());
    let Some(spec) = JobOptions::SPECS.iter().find(|spec| spec.is_key(key)) else {
        let near = nearest_key(key, JobOptions::SPECS.iter().map(|spec| spec.key));
        let hint = near.map_or(String::new(), |near| format!("; is {near} meant?"));
        return Err(format!("{} is no option of a job{hint}", shown_key(key)));
    };
    if value.contains(char::is_control) {
        return Err(format!("{key}: expected a value without control characters"));
    }
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let value = match (within('\''), within('"')) {
        (Some(text), _) => text.replace("''", "'"),
        (None, Some(text)) => text.to_owned(),
        (None, None) => value.to_owned(),
    };
    // A name that it has had before would be outweighed by the one it has.
    Ok((if spec.alternatives.contains(&key) { spec.key } else { key }, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_can_be_tried_again() {
        let own = ParsedConfiguration::new(Configuration::new());
        let text = "# a remark\n job.autoscaler.utilization.target : \"0.6\"\njob.autoscaler.excluded.periods: '* * * * * ?'\n\
                    job.autoscaler.vertex.exclude.ids: it's";
        let tried = Tried::read(&own, text).unwrap();
        assert_eq!(tried.over.get("job.autoscaler.vertex.exclude.ids"), Some("it's"));
        let yaml = tried.yaml();
        assert!(
            yaml.contains("job.autoscaler.utilization.target: '0.6'\n") && yaml.contains("ids: 'it''s'\n"),
            "{yaml}"
        );
        assert_eq!(Tried::read(&own, &yaml).unwrap().yaml(), yaml);
    }

    #[test]
    fn another_name_of_an_option_counts() {
        let own = [("job.autoscaler.policy", "responsive"), ("job.autoscaler.utilization.target", "0.7")];
        let own: Configuration = own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let own = ParsedConfiguration::new(own);
        let text = "kubernetes.operator.job.autoscaler.policy: reference\njob.autoscaler.target.utilization: 0.5";
        let tried = Tried::read(&own, text).unwrap();
        assert_eq!(tried.policy(), PolicyChoice::Reference);
        assert_eq!(tried.parsed.options.unwrap().utilization_target, 0.5);
    }

    #[test]
    fn what_can_not_be_used_is_told() {
        let own = ParsedConfiguration::new(Configuration::new());
        for (text, says) in [
            ("job.autoscaler.utilization.target: 0.\u{7}6".to_owned(), "without control characters"),
            (format!("# {}", "x".repeat(MOST_BYTES)), "expected at most 16384 bytes of options"),
        ] {
            let problem = Tried::read(&own, &text).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
