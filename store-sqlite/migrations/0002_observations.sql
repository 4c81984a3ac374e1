-- One row for each observation, so that an idle cycle writes one and not the whole metric window.
CREATE TABLE IF NOT EXISTS t_flink_autoscaler_observation (
    job_key     TEXT    NOT NULL,
    observed_at INTEGER NOT NULL,
    observation TEXT    NOT NULL,
    PRIMARY KEY (job_key, observed_at)
) WITHOUT ROWID;
