CREATE TABLE correction (
    book_id INTEGER NOT NULL,
    correction_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    words BLOB NOT NULL,
    answered_by TEXT NOT NULL,
    answered_ms INTEGER,
    answer BLOB NOT NULL,
    mended_by TEXT NOT NULL,
    PRIMARY KEY (book_id, correction_id),
    CONSTRAINT correction_kinds CHECK (kind IN ('record', 'missing', 'personal')),
    CONSTRAINT correction_states CHECK (state IN ('asked', 'mended', 'refused'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX correction_by_person ON correction (book_id, person_id, correction_id)
;
CREATE INDEX correction_by_state ON correction (book_id, state, due_on)
;
CREATE INDEX correction_by_station ON correction (book_id, station_code, correction_id)
;
CREATE TABLE suspension (
    book_id INTEGER NOT NULL,
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
    ended_ms INTEGER,
    PRIMARY KEY (book_id, suspension_id),
    CONSTRAINT suspension_parts CHECK (part IN ('volunteer', 'elder', 'both')),
    CONSTRAINT suspension_reasons CHECK (reason IN ('false_record', 'charging', 'harm', 'no_shows', 'other')),
    CONSTRAINT suspension_states CHECK (state IN ('proposed', 'approved', 'declined', 'lifted', 'annulled'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX suspension_by_person ON suspension (book_id, person_id, ended_ms)
;
CREATE INDEX suspension_by_station ON suspension (book_id, station_code, suspension_id)
;
CREATE TABLE suspension_step (
    book_id INTEGER NOT NULL,
    suspension_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    step TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    words BLOB NOT NULL,
    PRIMARY KEY (book_id, suspension_id, place),
    CONSTRAINT suspension_steps CHECK (step IN ('propose', 'approve', 'decline', 'lift', 'appeal', 'uphold', 'dismiss'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER suspension_step_no_update BEFORE UPDATE ON suspension_step BEGIN SELECT RAISE(ABORT, 'suspension_step is append-only'); END
;
CREATE TRIGGER suspension_step_no_delete BEFORE DELETE ON suspension_step BEGIN SELECT RAISE(ABORT, 'suspension_step is append-only'); END
;
CREATE TRIGGER suspension_step_no_replace BEFORE INSERT ON suspension_step WHEN EXISTS (SELECT 1 FROM suspension_step WHERE book_id = NEW.book_id AND suspension_id = NEW.suspension_id AND place = NEW.place) BEGIN SELECT RAISE(ABORT, 'suspension_step is append-only'); END
;
