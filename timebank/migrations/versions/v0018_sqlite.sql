CREATE TABLE opening_batch (
    book_id INTEGER NOT NULL,
    batch_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    title TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    imported_ms INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (book_id, batch_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX opening_batch_by_station ON opening_batch (book_id, station_code, batch_id)
;
CREATE TABLE opening_row (
    book_id INTEGER NOT NULL,
    opening_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    station_code TEXT NOT NULL,
    person_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    stands_on TEXT NOT NULL,
    page TEXT NOT NULL,
    live_page TEXT,
    sealed BLOB NOT NULL,
    state TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_ms INTEGER NOT NULL,
    how TEXT,
    slip TEXT,
    confirmed_by TEXT NOT NULL,
    confirmed_ms INTEGER,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    reason TEXT NOT NULL,
    policy TEXT NOT NULL,
    credited_minutes INTEGER NOT NULL,
    overflow_minutes INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (book_id, opening_id),
    CONSTRAINT opening_row_states CHECK (state IN ('awaiting_holder', 'awaiting_approval', 'posted', 'returned', 'reversed', 'carried_over')),
    CONSTRAINT opening_row_hows CHECK (how IS NULL OR how IN ('paper', 'self')),
    CONSTRAINT opening_row_minutes CHECK (minutes > 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX opening_row_by_account ON opening_row (book_id, account_id)
;
CREATE INDEX opening_row_by_batch ON opening_row (book_id, batch_id, place)
;
CREATE INDEX opening_row_by_entry ON opening_row (book_id, entry_id)
;
CREATE UNIQUE INDEX opening_row_page_once ON opening_row (book_id, person_id, live_page)
;
CREATE UNIQUE INDEX opening_row_slip_once ON opening_row (book_id, station_code, slip)
;
