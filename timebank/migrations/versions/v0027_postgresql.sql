CREATE TABLE act_device (
    book_id BIGINT NOT NULL,
    subject_id TEXT NOT NULL,
    act TEXT NOT NULL,
    place BIGINT NOT NULL,
    acted_ms BIGINT NOT NULL,
    device TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    PRIMARY KEY (book_id, subject_id, act, place)
)
;
CREATE INDEX act_device_by_device ON act_device (book_id, device, acted_ms)
;
CREATE TABLE call_back (
    book_id BIGINT NOT NULL,
    call_id TEXT NOT NULL,
    week TEXT NOT NULL,
    place BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    caller TEXT NOT NULL,
    due_on TEXT NOT NULL,
    PRIMARY KEY (book_id, call_id)
)
;
CREATE INDEX call_back_by_station ON call_back (book_id, station_code, call_id)
;
CREATE UNIQUE INDEX call_back_by_week ON call_back (book_id, week, place)
;
CREATE TABLE call_draw (
    book_id BIGINT NOT NULL,
    week TEXT NOT NULL,
    draw_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    first_leaf BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root TEXT NOT NULL,
    entries BIGINT NOT NULL,
    list_hash TEXT NOT NULL,
    drawn_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, week)
)
;
CREATE TABLE call_outcome (
    book_id BIGINT NOT NULL,
    call_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    remark BYTEA NOT NULL,
    said_by TEXT NOT NULL,
    said_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, call_id, place),
    CONSTRAINT call_outcomes CHECK (outcome IN ('confirmed', 'not_as_recorded', 'reached', 'not_reached'))
)
;
CREATE TABLE session_device (
    book_id BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    device TEXT NOT NULL,
    PRIMARY KEY (book_id, token_hash)
)
;
CREATE TRIGGER act_device_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON act_device FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER call_back_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON call_back FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER call_draw_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON call_draw FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER call_outcome_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON call_outcome FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
