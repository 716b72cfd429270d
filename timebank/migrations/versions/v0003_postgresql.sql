CREATE TABLE log_end (
    book_id BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id)
)
;
CREATE TABLE key_ended (
    book_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, name)
)
;
CREATE TRIGGER log_end_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_end FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER key_ended_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON key_ended FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
