CREATE TABLE campaign_signing (
    book_id BIGINT NOT NULL,
    activity_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    step TEXT NOT NULL,
    at TEXT NOT NULL,
    means TEXT NOT NULL,
    by_id TEXT NOT NULL,
    noted_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, activity_id, person_id, place),
    CONSTRAINT campaign_signing_steps CHECK (step IN ('put', 'in', 'out', 'off'))
)
;
CREATE TABLE campaign_door (
    book_id BIGINT NOT NULL,
    activity_id TEXT NOT NULL,
    secret BYTEA NOT NULL,
    made_by TEXT NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, activity_id)
)
;
CREATE TRIGGER campaign_signing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_signing FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
