"""timebank/people/vault.py: sealed for one person, found without being read, forgotten for good."""

import logging
import os
import stat

import pytest

from timebank.errors import (
    PersonErased,
    SealBroken,
    VaultKeyExists,
    VaultKeyInvalid,
    VaultKeyMissing,
)
from timebank.people.vault import INDEXED, Sealer, create_master_key, load_master_key

MASTER, OTHER = bytes(range(32)), bytes(range(1, 33))
FACTS = {"name": "张建东", "id_number": "320113197912159561", "telephone": None, "year": 1979}
ANN, BEN = "person_" + "a" * 32, "person_" + "b" * 32


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(MASTER)


def test_what_was_sealed_comes_back(sealer):
    wrapped = sealer.new_key(ANN)

    assert sealer.open(ANN, wrapped, sealer.seal(ANN, wrapped, FACTS)) == FACTS
    assert Sealer(MASTER).open(ANN, wrapped, sealer.seal(ANN, wrapped, FACTS)) == FACTS


def test_the_same_facts_never_look_the_same_and_their_length_tells_little(sealer):
    wrapped = sealer.new_key(ANN)
    short, long = ({"name": name} for name in ("于兰", "欧阳小小"))

    first, second = (sealer.seal(ANN, wrapped, short) for _ in range(2))

    assert first != second
    assert len(first) == len(sealer.seal(ANN, wrapped, long))
    assert "于兰".encode() not in first
    assert sealer.new_key(ANN) != wrapped


def test_every_changed_byte_is_found(sealer):
    wrapped = sealer.new_key(ANN)
    sealed = sealer.seal(ANN, wrapped, FACTS)

    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(SealBroken):
            sealer.open(ANN, wrapped, bytes(broken))
    for place in range(len(wrapped)):
        broken = bytearray(wrapped)
        broken[place] ^= 1
        with pytest.raises((SealBroken, VaultKeyInvalid)):
            sealer.open(ANN, bytes(broken), sealed)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_a_seal_cut_short_is_broken(sealer, length):
    wrapped = sealer.new_key(ANN)

    with pytest.raises(SealBroken):
        sealer.open(ANN, wrapped, sealer.seal(ANN, wrapped, FACTS)[:length])


def test_neither_facts_nor_keys_can_be_moved_to_somebody_else(sealer):
    anns, bens = sealer.new_key(ANN), sealer.new_key(BEN)
    sealed = sealer.seal(ANN, anns, FACTS)

    for person, wrapped in ((BEN, anns), (BEN, bens), (ANN, bens)):
        with pytest.raises(SealBroken) as refused:
            sealer.open(person, wrapped, sealed)
        assert refused.value.facts == {"person": person}


@pytest.mark.parametrize("gone", [None, b""])
def test_without_the_wrapped_key_a_person_is_forgotten(sealer, gone):
    sealed = sealer.seal(ANN, sealer.new_key(ANN), FACTS)

    with pytest.raises(PersonErased):
        sealer.open(ANN, gone, sealed)
    with pytest.raises(PersonErased):
        sealer.seal(ANN, gone, FACTS)


def test_another_books_master_key_is_named_as_such(sealer):
    wrapped = sealer.new_key(ANN)

    with pytest.raises(VaultKeyInvalid) as refused:
        Sealer(OTHER).open(ANN, wrapped, sealer.seal(ANN, wrapped, FACTS))

    assert refused.value.facts == {"why": "other_book"}


def test_a_master_key_is_rotated_without_resealing(sealer):
    wrapped = sealer.new_key(ANN)
    sealed = sealer.seal(ANN, wrapped, FACTS)

    successor = Sealer(OTHER)
    rewrapped = sealer.rewrap(ANN, wrapped, successor)

    assert successor.open(ANN, rewrapped, sealed) == FACTS
    with pytest.raises(VaultKeyInvalid):
        sealer.open(ANN, rewrapped, sealed)


def test_a_blind_index_finds_one_name_in_its_writings_and_no_other(sealer):
    assert sealer.blind_index("name", "王　德") == sealer.blind_index("name", "王德")
    assert sealer.blind_index("name", "王德") != sealer.blind_index("name", "王得")
    assert len(sealer.blind_index("telephone", "13800000000")) == 32


def test_each_field_and_each_book_has_an_index_of_its_own(sealer):
    same = {
        who.blind_index(field, "13800000000")
        for who in (sealer, Sealer(OTHER))
        for field in INDEXED
    }

    assert len(same) == 2 * len(INDEXED)
    with pytest.raises(KeyError):
        sealer.blind_index("gender", "女")


def test_derived_keys_differ_by_label_and_from_the_master(sealer):
    assert len({sealer.derive("pins"), sealer.derive("wrap"), MASTER}) == 3


def test_nothing_is_printed_or_logged(sealer, caplog):
    with caplog.at_level(logging.DEBUG):
        wrapped = sealer.new_key(ANN)
        sealer.open(ANN, wrapped, sealer.seal(ANN, wrapped, FACTS))
        sealer.blind_index("name", "张建东")

    assert not caplog.records
    assert MASTER.hex() not in repr(sealer)


def test_a_master_key_file_is_its_owners_alone(tmp_path):
    path = tmp_path / "book.keys" / "vault.key"

    key = create_master_key(path)

    assert load_master_key(path) == key
    assert len(key) == 32
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_master_key_is_never_overwritten(tmp_path):
    path = tmp_path / "vault.key"
    key = create_master_key(path)

    with pytest.raises(VaultKeyExists):
        create_master_key(path)

    assert load_master_key(path) == key


def test_a_missing_master_key_is_named_without_its_folder(tmp_path):
    with pytest.raises(VaultKeyMissing) as refused:
        load_master_key(tmp_path / "vault.key")

    assert refused.value.facts == {"file": "vault.key"}


def test_every_changed_letter_of_a_master_key_file_is_found(tmp_path):
    path = tmp_path / "vault.key"
    create_master_key(path)
    good = path.read_bytes()

    for place in range(len(good) - 1):
        path.write_bytes(good[:place] + b"\xff" + good[place + 1 :])
        with pytest.raises(VaultKeyInvalid):
            load_master_key(path)
    for content in (b"", good[:40], good.replace(b" ", b""), good + b"more\n"):
        path.write_bytes(content)
        with pytest.raises(VaultKeyInvalid):
            load_master_key(path)


def test_an_exchanged_digit_of_a_master_key_is_found_by_its_check(tmp_path):
    path = tmp_path / "vault.key"
    create_master_key(path)
    head, encoded, check = path.read_text().split()
    other = "B" if encoded[0] != "B" else "C"
    path.write_text(f"{head} {other}{encoded[1:]} {check}\n")

    with pytest.raises(VaultKeyInvalid):
        load_master_key(path)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_master_key_has_thirty_two_bytes(length):
    with pytest.raises(VaultKeyInvalid):
        Sealer(b"k" * length)
