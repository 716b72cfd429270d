CREATE TABLE portrait_picture (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    kept_by TEXT NOT NULL,
    kept_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, person_id)
)
 WITHOUT ROWID,
 STRICT
;
