CREATE TABLE delegate (
    book_id INTEGER NOT NULL,
    authority_id TEXT NOT NULL,
    elder_id TEXT NOT NULL,
    delegate_id TEXT NOT NULL,
    noted_ms INTEGER NOT NULL,
    noted_by TEXT NOT NULL,
    until_on TEXT NOT NULL,
    may_ask INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    ended_ms INTEGER,
    ended_by TEXT NOT NULL,
    PRIMARY KEY (book_id, authority_id),
    CONSTRAINT delegate_may_ask CHECK (may_ask IN (0, 1))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX delegate_by_delegate ON delegate (book_id, delegate_id)
;
CREATE INDEX delegate_by_elder ON delegate (book_id, elder_id, delegate_id)
;
CREATE TABLE kinship_proof (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    other_id TEXT NOT NULL,
    noted_ms INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (book_id, person_id, other_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE organisation (
    book_id INTEGER NOT NULL,
    organisation_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    credit_code TEXT NOT NULL,
    PRIMARY KEY (book_id, organisation_id),
    CONSTRAINT organisation_kinds CHECK (kind IN ('unit', 'town', 'practice_centre', 'school', 'team'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX organisation_by_code ON organisation (book_id, credit_code)
;
CREATE TABLE organisation_member (
    book_id INTEGER NOT NULL,
    organisation_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT NOT NULL,
    guardian BLOB NOT NULL,
    PRIMARY KEY (book_id, organisation_id, person_id, from_on)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX organisation_member_by_person ON organisation_member (book_id, person_id, organisation_id)
;
