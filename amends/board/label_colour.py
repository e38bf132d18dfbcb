"""The labels' colours as a style sheet: labels are data, and a page may carry no style of its own."""

from __future__ import annotations

from fastapi import Response

from amends.board.door import Door, Here

door = Door()


@door.page("/labels.css", "viewer", response_class=Response)
def show(place: Here) -> Response:
    """Give every label its tint; in the dark it is lightened, for it was chosen to stand on white."""
    light = "".join(
        f'[data-label="{label.name}"]{{--tint:{label.colour}}}\n' for label in place.labels
    )
    dark = "".join(
        f'[data-label="{label.name}"]{{--tint:color-mix(in oklab,{label.colour} 55%,white)}}\n'
        for label in place.labels
    )
    sheet = f"{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n"
    return Response(sheet, media_type="text/css", headers={"cache-control": "private, max-age=300"})
