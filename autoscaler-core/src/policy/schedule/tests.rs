//! Which rules hold when, for whom, and what of them holds early.

use super::*;
use crate::options::Configuration;
use crate::policy::explain::Scheduled;
use crate::topology::{IoMetrics, VertexParts};
use rstest::rstest;

const RULES: &str = "[{name: open, period: 8:30-17:30, zone: Europe/Berlin, min-parallelism: 8}, \
    {name: lunch, period: 11:00-12:00, max-parallelism: 10, vertices: [00000000000000000000000000000002]}, \
    {name: brief, period: 14:01-14:02, min-parallelism: 9}, \
    {name: rush, period: 11:30-12:00, parallelism: 12}, {name: calm, period: 11:30-13:00, utilization-target: 0.5}]";

fn options() -> JobOptions {
    let entries = [("enabled", "true"), ("schedule", RULES)];
    let entries = entries.iter().map(|(key, value)| (format!("job.autoscaler.{key}"), (*value).to_owned()));
    JobOptions::from_configuration(&entries.collect::<Configuration>()).unwrap()
}

fn topology() -> JobTopology {
    let part = |number: u32| VertexParts {
        id: format!("{number:032x}"),
        name: "v".into(),
        inputs: Vec::new(),
        slot_sharing_group: None,
        parallelism: 4,
        max_parallelism: 128,
        finished: false,
        io: IoMetrics::default(),
    };
    JobTopology::new(vec![part(1), part(2)]).unwrap()
}

/// Fewest subtasks and whether that is early, and most.
type Told = (Option<(i32, bool)>, Option<i32>);

/// Fewest and most subtasks of both vertices, and whether something of it is early. Berlin is an hour ahead of UTC.
#[rstest]
#[case("07:24", [(None, None), (None, None)])]
#[case("07:25", [(Some((8, true)), None), (Some((8, true)), None)])]
#[case("07:30", [(Some((8, false)), None), (Some((8, false)), None)])]
#[case("10:56", [(Some((8, false)), None), (Some((8, false)), None)])] // a maximum is not early
#[case("11:20", [(Some((8, false)), None), (Some((8, false)), Some(10))])]
#[case("11:26", [(Some((12, true)), None), (Some((12, true)), Some(10))])]
#[case("11:45", [(Some((12, false)), Some(12)), (Some((12, false)), Some(10))])]
#[case("13:58", [(Some((9, true)), None), (Some((9, true)), None)])] // over within what it is early by
#[case("16:29", [(Some((8, false)), None), (Some((8, false)), None)])]
#[case("16:31", [(None, None), (None, None)])]
fn holds(#[case] at: &str, #[case] expected: [Told; 2]) {
    let in_force = at_time(at);
    let bounds: Vec<_> = in_force
        .bounds
        .iter()
        .map(|bounds| {
            let least = bounds.least.as_ref().map(|least| (least.parallelism, least.is_early));
            (least, bounds.most.as_ref().map(|most| most.parallelism))
        })
        .collect();
    assert_eq!(bounds, expected);
}

fn at_time(at: &str) -> InForce {
    let now = format!("2026-11-23T{at}:00Z").parse().unwrap();
    InForce::at(&options(), &topology(), now, Duration::from_secs(300), Tz::UTC)
}

#[rstest]
#[case("11:00", 3, None)]
#[case("11:00", 12, None)] // of the first vertex, which lunch is not for
#[case("11:45", 3, Some((12, Scheduled::AtLeast)))]
#[case("11:45", 14, Some((12, Scheduled::AtMost)))]
fn moves_what_is_wanted(#[case] at: &str, #[case] wanted: i32, #[case] expected: Option<(i32, Scheduled)>) {
    let bounds = &at_time(at).bounds[0];
    let expected = if at == "11:00" && wanted < 8 { Some((8, Scheduled::AtLeast)) } else { expected };
    assert_eq!(bounds.moved(wanted).map(|(to, kind, _)| (to, kind)), expected);
}

#[test]
fn of_contradicting_rules_the_minimum_counts() {
    let bounds = &at_time("11:45").bounds[1];
    assert_eq!(bounds.moved(14).map(|(to, ..)| to), Some(12));
    assert_eq!(bounds.moved(4).map(|(to, ..)| to), Some(12));
    assert_eq!(bounds.within(1, 200), (12, 12));
}

#[test]
fn a_target_replaces_the_jobs_own_while_it_holds() {
    assert!(at_time("11:00").options(&options()).is_none());
    let scheduled = at_time("11:27").options(&options()).unwrap();
    assert_eq!((scheduled.utilization_target, scheduled.responsive_utilization_target), (0.5, Some(0.5)));
}

#[test]
fn the_next_change_is_found() {
    let at = |at: &str| format!("2026-11-23T{at}Z").parse::<Instant>().unwrap();
    let of = |text: &str| outlook(&options(), at(text), at(text), Tz::UTC);
    assert_eq!(
        of("07:29:59").to_string(),
        "schedule: no rule holds, 'open' (at least 8 subtasks) from 2026-11-23 07:30 UTC on"
    );
    assert_eq!(
        of("16:00:00").to_string(),
        "schedule: 'open' (at least 8 subtasks) holds, no rule from 2026-11-23 16:30 UTC on"
    );
    let whole = of("11:45:10").to_string();
    assert!(whole.contains("and 'rush' (12 subtasks) and 'calm' (utilization 0.5) holds"), "{whole}");
    // What is known to be quiet is not looked through again, and what comes after is found all the same.
    assert_eq!(outlook(&options(), at("07:29:59"), at("07:29:00"), Tz::UTC), of("07:29:59"));
    assert_eq!(outlook(&options(), at("01:00:00"), at("07:29:00"), Tz::UTC), of("01:00:00"));
}
