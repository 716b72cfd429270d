"""The page with the doors, the language switch, and the files that pages fetch."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank
from api.pages.catalogue import language_named
from api.pages.plumbing import page_router
from api.pages.render import (
    LANGUAGE_COOKIE,
    STATIC_TYPES,
    Frame,
    draw,
    go,
    local_path,
    static_file,
)
from api.problems import NotFound

router = page_router()

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_A_YEAR = 365 * 24 * 60 * 60


@router.get("/")
def doors(request: Request, bank: Bank) -> Response:
    """Lead to the doors."""
    return draw(request, bank, "door.html", Frame(""))


@router.get("/language/{code}")
def choose_language(
    request: Request, code: str, back: Annotated[str, Query(max_length=500)] = "/"
) -> Response:
    """Remember the language and go back to the page."""
    response = go(local_path(back))
    response.set_cookie(
        LANGUAGE_COOKIE,
        language_named(code).value,
        max_age=_A_YEAR,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/static/{name}")
def static(name: str) -> Response:
    """A style sheet or picture, from a list of names; its address changes with its content.

    Raises:
        NotFound: any other name.
    """
    if name not in STATIC_TYPES:
        raise NotFound
    return Response(static_file(name), media_type=STATIC_TYPES[name], headers=FOR_EVER)
