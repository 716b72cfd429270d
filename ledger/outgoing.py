"""Asking another machine over HTTP: one address, bounded waits, no redirects, no proxies.

What the ledger asks of others (cosignatures, time stamps) is verified by its signature; https hides
it from those on the way and proves nothing more.
"""

import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Address:
    """Where to ask; ``path`` begins with a slash or is empty, ``tls`` is set for https.

    ``path`` has the query where the address may have one.
    """

    host: str
    port: int | None
    path: str
    tls: ssl.SSLContext | None

    @classmethod
    def parse(cls, url: str, *, with_query: bool = False) -> "Address":
        """Read an ``http`` or ``https`` URL; ``with_query`` lets it have one.

        Raises:
            ValueError: another one, or one with a query, a fragment, a login or odd characters.
        """
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        plain = not (
            parts.fragment or parts.username or parts.password or (query and not with_query)
        )
        spelled = url.isascii() and url.isprintable() and " " not in url
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain or not spelled:
            raise ValueError(f"not an http or https address: {url!r:.80}")
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        return cls(parts.hostname, parts.port, parts.path + query, tls)

    def connect(self, seconds: int) -> HTTPConnection:
        """A connection, opened when it is first used; each wait lasts ``seconds`` at most."""
        if self.tls is None:
            return HTTPConnection(self.host, self.port, timeout=seconds)
        return HTTPSConnection(self.host, self.port, timeout=seconds, context=self.tls)
