CREATE TABLE order_step (
    book_id INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    taken_by TEXT NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    taken_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, order_id, place)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE record_hold (
    book_id INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    hold_id TEXT NOT NULL,
    PRIMARY KEY (book_id, record_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE service_order (
    book_id INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    elder_id TEXT NOT NULL,
    class_code TEXT NOT NULL,
    wanted_on TEXT NOT NULL,
    wanted_at TEXT NOT NULL,
    wanted_minutes INTEGER NOT NULL,
    payer TEXT NOT NULL,
    channel TEXT NOT NULL,
    assistant TEXT NOT NULL,
    volunteer_id TEXT NOT NULL,
    hold_id TEXT NOT NULL,
    held_minutes INTEGER NOT NULL,
    door_code TEXT NOT NULL,
    signed_in_at TEXT NOT NULL,
    signed_out_at TEXT NOT NULL,
    signed_out_by TEXT NOT NULL,
    record_id TEXT NOT NULL,
    stars INTEGER NOT NULL,
    opening BLOB NOT NULL,
    requested_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, order_id),
    CONSTRAINT order_states CHECK (state IN ('requested', 'rejected', 'vetted', 'published', 'matched', 'accepted', 'signed_in', 'awaiting_confirmation', 'interrupted', 'disputed', 'upheld', 'confirmed', 'cancelled', 'no_show')),
    CONSTRAINT order_minutes CHECK (wanted_minutes > 0),
    CONSTRAINT order_at_most_a_day CHECK (wanted_minutes <= 1440),
    CONSTRAINT order_held CHECK (held_minutes >= 0),
    CONSTRAINT order_stars CHECK (stars IN (0, 1, 2, 3, 4, 5))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX order_by_elder ON service_order (book_id, elder_id, wanted_on)
;
CREATE INDEX order_by_record ON service_order (book_id, record_id)
;
CREATE INDEX order_by_state ON service_order (book_id, state, station_code, wanted_on)
;
CREATE UNIQUE INDEX order_by_station ON service_order (book_id, station_code, number)
;
CREATE INDEX order_by_volunteer ON service_order (book_id, volunteer_id, wanted_on)
;
CREATE TRIGGER order_step_no_update BEFORE UPDATE ON order_step BEGIN SELECT RAISE(ABORT, 'order_step is append-only'); END
;
CREATE TRIGGER order_step_no_delete BEFORE DELETE ON order_step BEGIN SELECT RAISE(ABORT, 'order_step is append-only'); END
;
CREATE TRIGGER order_step_no_replace BEFORE INSERT ON order_step WHEN EXISTS (SELECT 1 FROM order_step WHERE book_id = NEW.book_id AND order_id = NEW.order_id AND place = NEW.place) BEGIN SELECT RAISE(ABORT, 'order_step is append-only'); END
;
