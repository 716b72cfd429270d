CREATE TABLE campaign (
    book_id INTEGER NOT NULL,
    campaign_id TEXT NOT NULL,
    name TEXT NOT NULL,
    receiver TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    tables_due_on TEXT NOT NULL,
    summaries_due_on TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, campaign_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE campaign_activity (
    book_id INTEGER NOT NULL,
    activity_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    serial INTEGER NOT NULL,
    name TEXT NOT NULL,
    theme TEXT NOT NULL,
    served TEXT NOT NULL,
    held_on TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    location TEXT NOT NULL,
    wanted INTEGER,
    stated_attended INTEGER,
    stated_minutes INTEGER,
    stated_heads INTEGER,
    leader_id TEXT NOT NULL,
    team TEXT NOT NULL,
    note TEXT NOT NULL,
    live INTEGER NOT NULL,
    PRIMARY KEY (book_id, activity_id),
    CONSTRAINT campaign_activity_live CHECK (live IN (0, 1))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX campaign_activity_serial ON campaign_activity (book_id, campaign_id, unit_code, serial)
;
CREATE TABLE campaign_edition (
    book_id INTEGER NOT NULL,
    campaign_id TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    number INTEGER NOT NULL,
    until_on TEXT NOT NULL,
    digest TEXT NOT NULL,
    salt BLOB NOT NULL,
    size INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    submitted_by TEXT NOT NULL,
    submitted_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, campaign_id, unit_code, number)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE campaign_person (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    activity_id TEXT NOT NULL,
    category TEXT NOT NULL,
    sealed BLOB NOT NULL,
    noted_by TEXT NOT NULL,
    noted_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, person_id),
    CONSTRAINT campaign_person_categories CHECK (category IN ('leader', 'elder', 'disabled', 'child', 'unemployed', 'other'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX campaign_person_by_activity ON campaign_person (book_id, activity_id)
;
CREATE TABLE campaign_photograph (
    book_id INTEGER NOT NULL,
    photograph_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    caption TEXT NOT NULL,
    consent INTEGER NOT NULL,
    jpeg BLOB NOT NULL,
    digest TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    kept_by TEXT NOT NULL,
    kept_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, photograph_id),
    CONSTRAINT campaign_photograph_consent CHECK (consent IN (0, 1))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX campaign_photograph_by_unit ON campaign_photograph (book_id, campaign_id, unit_code)
;
CREATE TABLE campaign_record (
    book_id INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    activity_id TEXT NOT NULL,
    PRIMARY KEY (book_id, record_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX campaign_record_by_activity ON campaign_record (book_id, activity_id)
;
CREATE TABLE campaign_report (
    book_id INTEGER NOT NULL,
    report_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    title TEXT NOT NULL,
    outlet TEXT NOT NULL,
    published_on TEXT NOT NULL,
    link TEXT NOT NULL,
    kept_by TEXT NOT NULL,
    kept_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, report_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX campaign_report_by_unit ON campaign_report (book_id, campaign_id, unit_code)
;
CREATE TABLE campaign_roster (
    book_id INTEGER NOT NULL,
    activity_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    signed_in_at TEXT NOT NULL,
    signed_out_at TEXT NOT NULL,
    record_id TEXT NOT NULL,
    kept_by TEXT NOT NULL,
    kept_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, activity_id, person_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX campaign_roster_by_person ON campaign_roster (book_id, person_id)
;
CREATE TABLE campaign_theme (
    book_id INTEGER NOT NULL,
    campaign_id TEXT NOT NULL,
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    serves INTEGER NOT NULL,
    PRIMARY KEY (book_id, campaign_id, name),
    CONSTRAINT campaign_theme_serves CHECK (serves IN (0, 1))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE campaign_unit (
    book_id INTEGER NOT NULL,
    campaign_id TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    station_code TEXT NOT NULL,
    table_state TEXT NOT NULL,
    table_ms INTEGER,
    table_by TEXT NOT NULL,
    table_reason TEXT NOT NULL,
    package_state TEXT NOT NULL,
    package_ms INTEGER,
    package_reason TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (book_id, campaign_id, unit_code),
    CONSTRAINT campaign_unit_kinds CHECK (kind IN ('unit', 'town', 'practice_centre', 'practice_station')),
    CONSTRAINT campaign_unit_tables CHECK (table_state IN ('not_reported', 'reported', 'returned')),
    CONSTRAINT campaign_unit_packages CHECK (package_state IN ('not_reported', 'reported', 'returned'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER campaign_edition_no_update BEFORE UPDATE ON campaign_edition BEGIN SELECT RAISE(ABORT, 'campaign_edition is append-only'); END
;
CREATE TRIGGER campaign_edition_no_delete BEFORE DELETE ON campaign_edition BEGIN SELECT RAISE(ABORT, 'campaign_edition is append-only'); END
;
CREATE TRIGGER campaign_edition_no_replace BEFORE INSERT ON campaign_edition WHEN EXISTS (SELECT 1 FROM campaign_edition WHERE book_id = NEW.book_id AND campaign_id = NEW.campaign_id AND unit_code = NEW.unit_code AND number = NEW.number) BEGIN SELECT RAISE(ABORT, 'campaign_edition is append-only'); END
;
