use super::*;

const ID: &str = "0000000000000000000000000000abc9";

fn entry(id: &str, state: &str, tasks: &str) -> String {
    format!(r#"{{"jid":"{id}","name":"orders","start-time":1,"state":"{state}","tasks":{tasks}}}"#)
}

fn list(entries: &[String]) -> JobList {
    let body = format!(r#"{{"jobs":[{}]}}"#, entries.join(","));
    read_job_list(body.as_bytes()).unwrap()
}

#[test]
fn what_a_real_flink_lists() {
    let body = include_str!("../../../tests/data/jobs_overview.json");
    let list = read_job_list(body.as_bytes()).unwrap();
    let id = "edf457652ac924981ba7584e826d7c35".parse().unwrap();
    assert_eq!(list.jobs, [ListedJob::new(id, "load-job", JobStatus::Running)]);
    assert!(list.ended.is_empty() && list.unknown.is_empty());
}

#[test]
fn an_entry_that_cannot_be_used_is_unknown_and_costs_the_others_nothing() {
    let good = entry("00000000000000000000000000000001", "RUNNING", r#"{"total":2,"running":1,"finished":1}"#);
    let key = Some(JobKey::new(ID));
    for (odd, expected, problem) in [
        (entry(ID, "SOME_NEW_STATE", "{}"), &key, "SOME_NEW_STATE"),
        (entry(ID, "running", "{}"), &key, "'running'"),
        (entry(ID, "RUNNING", r#"{"total":1e400}"#), &key, "number out of range"),
        (entry(ID, "RUNNING", r#"{"total":"2"}"#), &key, "invalid type"),
        (entry(&ID.to_uppercase(), "new", "{}"), &key, "'new'"),
        (entry("c9", "RUNNING", "{}"), &None, "'c9' is not a Flink id"),
        ("42".to_owned(), &None, "it is not of the form expected"),
        ("null".to_owned(), &None, "it is not of the form expected"),
    ] {
        let list = list(&[odd, good.clone()]);
        assert_eq!(list.jobs.len(), 1, "{list:?}");
        assert_eq!(&list.unknown[0].key, expected);
        assert!(list.unknown[0].problem.contains(problem), "{list:?}");
        assert_eq!(list.is_whole(), expected.is_some());
    }
}

#[test]
fn an_id_in_capitals_is_the_same_job() {
    let list = list(&[entry(&ID.to_uppercase(), "RUNNING", "{}")]);
    assert_eq!((list.jobs[0].key.as_str(), list.unknown.len()), (ID, 0));
}

#[test]
fn a_job_runs_when_all_its_tasks_do_and_ended_ones_are_named() {
    let status = |state, tasks| list(&[entry(ID, state, tasks)]).jobs.first().map(|job| job.status);
    assert_eq!(status("RUNNING", r#"{"total":3,"running":2,"finished":1}"#), Some(JobStatus::Running));
    assert_eq!(status("RUNNING", r#"{"total":3,"running":2}"#), Some(JobStatus::Created));
    assert_eq!(
        status("RUNNING", r#"{"running":9223372036854775807,"finished":9223372036854775807}"#),
        Some(JobStatus::Created)
    );
    assert_eq!(status("RESTARTING", "{}"), Some(JobStatus::Restarting));
    let ended = list(&[entry(ID, "FINISHED", "{}")]);
    assert_eq!((ended.jobs.len(), ended.ended), (0, vec![JobKey::new(ID)]));
}

#[test]
fn a_job_listed_twice_counts_once() {
    let list = list(&[entry(ID, "RUNNING", "{}"), entry(&ID.to_uppercase(), "RESTARTING", "{}")]);
    assert_eq!((list.jobs.len(), list.jobs[0].status), (1, JobStatus::Running));
    assert_eq!(list.unknown[0].key, Some(JobKey::new(ID)));
}
