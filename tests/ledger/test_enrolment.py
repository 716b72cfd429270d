"""ledger/enrolment.py: who may bring a key in and end it, and what a key can do from when on."""

from dataclasses import replace

import pytest

from ledger.approvals import (
    COSIGNER,
    DEVICE,
    LOG,
    OPERATOR,
    STATION,
    add_key_text,
    freeze_text,
    key_identifier,
    possession_text,
    prove_possession,
    revoke_key_text,
)
from ledger.book import read_head
from ledger.checkpoint import open_checkpoint
from ledger.cosigners import Cosigner
from ledger.enrolment import enrol_key, freeze_log, revoke_key
from ledger.errors import (
    ApprovalMissing,
    BookFrozen,
    LastOperatorKey,
    LogKeyMissing,
    SigningKeyEnded,
    SigningKeyExists,
    SigningKeyUnfit,
    SigningKeyUnknown,
)
from ledger.keys import SigningKey
from ledger.log_keys import cosigner_vkeys
from ledger.notes import NoteRejected, SignatureLine, sign_note
from ledger.signatures import ML_DSA_44
from ledger.sm2_signer import Sm2SigningKey
from ledger.writer import Writer
from tests.ledger.test_ed25519_edges import ALICE, scalar_times_challenge
from tests.support.books import ORIGIN, SECOND, START_MS, root_keys
from tests.support.ed25519_edges import LOW_ORDER
from tests.support.log_builder import key_of
from tests.support.p256 import P256Key
from tests.support.soundness import assert_sound, every_row

POOL, ANNA = "acct_pool", "acct_anna"
XF01 = key_of(f"{ORIGIN}/stn/XF01")


class Office:
    """A book, a writer that holds some keys, and the root keys."""

    def __init__(self, book):
        self.book = book
        self.held = {book.operator: book.operator_key}
        self.log_keys = {}
        self.writer = Writer(
            book.database,
            log_signer=book.log_key,
            log_signer_of=lambda vkey: self.log_keys.get(vkey),
            signers=self.held,
            now_ms=lambda: START_MS,
        )
        book.writers.append(self.writer)
        book.open_accounts(self.writer, {POOL: (None, None), ANNA: (0, None)})

    def does(self, ask, *, signer=None, kind="key", **settings):
        """Have ``ask`` decided as one submission; answers what was decided."""
        action = self.book.action(lambda draft: {"told": ask(draft)}, **settings)
        return self.writer.write(replace(action, kind=kind, signer=signer or self.book.operator))

    def enrols(self, key, role=STATION, *, proof=None, signer=None, **rest):
        proof = prove_possession(ORIGIN, role, key) if proof is None else proof
        self.held[key.vkey.name] = key
        return self.does(
            lambda draft: enrol_key(
                draft, key.vkey, role=role, possession=proof, facts={"do": "enrol_key"}, **rest
            ),
            signer=signer,
        )

    def ends(self, key, **rest):
        return self.does(
            lambda draft: revoke_key(draft, key, reason="lost", facts={}, **rest),
            kind="revocation",
        )

    def posts(self, key):
        return self.writer.write(replace(self.book.posting(POOL, ANNA, 1), signer=key.vkey.name))

    def refuses(self, refusal, ask):
        """The refusal leaves the keys as they were; the next action goes through."""
        with pytest.raises(refusal) as raised:
            ask()
        self.book.post(self.writer, POOL, ANNA, 1)
        return raised.value.facts


@pytest.fixture
def office(opened):
    made = Office(opened)
    yield made
    if not made.log_keys:
        assert_sound(opened.database, opened.log_key)


@pytest.fixture
def opened(book):
    return book


def approval(text, count=2):
    return sign_note(text, *root_keys()[:count])


def test_a_key_signs_from_its_leaf_on_and_its_chain_begins_at_zero(office):
    office.refuses(SigningKeyUnknown, lambda: office.posts(XF01))
    office.enrols(XF01)
    first, second = office.posts(XF01), office.posts(XF01)
    assert second.leaf_index == first.leaf_index + 1


def test_nobody_enters_who_has_not_shown_the_key(office):
    other = key_of(f"{ORIGIN}/stn/XF02")
    for proof in (
        "",
        prove_possession(ORIGIN, STATION, other),
        prove_possession("x", STATION, XF01),
    ):
        facts = office.refuses(
            SigningKeyUnfit, lambda proof=proof: office.enrols(XF01, proof=proof)
        )
        assert facts == {"key": XF01.name, "why": "not_possessed"}
    office.enrols(XF01)


def test_a_name_is_never_used_again_not_even_after_its_end(office):
    again = SigningKey(XF01.name, bytes(32))
    office.enrols(XF01)
    office.refuses(SigningKeyExists, lambda: office.enrols(again))
    office.ends(XF01.name)
    office.held[XF01.name] = XF01
    office.refuses(SigningKeyEnded, lambda: office.posts(XF01))
    office.refuses(SigningKeyEnded, lambda: office.ends(XF01.name))
    office.refuses(SigningKeyExists, lambda: office.enrols(XF01))


@pytest.mark.parametrize(
    ("name", "role", "why"),
    [
        (f"{ORIGIN}/stn/XF09", "clerk", "role_not_allowed"),
        (ORIGIN, STATION, "name_not_allowed"),
        (f"{ORIGIN}/log2", LOG, "name_not_allowed"),
        ("幸福里/stn", STATION, "name_not_allowed"),
    ],
)
def test_what_no_key_may_be(office, name, role, why):
    key = key_of(name)
    assert office.refuses(SigningKeyUnfit, lambda: office.enrols(key, role))["why"] == why


def test_a_device_may_have_a_p256_key_and_an_operator_may_not(office):
    office.enrols(P256Key(f"{ORIGIN}/dev/1"), DEVICE)
    office.posts(office.held[f"{ORIGIN}/dev/1"])
    phone = P256Key(f"{ORIGIN}/op2")
    text = add_key_text(ORIGIN, OPERATOR, phone.vkey)
    facts = office.refuses(
        SigningKeyUnfit, lambda: office.enrols(phone, OPERATOR, approval=approval(text))
    )
    assert facts["why"] == "kind_not_allowed"
    same_key = P256Key(f"{ORIGIN}/dev/2")  # Of P-256 keys the id is the key's alone.
    facts = office.refuses(SigningKeyUnfit, lambda: office.enrols(same_key, DEVICE))
    assert facts["why"] == "key_id_taken"


def test_a_proof_about_which_two_libraries_differ_keeps_its_key_out(office):
    """Under the neutral point as commitment OpenSSL accepts what libsodium does not."""
    text = possession_text(ORIGIN, DEVICE, ALICE.vkey)
    commitment = LOW_ORDER[0]
    made = commitment + scalar_times_challenge(commitment, text).to_bytes(32, "little")
    proof = f"{text}\n{SignatureLine(ALICE.name, ALICE.vkey.key_id, made)}"
    facts = office.refuses(SigningKeyUnfit, lambda: office.enrols(ALICE, DEVICE, proof=proof))
    assert facts["why"] == "weak"
    office.enrols(ALICE, DEVICE)


@pytest.mark.parametrize(("signers", "enough"), [(0, False), (1, False), (2, True), (3, True)])
def test_an_operator_comes_by_the_word_of_two_root_keys(office, signers, enough):
    second = key_of(f"{ORIGIN}/op2")
    text = add_key_text(ORIGIN, OPERATOR, second.vkey)
    word = approval(text, signers) if signers else None
    if enough:
        office.enrols(second, OPERATOR, approval=word)
        office.posts(second)
    else:
        facts = office.refuses(
            ApprovalMissing, lambda: office.enrols(second, OPERATOR, approval=word)
        )
        assert facts == {"key": second.name, "needed": 2}


def test_where_no_operator_is_left_the_roots_bring_one_in_by_its_own_submission(office):
    second = key_of(f"{ORIGIN}/op2")
    word = approval(add_key_text(ORIGIN, OPERATOR, second.vkey))
    with pytest.raises(ApprovalMissing):
        office.enrols(second, OPERATOR, signer=second.name)
    office.enrols(second, OPERATOR, signer=second.name, approval=word)
    end = approval(revoke_key_text(ORIGIN, office.book.operator))
    office.does(
        lambda draft: revoke_key(
            draft, office.book.operator, reason="stolen", facts={}, approval=end
        ),
        signer=second.name,
        kind="revocation",
    )
    with pytest.raises(SigningKeyEnded):
        office.posts(office.book.operator_key)
    office.posts(second)


def test_the_last_operator_stays(office):
    word = approval(revoke_key_text(ORIGIN, office.book.operator))
    office.refuses(LastOperatorKey, lambda: office.ends(office.book.operator, approval=word))


def test_a_key_that_replaces_another_ends_it_in_the_same_leaf(office):
    office.enrols(XF01)
    new = key_of(f"{ORIGIN}/stn/XF01/2")
    office.refuses(SigningKeyUnknown, lambda: office.enrols(new, replaces="nobody"))
    facts = office.refuses(SigningKeyUnfit, lambda: office.enrols(new, DEVICE, replaces=XF01.name))
    assert facts["why"] == "role_not_allowed"
    office.posts(XF01)
    office.enrols(new, replaces=XF01.name)
    office.refuses(SigningKeyEnded, lambda: office.posts(XF01))
    office.posts(new)


def test_only_operators_change_keys_and_never_in_a_batch(office):
    office.enrols(XF01)
    before = every_row(office.book.database)
    with pytest.raises(ValueError, match="operator"):
        office.enrols(key_of(f"{ORIGIN}/stn/XF02"), signer=XF01.name)
    proof = prove_possession(ORIGIN, STATION, key_of(f"{ORIGIN}/stn/XF02"))
    with pytest.raises(ValueError, match="not a row of a batch"):
        office.does(
            lambda draft: enrol_key(
                draft,
                key_of(f"{ORIGIN}/stn/XF02").vkey,
                role=STATION,
                possession=proof,
                facts={},
            ),
            batch="batch_1",
        )
    assert every_row(office.book.database) == before


def test_while_a_log_key_takes_over_both_sign_and_then_the_new_one_alone(office):
    old, new = office.book.log_key, SigningKey(ORIGIN, bytes(range(32)))
    text = add_key_text(ORIGIN, LOG, new.vkey)
    word = approval(text)
    with pytest.raises(LogKeyMissing):  # Nothing is stored that could not be signed.
        office.enrols(new, LOG, approval=word)
    office.log_keys[str(new.vkey)] = new
    del office.held[ORIGIN]

    overlap = office.enrols(new, LOG, approval=word).checkpoint
    for key in (old, new):
        assert open_checkpoint(overlap, [key.vkey]).origin == ORIGIN
    first = key_identifier(old.vkey, LOG)
    end = approval(revoke_key_text(ORIGIN, first))
    office.refuses(ApprovalMissing, lambda: office.ends(first))
    alone = office.ends(first, approval=end).checkpoint
    assert open_checkpoint(alone, [new.vkey]).origin == ORIGIN
    with pytest.raises(NoteRejected, match="no known key"):
        open_checkpoint(alone, [old.vkey])
    last = key_identifier(new.vkey, LOG)
    word = approval(revoke_key_text(ORIGIN, last))
    office.refuses(LastOperatorKey, lambda: office.ends(last, approval=word))


def test_a_frozen_log_answers_what_it_knows_and_takes_nothing(office):
    told = office.book.posting(POOL, ANNA, 1, key="before")
    office.writer.write(told)
    successor = "timebank.example/second"

    def freezes(word, name=successor):
        return office.does(
            lambda draft: freeze_log(draft, successor=name, approval=word, facts={}), kind="freeze"
        )

    office.refuses(ApprovalMissing, lambda: freezes(approval(freeze_text(ORIGIN, "other"))))
    office.refuses(SigningKeyUnfit, lambda: freezes("", ORIGIN))
    freezes(approval(freeze_text(ORIGIN, successor)))

    before = every_row(office.book.database)
    with pytest.raises(BookFrozen):
        office.book.post(office.writer, POOL, ANNA, 1)
    fresh = office.book.writer()
    with pytest.raises(BookFrozen):
        office.book.post(fresh, POOL, ANNA, 1)
    assert office.writer.write(told).replayed
    assert every_row(office.book.database) == before


def test_a_further_key_of_the_log_comes_in_once_by_the_roots_and_stays(office):
    sm2, other = Sm2SigningKey.generate(ORIGIN), Sm2SigningKey.generate(ORIGIN)

    def word(key):
        return approval(add_key_text(ORIGIN, COSIGNER, key.vkey))

    def comes(key, role=COSIGNER, **rest):
        return office.enrols(key, role, **rest)

    office.refuses(ApprovalMissing, lambda: comes(sm2))
    with_word = {"approval": word(sm2)}
    unproven = prove_possession(ORIGIN, COSIGNER, other)
    for why, ask in (
        ("not_possessed", lambda: comes(sm2, proof=unproven, **with_word)),
        ("kind_not_allowed", lambda: comes(SigningKey(ORIGIN, bytes(32)), **with_word)),
        ("kind_not_allowed", lambda: comes(sm2, LOG, **with_word)),
        ("name_not_allowed", lambda: comes(Sm2SigningKey.generate("a/b"), **with_word)),
        ("role_not_allowed", lambda: comes(sm2, replaces=office.book.operator, **with_word)),
        ("kind_taken", lambda: comes(Cosigner(ML_DSA_44, ORIGIN, bytes(32), lambda: 7))),
    ):
        assert office.refuses(SigningKeyUnfit, ask)["why"] == why
    comes(sm2, **with_word)
    assert office.refuses(SigningKeyUnfit, lambda: comes(other))["why"] == "kind_taken"
    office.refuses(SigningKeyExists, lambda: comes(sm2, **with_word))
    identifier = key_identifier(sm2.vkey, COSIGNER)
    stays = approval(revoke_key_text(ORIGIN, identifier))
    facts = office.refuses(SigningKeyUnfit, lambda: office.ends(identifier, approval=stays))
    assert facts == {"key": identifier, "why": "role_not_allowed"}
    with office.book.database.read() as connection:
        named = cosigner_vkeys(connection, read_head(office.book.database).size)
    assert named == [str(SECOND.vkey), str(sm2.vkey)]
