"""
What every command finds on its desk: the home, the clock, the store, the sources, a way to speak.

Data goes to stdout, all else to stderr. This is where the environment is read.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.home import Home, Secrets, secrets_among
from models.secret import know

if TYPE_CHECKING:
    from amends.alarms.rules import Rules
    from amends.erase import Place
    from amends.outputs.dispatch import Dispatch
    from amends.outputs.sending import Ways
    from amends.truth.vocabulary import Vocabulary
    from amends.upkeep import Upkeep
    from classify.classifier import Classifier
    from classify.labels import Labels
    from ingest.source import Source
    from ingest.walk import Asker
    from models.store import Store


class Desk:
    """The surroundings of one command."""

    def __init__(self, home: Path | None, *, verbose: bool = False) -> None:
        self.verbose = verbose
        self.environment = dict(os.environ)
        know(secrets_among(self.environment))
        self._named = home or self.environment.get("AMENDS_HOME") or None

    @cached_property
    def home(self) -> Home:
        """The home: --home, AMENDS_HOME, else the platform's folder for user data."""
        if self._named is None:
            from platformdirs import user_data_dir

            self._named = user_data_dir("amends", appauthor=False)
        return Home(Path(self._named)).make()

    @cached_property
    def secrets(self) -> Secrets:
        """Tokens from the environment or the home."""
        return self.home.secrets(self.environment)

    @property
    def database_url(self) -> str:
        """Where the posts are kept."""
        return self.environment.get("AMENDS_DATABASE_URL") or self.home.database_url

    @contextmanager
    def open_store(self) -> Iterator[Store]:
        """Open the store for the length of a `with`."""
        from models.store import Store

        authors = self.home.authors(wanted=self.wants_pseudonyms)
        store = Store.open(self.database_url, self.home.seal, self.home.marks, authors)
        try:
            yield store
        finally:
            store.close()

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every source by name."""
        from ingest.registry import all_sources

        return all_sources()

    @cached_property
    def labels(self) -> Labels:
        """The vocabulary."""
        from classify.labels import Labels

        return Labels.load(self.home.labels)

    @cached_property
    def alarm_rules(self) -> Rules:
        """When an alarm is raised."""
        from amends.alarms.rules import rules

        return rules(self.labels.names, self.home.alarms)

    @cached_property
    def truth(self) -> Vocabulary:
        """The words by which contradictions and symptoms are found."""
        from amends.truth.vocabulary import vocabulary

        return vocabulary(self.home.truth)

    @cached_property
    def classifier(self) -> Classifier:
        """The classifier in use; trained first where there is none."""
        from classify.shelf import ready

        return ready(
            self.home.classifiers,
            self.say,
            now=self.now(),
            labels=self.labels,
            examples=self.home.examples,
            vectors=self.home.vectors,
        )

    @contextmanager
    def open_asker(self) -> Iterator[Asker]:
        """
        Open the ways to the web and the disk for the length of a `with`.

        AMENDS_ALLOW_PRIVATE names servers that may be asked although they aren't public, as
        host:port with commas between; AMENDS_PROXY is a proxy, which must refuse private addresses.
        """
        from ingest.disk import Disk
        from ingest.guard import named
        from ingest.http import Web
        from ingest.places import Places
        from ingest.robots import Robots

        private = named(self.environment.get("AMENDS_ALLOW_PRIVATE", ""))
        proxy = self.environment.get("AMENDS_PROXY", "").strip() or None
        web = Web(self.secrets, self.agent, private=private, proxy=proxy)
        disk = Disk(stdin=sys.stdin.buffer)
        try:
            yield Places(Robots(web), disk)
        finally:
            web.close()
            disk.close()

    @contextmanager
    def open_ways(self) -> Iterator[Ways]:
        """Open the ways to the outputs for the length of a `with`; servers and proxy as above."""
        from amends.outputs.sending import Ways
        from ingest.courier import Courier
        from ingest.guard import named

        private = named(self.environment.get("AMENDS_ALLOW_PRIVATE", ""))
        proxy = self.environment.get("AMENDS_PROXY", "").strip() or None
        courier = Courier(self.agent, private=private, proxy=proxy)
        try:
            yield Ways(courier, self.secrets)
        finally:
            courier.close()

    def dispatch(self, store: Store) -> Dispatch:
        """Return what makes digests when they are due, and sends what waits."""
        from amends.outputs.dispatch import Dispatch

        return Dispatch(
            store, self.home.path, lambda: self.labels, self.open_ways, self.now, self.say
        )

    def place(self, store: Store) -> Place:
        """Return the place that posts are erased from; its key is made where there is none yet."""
        from amends.erase import Place
        from models.marks import made_marks

        return Place(
            self.home, store, made_marks(self.home.erasure_key), self.labels, lambda _: None
        )

    @property
    def wants_pseudonyms(self) -> bool:
        """Whether authors are to stand under pseudonyms: AMENDS_PSEUDONYMS, on or off."""
        from models.errors import SetupError

        said = self.environment.get("AMENDS_PSEUDONYMS", "").strip().lower() or "off"
        if said not in ("on", "off"):
            message = f"AMENDS_PSEUDONYMS is “{said}”"
            raise SetupError(message, "say on or off")
        return said == "on"

    @property
    def verify_age(self) -> timedelta:
        """How old a proof may be that a post is still there: AMENDS_VERIFY_HOURS, 24 unless told."""
        from models.errors import SetupError

        said = self.environment.get("AMENDS_VERIFY_HOURS", "").strip() or "24"
        if not said.isdecimal() or not 1 <= int(said) <= 8_760:
            message = f"AMENDS_VERIFY_HOURS is “{said}”"
            raise SetupError(message, "give hours, such as 24")
        return timedelta(hours=int(said))

    def upkeep(self, store: Store) -> Upkeep:
        """Return what lets posts go in rounds."""
        from amends.upkeep import Upkeep

        return Upkeep(lambda: self.place(store), self.sources, self.now, self.verify_age)

    @property
    def agent(self) -> str:
        """How we introduce ourselves; AMENDS_CONTACT names whom to ask about it."""
        from amends.version import version

        contact = self.environment.get("AMENDS_CONTACT", "").strip()
        return f"amends/{version()}" + (
            f" (contact: {contact})" if contact.isascii() and contact else ""
        )

    @property
    def me(self) -> str:
        """Who sits here, for the audit trail."""
        try:
            name = self.environment.get("AMENDS_USER") or getpass.getuser()
        except (OSError, KeyError):
            name = "somebody"
        return name.replace(":", "-")

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC)

    def show(self, columns: Sequence[str], rows: Iterable[dict[str, Any]], as_: str) -> int:
        """Print rows on stdout as `as_` says; a table has these columns, the rest every key."""
        from amends.cli.show import As, show

        return show(columns, rows, As(as_))

    def say(self, line: str) -> None:
        """Say a line to the person, not to the program that reads stdout."""
        from amends.cli.show import plain
        from models.secret import redacted

        print(redacted(plain(line)), file=sys.stderr, flush=True)

    def next(self, command: str, why: str) -> None:
        """Name the next sensible step."""
        self.say(f"next: {command}   ({why})")

    @property
    def on_terminal(self) -> bool:
        """Whether a person can be asked something."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def agrees(self, question: str, *, yes: bool) -> bool:
        """Ask before something is changed that can't be undone; only --yes will do off a terminal."""
        import typer

        from models.errors import SetupError

        if yes:
            return True
        if not self.on_terminal:
            message = f"{question} This needs a yes."
            raise SetupError(message, "add --yes")
        return typer.confirm(question, err=True)
