CREATE TABLE period_closing (
    book_id INTEGER NOT NULL,
    period TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, period),
    CONSTRAINT period_closing_bounds CHECK (from_ms < until_ms)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER period_closing_no_update BEFORE UPDATE ON period_closing BEGIN SELECT RAISE(ABORT, 'period_closing is append-only'); END
;
CREATE TRIGGER period_closing_no_delete BEFORE DELETE ON period_closing BEGIN SELECT RAISE(ABORT, 'period_closing is append-only'); END
;
CREATE TRIGGER period_closing_no_replace BEFORE INSERT ON period_closing WHEN EXISTS (SELECT 1 FROM period_closing WHERE book_id = NEW.book_id AND period = NEW.period) BEGIN SELECT RAISE(ABORT, 'period_closing is append-only'); END
;
