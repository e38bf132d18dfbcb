"""
Which outputs there are, and what goes where: `outputs.toml` in the home, read anew at every look.

It holds no secret. Where an output needs one, it names it, and the secret itself stands in the environment
or in `secrets.env` (see `models/home.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from amends.outputs.addresses import mail_address
from amends.outputs.escapes import web
from models.errors import SetupError

NAME = "outputs.toml"


class Mail(msgspec.Struct, frozen=True, kw_only=True, tag="smtp", tag_field="kind", forbid_unknown_fields=True):  # fmt: skip
    """
    A mail server and who gets what goes through it.

    `password` names a secret. `ca` is a file with the certificate of a company's own authority.
    """

    host: str
    sender: str = msgspec.field(name="from")
    to: tuple[str, ...]
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    ca: str = ""

    def __post_init__(self) -> None:
        _refuse_if(not self.to, "`to` names nobody")
        _refuse_if(
            bool(self.user) and self.security == "none",
            'a password is never sent without TLS: security is "starttls" or "tls"',
        )
        _refuse_if(
            bool(self.user) != bool(self.password),
            "`user` and `password` (the name of the secret) belong together",
        )
        for address in (self.sender, *self.to):
            mail_address(address)


class Chat(msgspec.Struct, frozen=True, kw_only=True, tag="slack", tag_field="kind", forbid_unknown_fields=True):  # fmt: skip
    """A channel of Slack; `secret` names the secret that holds the incoming webhook's address."""

    secret: str


class Teams(msgspec.Struct, frozen=True, kw_only=True, tag="teams", tag_field="kind", forbid_unknown_fields=True):  # fmt: skip
    """A channel of Microsoft Teams; `secret` names the secret that holds the workflow's address."""

    secret: str


class Webhook(msgspec.Struct, frozen=True, kw_only=True, tag="webhook", tag_field="kind", forbid_unknown_fields=True):  # fmt: skip
    """A program of your own; `secret` names the key by which it knows that it is us."""

    url: str
    secret: str

    def __post_init__(self) -> None:
        _refuse_if(web(self.url) is None, "`url` isn't a web address")


class Folder(msgspec.Struct, frozen=True, kw_only=True, tag="file", tag_field="kind", forbid_unknown_fields=True):  # fmt: skip
    """A folder in which each event becomes a file: html, md, text or json."""

    folder: str
    form: Literal["html", "md", "text", "json"] = "html"


Minutes = Annotated[int, msgspec.Meta(ge=1, le=1_440)]

Output = Mail | Chat | Teams | Webhook | Folder


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the digest of the day that ended goes out, in the incident's zone, and to which outputs."""

    at: str = "08:00"
    to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.time()

    def time(self) -> time:
        """Return `at` as a time of day."""
        try:
            found = time.fromisoformat(self.at)
        except ValueError:
            found = None
        good = found is not None and len(self.at) == 5
        _refuse_if(not good, f"“{self.at}” is no time of day; write 08:00")
        return found or time()


class Outputs(msgspec.Struct, frozen=True, kw_only=True):
    """
    Everything `outputs.toml` says.

    `routes` name for each kind of event the outputs it goes to; `plans` are those for single incidents, by
    slug, and `plan` is for all others. `line_minutes` is how often whoever leads is told how it stands.
    `board` is where people open the board.
    """

    named: Mapping[str, Output] = {}
    plan: Plan | None = None
    plans: Mapping[str, Plan] = {}
    routes: Mapping[str, tuple[str, ...]] = {}
    line_minutes: int = 15
    board: str = ""

    def plan_for(self, slug: str) -> Plan | None:
        """Return when and where an incident's digests go; None if nowhere."""
        found = self.plans.get(slug, self.plan)
        return found if found is not None and found.to else None

    def to(self, kind: str) -> tuple[str, ...]:
        """Return the outputs a kind of event goes to, such as alarm."""
        return self.routes.get(kind, ())

    def get(self, name: str) -> Output:
        """Return an output; SetupError if there is none of that name."""
        if name in self.named:
            return self.named[name]
        message = f"there is no output “{name}”"
        there = ", ".join(self.named)
        remedy = f"there are: {there}" if there else f"name one in {NAME} in the home"
        raise SetupError(message, remedy)


def read(home: Path) -> Outputs:
    """Return what the home's outputs.toml says; nothing where there is none; SetupError if it is wrong."""
    path = home / NAME
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Outputs()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path} can't be read: {error}"
        raise SetupError(message, "mend the file; the README shows its form") from error
    return _checked(path, tables)


def _checked(path: Path, tables: dict[str, Any]) -> Outputs:
    unknown = sorted(
        tables.keys() - {"output", "digest", "incident", "routes", "line_minutes", "board"}
    )
    if unknown:
        raise _wrong(path, f"“{unknown[0]}” means nothing there")
    board = tables.get("board", "")
    if board and (not isinstance(board, str) or web(board) is None):
        raise _wrong(path, "`board` isn't a web address")
    outputs = Outputs(
        named={
            name: _part(path, f"output “{name}”", table, Output)
            for name, table in _tables(path, tables, "output").items()
        },
        plan=_part(path, "[digest]", tables["digest"], Plan) if "digest" in tables else None,
        plans={
            slug: _part(path, f"incident “{slug}”", table, Plan)
            for slug, table in _tables(path, tables, "incident").items()
        },
        line_minutes=_part(path, "line_minutes", tables.get("line_minutes", 15), Minutes),
        routes=_part(path, "[routes]", tables.get("routes", {}), dict[str, tuple[str, ...]]),
        board=board.rstrip("/"),
    )
    plans = [outputs.plan, *outputs.plans.values()]
    wanted = [name for plan in plans if plan is not None for name in plan.to]
    wanted += [name for names in outputs.routes.values() for name in names]
    for name in wanted:
        if name not in outputs.named:
            raise _wrong(path, f"“{name}” is sent to, but there is no [output.{name}]")
    return outputs


def _tables(path: Path, tables: dict[str, Any], name: str) -> dict[str, Any]:
    found = tables.get(name, {})
    if not isinstance(found, dict):
        raise _wrong(path, f"“{name}” isn't a table: write [{name}.NAME]")
    return found


def _part(path: Path, what: str, table: Any, shape: Any) -> Any:
    try:
        return msgspec.convert(table, shape)
    except msgspec.ValidationError as error:
        # The reader says where, in a language of its own.
        said, _, place = str(error).replace("Object ", "it ").partition(" - at `$")
        where = f" (at {place.strip('.`')})" if place.strip(".`") else ""
        raise _wrong(path, f"{what}: {said}{where}") from error


def _wrong(path: Path, what: str) -> SetupError:
    message = f"{path}: {what}"
    return SetupError(message, "mend the file; the README shows its form")


def _refuse_if(wrong: bool, message: str) -> None:
    """Refuse a value while it is read; the reader adds the place."""
    if wrong:
        raise ValueError(message)
