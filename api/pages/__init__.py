"""Pages: server-rendered forms, Chinese first, that need no script.

A page reads its form, calls one function of the time bank and shows the answer.  It holds no rule
and touches no table; every word it says stands in ``catalogue.toml``.
"""

from fastapi import APIRouter

from api.pages import (
    audit,
    calls,
    door,
    kiosk,
    operator,
    periods,
    receipts,
    registers,
    sign_in,
    station,
    station_orders,
)

router = APIRouter(include_in_schema=False)
"""Every page; the application takes it up behind the JSON routes."""

for _part in (
    door,
    kiosk,
    sign_in,
    station,
    station_orders,
    calls,
    receipts,
    registers,
    audit,
    periods,
    operator,
):
    router.include_router(_part.router)
