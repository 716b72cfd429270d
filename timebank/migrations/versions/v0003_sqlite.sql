CREATE TABLE log_end (
    book_id INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE key_ended (
    book_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, name)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER log_end_no_update BEFORE UPDATE ON log_end BEGIN SELECT RAISE(ABORT, 'log_end is append-only'); END
;
CREATE TRIGGER log_end_no_delete BEFORE DELETE ON log_end BEGIN SELECT RAISE(ABORT, 'log_end is append-only'); END
;
CREATE TRIGGER log_end_no_replace BEFORE INSERT ON log_end WHEN EXISTS (SELECT 1 FROM log_end WHERE book_id = NEW.book_id) BEGIN SELECT RAISE(ABORT, 'log_end is append-only'); END
;
CREATE TRIGGER key_ended_no_update BEFORE UPDATE ON key_ended BEGIN SELECT RAISE(ABORT, 'key_ended is append-only'); END
;
CREATE TRIGGER key_ended_no_delete BEFORE DELETE ON key_ended BEGIN SELECT RAISE(ABORT, 'key_ended is append-only'); END
;
CREATE TRIGGER key_ended_no_replace BEFORE INSERT ON key_ended WHEN EXISTS (SELECT 1 FROM key_ended WHERE book_id = NEW.book_id AND name = NEW.name) BEGIN SELECT RAISE(ABORT, 'key_ended is append-only'); END
;
