CREATE TABLE estate (
    book_id INTEGER NOT NULL,
    estate_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    opening BLOB NOT NULL,
    reported_by TEXT NOT NULL,
    reported_ms INTEGER NOT NULL,
    withdrawn_by TEXT NOT NULL,
    withdrawn_ms INTEGER,
    reason TEXT NOT NULL,
    PRIMARY KEY (book_id, estate_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX estate_by_person ON estate (book_id, person_id)
;
CREATE INDEX estate_by_station ON estate (book_id, station_code, estate_id)
;
CREATE TABLE estate_share (
    book_id INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    to_account TEXT NOT NULL,
    estate_id TEXT NOT NULL,
    to_person TEXT NOT NULL,
    relation TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    settled_by TEXT NOT NULL,
    settled_ms INTEGER NOT NULL,
    reversed INTEGER NOT NULL,
    PRIMARY KEY (book_id, entry_id, to_account),
    CONSTRAINT estate_share_minutes CHECK (minutes > 0),
    CONSTRAINT estate_share_reversed CHECK (reversed IN (0, 1))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX estate_share_by_estate ON estate_share (book_id, estate_id)
;
