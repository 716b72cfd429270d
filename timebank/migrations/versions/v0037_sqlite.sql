CREATE TABLE record_roster (
    book_id INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    sheet TEXT NOT NULL,
    signatures INTEGER NOT NULL,
    scan TEXT NOT NULL,
    PRIMARY KEY (book_id, record_id),
    CONSTRAINT record_roster_signatures CHECK (signatures >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER record_roster_no_update BEFORE UPDATE ON record_roster BEGIN SELECT RAISE(ABORT, 'record_roster is append-only'); END
;
CREATE TRIGGER record_roster_no_delete BEFORE DELETE ON record_roster BEGIN SELECT RAISE(ABORT, 'record_roster is append-only'); END
;
CREATE TRIGGER record_roster_no_replace BEFORE INSERT ON record_roster WHEN EXISTS (SELECT 1 FROM record_roster WHERE book_id = NEW.book_id AND record_id = NEW.record_id) BEGIN SELECT RAISE(ABORT, 'record_roster is append-only'); END
;
