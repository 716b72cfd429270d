CREATE TABLE area (
    book_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    east_metres INTEGER NOT NULL,
    north_metres INTEGER NOT NULL,
    PRIMARY KEY (book_id, code)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE matching_asked (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    asked_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, person_id, asked_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE matching_exclusion (
    book_id INTEGER NOT NULL,
    elder_id TEXT NOT NULL,
    volunteer_id TEXT NOT NULL,
    told_by TEXT NOT NULL,
    told_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, elder_id, volunteer_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE matching_person (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    area TEXT NOT NULL,
    insured_until TEXT NOT NULL,
    agreed_until TEXT NOT NULL,
    paused_from TEXT NOT NULL,
    paused_until TEXT NOT NULL,
    sealed BLOB NOT NULL,
    told_by TEXT NOT NULL,
    told_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, person_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE matching_skill (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    class_code TEXT NOT NULL,
    PRIMARY KEY (book_id, person_id, class_code)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE matching_window (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    weekday INTEGER NOT NULL,
    from_minute INTEGER NOT NULL,
    to_minute INTEGER NOT NULL,
    PRIMARY KEY (book_id, person_id, weekday, from_minute),
    CONSTRAINT window_weekday CHECK (weekday IN (1, 2, 3, 4, 5, 6, 7)),
    CONSTRAINT window_order CHECK (from_minute < to_minute)
)
 WITHOUT ROWID,
 STRICT
;
