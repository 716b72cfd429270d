CREATE TABLE person_condition (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (book_id, person_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE transfer (
    book_id INTEGER NOT NULL,
    transfer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    from_account TEXT NOT NULL,
    to_account TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    code TEXT NOT NULL,
    policy TEXT NOT NULL,
    made_on TEXT NOT NULL,
    granted_month TEXT,
    proposal_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    assistant TEXT NOT NULL,
    hold_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    undo_until_ms INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    PRIMARY KEY (book_id, transfer_id),
    CONSTRAINT transfer_kinds CHECK (kind IN ('gift', 'donation', 'grant', 'grant_funding')),
    CONSTRAINT transfer_states CHECK (state IN ('held', 'proposed', 'posted', 'undone', 'lapsed', 'rejected', 'carried_over')),
    CONSTRAINT transfer_minutes CHECK (minutes > 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX transfer_by_entry ON transfer (book_id, entry_id)
;
CREATE INDEX transfer_by_giver ON transfer (book_id, from_account, transfer_id)
;
CREATE INDEX transfer_by_proposal ON transfer (book_id, proposal_id)
;
CREATE INDEX transfer_by_receiver ON transfer (book_id, to_account, state)
;
CREATE INDEX transfer_by_state ON transfer (book_id, state, undo_until_ms)
;
CREATE UNIQUE INDEX transfer_grant_once ON transfer (book_id, to_account, granted_month)
;
