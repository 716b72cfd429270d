CREATE TABLE help_call (
    book_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    station_code TEXT NOT NULL,
    person_id TEXT NOT NULL,
    called_ms BIGINT NOT NULL,
    answered_by TEXT NOT NULL,
    answered_ms BIGINT,
    PRIMARY KEY (book_id, number)
)
;
CREATE INDEX help_call_open ON help_call (book_id, station_code, answered_ms)
;
