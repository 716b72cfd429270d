CREATE TABLE access (
    book_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    accessed_ms BIGINT NOT NULL,
    actor_id TEXT NOT NULL,
    role TEXT NOT NULL,
    person_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    fields TEXT NOT NULL,
    reason BYTEA NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (book_id, number),
    CONSTRAINT access_number CHECK (number > 0)
)
;
CREATE INDEX access_by_person ON access (book_id, person_id, number)
;
CREATE TRIGGER access_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
DROP TABLE vault_key
;
