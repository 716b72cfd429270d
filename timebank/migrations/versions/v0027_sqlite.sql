CREATE TABLE act_device (
    book_id INTEGER NOT NULL,
    subject_id TEXT NOT NULL,
    act TEXT NOT NULL,
    place INTEGER NOT NULL,
    acted_ms INTEGER NOT NULL,
    device TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    PRIMARY KEY (book_id, subject_id, act, place)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX act_device_by_device ON act_device (book_id, device, acted_ms)
;
CREATE TABLE call_back (
    book_id INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    week TEXT NOT NULL,
    place INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    caller TEXT NOT NULL,
    due_on TEXT NOT NULL,
    PRIMARY KEY (book_id, call_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX call_back_by_station ON call_back (book_id, station_code, call_id)
;
CREATE UNIQUE INDEX call_back_by_week ON call_back (book_id, week, place)
;
CREATE TABLE call_draw (
    book_id INTEGER NOT NULL,
    week TEXT NOT NULL,
    draw_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    first_leaf INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root TEXT NOT NULL,
    entries INTEGER NOT NULL,
    list_hash TEXT NOT NULL,
    drawn_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, week)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE call_outcome (
    book_id INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    remark BLOB NOT NULL,
    said_by TEXT NOT NULL,
    said_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, call_id, place),
    CONSTRAINT call_outcomes CHECK (outcome IN ('confirmed', 'not_as_recorded', 'reached', 'not_reached'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE session_device (
    book_id INTEGER NOT NULL,
    token_hash BLOB NOT NULL,
    device TEXT NOT NULL,
    PRIMARY KEY (book_id, token_hash)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER act_device_no_update BEFORE UPDATE ON act_device BEGIN SELECT RAISE(ABORT, 'act_device is append-only'); END
;
CREATE TRIGGER act_device_no_delete BEFORE DELETE ON act_device BEGIN SELECT RAISE(ABORT, 'act_device is append-only'); END
;
CREATE TRIGGER act_device_no_replace BEFORE INSERT ON act_device WHEN EXISTS (SELECT 1 FROM act_device WHERE book_id = NEW.book_id AND subject_id = NEW.subject_id AND act = NEW.act AND place = NEW.place) BEGIN SELECT RAISE(ABORT, 'act_device is append-only'); END
;
CREATE TRIGGER call_back_no_update BEFORE UPDATE ON call_back BEGIN SELECT RAISE(ABORT, 'call_back is append-only'); END
;
CREATE TRIGGER call_back_no_delete BEFORE DELETE ON call_back BEGIN SELECT RAISE(ABORT, 'call_back is append-only'); END
;
CREATE TRIGGER call_back_no_replace BEFORE INSERT ON call_back WHEN EXISTS (SELECT 1 FROM call_back WHERE book_id = NEW.book_id AND call_id = NEW.call_id) BEGIN SELECT RAISE(ABORT, 'call_back is append-only'); END
;
CREATE TRIGGER call_draw_no_update BEFORE UPDATE ON call_draw BEGIN SELECT RAISE(ABORT, 'call_draw is append-only'); END
;
CREATE TRIGGER call_draw_no_delete BEFORE DELETE ON call_draw BEGIN SELECT RAISE(ABORT, 'call_draw is append-only'); END
;
CREATE TRIGGER call_draw_no_replace BEFORE INSERT ON call_draw WHEN EXISTS (SELECT 1 FROM call_draw WHERE book_id = NEW.book_id AND week = NEW.week) BEGIN SELECT RAISE(ABORT, 'call_draw is append-only'); END
;
CREATE TRIGGER call_outcome_no_update BEFORE UPDATE ON call_outcome BEGIN SELECT RAISE(ABORT, 'call_outcome is append-only'); END
;
CREATE TRIGGER call_outcome_no_delete BEFORE DELETE ON call_outcome BEGIN SELECT RAISE(ABORT, 'call_outcome is append-only'); END
;
CREATE TRIGGER call_outcome_no_replace BEFORE INSERT ON call_outcome WHEN EXISTS (SELECT 1 FROM call_outcome WHERE book_id = NEW.book_id AND call_id = NEW.call_id AND place = NEW.place) BEGIN SELECT RAISE(ABORT, 'call_outcome is append-only'); END
;
