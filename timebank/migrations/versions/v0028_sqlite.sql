CREATE TABLE arrival (
    book_id INTEGER NOT NULL,
    arrival_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    origin TEXT NOT NULL,
    issuer_entry TEXT NOT NULL,
    live_entry TEXT,
    minutes INTEGER NOT NULL,
    moved_on TEXT NOT NULL,
    state TEXT NOT NULL,
    credited_minutes INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    stated_by TEXT NOT NULL,
    stated_ms INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    reason TEXT NOT NULL,
    PRIMARY KEY (book_id, arrival_id),
    CONSTRAINT arrival_states CHECK (state IN ('stated', 'posted', 'returned')),
    CONSTRAINT arrival_minutes CHECK (minutes > 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX arrival_by_account ON arrival (book_id, account_id)
;
CREATE INDEX arrival_by_entry ON arrival (book_id, entry_id)
;
CREATE UNIQUE INDEX arrival_once ON arrival (book_id, origin, live_entry)
;
CREATE TABLE departure (
    book_id INTEGER NOT NULL,
    departure_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    open_person TEXT,
    account_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    origin TEXT NOT NULL,
    slip TEXT NOT NULL,
    state TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    reason TEXT NOT NULL,
    PRIMARY KEY (book_id, departure_id),
    CONSTRAINT departure_states CHECK (state IN ('asked', 'moved', 'returned', 'came_back'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX departure_by_account ON departure (book_id, account_id)
;
CREATE INDEX departure_by_entry ON departure (book_id, entry_id)
;
CREATE INDEX departure_by_person ON departure (book_id, person_id, state)
;
CREATE UNIQUE INDEX departure_open_once ON departure (book_id, open_person)
;
CREATE UNIQUE INDEX departure_slip_once ON departure (book_id, station_code, slip)
;
CREATE TABLE partner_book (
    book_id INTEGER NOT NULL,
    partner_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    live_origin TEXT,
    vkey TEXT NOT NULL,
    name TEXT NOT NULL,
    account_id TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_ms INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    PRIMARY KEY (book_id, partner_id),
    CONSTRAINT partner_book_states CHECK (state IN ('proposed', 'active', 'withdrawn', 'replaced'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX partner_book_once ON partner_book (book_id, live_origin)
;
