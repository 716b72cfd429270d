"""Routes by noun; each module has a ``router``, and :data:`ROUTERS` lists them."""

from fastapi import APIRouter

from api.routes import (
    accounts,
    exports,
    health,
    log,
    matching,
    messages,
    orders,
    people,
    periods,
    personal_data,
    receipts,
    reconciliation,
    records,
    reference,
    registers,
    sessions,
    stations,
    submissions,
    transfers,
)

ROUTERS: tuple[APIRouter, ...] = (
    records.router,
    orders.router,
    transfers.router,
    matching.router,
    messages.router,
    accounts.router,
    receipts.router,
    sessions.router,
    people.router,
    personal_data.router,
    stations.router,
    submissions.router,
    registers.router,
    exports.router,
    reconciliation.router,
    periods.router,
    log.router,
    health.router,
    reference.router,
)
"""Every router of the JSON half, in the order of the reference page."""
