"""
The board: the page the team looks at while it burns.

`board(place)` returns the application. Pages are made on the server and work without a script; every
route names the least role it is for; one JSON API under `/api` shows the same views.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from amends.board.errors import told
from amends.board.guard import Guard, broken
from amends.board.place import Place
from amends.board.registry import pages

STATIC = Path(__file__).parent / "static"


def board(place: Place) -> FastAPI:
    """Return the application that serves a place."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = FastAPI(
        title="Amends",
        summary="What the public says while a service is down, and what the team does about it.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    app.state.place = place
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Guard, single=place.single)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for door in pages():
        app.include_router(door)
    told(app)
    app.add_exception_handler(Exception, broken)
    return app
