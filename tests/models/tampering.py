"""Two hundred ways to lie in an audit trail, drawn by chance: edit, delete, insert, swap, cut, write anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection

from models.audit import FIELDS, as_sealed
from models.seal import Head, Seal
from models.store import dialect

NAMES = (*FIELDS, "seal")
_LIST = ", ".join(f'"{name}"' for name in NAMES)
_PUT = f"INSERT INTO audit ({_LIST}) VALUES ({', '.join('?' * len(NAMES))})"
_TRIGGERS = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("DROP TRIGGER audit_grows ON audit",),
}
Row = dict[str, Any]


class Tampering(NamedTuple):
    """A kind of lie, and how to tell it."""

    kind: str
    tell: Callable[[list[Row], random.Random], list[Row]]


def unlocked(connection: Connection) -> None:
    """Take away what keeps the trail from being changed by mistake, as somebody who lies would."""
    for statement in _TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def rows(connection: Connection) -> list[Row]:
    """Return the trail, its JSON as text."""
    listed = _LIST.replace('"detail"', "CAST(detail AS TEXT)")
    listed = listed.replace('"changed"', "CAST(changed AS TEXT)")
    found = dialect.rows(connection, f"SELECT {listed} FROM audit ORDER BY id")
    return [dict(zip(NAMES, row, strict=True)) for row in found]


def put(connection: Connection, trail: list[Row], *, mended: bool) -> None:
    """Put another trail in place of what is there; with `mended` the database's own head goes with it."""
    dialect.many(connection, "DELETE FROM audit WHERE id > ?", [(-1,)])
    dialect.many(connection, _PUT, [tuple(row[name] for name in NAMES) for row in trail])
    if mended and trail:
        last = (trail[-1]["id"], trail[-1]["seal"])
        dialect.many(connection, "UPDATE audit_head SET last = ?, seal = ?", [last])


def _edit(trail: list[Row], chance: random.Random) -> list[Row]:
    at, name = chance.randrange(len(trail)), chance.choice(NAMES[1:])
    was = trail[at][name]
    if name in ("detail", "changed"):
        new: Any = chance.choice(['{"label":"praise"}', "{}", was[:-1] + " }"])
        new = new if new != was else '{"a":1}'
    elif isinstance(was, str):
        new = was[::-1] if was[::-1] != was else was + "x"
    else:
        new = (was or 0) + chance.choice((1, -1, 3_600_000_000 if name == "at" else 2))
    return _with(trail, at, {name: new})


def _delete(trail: list[Row], chance: random.Random) -> list[Row]:
    begin = chance.randrange(len(trail) - 1)
    end = chance.randint(begin + 1, len(trail) - 1)
    rest = trail[:begin] + trail[end:]
    if chance.random() < 0.5:
        # The gap is closed, so that the numbers tell nothing.
        rest = [row | {"id": number} for number, row in enumerate(rest, 1)]
    return rest


def _insert(trail: list[Row], chance: random.Random) -> list[Row]:
    at = chance.randrange(len(trail) + 1)
    made = chance.choice(trail) | {"by": "ana"}
    if chance.random() < 0.5:
        made |= {"seal": "".join(chance.choices("0123456789abcdef", k=64))}
    mixed = [*trail[:at], made, *trail[at:]]
    return [row | {"id": number} for number, row in enumerate(mixed, 1)]


def _swap(trail: list[Row], chance: random.Random) -> list[Row]:
    one, other = chance.sample(range(len(trail)), 2)
    swapped = list(trail)
    swapped[one], swapped[other] = (
        trail[other] | {"id": trail[one]["id"]},
        trail[one] | {"id": trail[other]["id"]},
    )
    return swapped


def _cut(trail: list[Row], chance: random.Random) -> list[Row]:
    return trail[: chance.randrange(len(trail))]


def _anew(trail: list[Row], chance: random.Random) -> list[Row]:
    """Change a row and seal all from there on with a key of one's own, or with none."""
    at = chance.randrange(len(trail))
    seal = Seal(None)
    if chance.random() < 0.5:
        seal.__dict__["keys"] = {"5ea1ed00": chance.randbytes(32)}
    name = chance.choice([seal.own, trail[0]["key"]])
    head = Head(0, 0, trail[at - 1]["seal"] if at else "")
    new = _with(trail, at, {"by": "eve"})
    for place in range(at, len(new)):
        new[place] |= {"key": name}
        said = as_sealed([new[place][field] for field in FIELDS])
        head = Head(0, place, seal.over(head.seal, said, seal.own))
        new[place] |= {"seal": head.seal}
    return new


def _with(trail: list[Row], at: int, values: Row) -> list[Row]:
    return [row | values if place == at else dict(row) for place, row in enumerate(trail)]


TAMPERINGS = (
    Tampering("edit", _edit), Tampering("delete", _delete), Tampering("insert", _insert),
    Tampering("swap", _swap), Tampering("cut", _cut), Tampering("written anew", _anew),
)  # fmt: skip
