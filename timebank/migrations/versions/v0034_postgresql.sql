CREATE TABLE expiry_announcement (
    book_id BIGINT NOT NULL,
    announcement_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    minutes BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    announced_on TEXT NOT NULL,
    announced_ms BIGINT NOT NULL,
    policy TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    expired_minutes BIGINT NOT NULL,
    entry_id TEXT NOT NULL,
    ended_ms BIGINT,
    reason TEXT NOT NULL,
    PRIMARY KEY (book_id, announcement_id),
    CONSTRAINT expiry_announcement_minutes CHECK (minutes > 0),
    CONSTRAINT expiry_announcement_expired CHECK (expired_minutes >= 0 AND expired_minutes <= minutes),
    CONSTRAINT expiry_announcement_states CHECK (state IN ('announced', 'expired', 'nothing_left', 'lapsed', 'given_back'))
)
;
CREATE INDEX expiry_announcement_by_account ON expiry_announcement (book_id, account_id, state)
;
CREATE INDEX expiry_announcement_by_due ON expiry_announcement (book_id, state, due_on)
;
CREATE INDEX expiry_announcement_by_entry ON expiry_announcement (book_id, entry_id)
;
CREATE INDEX expiry_announcement_by_person ON expiry_announcement (book_id, person_id)
;
