CREATE TABLE access (
    book_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    accessed_ms INTEGER NOT NULL,
    actor_id TEXT NOT NULL,
    role TEXT NOT NULL,
    person_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    fields TEXT NOT NULL,
    reason BLOB NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (book_id, number),
    CONSTRAINT access_number CHECK (number > 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX access_by_person ON access (book_id, person_id, number)
;
CREATE TRIGGER access_no_update BEFORE UPDATE ON access BEGIN SELECT RAISE(ABORT, 'access is append-only'); END
;
CREATE TRIGGER access_no_delete BEFORE DELETE ON access BEGIN SELECT RAISE(ABORT, 'access is append-only'); END
;
CREATE TRIGGER access_no_replace BEFORE INSERT ON access WHEN EXISTS (SELECT 1 FROM access WHERE book_id = NEW.book_id AND number = NEW.number) BEGIN SELECT RAISE(ABORT, 'access is append-only'); END
;
DROP TABLE vault_key
;
