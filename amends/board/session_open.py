"""Log in, log out, and set a password by an invitation."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.door import COOKIE, SAFE_COOKIE, Door, Here, Who, cookie_of, is_ours
from amends.board.password import fits, hashed, weak
from amends.board.place import Place
from amends.board.render import render
from models.person import AWHILE, SESSION

door = Door()

MOST = (10, 50)
"""Wrong passwords in a quarter of an hour: for one name from one place, and from one place in all."""


@door.page("/login", None)
def ask(request: Request, to: str = "/") -> Response:
    """Show the form."""
    return render(request, "login.html", to=to, wrong="", name="")


@door.act("/login", None)
def log_in(
    request: Request,
    place: Here,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    to: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """
    Begin a session, or say that name and password don't fit, without saying which.

    Limits count by name and place together: whoever guesses somebody's password locks out nobody else.
    """
    with place.store.begin() as tx:
        knock = tx.people.knock(name, _from(request), place.now(), MOST)
        person = tx.people.find(name)
    if knock is None:
        wrong = "Too many tries from here. Wait a quarter of an hour."
        answer = render(request, "login.html", status=429, to=to, wrong=wrong, name=name)
        answer.headers["retry-after"] = str(int(AWHILE.total_seconds()))
        return answer
    known = person is not None and person.disabled_at is None
    # An unknown name takes as long as a known one.
    good = fits(password, person.password if person and known else None)
    secret = None
    if good and person is not None:
        with place.store.begin() as tx:
            tx.people.was_right(knock)
            row = tx.people.named(person.name)
            # What held when we began to look at the password may not hold any more.
            if row.disabled_at is None and row.password == person.password:
                tx.people.end(cookie_of(request))
                secret = tx.people.log_in(row, place.now())
                tx.audit.note("logged in", f"person:{row.id}", by=row.name, now=place.now())
    if secret is None:
        wrong = "Name and password don't fit."
        return render(request, "login.html", status=401, to=to, wrong=wrong, name=name)
    return _with_cookie(request, RedirectResponse(to if is_ours(to) else "/", 303), secret)


@door.act("/logout", "viewer")
def log_out(request: Request, place: Here, who: Who) -> Response:
    """End the session."""
    with place.store.begin() as tx:
        tx.people.end(cookie_of(request))
        person = tx.people.find(who.name)
        if person is not None:
            tx.audit.note("logged out", f"person:{person.id}", by=person.name, now=place.now())
    answer = RedirectResponse("/login", 303)
    for name in (COOKIE, SAFE_COOKIE):
        answer.delete_cookie(name, secure=name == SAFE_COOKIE)
    return answer


@door.page("/invitation/{secret}", None)
def invited(request: Request, place: Here, secret: str) -> Response:
    """Show the form for a password."""
    return _invitation(request, place, secret, "")


@door.act("/invitation/{secret}", None)
def accept(
    request: Request, place: Here, secret: str, password: Annotated[str, Form(max_length=1000)]
) -> Response:
    """Set the password and begin a session; the link is used up."""
    with place.store.read() as tx:
        person = tx.people.invited(secret, place.now())
    # Strangers don't get us to work out a hash.
    wrong = "" if person is None else weak(password, person.name)
    if person is None or wrong:
        return _invitation(request, place, secret, wrong)
    kept = hashed(password)
    with place.store.begin() as tx:
        person = tx.people.accept(secret, kept, place.now())
        cookie = None
        if person is not None:
            about = f"person:{person.id}"
            tx.audit.note("set a password", about, by=person.name, now=place.now())
            tx.people.end(cookie_of(request))
            cookie = tx.people.log_in(person, place.now())
    if cookie is None:
        return _invitation(request, place, secret, "")
    return _with_cookie(request, RedirectResponse("/", 303), cookie)


def _invitation(request: Request, place: Place, secret: str, wrong: str) -> Response:
    with place.store.read() as tx:
        person = tx.people.invited(secret, place.now())
    if person is None:
        message = "this link has been used, or is too old"
        return render(request, "error.html", status=410, title=message, message=message,
                      remedy="ask for a new one: amends user passwd NAME")  # fmt: skip
    return render(request, "invitation.html", status=400 if wrong else 200, name=person.name,
                  wrong=wrong, secret=secret)  # fmt: skip


def _from(request: Request) -> str:
    """Return the place a request comes from; whoever has one IPv6 address has all of its network."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ip_network((address.packed, 64), strict=False))
    return str(address)


def _with_cookie(request: Request, answer: Response, secret: str) -> Response:
    safe = request.url.scheme == "https"
    answer.set_cookie(
        SAFE_COOKIE if safe else COOKIE, secret, max_age=int(SESSION.total_seconds()),
        path="/", secure=safe, httponly=True, samesite="lax",
    )  # fmt: skip
    return answer
