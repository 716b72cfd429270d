"""What a client would like besides, if it costs it nothing to be told no.

Source: RFC 7240.
"""

from typing import Any

from starlette.requests import Request

RECEIPT = "receipt"
APPLIED = {"Preference-Applied": RECEIPT}

STATED: dict[str, Any] = {
    "name": "prefer",
    "in": "header",
    "required": False,
    "description": "`receipt`: the answer carries the receipts of what it made.",
    "schema": {"type": "string", "enum": [RECEIPT]},
}
"""The header as the OpenAPI document describes it."""


def prefers_receipt(request: Request) -> bool:
    """Whether the request says ``Prefer: receipt``, alone or among others, in any letter case.

    A value or a parameter changes nothing: the word has none (RFC 7240, section 2).
    """
    for name, stated in request.scope["headers"]:  # Read plainly: each post comes by here.
        if name == b"prefer":
            for preference in stated.decode("latin-1").split(","):
                word = preference.partition(";")[0].partition("=")[0]
                if word.strip().lower() == RECEIPT:
                    return True
    return False
