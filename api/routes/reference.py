"""``/docs``: the OpenAPI document as one plain page that loads nothing from elsewhere."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.problems import OWN_REFUSALS, status_of
from timebank.bank import REFUSALS

router = APIRouter(include_in_schema=False)


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """Every route with its parameters and answers, and every code with its status."""
    document: dict[str, Any] = request.app.openapi()
    parts = [_operation(path, *found) for path, found in _operations(document)]
    codes = sorted({**REFUSALS, **{kind.code: kind for kind in OWN_REFUSALS}}.items())
    rows = "".join(
        f'<tr id="{code}"><td><code>{code}</code></td><td>{status_of(code)}</td>'
        f"<td>{escape(kind.message_zh)}</td><td>{escape(kind.message_en)}</td></tr>\n"
        for code, kind in codes
    )
    return HTMLResponse(
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{escape(document['info']['title'])}</title></head>\n<body><h1>HTTP</h1>\n"
        '<p>机器可读：<a href="/openapi.json">openapi.json</a></p>\n'
        f"{''.join(parts)}<h2>代码 Codes</h2>\n<table>\n"
        "<tr><th>code</th><th>HTTP</th><th>中文</th><th>English</th></tr>\n"
        f"{rows}</table>\n</body></html>\n"
    )


def _operations(document: dict[str, Any]) -> list[tuple[str, tuple[str, dict[str, Any]]]]:
    return [
        (path, (method, operation))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<li><code>{escape(one['name'])}</code> in {escape(one['in'])}"
        f"{'' if one.get('required') else ', optional'}: {escape(one.get('description', ''))}\n"
        for one in operation.get("parameters", ())
    )
    answers = "".join(
        f"<li>{status}: {escape(answer['description'])}</li>\n"
        for status, answer in operation["responses"].items()
    )
    return (
        f"<h2><code>{method.upper()} {escape(path)}</code></h2>\n"
        f"<p>{escape(operation.get('description', ''))}</p>\n"
        f"<ul>\n{parameters}</ul>\n<ul>\n{answers}</ul>\n"
    )
