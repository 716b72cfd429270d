"""timebank/logs.py: a failure is told without what anybody typed."""

from pathlib import Path

import pytest
import structlog

from timebank.config import Settings
from timebank.logs import configure_logging


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_shows_no_local_variable(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = structlog.get_config()
    try:
        configure_logging(Settings(data=tmp_path, log_format=form))
        pin = "".join(["27", "49", "13"])
        try:
            raise ValueError("broken")
        except ValueError:
            structlog.get_logger("test").exception("request_failed", route="/kiosk")
        said = capsys.readouterr().err
    finally:
        structlog.configure(**before)

    assert "broken" in said
    assert "/kiosk" in said
    assert pin not in said


@pytest.mark.parametrize(("level", "is_heard"), [("info", True), ("warning", False)])
def test_lines_below_the_level_are_not_written(
    tmp_path: Path, level: str, is_heard: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = structlog.get_config()
    try:
        configure_logging(Settings(data=tmp_path, log_level=level))
        structlog.get_logger("test").info("started")
        assert ("started" in capsys.readouterr().err) is is_heard
    finally:
        structlog.configure(**before)
