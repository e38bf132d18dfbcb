"""Where a board stands: the store it shows and what it needs beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import msgspec

from amends.truth.vocabulary import Vocabulary, vocabulary
from classify.classifier import Classifier
from classify.labels import Labels
from ingest.source import Source
from ingest.walk import Asker
from models.home import Home, Secrets
from models.store import Store


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a board needs.

    `single` names the one person who uses it without logging in, on this machine only; None where
    people log in. `classifier` gives the one in use; `ready` says whether it does so at once, and sees to
    it that it will. `asker` opens the ways to web and disk. `secrets` are what monitors sign their calls
    with.
    """

    store: Store
    home: Path
    labels: Labels
    sources: Mapping[str, Source]
    classifier: Callable[[], Classifier]
    asker: Callable[[], AbstractContextManager[Asker]]
    now: Callable[[], datetime]
    single: str | None = None
    secrets: Secrets = Secrets({})
    ready: Callable[[], bool] = lambda: True

    @property
    def truth(self) -> Vocabulary:
        """The words by which contradictions and symptoms are found, read anew when they change."""
        return vocabulary(Home(self.home).truth)
