"""Problem documents (RFC 9457): what a refusal, a fault or a malformed request looks like.

    {"type": "/docs#code", "title": …, "status": 409, "code": "key_reused",
     "detail": 中文, "detail_en": English, "field": "volunteer", "facts": {…}}

``code`` is permanent and ours.  Nothing that a caller sent is repeated, so no name, number or
secret comes back in an error or lies in somebody's log of errors.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.statuses import STATUS
from ledger.errors import LedgerFault, Refusal

MEDIA_TYPE = "application/problem+json"
_TYPE = "/docs#"


class NotSignedIn(Refusal):
    """No session, or one that has ended."""

    code = "not_signed_in"
    message_zh = "请先登录；登录可能已经超时。"
    message_en = "Sign in first; the session may have ended."


class OriginRejected(Refusal):
    """A request that another website made a browser send, or a form without its token."""

    code = "origin_rejected"
    message_zh = "请求不是从本站页面发出的，未予接受；请刷新页面后重试。"
    message_en = "The request did not come from a page of this site; reload the page and try again."


class TooManyRequests(Refusal):
    """More attempts to sign in than anybody needs.  Facts: ``seconds`` until the next."""

    code = "too_many_requests"
    message_zh = "尝试过于频繁，请 {seconds} 秒后再试。"
    message_en = "Too many attempts; try again in {seconds} seconds."


class RequestTooLarge(Refusal):
    """A body above the bound.  Facts: ``most`` in bytes."""

    code = "request_too_large"
    message_zh = "请求内容超过上限（{most} 字节）。"
    message_en = "The request is larger than {most} bytes."


class UnreadableRequest(Refusal):
    """A body that is not what its content type says."""

    code = "unreadable_request"
    message_zh = "请求内容无法读取。"
    message_en = "The request's body cannot be read."


class ValidationFailed(Refusal):
    """A request of another shape than the route's.  Facts: ``field``, the first that is wrong."""

    code = "validation_failed"
    message_zh = "请求内容不符合要求：{field}。"
    message_en = "The request does not have the required form: {field}."


class NotFound(Refusal):
    """No route of that path."""

    code = "not_found"
    message_zh = "没有这个地址。"
    message_en = "There is nothing at this address."


class MethodNotAllowed(Refusal):
    """A path that exists, asked in a way that it does not answer."""

    code = "method_not_allowed"
    message_zh = "此地址不支持这种请求方法。"
    message_en = "This address does not answer that method."


class LeafNotFound(Refusal):
    """A leaf index at or beyond the published size.  Facts: ``leaf``, ``size``."""

    code = "leaf_not_found"
    message_zh = "已公布的日志中没有第 {leaf} 条（共 {size} 条）。"
    message_en = "The published log has no leaf {leaf}; its size is {size}."


class SizeNotPublished(Refusal):
    """A tree larger than the published one.  Facts: ``asked``, ``size`` in leaves."""

    code = "size_not_published"
    message_zh = "已公布的日志只有 {size} 条，没有 {asked} 条时的状态。"
    message_en = "The published log has {size} leaves; there is no tree of {asked} yet."


class SizesOutOfOrder(Refusal):
    """A proof from a larger tree to a smaller one.  Facts: ``old``, ``new`` in leaves."""

    code = "sizes_out_of_order"
    message_zh = "起始大小 {old} 大于终止大小 {new}；日志只会增长。"
    message_en = "The older size, {old}, is above the newer one, {new}; a log only grows."


class NotPublishedYet(Refusal):
    """A tile or checkpoint that is not, or not yet, published."""

    code = "not_published_yet"
    message_zh = "日志文件不存在或尚未公布。"
    message_en = "There is no such file of the log, or it is not published yet."


class InternalError(Refusal):
    """Our mistake; what happened stands in the server's log under the request id."""

    code = "internal_error"
    message_zh = "系统内部错误，已记录；请稍后重试或联系管理员。"
    message_en = "An internal error occurred and was recorded; try again later."


OWN_REFUSALS: tuple[type[Refusal], ...] = (
    NotSignedIn,
    OriginRejected,
    TooManyRequests,
    RequestTooLarge,
    UnreadableRequest,
    ValidationFailed,
    NotFound,
    MethodNotAllowed,
    LeafNotFound,
    SizeNotPublished,
    SizesOutOfOrder,
    NotPublishedYet,
    InternalError,
)
"""The refusals that only HTTP knows."""

EVERYWHERE = ("validation_failed", "internal_error", "storage_fault", "log_forked")
"""Codes that any route may answer."""


def status_of(code: str) -> int:
    """The HTTP status of a code; 500 for one that nobody entered into the table."""
    return int(STATUS.get(code, HTTPStatus.INTERNAL_SERVER_ERROR))


def document(refusal: Refusal | LedgerFault, errors: Sequence[dict[str, str]] = ()) -> bytes:
    """The problem document of a refusal or fault, the same bytes each time it is said."""
    code = refusal.code
    status = status_of(code)
    told: dict[str, Any] = {
        "type": f"{_TYPE}{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
    }
    if isinstance(refusal, Refusal):
        told["detail"], told["detail_en"] = refusal.in_chinese(), str(refusal)
        if isinstance(refusal.facts.get("field"), str):
            told["field"] = refusal.facts["field"]
        # In one order: a remembered refusal is repeated byte by byte.
        told["facts"] = dict(sorted(refusal.facts.items()))
    else:  # A fault's detail may name files, so only its own sentence goes out.
        told["detail"], told["detail_en"] = refusal.message_zh, refusal.message_en
        told["facts"] = {}
    if errors:
        told["errors"] = list(errors)
    return orjson.dumps(told)


def answer(
    refusal: Refusal | LedgerFault,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """The HTTP answer that says ``refusal``."""
    status = status_of(refusal.code)
    more = dict(headers or {})
    if refusal.code == NotSignedIn.code:
        more["WWW-Authenticate"] = 'Bearer realm="timebank"'
    if status == HTTPStatus.TOO_MANY_REQUESTS and isinstance(refusal, Refusal):
        seconds = int(refusal.facts.get("seconds", 0)) or int(refusal.facts.get("minutes", 1)) * 60
        more["Retry-After"] = str(seconds)
    return Response(document(refusal, errors), status, more, MEDIA_TYPE)


async def on_refusal(request: Request, error: Exception) -> Response:
    """Answer a refusal that a route or an action raised, and count it."""
    assert isinstance(error, Refusal | LedgerFault)
    request.app.state.figures.refused(error.code)
    return answer(error)


async def on_validation(_request: Request, error: Exception) -> Response:
    """Answer a malformed request by the names of what is wrong, never by the values."""
    assert isinstance(error, RequestValidationError)
    wrong = list({str(told): told for told in map(_complaint, error.errors())}.values())
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return answer(UnreadableRequest())
    return answer(ValidationFailed(field=wrong[0]["field"]), wrong)


async def on_http(_request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses."""
    assert isinstance(error, HTTPException)
    kinds: dict[int, type[Refusal]] = {404: NotFound, 405: MethodNotAllowed, 401: NotSignedIn}
    refusal: Refusal = kinds.get(error.status_code, UnreadableRequest)()
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        refusal = RequestTooLarge(most=str(error.detail))
    return answer(refusal, headers=dict(error.headers or {}))


def _complaint(error: dict[str, Any]) -> dict[str, str]:
    """One error of pydantic's without the value; unknown field names are the caller's own words
    and are left out likewise."""
    kind = str(error["type"])
    # The names of our own classes stand in the place where a body may have several forms.
    place = [str(part) for part in error["loc"] if not str(part)[:1].isupper()]
    if kind == "extra_forbidden":
        place = [*place[:-1], "?"]
    return {"field": ".".join(place[1:]) or place[0], "in": place[0], "why": kind}


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route that may refuse with these codes, and with those of any route.

    Raises:
        KeyError: a code that the table does not have.
    """
    by_status: dict[int, list[str]] = {}
    for code in (*codes, *EVERYWHERE):
        by_status.setdefault(int(STATUS[code]), []).append(code)
    return {
        status: {
            "description": "; ".join(dict.fromkeys(found)),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, found in sorted(by_status.items())
    }


SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem document with a permanent code.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "detail_en", "facts"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Permanent; see the errors page."},
        "detail": {"type": "string", "description": "For people, in Chinese."},
        "detail_en": {"type": "string", "description": "The same in English."},
        "field": {"type": "string", "description": "The field that is meant, where there is one."},
        "facts": {
            "type": "object",
            "additionalProperties": {"type": ["string", "integer"]},
            "description": "Ids, codes and minutes; never a name.",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "in", "why"],
                "properties": {
                    "field": {"type": "string"},
                    "in": {"type": "string"},
                    "why": {"type": "string"},
                },
            },
        },
    },
}
"""The schema of :func:`document`, as the OpenAPI document shows it."""
