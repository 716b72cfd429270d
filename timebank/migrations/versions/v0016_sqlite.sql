CREATE TABLE record_time (
    book_id INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    travel_minutes INTEGER NOT NULL,
    rest_minutes INTEGER NOT NULL,
    aim_met INTEGER NOT NULL,
    PRIMARY KEY (book_id, record_id),
    CONSTRAINT record_time_travel CHECK (travel_minutes >= 0),
    CONSTRAINT record_time_rest CHECK (rest_minutes >= 0),
    CONSTRAINT record_time_aim CHECK (aim_met IN (0, 1))
)
 WITHOUT ROWID,
 STRICT
;
