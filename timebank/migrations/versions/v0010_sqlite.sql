CREATE TABLE help_call (
    book_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    station_code TEXT NOT NULL,
    person_id TEXT NOT NULL,
    called_ms INTEGER NOT NULL,
    answered_by TEXT NOT NULL,
    answered_ms INTEGER,
    PRIMARY KEY (book_id, number)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX help_call_open ON help_call (book_id, station_code, answered_ms)
;
