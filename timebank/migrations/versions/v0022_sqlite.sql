CREATE TABLE notice_objection (
    book_id INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    objected_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    objected_ms INTEGER NOT NULL,
    upheld INTEGER,
    decided_by TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_ms INTEGER,
    PRIMARY KEY (book_id, record_id, place),
    CONSTRAINT notice_objection_upheld CHECK (upheld IN (0, 1))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX notice_objection_open ON notice_objection (book_id, upheld, record_id)
;
CREATE TABLE record_notice (
    book_id INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    working_days INTEGER NOT NULL,
    PRIMARY KEY (book_id, record_id),
    CONSTRAINT record_notice_days CHECK (working_days > 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX record_notice_by_day ON record_notice (book_id, opened_on, working_days)
;
