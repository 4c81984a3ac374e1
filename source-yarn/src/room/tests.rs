use serde_json::{Value, json};

use super::*;

fn room(free: (i64, i64), scheduler: Value) -> Room {
    let metrics = json!({"clusterMetrics": {"availableMB": free.0, "availableVirtualCores": free.1, "pendingMB": 0}});
    Room::of(&serde_json::from_value(metrics).unwrap(), &serde_json::from_value(scheduler).unwrap())
}

fn free(memory: i64, cores: i64) -> Option<Resources> {
    Some(Resources { memory, cores })
}

#[test]
fn a_queue_of_a_real_capacity_scheduler_has_what_it_may_have_less_what_it_has() {
    let answer = include_str!("../../tests/data/capacity_scheduler_3_4_2.json");
    let room_of = |free| room(free, serde_json::from_str(answer).unwrap());
    let stream = |free| room_of(free).queue("root.stream").map(|room| room.free);
    assert_eq!(stream((6528, 24)), free(11059 - 5760, 28 - 8));
    assert_eq!(stream((1000, 3)), free(1000, 3), "the cluster has no more");
    assert_eq!(room_of((6528, 24)).queue("stream").map(|room| room.is_waited_for), Some(false));
    assert_eq!(room_of((6528, 24)).queue("nowhere"), None);
}

#[test]
fn queues_within_queues_have_what_all_above_them_leave() {
    let capacity = |memory: i64| {
        json!({"queueCapacitiesByPartition": [
            {"partitionName": "gpu", "effectiveMaxResource": {"memory": 1, "vCores": 1}},
            {"partitionName": "", "effectiveMaxResource": {"memory": memory, "vCores": 90}},
        ]})
    };
    let leaf = |name: &str, used: i64, pending: i64| {
        json!({"queueName": name, "capacities": capacity(900), "resourcesUsed": {"memory": used, "vCores": 1},
            "pendingContainers": pending})
    };
    let parent = json!({"queueName": "team", "capacities": capacity(800), "resourcesUsed": {"memory": 500, "vCores": 2},
        "queues": {"queue": [leaf("a", 100, 0), leaf("b", 700, 4)]}});
    let of = room(
        (5000, 50),
        json!({"scheduler": {"schedulerInfo": {"type": "capacityScheduler", "queueName": "root",
        "queues": {"queue": parent}}}}),
    );
    assert_eq!(of.queue("root.team.a"), Some(QueueRoom { free: free(300, 50).unwrap(), is_waited_for: false }));
    assert_eq!(of.queue("b"), Some(QueueRoom { free: free(200, 50).unwrap(), is_waited_for: true }));
}

#[test]
fn other_schedulers_are_read_too() {
    let leaf = json!({"queueName": "root.etl", "maxResources": {"memory": 700, "vCores": 7},
        "usedResources": {"memory": 600, "vCores": 1}, "pendingContainers": 1});
    let fair = json!({"scheduler": {"schedulerInfo": {"type": "fairScheduler", "rootQueue": {"queueName": "root",
        "maxResources": {"memory": 9000, "vCores": 9}, "usedResources": {"memory": 600, "vCores": 1},
        "childQueues": {"queue": [leaf]}}}}});
    assert_eq!(room((9000, 8), fair).queue("root.etl").map(|room| room.free), free(100, 6));
    let fifo = json!({"scheduler": {"schedulerInfo": {"type": "fifoScheduler", "capacity": 1.0, "qstate": "RUNNING"}}});
    assert_eq!(room((400, 4), fifo).queue("default").map(|room| room.free), free(400, 4));
}

#[test]
fn more_is_had_where_there_is_room_or_nothing_is_known() {
    let can = |counted, free, before, after| {
        let check = RoomCheck::new(counted);
        check.note(free);
        check.can_schedule(before, after, 2.0, 768 << 20)
    };
    assert!(can(Counted::Memory, None, 1, 100), "not known");
    assert!(can(Counted::Memory, free(0, 0), 4, 4), "nothing more is asked for");
    assert!(can(Counted::Memory, free(1536, 0), 1, 3));
    assert!(!can(Counted::Memory, free(1535, 99), 1, 3));
    assert!(can(Counted::MemoryAndCores, free(9999, 4), 1, 3));
    assert!(!can(Counted::MemoryAndCores, free(9999, 3), 1, 3));
    assert!(!can(Counted::Memory, free(-5, 9), 1, 2), "overdrawn");
}
