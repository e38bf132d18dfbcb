"""What a command makes sure of before it asks a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amends.cli.desk import Desk
    from ingest.source import Source


def secrets_for(desk: Desk, source: Source) -> None:
    """Stop here, before anything is asked, if a secret the source needs isn't set."""
    for name in source.needs:
        desk.secrets.reveal(name)
