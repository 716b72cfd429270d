"""Real parts that a machine may lack, such as a browser or a server: skip, or insist."""

import os
import shutil
import sys

import pytest


def everything_is_required() -> bool:
    """Tell whether a missing part fails the run (`REQUIRE_ALL=1`, as in `.ci/run`)."""
    return os.environ.get("REQUIRE_ALL", "") == "1"


def need(condition: object, what: str) -> None:
    """Skip the calling test unless `condition` holds; under `REQUIRE_ALL=1` fail it instead.

    `what` completes the sentence "needs ...", for example "hledger (Debian package hledger)".
    """
    if condition:
        return
    if everything_is_required():
        pytest.fail(f"REQUIRE_ALL=1, but this machine lacks what the test needs: {what}")
    pytest.skip(f"needs {what}")


def need_program(*names: str) -> str:
    """Return the path of the first of `names` found, on PATH or beside this Python.

    Scripts of packages in this virtual environment count although it may not be activated.
    """
    beside_python = os.path.dirname(os.path.abspath(sys.executable))
    search = os.pathsep.join([beside_python, os.environ.get("PATH", os.defpath)])
    for name in names:
        found = shutil.which(name, path=search)
        if found is not None:
            return found
    need(False, f"the program {' or '.join(names)}")
    raise AssertionError("need() always leaves by an exception when the condition is false")
