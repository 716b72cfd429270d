"""The baseline of ``timebank bench http``: the same body, read and validated, and nothing done."""

from fastapi import FastAPI, Response

from api.routes.records import StatedRecord

__all__ = ["create_bare"]


def create_bare() -> FastAPI:
    """An application whose one endpoint accepts a service record and forgets it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/api/v1/records", status_code=201)
    async def accept(stated: StatedRecord) -> Response:
        return Response(b"{}", 201, media_type="application/json")

    return app
