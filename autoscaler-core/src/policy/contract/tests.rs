use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::context::{JobAutoScalerContext, ParsedConfiguration};
use crate::ids::ClusterName;
use crate::observation::{ClusterReading, Readings, VertexReading};
use crate::options::{Configuration, JobOptions};
use crate::plugin::Plugins;
use crate::policy::Conclusion;
use crate::ports::ListedJob;
use crate::state::{Change, DelayedScaleDown, ScalingHistory};
use crate::status::JobStatus;
use crate::topology::{IoMetrics, JobTopology, VertexParts};
use crate::window::MetricHistory;

/// Counts in its memory how often it was asked, up to a number at which it forgets.
#[derive(Debug)]
struct Counting {
    name: &'static str,
    forgets_at: usize,
}

impl Policy for Counting {
    fn name(&self) -> &'static str {
        self.name
    }

    fn propose(&self, _view: &JobView<'_>, memory: &mut PolicyMemory, _now: Instant) -> Proposal {
        memory.text.push('|');
        let asked = memory.text.len();
        if asked == self.forgets_at {
            memory.text.clear();
        }
        Proposal::new(Conclusion::Undecided(asked.to_string()))
    }
}

fn ask(policy: &Counting, memory: &mut Tracked<PolicyMemory>) -> String {
    let id = format!("{:032x}", 1);
    let options = JobOptions::from_configuration(&Configuration::new()).unwrap();
    let listed = ListedJob::new(id.parse().unwrap(), "job", JobStatus::Running);
    let parsed = Arc::new(ParsedConfiguration::new(Configuration::new()));
    let job = JobAutoScalerContext::new(ClusterName::new("cluster"), &listed, parsed);
    let part = VertexParts {
        id,
        name: "v".into(),
        inputs: Vec::new(),
        slot_sharing_group: None,
        parallelism: 1,
        max_parallelism: 1,
        finished: false,
        io: IoMetrics::default(),
    };
    let view = JobView {
        job: &job,
        plugins: &Plugins::new(),
        options: &options,
        topology: &JobTopology::new(vec![part]).unwrap(),
        running_since: Instant::UNIX_EPOCH,
        readings: &Readings::new(vec![VertexReading::default()], ClusterReading::default()),
        partitions: &[0],
        excluded: &BTreeSet::new(),
        history: &MetricHistory::new(),
        window_full_at: Instant::UNIX_EPOCH,
        restart_seconds: 0.0,
        scheduled: &[],
        asked: &std::collections::BTreeMap::new(),
        scaled_at: None,
        scaling_history: &ScalingHistory::default(),
        delayed_scale_down: &DelayedScaleDown::default(),
    };
    match propose(policy, &view, memory, None, Instant::UNIX_EPOCH).conclusion {
        Conclusion::Undecided(asked) => asked,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_policy_finds_what_it_remembered() {
    let policy = Counting { name: "mine", forgets_at: 3 };
    let mut memory = Tracked::default();
    assert_eq!(ask(&policy, &mut memory), "1");
    assert_eq!(memory.stored(), Some(&PolicyMemory { policy: "mine".to_owned(), text: "|".to_owned() }));
    memory.mark_stored();
    assert_eq!((ask(&policy, &mut memory).as_str(), memory.change()), ("2", Change::Changed));
    assert_eq!((ask(&policy, &mut memory).as_str(), memory.change()), ("3", Change::Removed), "it has forgotten");
}

#[test]
fn a_policy_does_not_find_what_another_remembered() {
    let mut memory = Tracked::default();
    ask(&Counting { name: "mine", forgets_at: 9 }, &mut memory);
    assert_eq!(ask(&Counting { name: "yours", forgets_at: 9 }, &mut memory), "1");
    assert_eq!(memory.get().policy, "yours");
}
