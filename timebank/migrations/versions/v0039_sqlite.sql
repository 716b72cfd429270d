CREATE TABLE letter_run (
    book_id INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    part TEXT NOT NULL,
    first_on TEXT NOT NULL,
    last_on TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    letters INTEGER NOT NULL,
    left_out INTEGER NOT NULL,
    list_hash TEXT NOT NULL,
    drawn_ms INTEGER,
    drawn_by TEXT NOT NULL,
    drawn_letters INTEGER NOT NULL,
    handed_ms INTEGER,
    handed_by TEXT NOT NULL,
    PRIMARY KEY (book_id, run_id),
    CONSTRAINT letter_run_counts CHECK (letters >= 0 AND left_out >= 0),
    CONSTRAINT letter_run_drawn CHECK ((drawn_ms IS NULL) = (drawn_by = '')),
    CONSTRAINT letter_run_handed CHECK ((handed_ms IS NULL) = (handed_by = '')),
    CONSTRAINT letter_run_order CHECK (handed_ms IS NULL OR drawn_ms IS NOT NULL)
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX letter_run_by_part ON letter_run (book_id, part, station_code)
;
CREATE INDEX letter_run_by_station ON letter_run (book_id, station_code, run_id)
;
