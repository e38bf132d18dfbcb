"""How errors look: a page for people, JSON for programs, never a traceback."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

from models.errors import AmendsError, Conflict, SetupError, StoreError


class LogIn(Exception):
    """Nobody we know asks for something that isn't for everybody."""


class NotYours(Exception):
    """Somebody asks for what their role may not do."""

    def __init__(self, name: str, least: str) -> None:
        super().__init__(name, least)
        self.name, self.least = name, least


def is_api(request: Request) -> bool:
    """Return whether a program asks."""
    return request.url.path.startswith("/api/") or request.url.path == "/metrics"


def said(request: Request, status: int, message: str, remedy: str = "", **more: str) -> Response:
    """Return an error in the form the asker reads."""
    if is_api(request):
        body = {"error": message, "remedy": remedy} | more
        return JSONResponse(body, status)
    from amends.board.render import render

    try:
        return render(
            request, "error.html", status=status, title=message, message=message, remedy=remedy
        )
    except StoreError:
        # Without the database nobody can say who asks, which the page wants to show.
        return PlainTextResponse(f"{message}\n{remedy}\n", status)


def told(app: FastAPI) -> None:
    """Give an application its ways to say what went wrong."""

    @app.exception_handler(LogIn)
    def log_in(request: Request, _: LogIn) -> Response:
        if is_api(request) or request.method != "GET":
            answer = said(request, 401, "who are you?", "log in, or send a token")
            answer.headers["www-authenticate"] = "Bearer"
            return answer
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?to={quote(target, safe='')}", 303)

    @app.exception_handler(NotYours)
    def not_yours(request: Request, error: NotYours) -> Response:
        message = f"this is for the role {error.least} and those above it"
        return said(request, 403, message, "ask an admin: amends user role")

    @app.exception_handler(Conflict)
    def conflict(request: Request, error: Conflict) -> Response:
        at = error.at.isoformat() if error.at else ""
        return said(request, 409, error.message, error.remedy, by=error.by, at=at)

    @app.exception_handler(AmendsError)
    def amends_error(request: Request, error: AmendsError) -> Response:
        status = 404 if error.message.startswith("there is no ") else 400
        if isinstance(error, StoreError) and not isinstance(error, SetupError):
            status = 503
        return said(request, status, error.message, error.remedy)

    @app.exception_handler(RequestValidationError)
    def wrong(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0] if error.errors() else {"loc": (), "msg": "it can't be read"}
        where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
        return said(request, 422, f"{where}: {first['msg']}", "mend that and send it again")

    @app.exception_handler(HTTPException)
    def plain(request: Request, error: HTTPException) -> Response:
        answer = said(request, error.status_code, str(error.detail))
        # Which ways there are, for those who came by another one.
        answer.headers.update(error.headers or {})
        return answer
