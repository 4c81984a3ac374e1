CREATE TABLE IF NOT EXISTS t_flink_autoscaler_state_store (
    id          INTEGER  PRIMARY KEY AUTOINCREMENT,
    update_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    job_key     TEXT     NOT NULL,
    state_type  TEXT     NOT NULL,
    state_value TEXT     NOT NULL,
    UNIQUE (job_key, state_type)
);

CREATE TABLE IF NOT EXISTS t_flink_autoscaler_event_handler (
    id          INTEGER  PRIMARY KEY AUTOINCREMENT,
    create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    update_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    job_key     TEXT     NOT NULL,
    reason      TEXT     NOT NULL,
    event_type  TEXT     NOT NULL,
    message     TEXT     NOT NULL,
    event_count INTEGER  NOT NULL,
    event_key   TEXT     NOT NULL
);

CREATE INDEX IF NOT EXISTS i_flink_autoscaler_event_key
    ON t_flink_autoscaler_event_handler (job_key, reason, event_key);

CREATE INDEX IF NOT EXISTS i_flink_autoscaler_event_time
    ON t_flink_autoscaler_event_handler (job_key, reason, create_time);
