CREATE TABLE account (
    book_id INTEGER NOT NULL,
    account_no INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    floor INTEGER,
    ceiling INTEGER,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, account_no)
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX account_by_id ON account (book_id, account_id)
;
CREATE TABLE balance (
    book_id INTEGER NOT NULL,
    account_no INTEGER NOT NULL,
    posted INTEGER NOT NULL,
    held INTEGER NOT NULL,
    floor INTEGER,
    ceiling INTEGER,
    PRIMARY KEY (book_id, account_no),
    CONSTRAINT balance_floor CHECK (floor IS NULL OR posted - held >= floor),
    CONSTRAINT balance_ceiling CHECK (ceiling IS NULL OR posted <= ceiling),
    CONSTRAINT balance_held CHECK (held >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE blind_index (
    book_id INTEGER NOT NULL,
    field TEXT NOT NULL,
    value_hash BLOB NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (book_id, field, value_hash, person_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE card (
    book_id INTEGER NOT NULL,
    card_number TEXT NOT NULL,
    person_id TEXT NOT NULL,
    pin_hash TEXT NOT NULL,
    failures INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (book_id, card_number),
    CONSTRAINT card_states CHECK (state IN ('active', 'lost'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE consent (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    given_ms INTEGER NOT NULL,
    withdrawn_ms INTEGER,
    PRIMARY KEY (book_id, person_id, purpose)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE entry (
    book_id INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, entry_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE finding (
    book_id INTEGER NOT NULL,
    finding_id TEXT NOT NULL,
    check_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL,
    detail TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    comment TEXT NOT NULL,
    found_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    PRIMARY KEY (book_id, finding_id),
    CONSTRAINT finding_states CHECK (state IN ('open', 'explained', 'closed')),
    CONSTRAINT finding_severities CHECK (severity IN ('note', 'warning', 'alarm'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX finding_by_state ON finding (book_id, state, finding_id)
;
CREATE TABLE head (
    book_id INTEGER NOT NULL,
    book TEXT NOT NULL,
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    frontier BLOB NOT NULL,
    entries INTEGER NOT NULL,
    accounts INTEGER NOT NULL,
    recorded_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id),
    CONSTRAINT head_counts CHECK (size >= 0 AND entries >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE hold_ended (
    book_id INTEGER NOT NULL,
    hold_id TEXT NOT NULL,
    state TEXT NOT NULL,
    settled_minutes INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, hold_id),
    CONSTRAINT hold_end_states CHECK (state IN ('settled', 'released', 'expired'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE hold_placed (
    book_id INTEGER NOT NULL,
    hold_id TEXT NOT NULL,
    payer_no INTEGER NOT NULL,
    payee_no INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, hold_id),
    CONSTRAINT hold_minutes_positive CHECK (minutes > 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX hold_by_payer ON hold_placed (book_id, payer_no, expires_ms)
;
CREATE TABLE idempotency_key (
    book_id INTEGER NOT NULL,
    submitter TEXT NOT NULL,
    "key" TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    refused INTEGER NOT NULL,
    answer BLOB NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, submitter, "key"),
    CONSTRAINT idempotency_refused CHECK (refused IN (0, 1))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE job_run (
    book_id INTEGER NOT NULL,
    job TEXT NOT NULL,
    planned_ms INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (book_id, job, planned_ms),
    CONSTRAINT job_outcomes CHECK (outcome IN ('running', 'done', 'failed'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE kinship (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    other_id TEXT NOT NULL,
    relation TEXT NOT NULL,
    PRIMARY KEY (book_id, person_id, other_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE leaf (
    book_id INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (book_id, leaf_index),
    CONSTRAINT leaf_index_counts CHECK (leaf_index >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE line (
    book_id INTEGER NOT NULL,
    account_no INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    place INTEGER NOT NULL,
    number INTEGER NOT NULL,
    other_no INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    kind TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    recorded_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, account_no, leaf_index, place)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE line_mark (
    book_id INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE movement (
    book_id INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    place INTEGER NOT NULL,
    number INTEGER NOT NULL,
    from_no INTEGER NOT NULL,
    to_no INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    kind TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    recorded_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, leaf_index, place),
    CONSTRAINT movement_minutes_positive CHECK (minutes > 0),
    CONSTRAINT movement_two_accounts CHECK (from_no <> to_no),
    CONSTRAINT movement_counts CHECK (number > 0 AND place >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE person (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    state TEXT NOT NULL,
    registered_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, person_id),
    CONSTRAINT person_states CHECK (state IN ('active', 'restricted', 'erased'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX person_by_account ON person (book_id, account_id)
;
CREATE TABLE person_number (
    book_id INTEGER NOT NULL,
    number TEXT NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (book_id, number)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX person_number_by_person ON person_number (book_id, person_id)
;
CREATE TABLE policy (
    book_id INTEGER NOT NULL,
    version TEXT NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, version)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE record_person (
    book_id INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    part TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    credited_minutes INTEGER NOT NULL,
    charged_minutes INTEGER NOT NULL,
    overflow_minutes INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    live INTEGER NOT NULL,
    PRIMARY KEY (book_id, record_id, person_id, part),
    CONSTRAINT record_person_parts CHECK (part IN ('volunteer', 'recipient')),
    CONSTRAINT record_person_live CHECK (live IN (0, 1)),
    CONSTRAINT record_person_minutes CHECK (credited_minutes >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX record_person_by_entry ON record_person (book_id, entry_id)
;
CREATE INDEX record_person_by_time ON record_person (book_id, person_id, started_at)
;
CREATE TABLE register_batch (
    book_id INTEGER NOT NULL,
    batch_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    title TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    reason TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    imported_ms INTEGER NOT NULL,
    approved_by TEXT NOT NULL,
    approved_ms INTEGER,
    state TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    refusals TEXT NOT NULL,
    PRIMARY KEY (book_id, batch_id),
    CONSTRAINT batch_states CHECK (state IN ('awaiting_review', 'posted', 'rejected'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE reversal (
    book_id INTEGER NOT NULL,
    reversed_id TEXT NOT NULL,
    reversing_id TEXT NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, reversed_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX reversal_by_reversing ON reversal (book_id, reversing_id)
;
CREATE TABLE service_record (
    book_id INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    number INTEGER NOT NULL,
    service_on TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    class_code TEXT NOT NULL,
    content TEXT NOT NULL,
    public TEXT NOT NULL,
    head_count INTEGER NOT NULL,
    given_minutes INTEGER NOT NULL,
    payer TEXT NOT NULL,
    policy TEXT NOT NULL,
    state TEXT NOT NULL,
    marks TEXT NOT NULL,
    reason TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_ms INTEGER NOT NULL,
    reviewed_by TEXT NOT NULL,
    reviewed_ms INTEGER,
    opening BLOB NOT NULL,
    PRIMARY KEY (book_id, record_id),
    CONSTRAINT record_states CHECK (state IN ('awaiting_review', 'posted', 'rejected', 'reversed')),
    CONSTRAINT record_minutes CHECK (given_minutes > 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX record_by_batch ON service_record (book_id, batch_id)
;
CREATE INDEX record_by_state ON service_record (book_id, state, station_code, number)
;
CREATE UNIQUE INDEX record_by_station ON service_record (book_id, station_code, number)
;
CREATE TABLE session (
    book_id INTEGER NOT NULL,
    token_hash BLOB NOT NULL,
    staff_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    station_code TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    PRIMARY KEY (book_id, token_hash)
)
 WITHOUT ROWID,
 STRICT
;
CREATE INDEX session_by_holder ON session (book_id, staff_id, person_id)
;
CREATE TABLE signing_key (
    book_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    vkey TEXT NOT NULL,
    role TEXT NOT NULL,
    next_seq INTEGER NOT NULL,
    previous_hash TEXT NOT NULL,
    leaf_index INTEGER NOT NULL,
    PRIMARY KEY (book_id, name),
    CONSTRAINT signing_key_seq CHECK (next_seq >= 0)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE staff (
    book_id INTEGER NOT NULL,
    staff_id TEXT NOT NULL,
    login TEXT NOT NULL,
    title TEXT NOT NULL,
    role TEXT NOT NULL,
    station_code TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    failures INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL,
    active INTEGER NOT NULL,
    PRIMARY KEY (book_id, staff_id),
    CONSTRAINT staff_roles CHECK (role IN ('operator', 'clerk', 'reviewer', 'auditor', 'kiosk', 'scheduler'))
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX staff_by_login ON staff (book_id, login)
;
CREATE TABLE station (
    book_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    account_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    records INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL,
    PRIMARY KEY (book_id, code)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE vault (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (book_id, person_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE vault_key (
    book_id INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (book_id, person_id)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'leaf is append-only'); END
;
CREATE TRIGGER leaf_no_delete BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'leaf is append-only'); END
;
CREATE TRIGGER leaf_no_replace BEFORE INSERT ON leaf WHEN EXISTS (SELECT 1 FROM leaf WHERE book_id = NEW.book_id AND leaf_index = NEW.leaf_index) BEGIN SELECT RAISE(ABORT, 'leaf is append-only'); END
;
CREATE TRIGGER movement_no_update BEFORE UPDATE ON movement BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END
;
CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END
;
CREATE TRIGGER movement_no_replace BEFORE INSERT ON movement WHEN EXISTS (SELECT 1 FROM movement WHERE book_id = NEW.book_id AND leaf_index = NEW.leaf_index AND place = NEW.place) BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END
;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END
;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END
;
CREATE TRIGGER entry_no_replace BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry WHERE book_id = NEW.book_id AND entry_id = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END
;
CREATE TRIGGER account_no_update BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'account is append-only'); END
;
CREATE TRIGGER account_no_delete BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'account is append-only'); END
;
CREATE TRIGGER account_no_replace BEFORE INSERT ON account WHEN EXISTS (SELECT 1 FROM account WHERE book_id = NEW.book_id AND account_no = NEW.account_no) OR EXISTS (SELECT 1 FROM account WHERE book_id = NEW.book_id AND account_id = NEW.account_id) BEGIN SELECT RAISE(ABORT, 'account is append-only'); END
;
CREATE TRIGGER hold_placed_no_update BEFORE UPDATE ON hold_placed BEGIN SELECT RAISE(ABORT, 'hold_placed is append-only'); END
;
CREATE TRIGGER hold_placed_no_delete BEFORE DELETE ON hold_placed BEGIN SELECT RAISE(ABORT, 'hold_placed is append-only'); END
;
CREATE TRIGGER hold_placed_no_replace BEFORE INSERT ON hold_placed WHEN EXISTS (SELECT 1 FROM hold_placed WHERE book_id = NEW.book_id AND hold_id = NEW.hold_id) BEGIN SELECT RAISE(ABORT, 'hold_placed is append-only'); END
;
CREATE TRIGGER hold_ended_no_update BEFORE UPDATE ON hold_ended BEGIN SELECT RAISE(ABORT, 'hold_ended is append-only'); END
;
CREATE TRIGGER hold_ended_no_delete BEFORE DELETE ON hold_ended BEGIN SELECT RAISE(ABORT, 'hold_ended is append-only'); END
;
CREATE TRIGGER hold_ended_no_replace BEFORE INSERT ON hold_ended WHEN EXISTS (SELECT 1 FROM hold_ended WHERE book_id = NEW.book_id AND hold_id = NEW.hold_id) BEGIN SELECT RAISE(ABORT, 'hold_ended is append-only'); END
;
CREATE TRIGGER reversal_no_update BEFORE UPDATE ON reversal BEGIN SELECT RAISE(ABORT, 'reversal is append-only'); END
;
CREATE TRIGGER reversal_no_delete BEFORE DELETE ON reversal BEGIN SELECT RAISE(ABORT, 'reversal is append-only'); END
;
CREATE TRIGGER reversal_no_replace BEFORE INSERT ON reversal WHEN EXISTS (SELECT 1 FROM reversal WHERE book_id = NEW.book_id AND reversed_id = NEW.reversed_id) OR EXISTS (SELECT 1 FROM reversal WHERE book_id = NEW.book_id AND reversing_id = NEW.reversing_id) BEGIN SELECT RAISE(ABORT, 'reversal is append-only'); END
;
CREATE TRIGGER idempotency_key_no_update BEFORE UPDATE ON idempotency_key BEGIN SELECT RAISE(ABORT, 'idempotency_key is append-only'); END
;
CREATE TRIGGER idempotency_key_no_delete BEFORE DELETE ON idempotency_key BEGIN SELECT RAISE(ABORT, 'idempotency_key is append-only'); END
;
CREATE TRIGGER idempotency_key_no_replace BEFORE INSERT ON idempotency_key WHEN EXISTS (SELECT 1 FROM idempotency_key WHERE book_id = NEW.book_id AND submitter = NEW.submitter AND key = NEW.key) BEGIN SELECT RAISE(ABORT, 'idempotency_key is append-only'); END
;
CREATE TRIGGER policy_no_update BEFORE UPDATE ON policy BEGIN SELECT RAISE(ABORT, 'policy is append-only'); END
;
CREATE TRIGGER policy_no_delete BEFORE DELETE ON policy BEGIN SELECT RAISE(ABORT, 'policy is append-only'); END
;
CREATE TRIGGER policy_no_replace BEFORE INSERT ON policy WHEN EXISTS (SELECT 1 FROM policy WHERE book_id = NEW.book_id AND version = NEW.version) BEGIN SELECT RAISE(ABORT, 'policy is append-only'); END
;
CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'head stays'); END
;
CREATE TRIGGER head_no_replace BEFORE INSERT ON head WHEN EXISTS (SELECT 1 FROM head WHERE book_id = NEW.book_id) BEGIN SELECT RAISE(ABORT, 'head stays'); END
;
CREATE TRIGGER balance_no_delete BEFORE DELETE ON balance BEGIN SELECT RAISE(ABORT, 'balance stays'); END
;
CREATE TRIGGER balance_no_replace BEFORE INSERT ON balance WHEN EXISTS (SELECT 1 FROM balance WHERE book_id = NEW.book_id AND account_no = NEW.account_no) BEGIN SELECT RAISE(ABORT, 'balance stays'); END
;
CREATE TRIGGER signing_key_no_delete BEFORE DELETE ON signing_key BEGIN SELECT RAISE(ABORT, 'signing_key stays'); END
;
CREATE TRIGGER signing_key_no_replace BEFORE INSERT ON signing_key WHEN EXISTS (SELECT 1 FROM signing_key WHERE book_id = NEW.book_id AND name = NEW.name) BEGIN SELECT RAISE(ABORT, 'signing_key stays'); END
;
CREATE TRIGGER head_forward BEFORE UPDATE OF book_id, book, origin, size, root, frontier, entries, accounts, recorded_ms ON head WHEN NEW.size <= OLD.size OR NEW.entries < OLD.entries OR NEW.accounts < OLD.accounts OR NEW.book_id <> OLD.book_id OR NEW.book <> OLD.book OR NEW.origin <> OLD.origin OR NEW.recorded_ms < OLD.recorded_ms BEGIN SELECT RAISE(ABORT, 'the head only moves forward'); END
;
CREATE TRIGGER balance_limits_stay BEFORE UPDATE OF book_id, account_no, floor, ceiling ON balance WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'limits are part of the account'); END
;
CREATE TRIGGER signing_key_forward BEFORE UPDATE OF book_id, name, vkey, role, next_seq, previous_hash, leaf_index ON signing_key WHEN NEW.next_seq <= OLD.next_seq OR NEW.book_id <> OLD.book_id OR NEW.name <> OLD.name OR NEW.vkey <> OLD.vkey OR NEW.role <> OLD.role OR NEW.leaf_index <> OLD.leaf_index BEGIN SELECT RAISE(ABORT, 'a key only moves forward'); END
;
