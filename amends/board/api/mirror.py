"""Shapes for the API's description, made from the house's own values: so the two can't differ."""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import create_model

from amends.board.api.shape import Out


@cache
def mirror(struct: type[msgspec.Struct]) -> type[Out]:
    """Return the shape of a frozen value and of all it is made of, with the same names."""
    hints = get_type_hints(struct)
    fields: dict[str, Any] = {name: (_shape(hints[name]), ...) for name in struct.__struct_fields__}
    made: type[Out] = create_model(struct.__name__, __base__=Out, __doc__=struct.__doc__, **fields)
    return made


def _shape(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return mirror(hint)
    inner = tuple(_shape(part) for part in get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return reduce(or_, inner)
    return get_origin(hint)[inner] if get_origin(hint) in (tuple, list, dict) else hint
