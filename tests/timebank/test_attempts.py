"""timebank/attempts.py: parts of different attempts never share a key."""

from itertools import product

from timebank.attempts import part_key


def test_no_two_parts_share_a_key() -> None:
    keys = ["k" * 40, "k" * 40 + "1", "k" * 40 + "2", "k" * 64, "k-0", "k-0-0"]
    made = [part_key(key, part) for key, part in product(keys, ("members", "0", "0-0"))]

    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {64}
    assert part_key("k", "0") == part_key("k", "0")
