CREATE TABLE notice_objection (
    book_id BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    objected_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    objected_ms BIGINT NOT NULL,
    upheld BIGINT,
    decided_by TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_ms BIGINT,
    PRIMARY KEY (book_id, record_id, place),
    CONSTRAINT notice_objection_upheld CHECK (upheld IN (0, 1))
)
;
CREATE INDEX notice_objection_open ON notice_objection (book_id, upheld, record_id)
;
CREATE TABLE record_notice (
    book_id BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    working_days BIGINT NOT NULL,
    PRIMARY KEY (book_id, record_id),
    CONSTRAINT record_notice_days CHECK (working_days > 0)
)
;
CREATE INDEX record_notice_by_day ON record_notice (book_id, opened_on, working_days)
;
