"""timebank/keys/ceremony.py: what root keys sign is read in people's words and nothing else."""

import pytest

from ledger.approvals import Roots, add_key_text, freeze_text, revoke_key_text
from ledger.keys import SigningKey
from ledger.notes import parse_note
from tests.support.log_builder import ORIGIN, key_of
from timebank.errors import KeyTextUnreadable
from timebank.keys.ceremony import approve, make_key, read_proof, read_request

NEW = key_of(f"{ORIGIN}/op/2")
ROOTS = [key_of(f"{ORIGIN}/roots/{number}") for number in (1, 2, 3)]
ADD = add_key_text(ORIGIN, "operator", NEW.vkey)


def test_a_made_key_lies_in_its_file_and_its_proof_names_it(tmp_path):
    file = tmp_path / "new.key"
    proof = read_proof(make_key(ORIGIN, "operator", NEW.name, file))
    assert (proof.origin, proof.role) == (ORIGIN, "operator")
    assert proof.vkey == SigningKey.load(file).vkey
    with pytest.raises(FileExistsError):
        make_key(ORIGIN, "operator", NEW.name, file)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (ADD, "登记一把新的运营密钥", "enrol a new operator key"),
        (revoke_key_text(ORIGIN, "a/b"), "停用密钥：a/b", "revoke the key a/b"),
        (freeze_text(ORIGIN, "other/log"), "永久冻结本账", "other/log follows"),
    ],
)
def test_a_request_says_what_it_asks(text, zh, en):
    request = read_request(text)
    assert request.text == text
    assert (zh in request.zh, en in request.en) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "words\n",
        ADD.replace("approval", "possession"),
        ADD.replace('"do":"add_key"', '"do":"add_keys"'),
        ADD.replace('"do"', '"also":1,"do"'),
        f"{ORIGIN} approval/v1\n[]\n",
        f"{ORIGIN} approval/v1\n{{}}",
    ],
)
def test_nothing_else_is_ever_put_before_a_root_key(text):
    with pytest.raises(KeyTextUnreadable):
        read_request(text)
    with pytest.raises(KeyTextUnreadable):
        approve(text, ROOTS[0])


def test_each_root_key_adds_its_line_once_and_two_are_enough():
    roots = Roots.of(2, [str(key.vkey) for key in ROOTS])
    one = approve(ADD, ROOTS[0])
    assert not roots.approve(one, ADD)
    assert approve(one, ROOTS[0]) == one
    two = approve(one, ROOTS[2])
    assert [line.name for line in parse_note(two).lines] == [ROOTS[0].name, ROOTS[2].name]
    assert roots.approve(two, ADD)


def test_lines_that_are_none_are_not_added_to():
    with pytest.raises(KeyTextUnreadable):
        approve(ADD + "\nwords\n", ROOTS[0])
