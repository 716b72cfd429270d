"""What keeps other websites, guessers and onlookers out: headers, cookies, origins, rates.

Sessions travel in a cookie that no script can read and no other site can send, or as a bearer
token for programs.  A request that changes something must come from our own pages: browsers say so
in ``Sec-Fetch-Site`` or ``Origin``; forms of a signed-in page carry a token besides.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request
from starlette.responses import Response

from api.problems import OriginRejected, TooManyRequests

SESSION_COOKIE = "timebank_session"
DEVICE_COOKIE = "timebank_device"
"""A random mark by which a browser is known again; it outlives sessions and names nobody."""
FORM_TOKEN_FIELD = "form_token"
"""The hidden field in which a form of a signed-in page sends :func:`form_token`."""

DEVICE_DAYS = 400
"""The longest that browsers keep a cookie."""

_MARK = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS: tuple[tuple[bytes, bytes], ...] = tuple(
    (name.encode(), value.encode())
    for name, value in (
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        # "no-referrer" would make browsers send "Origin: null" with our own forms.
        ("referrer-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ("cross-origin-opener-policy", "same-origin"),
    )
)
"""Sent with every answer."""

STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
"""Sent besides where the request came over https."""

SIGN_IN_PER_MINUTE = 10
"""Attempts for one login or card, wrong or right; the lock after five wrong ones comes first."""
SIGN_IN_PER_MINUTE_AND_ADDRESS = 60
"""Attempts from one address: a street of stations may stand behind one."""


def check_origin(method: str, headers: Mapping[str, str]) -> None:
    """Let a request pass unless a browser says that another site made it.

    ``headers`` are looked up in lower case.  A client that is no browser sends neither header and
    has no cookie that anybody could ride on.

    Raises:
        OriginRejected: a method that changes something, asked from elsewhere.
    """
    if method in SAFE_METHODS:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise OriginRejected
        return
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise OriginRejected


def session_token(request: Request) -> str:
    """The session's token as the request carries it, empty where it carries none.

    A bearer token goes before the cookie, so that a program is who it says it is.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    return request.cookies.get(SESSION_COOKIE, "")


def set_session(response: Response, request: Request, token: str) -> None:
    """Hand the browser its session; it ends with the browser, or earlier in the book."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def device_mark(request: Request) -> str:
    """The browser's mark, or a fresh one where it has none that we could have given."""
    known = request.cookies.get(DEVICE_COOKIE, "")
    return known if _MARK.fullmatch(known) else secrets.token_urlsafe(24)


def set_device(response: Response, request: Request, mark: str) -> None:
    """Let the browser keep its mark for :data:`DEVICE_DAYS` from now."""
    response.set_cookie(
        DEVICE_COOKIE,
        mark,
        max_age=DEVICE_DAYS * 86_400,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def drop_session(response: Response, request: Request) -> None:
    """Take the session back from the browser."""
    response.delete_cookie(
        SESSION_COOKIE,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def form_token(request: Request) -> str:
    """What a form of this session's pages carries in its hidden field.

    It is made from the session's own token, so it lives as long and is kept nowhere.  Before
    sign-in it is empty: the sign-in form is guarded by its origin alone.
    """
    token = request.cookies.get(SESSION_COOKIE, "")
    return _form_token(token) if token else ""


def check_form(request: Request, given: object) -> None:
    """Let a posted form of a signed-in page pass.

    Raises:
        OriginRejected: ``given`` is not the token of this session's forms.
    """
    expected = form_token(request)
    text = given if isinstance(given, str) else ""
    if not hmac.compare_digest(expected.encode(), text.encode("utf-8", "replace")):
        raise OriginRejected


def _form_token(token: str) -> str:
    digest = hmac.digest(token.encode(), b"timebank form", "sha256")
    return urlsafe_b64encode(digest[:18]).decode()


class SignInLimit:
    """Slows guessing down across logins, in the memory of this process alone.

    ``by_owner`` and ``by_address`` bound the attempts of a minute.
    """

    def __init__(
        self,
        by_owner: int = SIGN_IN_PER_MINUTE,
        by_address: int = SIGN_IN_PER_MINUTE_AND_ADDRESS,
    ) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._by_owner = RateLimitItemPerMinute(by_owner)
        self._by_address = RateLimitItemPerMinute(by_address)

    def check(self, request: Request, owner: str) -> None:
        """Count an attempt for ``owner``, a login or a card number, which is kept as a hash.

        Raises:
            TooManyRequests: the minute has seen as many from the address or for the owner.
        """
        address = request.client.host if request.client else ""
        hashed = sha256(owner.strip().upper().encode("utf-8", "replace")).hexdigest()
        for item, whose in ((self._by_address, address), (self._by_owner, hashed)):
            if not self._limiter.hit(item, whose):
                raise TooManyRequests(seconds=60)
