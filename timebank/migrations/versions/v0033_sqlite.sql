CREATE TABLE message (
    book_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    event TEXT NOT NULL,
    way TEXT NOT NULL,
    person_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    subject TEXT NOT NULL,
    place INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_ms INTEGER NOT NULL,
    error TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    told_by TEXT NOT NULL,
    told_ms INTEGER,
    PRIMARY KEY (book_id, number),
    CONSTRAINT message_events CHECK (event <> ''),
    CONSTRAINT message_ways CHECK (way IN ('sms', 'group')),
    CONSTRAINT message_states CHECK (state IN ('waiting', 'sent', 'given_up', 'unsendable', 'outdated')),
    CONSTRAINT message_attempts CHECK (attempts >= 0)
)
 WITHOUT ROWID,
 STRICT
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
    book_id INTEGER NOT NULL,
    reminder_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    resting_since TEXT NOT NULL,
    reminded_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, reminder_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX reminder_by_rest ON reminder (book_id, person_id, resting_since)
;
