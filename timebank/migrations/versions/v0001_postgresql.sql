CREATE TABLE account (
    book_id BIGINT NOT NULL,
    account_no BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    floor BIGINT,
    ceiling BIGINT,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, account_no)
)
;
CREATE UNIQUE INDEX account_by_id ON account (book_id, account_id)
;
CREATE TABLE balance (
    book_id BIGINT NOT NULL,
    account_no BIGINT NOT NULL,
    posted BIGINT NOT NULL,
    held BIGINT NOT NULL,
    floor BIGINT,
    ceiling BIGINT,
    PRIMARY KEY (book_id, account_no),
    CONSTRAINT balance_floor CHECK (floor IS NULL OR posted - held >= floor),
    CONSTRAINT balance_ceiling CHECK (ceiling IS NULL OR posted <= ceiling),
    CONSTRAINT balance_held CHECK (held >= 0)
)
;
CREATE TABLE blind_index (
    book_id BIGINT NOT NULL,
    field TEXT NOT NULL,
    value_hash BYTEA NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (book_id, field, value_hash, person_id)
)
;
CREATE TABLE card (
    book_id BIGINT NOT NULL,
    card_number TEXT NOT NULL,
    person_id TEXT NOT NULL,
    pin_hash TEXT NOT NULL,
    failures BIGINT NOT NULL,
    locked_until_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (book_id, card_number),
    CONSTRAINT card_states CHECK (state IN ('active', 'lost'))
)
;
CREATE TABLE consent (
    book_id BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    given_ms BIGINT NOT NULL,
    withdrawn_ms BIGINT,
    PRIMARY KEY (book_id, person_id, purpose)
)
;
CREATE TABLE entry (
    book_id BIGINT NOT NULL,
    entry_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, entry_id)
)
;
CREATE TABLE finding (
    book_id BIGINT NOT NULL,
    finding_id TEXT NOT NULL,
    check_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL,
    detail TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    comment TEXT NOT NULL,
    found_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    closed_ms BIGINT,
    PRIMARY KEY (book_id, finding_id),
    CONSTRAINT finding_states CHECK (state IN ('open', 'explained', 'closed')),
    CONSTRAINT finding_severities CHECK (severity IN ('note', 'warning', 'alarm'))
)
;
CREATE INDEX finding_by_state ON finding (book_id, state, finding_id)
;
CREATE TABLE head (
    book_id BIGINT NOT NULL,
    book TEXT NOT NULL,
    origin TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    frontier BYTEA NOT NULL,
    entries BIGINT NOT NULL,
    accounts BIGINT NOT NULL,
    recorded_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id),
    CONSTRAINT head_counts CHECK (size >= 0 AND entries >= 0)
)
;
CREATE TABLE hold_ended (
    book_id BIGINT NOT NULL,
    hold_id TEXT NOT NULL,
    state TEXT NOT NULL,
    settled_minutes BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, hold_id),
    CONSTRAINT hold_end_states CHECK (state IN ('settled', 'released', 'expired'))
)
;
CREATE TABLE hold_placed (
    book_id BIGINT NOT NULL,
    hold_id TEXT NOT NULL,
    payer_no BIGINT NOT NULL,
    payee_no BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, hold_id),
    CONSTRAINT hold_minutes_positive CHECK (minutes > 0)
)
;
CREATE INDEX hold_by_payer ON hold_placed (book_id, payer_no, expires_ms)
;
CREATE TABLE idempotency_key (
    book_id BIGINT NOT NULL,
    submitter TEXT NOT NULL,
    key TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    refused BIGINT NOT NULL,
    answer BYTEA NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, submitter, key),
    CONSTRAINT idempotency_refused CHECK (refused IN (0, 1))
)
;
CREATE TABLE job_run (
    book_id BIGINT NOT NULL,
    job TEXT NOT NULL,
    planned_ms BIGINT NOT NULL,
    started_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (book_id, job, planned_ms),
    CONSTRAINT job_outcomes CHECK (outcome IN ('running', 'done', 'failed'))
)
;
CREATE TABLE kinship (
    book_id BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    other_id TEXT NOT NULL,
    relation TEXT NOT NULL,
    PRIMARY KEY (book_id, person_id, other_id)
)
;
CREATE TABLE leaf (
    book_id BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (book_id, leaf_index),
    CONSTRAINT leaf_index_counts CHECK (leaf_index >= 0)
)
 PARTITION BY RANGE (leaf_index)
;
CREATE TABLE line (
    book_id BIGINT NOT NULL,
    account_no BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    place BIGINT NOT NULL,
    number BIGINT NOT NULL,
    other_no BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    kind TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    recorded_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, account_no, leaf_index, place)
)
;
CREATE TABLE line_mark (
    book_id BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id)
)
;
CREATE TABLE movement (
    book_id BIGINT NOT NULL,
    leaf_index BIGINT NOT NULL,
    place BIGINT NOT NULL,
    number BIGINT NOT NULL,
    from_no BIGINT NOT NULL,
    to_no BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    kind TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    recorded_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, leaf_index, place),
    CONSTRAINT movement_minutes_positive CHECK (minutes > 0),
    CONSTRAINT movement_two_accounts CHECK (from_no <> to_no),
    CONSTRAINT movement_counts CHECK (number > 0 AND place >= 0)
)
 PARTITION BY RANGE (leaf_index)
;
CREATE TABLE person (
    book_id BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    state TEXT NOT NULL,
    registered_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, person_id),
    CONSTRAINT person_states CHECK (state IN ('active', 'restricted', 'erased'))
)
;
CREATE UNIQUE INDEX person_by_account ON person (book_id, account_id)
;
CREATE TABLE person_number (
    book_id BIGINT NOT NULL,
    number TEXT NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (book_id, number)
)
;
CREATE INDEX person_number_by_person ON person_number (book_id, person_id)
;
CREATE TABLE policy (
    book_id BIGINT NOT NULL,
    version TEXT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, version)
)
;
CREATE TABLE record_person (
    book_id BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    part TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    credited_minutes BIGINT NOT NULL,
    charged_minutes BIGINT NOT NULL,
    overflow_minutes BIGINT NOT NULL,
    entry_id TEXT NOT NULL,
    live BIGINT NOT NULL,
    PRIMARY KEY (book_id, record_id, person_id, part),
    CONSTRAINT record_person_parts CHECK (part IN ('volunteer', 'recipient')),
    CONSTRAINT record_person_live CHECK (live IN (0, 1)),
    CONSTRAINT record_person_minutes CHECK (credited_minutes >= 0)
)
;
CREATE INDEX record_person_by_entry ON record_person (book_id, entry_id)
;
CREATE INDEX record_person_by_time ON record_person (book_id, person_id, started_at)
;
CREATE TABLE register_batch (
    book_id BIGINT NOT NULL,
    batch_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    title TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    reason TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    imported_ms BIGINT NOT NULL,
    approved_by TEXT NOT NULL,
    approved_ms BIGINT,
    state TEXT NOT NULL,
    accepted BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    refusals TEXT NOT NULL,
    PRIMARY KEY (book_id, batch_id),
    CONSTRAINT batch_states CHECK (state IN ('awaiting_review', 'posted', 'rejected'))
)
;
CREATE TABLE reversal (
    book_id BIGINT NOT NULL,
    reversed_id TEXT NOT NULL,
    reversing_id TEXT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, reversed_id)
)
;
CREATE UNIQUE INDEX reversal_by_reversing ON reversal (book_id, reversing_id)
;
CREATE TABLE service_record (
    book_id BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    station_code TEXT NOT NULL,
    number BIGINT NOT NULL,
    service_on TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    class_code TEXT NOT NULL,
    content TEXT NOT NULL,
    public TEXT NOT NULL,
    head_count BIGINT NOT NULL,
    given_minutes BIGINT NOT NULL,
    payer TEXT NOT NULL,
    policy TEXT NOT NULL,
    state TEXT NOT NULL,
    marks TEXT NOT NULL,
    reason TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_ms BIGINT NOT NULL,
    reviewed_by TEXT NOT NULL,
    reviewed_ms BIGINT,
    opening BYTEA NOT NULL,
    PRIMARY KEY (book_id, record_id),
    CONSTRAINT record_states CHECK (state IN ('awaiting_review', 'posted', 'rejected', 'reversed')),
    CONSTRAINT record_minutes CHECK (given_minutes > 0)
)
;
CREATE INDEX record_by_batch ON service_record (book_id, batch_id)
;
CREATE INDEX record_by_state ON service_record (book_id, state, station_code, number)
;
CREATE UNIQUE INDEX record_by_station ON service_record (book_id, station_code, number)
;
CREATE TABLE session (
    book_id BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    staff_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    station_code TEXT NOT NULL,
    opened_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    PRIMARY KEY (book_id, token_hash)
)
;
CREATE INDEX session_by_holder ON session (book_id, staff_id, person_id)
;
CREATE TABLE signing_key (
    book_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    vkey TEXT NOT NULL,
    role TEXT NOT NULL,
    next_seq BIGINT NOT NULL,
    previous_hash TEXT NOT NULL,
    leaf_index BIGINT NOT NULL,
    PRIMARY KEY (book_id, name),
    CONSTRAINT signing_key_seq CHECK (next_seq >= 0)
)
;
CREATE TABLE staff (
    book_id BIGINT NOT NULL,
    staff_id TEXT NOT NULL,
    login TEXT NOT NULL,
    title TEXT NOT NULL,
    role TEXT NOT NULL,
    station_code TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    failures BIGINT NOT NULL,
    locked_until_ms BIGINT NOT NULL,
    active BIGINT NOT NULL,
    PRIMARY KEY (book_id, staff_id),
    CONSTRAINT staff_roles CHECK (role IN ('operator', 'clerk', 'reviewer', 'auditor', 'kiosk', 'scheduler'))
)
;
CREATE UNIQUE INDEX staff_by_login ON staff (book_id, login)
;
CREATE TABLE station (
    book_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    account_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    records BIGINT NOT NULL,
    opened_ms BIGINT NOT NULL,
    PRIMARY KEY (book_id, code)
)
;
CREATE TABLE vault (
    book_id BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (book_id, person_id)
)
;
CREATE TABLE vault_key (
    book_id BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (book_id, person_id)
)
;
CREATE TABLE leaf_00 PARTITION OF leaf FOR VALUES FROM (0) TO (10000000)
;
CREATE TABLE leaf_01 PARTITION OF leaf FOR VALUES FROM (10000000) TO (20000000)
;
CREATE TABLE leaf_02 PARTITION OF leaf FOR VALUES FROM (20000000) TO (30000000)
;
CREATE TABLE leaf_03 PARTITION OF leaf FOR VALUES FROM (30000000) TO (40000000)
;
CREATE TABLE leaf_04 PARTITION OF leaf FOR VALUES FROM (40000000) TO (50000000)
;
CREATE TABLE leaf_05 PARTITION OF leaf FOR VALUES FROM (50000000) TO (60000000)
;
CREATE TABLE leaf_06 PARTITION OF leaf FOR VALUES FROM (60000000) TO (70000000)
;
CREATE TABLE leaf_07 PARTITION OF leaf FOR VALUES FROM (70000000) TO (80000000)
;
CREATE TABLE leaf_08 PARTITION OF leaf FOR VALUES FROM (80000000) TO (90000000)
;
CREATE TABLE leaf_09 PARTITION OF leaf FOR VALUES FROM (90000000) TO (100000000)
;
CREATE TABLE leaf_rest PARTITION OF leaf DEFAULT
;
CREATE TABLE movement_00 PARTITION OF movement FOR VALUES FROM (0) TO (10000000)
;
CREATE TABLE movement_01 PARTITION OF movement FOR VALUES FROM (10000000) TO (20000000)
;
CREATE TABLE movement_02 PARTITION OF movement FOR VALUES FROM (20000000) TO (30000000)
;
CREATE TABLE movement_03 PARTITION OF movement FOR VALUES FROM (30000000) TO (40000000)
;
CREATE TABLE movement_04 PARTITION OF movement FOR VALUES FROM (40000000) TO (50000000)
;
CREATE TABLE movement_05 PARTITION OF movement FOR VALUES FROM (50000000) TO (60000000)
;
CREATE TABLE movement_06 PARTITION OF movement FOR VALUES FROM (60000000) TO (70000000)
;
CREATE TABLE movement_07 PARTITION OF movement FOR VALUES FROM (70000000) TO (80000000)
;
CREATE TABLE movement_08 PARTITION OF movement FOR VALUES FROM (80000000) TO (90000000)
;
CREATE TABLE movement_09 PARTITION OF movement FOR VALUES FROM (90000000) TO (100000000)
;
CREATE TABLE movement_rest PARTITION OF movement DEFAULT
;
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
;
CREATE FUNCTION refuse_step_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$
;
CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER balance_stays BEFORE DELETE OR TRUNCATE ON balance FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER signing_key_stays BEFORE DELETE OR TRUNCATE ON signing_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER head_forward BEFORE UPDATE OF book_id, book, origin, size, root, frontier, entries, accounts, recorded_ms ON head FOR EACH ROW WHEN (NEW.size <= OLD.size OR NEW.entries < OLD.entries OR NEW.accounts < OLD.accounts OR NEW.book_id <> OLD.book_id OR NEW.book <> OLD.book OR NEW.origin <> OLD.origin OR NEW.recorded_ms < OLD.recorded_ms) EXECUTE FUNCTION refuse_step_back('the head only moves forward')
;
CREATE TRIGGER balance_limits_stay BEFORE UPDATE OF book_id, account_no, floor, ceiling ON balance FOR EACH ROW WHEN (1 = 1) EXECUTE FUNCTION refuse_step_back('limits are part of the account')
;
CREATE TRIGGER signing_key_forward BEFORE UPDATE OF book_id, name, vkey, role, next_seq, previous_hash, leaf_index ON signing_key FOR EACH ROW WHEN (NEW.next_seq <= OLD.next_seq OR NEW.book_id <> OLD.book_id OR NEW.name <> OLD.name OR NEW.vkey <> OLD.vkey OR NEW.role <> OLD.role OR NEW.leaf_index <> OLD.leaf_index) EXECUTE FUNCTION refuse_step_back('a key only moves forward')
;
CREATE TRIGGER leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_00_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_00 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_01_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_01 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_02_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_02 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_03_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_03 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_04_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_04 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_05_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_05 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_06_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_06 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_07_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_07 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_08_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_08 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_09_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_09 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER leaf_rest_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf_rest FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_00_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_00 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_01_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_01 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_02_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_02 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_03_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_03 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_04_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_04 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_05_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_05 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_06_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_06 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_07_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_07 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_08_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_08 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_09_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_09 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER movement_rest_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement_rest FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER account_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER hold_placed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hold_placed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER hold_ended_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hold_ended FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER reversal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reversal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER idempotency_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON idempotency_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
CREATE TRIGGER policy_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
;
