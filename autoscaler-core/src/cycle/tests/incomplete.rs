//! Metrics that leave subtasks out.

use super::*;

#[test]
fn nothing_is_decided_on_what_leaves_subtasks_out() {
    let context = context(&[("job.autoscaler.stabilization.interval", "1 min")]);
    let vertex = id(2).parse().unwrap();
    let incomplete = ObserveError::Incomplete { vertex, what: "count of records read" };
    let missing = ObserveError::ValueMissing { vertex, metric: "busyTimeMsPerSecond" };
    for (error, millis, is_told) in
        [(&incomplete, 59_000, false), (&incomplete, 60_000, true), (&missing, 59_000, false), (&missing, 60_000, true)]
    {
        let mut observed = observation(2, 2);
        observed.metrics = Err(error.clone());
        let report = run_at(&context, observed, &mut JobState::default(), millis);
        assert_eq!((report.outcome, report.store), (Outcome::Undecided, false));
        let note = error.to_string();
        assert!(report.note.unwrap().starts_with(&note));
        let told: Vec<_> = report.events.iter().map(|event| (&*event.reason, event.message.contains(&note))).collect();
        assert_eq!(told, if is_told { vec![(reason::INCOMPLETE_METRICS, true)] } else { vec![] });
        assert!(report.events.iter().all(|event| event.key.is_some() && event.interval.is_some()), "said once");
    }
}

#[test]
fn that_they_are_whole_again_is_said_once() {
    let (context, mut state, mut memory) = (context(&[]), JobState::default(), CycleMemory::default());
    let mut look = |millis: i64, is_whole: bool| {
        let mut seen = counted(100.0, 100.0, false);
        if !is_whole {
            let vertex = id(2).parse().unwrap();
            seen.metrics = Err(ObserveError::Incomplete { vertex, what: "count of records read" });
        }
        let now = from_epoch_millis(millis).unwrap();
        let report = Autoscaler::new().cycle(&context, Some(Ok(seen)), &mut state, &mut memory, now);
        let observations = state.collected_metrics.get().len();
        let told = report.events.iter().filter(|event| event.reason == reason::INCOMPLETE_METRICS);
        (told.map(|event| event.event_type).collect::<Vec<_>>(), observations)
    };
    use crate::event::EventType::{Normal, Warning};
    assert_eq!(look(10_000, true), (vec![], 1));
    assert_eq!(look(20_000, false), (vec![Warning], 1), "nothing of it is kept");
    assert_eq!(look(30_000, true), (vec![Normal], 2));
    assert_eq!(look(40_000, true), (vec![], 3));
}
