CREATE TABLE reversal_proposal (
    book_id INTEGER NOT NULL,
    proposal_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    live_record TEXT,
    station_code TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    covered_minutes INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_ms INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms INTEGER,
    PRIMARY KEY (book_id, proposal_id),
    CONSTRAINT reversal_proposal_minutes CHECK (covered_minutes >= 0),
    CONSTRAINT reversal_proposal_states CHECK (state IN ('proposed', 'approved', 'withdrawn'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX reversal_proposal_by_state ON reversal_proposal (book_id, state, proposal_id)
;
CREATE UNIQUE INDEX reversal_proposal_live ON reversal_proposal (book_id, live_record)
;
CREATE TABLE shortfall (
    book_id INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    open_minutes INTEGER NOT NULL,
    recovered_minutes INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, account_id),
    CONSTRAINT shortfall_minutes CHECK (open_minutes >= 0 AND recovered_minutes >= 0)
)
 WITHOUT ROWID,
 STRICT
;
