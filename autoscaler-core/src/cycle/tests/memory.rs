//! Memory that is recommended while nothing is scaled.

use super::*;

const ASKED: (&str, &str) = ("job.autoscaler.memory.tuning.recommendations.enabled", "true");
const SIZE: (&str, &str) = ("taskmanager.memory.process.size", "4 gb");

/// What a job that is as it should be comes to once its window is full.
fn steady(options: &[(&str, &str)]) -> CycleReport {
    let mut all = vec![("job.autoscaler.metrics.window", "10 s")];
    all.extend(options);
    let (context, mut state) = (context(&all), JobState::default());
    let reports = (100..=115).map(|second| {
        let counted = counted(f64::from(second) * 100.0, f64::from(second) * 1400.0, false);
        run_at(&context, counted, &mut state, i64::from(second) * 1000)
    });
    reports.collect::<Vec<_>>().pop().unwrap()
}

fn recommended(report: &CycleReport) -> usize {
    report.events.iter().filter(|event| event.reason == reason::CONFIGURATION_RECOMMENDATION).count()
}

#[test]
fn memory_is_recommended_without_a_rescale_where_that_is_asked_for() {
    let report = steady(&[ASKED, SIZE]);
    assert_eq!((report.outcome, recommended(&report)), (Outcome::Balanced, 1), "{}", report.explanation());
    let said = report.explanation().to_string();
    assert!(said.contains("recommended memory: taskmanager.memory.framework.heap.size: 0 bytes"), "{said}");
    assert_eq!(report.realization.config, None, "nothing comes of it");

    let report = steady(&[SIZE]);
    assert_eq!((recommended(&report), report.recommended_memory, report.warnings.len()), (0, None, 0));
}

#[test]
fn what_is_not_known_is_said() {
    let report = steady(&[ASKED]);
    assert_eq!((recommended(&report), report.warnings.len()), (0, 1), "{:?}", report.warnings);
    assert!(report.warnings[0].contains("taskmanager.memory.process.size"));
}
