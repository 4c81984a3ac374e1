//! Memory that is recommended while nothing is scaled.

use super::*;

const ASKED: (&str, &str) = ("job.autoscaler.memory.tuning.recommendations.enabled", "true");
const SIZE: (&str, &str) = ("taskmanager.memory.process.size", "4 gb");

/// What a job that is as it should be comes to once its window is full, cycle for cycle.
fn steady(options: &[(&str, &str)]) -> Vec<CycleReport> {
    let mut all = vec![("job.autoscaler.metrics.window", "10 s")];
    all.extend(options);
    let (context, mut state, mut memory) = (context(&all), JobState::default(), CycleMemory::default());
    let reports = (100..=115).map(|second| {
        let counted = counted(f64::from(second) * 100.0, f64::from(second) * 1400.0, false);
        let now = from_epoch_millis(i64::from(second) * 1000).unwrap();
        Autoscaler::new().cycle(&context, Some(Ok(counted)), &mut state, &mut memory, now)
    });
    reports.collect()
}

fn recommended(reports: &[CycleReport]) -> usize {
    let events = reports.iter().flat_map(|report| &report.events);
    events.filter(|event| event.reason == reason::CONFIGURATION_RECOMMENDATION).count()
}

#[test]
fn memory_is_recommended_without_a_rescale_where_that_is_asked_for() {
    let reports = steady(&[ASKED, SIZE]);
    let last = reports.last().unwrap();
    assert_eq!((last.outcome, recommended(&reports)), (Outcome::Balanced, 1), "told once: {}", last.explanation());
    let said = last.explanation().to_string();
    assert!(said.contains("recommended memory: taskmanager.memory.framework.heap.size: 0 bytes"), "{said}");
    assert_eq!(last.realization.config, None, "nothing comes of it");

    let reports = steady(&[SIZE]);
    let last = reports.last().unwrap();
    assert_eq!((recommended(&reports), &last.recommended_memory, last.warnings.len()), (0, &None, 0));
}

#[test]
fn another_size_is_told_and_one_that_is_nearly_the_same_is_not() {
    let mut memory = CycleMemory::default();
    let told = [1000, 1100, 900, 1101, 1200, 1000].map(|size| memory.is_new_size(size));
    assert_eq!(told, [true, false, false, true, false, false]);
}

#[test]
fn what_is_not_known_is_said() {
    let reports = steady(&[ASKED]);
    let last = reports.last().unwrap();
    assert_eq!((recommended(&reports), last.warnings.len()), (0, 1), "{:?}", last.warnings);
    assert!(last.warnings[0].contains("taskmanager.memory.process.size"));
}
