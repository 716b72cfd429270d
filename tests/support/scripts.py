"""What tests and scripts in a browser hand to one another."""

import base64


def text64(data: bytes) -> str:
    """How bytes are handed to a script of the page, which reads them with ``bytes64``."""
    return base64.b64encode(data).decode("ascii")
