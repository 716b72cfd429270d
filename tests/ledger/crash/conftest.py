"""Posters that never outlive their test."""

import pytest

from tests.ledger.crash.harness import Poster


@pytest.fixture
def start():
    """Start posters with the arguments of :class:`Poster`."""
    started = []

    def start_one(*arguments, **settings):
        started.append(Poster(*arguments, **settings))
        return started[-1]

    yield start_one
    for poster in started:
        if poster.process.returncode is None:
            poster.kill()
