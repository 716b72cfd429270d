CREATE TABLE correction (
    book_id BIGINT NOT NULL,
    correction_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    words BYTEA NOT NULL,
    answered_by TEXT NOT NULL,
    answered_ms BIGINT,
    answer BYTEA NOT NULL,
    mended_by TEXT NOT NULL,
    PRIMARY KEY (book_id, correction_id),
    CONSTRAINT correction_kinds CHECK (kind IN ('record', 'missing', 'personal')),
    CONSTRAINT correction_states CHECK (state IN ('asked', 'mended', 'refused'))
)
;
CREATE INDEX correction_by_person ON correction (book_id, person_id, correction_id)
;
CREATE INDEX correction_by_state ON correction (book_id, state, due_on)
;
CREATE INDEX correction_by_station ON correction (book_id, station_code, correction_id)
;
CREATE TABLE suspension (
    book_id BIGINT NOT NULL,
    suspension_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    part TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    asked_until_on TEXT NOT NULL,
    appeal_due_on TEXT NOT NULL,
    ended_ms BIGINT,
    PRIMARY KEY (book_id, suspension_id),
    CONSTRAINT suspension_parts CHECK (part IN ('volunteer', 'elder', 'both')),
    CONSTRAINT suspension_reasons CHECK (reason IN ('false_record', 'charging', 'harm', 'no_shows', 'other')),
    CONSTRAINT suspension_states CHECK (state IN ('proposed', 'approved', 'declined', 'lifted', 'annulled'))
)
;
CREATE INDEX suspension_by_person ON suspension (book_id, person_id, ended_ms)
;
CREATE INDEX suspension_by_station ON suspension (book_id, station_code, suspension_id)
;
CREATE TABLE suspension_step (
    book_id BIGINT NOT NULL,
    suspension_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    step TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    words BYTEA NOT NULL,
    PRIMARY KEY (book_id, suspension_id, place),
    CONSTRAINT suspension_steps CHECK (step IN ('propose', 'approve', 'decline', 'lift', 'appeal', 'uphold', 'dismiss'))
)
;
CREATE TRIGGER suspension_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON suspension_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
