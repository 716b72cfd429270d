"""The program's own log lines: for people or for a collector, and never with a value of anybody's.

A traceback shows where something broke and what it said, never the local variables: among them are
names, PINs and the fields of forms.
"""

import logging
import sys

import structlog

from timebank.config import Settings


def configure_logging(settings: Settings) -> None:
    """Send structured log lines to standard error, at the settings' level and in their format."""
    render: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        # Asked for each line, so that whoever replaces standard error gets it.
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
