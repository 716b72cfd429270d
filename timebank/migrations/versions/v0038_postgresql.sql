CREATE TABLE portrait_picture (
    book_id BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    kept_by TEXT NOT NULL,
    kept_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, person_id)
)
;
