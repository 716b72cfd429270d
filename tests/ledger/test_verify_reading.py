"""ledger/verify_reading.py: what a bundle shows by itself, and whose signatures were verified."""

from dataclasses import replace

from ledger.chains import Chains
from ledger.tiles import TileFolder
from ledger.verify_reading import BundleReader, Carried, first_look, leaves_of
from tests.support.log_builder import ORIGIN, LogBuilder, key_of

OTHER = key_of(f"{ORIGIN}/stn/XF02")


def reader_of(log: LogBuilder, folder) -> BundleReader:
    tiles = TileFolder(log.write_log(folder))
    return BundleReader(tiles, log.size, first_look(tiles, log.size).keys)


def test_a_first_look_finds_the_keys_and_what_is_reversed(tmp_path):
    log = LogBuilder()
    issuance, wang = log.account("issuance", None), log.account("member")
    entry = log.entry([(issuance, wang, 30)])
    log.entry([(wang, issuance, 30)], "reversal", of=entry)
    log.key(OTHER, "station")
    look = first_look(TileFolder(log.write_log(tmp_path / "log")), log.size)
    assert look.reversed_ids == {entry}
    assert {key.name for key in look.keys.values()} == {
        log.operator.name, log.station.name, OTHER.name
    }  # fmt: skip
    assert all(key == (vkey.name, vkey.key_id) for key, vkey in look.keys.items())


def test_leaves_are_found_by_what_they_contain(tmp_path):
    log = LogBuilder()
    log.account("member")
    tiles = TileFolder(log.write_log(tmp_path / "log"))
    assert [leaf.index for leaf in leaves_of(tiles, log.size)] == list(range(log.size))
    kinds = [leaf.kind for leaf in leaves_of(tiles, log.size, (b'"kind":"account"', b"nowhere"))]
    assert kinds == ["account"]


def test_a_signature_is_verified_under_the_key_of_its_name_and_id_alone(tmp_path):
    log = LogBuilder()
    index = log.fact()
    reader = reader_of(log, tmp_path / "log")
    carried = reader.read(0).carried[index]
    assert isinstance(carried, Carried)
    assert (carried.submitter, carried.lines) == (log.station.name, 1)
    assert carried.verified_by == log.station.vkey.public

    named = {(log.station.name, log.station.vkey.key_id): OTHER.vkey}
    for keys in ({}, named):
        other = replace(reader, keys=keys).read(0).carried[index]
        assert other == carried._replace(verified_by=None)


def test_what_another_key_verified_does_not_count(tmp_path):
    """Two keys of one name and id take work to find, and nobody may gain by it."""
    log = LogBuilder()
    index = log.fact()
    reading = reader_of(log, tmp_path / "log").read(0)
    carried = reading.carried[index]
    assert isinstance(carried, Carried)
    for public, expected in ((log.station.vkey.public, []), (OTHER.vkey.public, [index])):
        said: list[tuple[int, str]] = []
        chains = Chains(lambda leaf, rule, _why, said=said: said.append((leaf, rule)), ORIGIN)
        reading.carried[index] = carried._replace(verified_by=public)
        for leaf, one in zip(reading.leaves, reading.carried, strict=True):
            assert not isinstance(leaf, str)
            chains.check(leaf, one)
        chains.tell_signatures()
        assert said == [(leaf, "signature") for leaf in expected]


def test_what_cannot_be_read_is_told_in_place(tmp_path):
    log = LogBuilder()
    log.fact()
    log.append("fact", log.new_id("record"), {}, sub="no note")
    log.leaves.append(b"{}")
    reader = reader_of(log, tmp_path / "log")
    reading = reader.read(0)
    assert reading.leaves[-1] == "not an object with v n t kind id rnd"
    assert reading.carried[-2:] == ["no blank line before the signatures", None]
    for bundle in reader.tiles.folder.glob("tile/entries/000.p/*"):
        bundle.unlink()
    assert reader.read(0).error.endswith("is missing")


def test_only_who_judges_meanings_is_given_all_that_was_signed(tmp_path):
    log = LogBuilder()
    log.account("issuance", None)
    index = log.fact()
    lean = reader_of(log, tmp_path / "log")
    for reader in (lean, replace(lean, whole=True)):
        reading = reader.read(0)
        leaf, carried = reading.leaves[index], reading.carried[index]
        assert not isinstance(leaf, str)
        assert isinstance(carried, Carried)
        assert (leaf.sub is not None, "c" in carried.body) == (reader.whole, reader.whole)
        key_leaf = next(n for n, data in enumerate(log.leaves) if b'"kind":"key"' in data)
        key = reading.carried[key_leaf]
        assert isinstance(key, Carried)
        assert "possession" in key.body, "what is said of keys is judged in any case"
