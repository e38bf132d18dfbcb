"""Rules: when an alarm is raised. They are data: `alarms.toml` beside this file, or the home's own."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import msgspec

from models.errors import SetupError

SHIPPED = Path(__file__).parent / "alarms.toml"


class Rise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many times the usual is too much."""

    rise: Annotated[float, msgspec.Meta(ge=1.2, le=20)]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """False alarms in 30 days at most, over all labels; minutes of calm and blindness; rise by label."""

    per_month: Annotated[float, msgspec.Meta(ge=0.01, le=100)] = 1.0
    calm_minutes: Annotated[int, msgspec.Meta(ge=10, le=180)] = 60
    blind_minutes: Annotated[int, msgspec.Meta(ge=1, le=10_080)] = 15
    labels: dict[str, Rise]

    @property
    def share(self) -> float:
        """False alarms a month that one label may cause."""
        return self.per_month / max(len(self.labels), 1)


def rules(labels: Sequence[str], path: Path | None = None) -> Rules:
    """Return the rules in `path`, else the shipped ones; SetupError says what is wrong."""
    path = path or SHIPPED
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path}: {error}"
        raise SetupError(message, "mend the file") from error
    tables = {name: value for name, value in said.items() if isinstance(value, dict)}
    for name in tables:
        # The shipped rules are for the shipped labels; whoever has others may have dropped one.
        if name not in labels and path != SHIPPED:
            close = get_close_matches(name, labels, n=1)
            message = f"{path}: there is no label “{name}”"
            remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(labels)}"
            raise SetupError(message, remedy)
    numbers = {name: value for name, value in said.items() if name not in tables}
    odd = sorted(set(numbers) - set(Rules.__struct_fields__) | set(numbers) & {"labels"})
    if odd:
        message = f"{path}: “{odd[0]}” is no rule"
        raise SetupError(
            message, "there are per_month, calm_minutes, blind_minutes, and a table a label"
        )
    followed = {name: value for name, value in tables.items() if name in labels}
    try:
        return msgspec.convert(numbers | {"labels": followed}, Rules)
    except msgspec.ValidationError as error:
        message = f"{path}: {error}"
        raise SetupError(message, "mend the file") from error
