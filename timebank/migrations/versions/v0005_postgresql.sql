CREATE TABLE period_closing (
    book_id BIGINT NOT NULL,
    period TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, period),
    CONSTRAINT period_closing_bounds CHECK (from_ms < until_ms)
)
;
CREATE TRIGGER period_closing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON period_closing FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
