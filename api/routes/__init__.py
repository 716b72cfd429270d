"""Routes by noun; each module has a ``router``, and :data:`ROUTERS` lists them."""

from fastapi import APIRouter

from api.routes import health, reference, sessions

ROUTERS: tuple[APIRouter, ...] = (
    sessions.router,
    health.router,
    reference.router,
)
"""Every router of the JSON half, in the order of the reference page."""
