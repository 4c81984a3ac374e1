-- A row of more than a thousand bytes takes pages of its own in a table WITHOUT ROWID, and an observation of five vertices
-- has more: the file was four times as large as what it held.
CREATE TABLE IF NOT EXISTS t_flink_autoscaler_observation_new (
    job_key     TEXT    NOT NULL,
    observed_at INTEGER NOT NULL,
    observation TEXT    NOT NULL,
    PRIMARY KEY (job_key, observed_at)
);

INSERT OR REPLACE INTO t_flink_autoscaler_observation_new (job_key, observed_at, observation)
    SELECT job_key, observed_at, observation FROM t_flink_autoscaler_observation;

DROP TABLE t_flink_autoscaler_observation;

ALTER TABLE t_flink_autoscaler_observation_new RENAME TO t_flink_autoscaler_observation;
