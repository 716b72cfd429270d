CREATE TABLE pairing (
    book_id INTEGER NOT NULL,
    pairing_id TEXT NOT NULL,
    elder_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    alert_days INTEGER NOT NULL,
    classes TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    sealed BLOB NOT NULL,
    made_by TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    ended_on TEXT NOT NULL,
    reason BLOB NOT NULL,
    PRIMARY KEY (book_id, pairing_id),
    CONSTRAINT pairing_minutes CHECK (minutes > 0 AND minutes <= 44640),
    CONSTRAINT pairing_alert CHECK (alert_days > 0 AND alert_days <= 92)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX pairing_by_elder ON pairing (book_id, elder_id, pairing_id)
;
CREATE INDEX pairing_by_station ON pairing (book_id, station_code, pairing_id)
;
CREATE TABLE pairing_member (
    book_id INTEGER NOT NULL,
    pairing_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    reason BLOB NOT NULL,
    PRIMARY KEY (book_id, pairing_id, place),
    CONSTRAINT pairing_roles CHECK (role IN ('lead', 'member', 'backup'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX pairing_member_by_person ON pairing_member (book_id, person_id, until_on)
;
