CREATE TABLE campaign_signing (
    book_id INTEGER NOT NULL,
    activity_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    step TEXT NOT NULL,
    at TEXT NOT NULL,
    means TEXT NOT NULL,
    by_id TEXT NOT NULL,
    noted_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, activity_id, person_id, place),
    CONSTRAINT campaign_signing_steps CHECK (step IN ('put', 'in', 'out', 'off'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE campaign_door (
    book_id INTEGER NOT NULL,
    activity_id TEXT NOT NULL,
    secret BLOB NOT NULL,
    made_by TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, activity_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER campaign_signing_no_update BEFORE UPDATE ON campaign_signing BEGIN SELECT RAISE(ABORT, 'campaign_signing is append-only'); END
;
CREATE TRIGGER campaign_signing_no_delete BEFORE DELETE ON campaign_signing BEGIN SELECT RAISE(ABORT, 'campaign_signing is append-only'); END
;
CREATE TRIGGER campaign_signing_no_replace BEFORE INSERT ON campaign_signing WHEN EXISTS (SELECT 1 FROM campaign_signing WHERE book_id = NEW.book_id AND activity_id = NEW.activity_id AND person_id = NEW.person_id AND place = NEW.place) BEGIN SELECT RAISE(ABORT, 'campaign_signing is append-only'); END
;
