"""timebank/benchmarks/http.py: both servers answer every post; how fast is not tested."""

import subprocess
import sys

import orjson

from timebank.benchmarks.http import http

FEW = {1: 2, 3: 6}


def test_the_card_names_every_number_of_connections() -> None:
    heard: list[tuple[int, int]] = []
    card = http(rounds=1, counts=FEW, progress=lambda *step: heard.append(step))

    assert [one.connections for one in card.measured] == list(FEW)
    for one in card.measured:
        assert min(one.posts_per_second, one.bare_per_second, one.ratio) > 0
    assert heard == [(step, 4) for step in range(1, 5)]
    assert len(orjson.loads(orjson.dumps(card.to_dict()))["measured"]) == len(FEW)


def test_a_program_reads_one_object_and_nothing_else() -> None:
    program = (
        "from timebank.benchmarks import http; http._COUNTS = {1: 1}; "
        "from timebank.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "bench", "http", "--json", "--rounds", "1"]
    said = subprocess.run(command, capture_output=True, check=True, timeout=120)

    assert orjson.loads(said.stdout)["rounds"] == 1
    assert said.stderr == b""
