-- Who has the right to act on the database: until when, in milliseconds since the epoch by the database's clock, and
-- under which token, which grows each time it changes hands.
CREATE TABLE IF NOT EXISTS t_flink_autoscaler_lease (
    name       VARCHAR(100) NOT NULL,
    holder     TEXT         NOT NULL,
    token      BIGINT       NOT NULL,
    expires_at BIGINT       NOT NULL,
    PRIMARY KEY (name)
);
