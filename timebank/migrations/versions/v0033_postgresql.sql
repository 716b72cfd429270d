CREATE TABLE message (
    book_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    event TEXT NOT NULL,
    way TEXT NOT NULL,
    person_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    subject TEXT NOT NULL,
    place BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_ms BIGINT NOT NULL,
    error TEXT NOT NULL,
    made_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    told_by TEXT NOT NULL,
    told_ms BIGINT,
    PRIMARY KEY (book_id, number),
    CONSTRAINT message_events CHECK (event <> ''),
    CONSTRAINT message_ways CHECK (way IN ('sms', 'group')),
    CONSTRAINT message_states CHECK (state IN ('waiting', 'sent', 'given_up', 'unsendable', 'outdated')),
    CONSTRAINT message_attempts CHECK (attempts >= 0)
)
;
INSERT INTO message SELECT * FROM outbox_message
;
DROP TABLE outbox_message
;
CREATE INDEX message_by_person ON message (book_id, person_id, number)
;
CREATE INDEX message_by_state ON message (book_id, state, next_ms)
;
CREATE INDEX message_by_station ON message (book_id, station_code, number)
;
CREATE INDEX message_by_subject ON message (book_id, subject, place)
;
CREATE TABLE reminder (
    book_id BIGINT NOT NULL,
    reminder_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    resting_since TEXT NOT NULL,
    reminded_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, reminder_id)
)
;
CREATE UNIQUE INDEX reminder_by_rest ON reminder (book_id, person_id, resting_since)
;
