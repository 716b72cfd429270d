CREATE TABLE letter_run (
    book_id BIGINT NOT NULL,
    run_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    part TEXT NOT NULL,
    first_on TEXT NOT NULL,
    last_on TEXT NOT NULL,
    made_ms BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    letters BIGINT NOT NULL,
    left_out BIGINT NOT NULL,
    list_hash TEXT NOT NULL,
    drawn_ms BIGINT,
    drawn_by TEXT NOT NULL,
    drawn_letters BIGINT NOT NULL,
    handed_ms BIGINT,
    handed_by TEXT NOT NULL,
    PRIMARY KEY (book_id, run_id),
    CONSTRAINT letter_run_counts CHECK (letters >= 0 AND left_out >= 0),
    CONSTRAINT letter_run_drawn CHECK ((drawn_ms IS NULL) = (drawn_by = '')),
    CONSTRAINT letter_run_handed CHECK ((handed_ms IS NULL) = (handed_by = '')),
    CONSTRAINT letter_run_order CHECK (handed_ms IS NULL OR drawn_ms IS NOT NULL)
)
;
CREATE UNIQUE INDEX letter_run_by_part ON letter_run (book_id, part, station_code)
;
CREATE INDEX letter_run_by_station ON letter_run (book_id, station_code, run_id)
;
