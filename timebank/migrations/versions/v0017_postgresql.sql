CREATE TABLE outbox_message (
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
    CONSTRAINT message_events CHECK (event IN ('order_requested', 'order_rejected', 'visit_offered', 'visit_agreed', 'volunteer_left', 'order_cancelled', 'visit_missed', 'visit_over', 'visit_confirmed', 'visit_disputed', 'dispute_ended', 'gift_received', 'grant_received')),
    CONSTRAINT message_ways CHECK (way IN ('sms', 'group')),
    CONSTRAINT message_states CHECK (state IN ('waiting', 'sent', 'given_up', 'unsendable', 'outdated')),
    CONSTRAINT message_attempts CHECK (attempts >= 0)
)
;
CREATE INDEX message_by_person ON outbox_message (book_id, person_id, number)
;
CREATE INDEX message_by_state ON outbox_message (book_id, state, next_ms)
;
CREATE INDEX message_by_station ON outbox_message (book_id, station_code, number)
;
CREATE INDEX message_by_subject ON outbox_message (book_id, subject, place)
;
