CREATE TABLE record_roster (
    book_id BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    sheet TEXT NOT NULL,
    signatures BIGINT NOT NULL,
    scan TEXT NOT NULL,
    PRIMARY KEY (book_id, record_id),
    CONSTRAINT record_roster_signatures CHECK (signatures >= 0)
)
;
CREATE TRIGGER record_roster_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON record_roster FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
