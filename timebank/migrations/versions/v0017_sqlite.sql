CREATE TABLE outbox_message (
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
    CONSTRAINT message_events CHECK (event IN ('order_requested', 'order_rejected', 'visit_offered', 'visit_agreed', 'volunteer_left', 'order_cancelled', 'visit_missed', 'visit_over', 'visit_confirmed', 'visit_disputed', 'dispute_ended', 'gift_received', 'grant_received')),
    CONSTRAINT message_ways CHECK (way IN ('sms', 'group')),
    CONSTRAINT message_states CHECK (state IN ('waiting', 'sent', 'given_up', 'unsendable', 'outdated')),
    CONSTRAINT message_attempts CHECK (attempts >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX message_by_person ON outbox_message (book_id, person_id, number)
;
CREATE INDEX message_by_state ON outbox_message (book_id, state, next_ms)
;
CREATE INDEX message_by_station ON outbox_message (book_id, station_code, number)
;
CREATE INDEX message_by_subject ON outbox_message (book_id, subject, place)
;
