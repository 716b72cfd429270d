CREATE TABLE record_time (
    book_id BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    travel_minutes BIGINT NOT NULL,
    rest_minutes BIGINT NOT NULL,
    aim_met BIGINT NOT NULL,
    PRIMARY KEY (book_id, record_id),
    CONSTRAINT record_time_travel CHECK (travel_minutes >= 0),
    CONSTRAINT record_time_rest CHECK (rest_minutes >= 0),
    CONSTRAINT record_time_aim CHECK (aim_met IN (0, 1))
)
;
