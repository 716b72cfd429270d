CREATE TABLE clearing_statement (
    book_id INTEGER NOT NULL,
    origin TEXT NOT NULL,
    month TEXT NOT NULL,
    head TEXT NOT NULL,
    lines TEXT NOT NULL,
    hash TEXT NOT NULL,
    opening INTEGER NOT NULL,
    closing INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, origin, month)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE netting (
    book_id INTEGER NOT NULL,
    netting_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    month TEXT NOT NULL,
    live_origin TEXT,
    live_month TEXT,
    minutes INTEGER NOT NULL,
    ours TEXT NOT NULL,
    theirs TEXT NOT NULL,
    state TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_ms INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    PRIMARY KEY (book_id, netting_id),
    CONSTRAINT netting_states CHECK (state IN ('proposed', 'netted', 'withdrawn')),
    CONSTRAINT netting_minutes CHECK (minutes <> 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX netting_by_entry ON netting (book_id, entry_id)
;
CREATE UNIQUE INDEX netting_month_once ON netting (book_id, live_month)
;
CREATE UNIQUE INDEX netting_waits_once ON netting (book_id, live_origin)
;
CREATE TABLE partner_ending (
    book_id INTEGER NOT NULL,
    ending_id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    open_partner TEXT,
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    PRIMARY KEY (book_id, ending_id),
    CONSTRAINT partner_ending_states CHECK (state IN ('asked', 'ended', 'withdrawn'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX partner_ending_once ON partner_ending (book_id, open_partner)
;
CREATE TABLE partner_settled (
    book_id INTEGER NOT NULL,
    origin TEXT NOT NULL,
    account_id TEXT NOT NULL,
    PRIMARY KEY (book_id, origin)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE partner_statement (
    book_id INTEGER NOT NULL,
    origin TEXT NOT NULL,
    month TEXT NOT NULL,
    statement_id TEXT NOT NULL,
    note TEXT NOT NULL,
    lines TEXT NOT NULL,
    hash TEXT NOT NULL,
    opening INTEGER NOT NULL,
    closing INTEGER NOT NULL,
    taken_by TEXT NOT NULL,
    taken_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, origin, month)
)
 WITHOUT ROWID,
 STRICT
;
