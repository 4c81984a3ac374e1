//! Rules as they are written, and what is wrong with those that can't be used.

use super::super::{Configuration, JobOptions, Origin};
use super::*;
use chrono_tz::Tz;
use rstest::rstest;

const VERTEX: &str = "cbc357ccb763df2852fee8c4fc7d55f2";

fn read(text: &str) -> Result<Vec<ScheduleRule>, String> {
    let mut configuration = Configuration::new();
    configuration.set("job.autoscaler.schedule", text, Origin::Job);
    let options = JobOptions::of_process(&configuration).map_err(|invalid| invalid.to_string())?;
    Ok(options.rules)
}

#[rstest]
// On one line, as Flink shows it since it reads `config.yaml`.
#[case("[{name: market open, period: '8:30-17:30 && * * * ? * MON,FRI', zone: Europe/Berlin, min-parallelism: 8}]")]
#[case("[{name: market open, period: 8:30-17:30 && * * * ? * MON-FRI, zone: Europe/Berlin, min-parallelism: 8},]")]
// As our own reader of `config.yaml` has it.
#[case("'{name: market open, period: ''8:30-17:30'', zone: Europe/Berlin, min-parallelism: 8}'")]
#[case("{name: market open, period: 8:30-17:30, zone: Europe/Berlin, min-parallelism: 8}")]
fn is_read(#[case] text: &str) {
    let rules = read(text).unwrap();
    assert_eq!((rules.len(), &*rules[0].name, rules[0].least, rules[0].most), (1, "market open", Some(8), None));
    // A Monday; Berlin is an hour ahead of UTC.
    let at = |text: &str| rules[0].holds(text.parse().unwrap(), Tz::UTC);
    assert_eq!((at("2026-11-23T07:29:00Z"), at("2026-11-23T07:30:00Z")), (false, true));
    assert!(rules[0].is_for(VERTEX.parse().unwrap()));
}

#[test]
fn several_rules_and_vertices_are_read() {
    let text = format!(
        "[{{name: night, period: 0:00-6:00, max-parallelism: 2, vertices: [{VERTEX}]}}, {{name: batch, period: '* * 3 * * ?', parallelism: 4}}, \
         {{name: calm, period: 6:00-7:00, utilization-target: 0.5}}]"
    );
    let rules = read(&text).unwrap();
    assert_eq!(rules[0].vertices, [VERTEX.parse().unwrap()]);
    assert!(!rules[0].is_for("0".repeat(32).parse().unwrap()));
    assert_eq!((rules[1].least, rules[1].most), (Some(4), Some(4)));
    assert_eq!((rules[2].utilization_target, rules[2].least), (Some(0.5), None));
}

#[rstest]
#[case("market open", "expected a list of rules in YAML")]
#[case("[{name: a, period: 0:00-6:00, min-parallelism: 2]", "expected a list of rules in YAML")]
#[case(
    "[{name: a, when: 0:00-6:00}]",
    "its rule 'a' (from the job's configuration): it has an entry that is not known"
)]
#[case("[{period: 0:00-6:00}]", "its rule number 1 (from the job's configuration): expected a name")]
#[case("[{name: 'a;b', period: 0:00-6:00}]", "its rule number 1")]
#[case("[{name: a, min-parallelism: 2}]", "it does not say when it holds")]
#[case(
    "[{name: a, period: 22:00-6:00, min-parallelism: 2}]",
    "its rule 'a' (from the job's configuration): its period: expected a daily range"
)]
#[case("[{name: a, period: 0:00-6:00, zone: Mars, min-parallelism: 2}]", "its zone is none")]
#[case("[{name: a, period: 0:00-6:00}]", "it asks for nothing")]
#[case("[{name: a, period: 0:00-6:00, min-parallelism: 0}]", "its min-parallelism: expected a whole number from 1")]
#[case(
    "[{name: a, period: 0:00-6:00, min-parallelism: 201}]",
    "is outside job.autoscaler.vertex.min-parallelism to max-parallelism, 1 to 200"
)]
#[case("[{name: a, period: 0:00-6:00, min-parallelism: 3, max-parallelism: 2}]", "is larger than its max-parallelism")]
#[case("[{name: a, period: 0:00-6:00, min-parallelism: 3, parallelism: 3}]", "stands for itself")]
#[case("[{name: a, period: 0:00-6:00, utilization-target: 0}]", "expected a number above 0")]
#[case(
    "[{name: a, period: 0:00-6:00, utilization-target: 0.5, vertices: [cbc357ccb763df2852fee8c4fc7d55f2]}]",
    "holds for the whole job"
)]
#[case("[{name: a, period: 0:00-6:00, min-parallelism: 3, vertices: [secret]}]", "expected a list of ids")]
#[case(
    "[{name: a, period: 0:00-6:00, parallelism: 3}, {name: a, period: 6:00-7:00, parallelism: 3}]",
    "its rule 'a' (from the job's configuration): another rule has that name"
)]
fn is_refused(#[case] text: &str, #[case] expected: &str) {
    let said = read(text).unwrap_err();
    assert!(said.starts_with("option job.autoscaler.schedule ") && said.contains(expected), "{said}");
    assert!(!said.contains("secret"), "{said}");
}
