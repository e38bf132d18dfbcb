"""
Home: the folder where an installation keeps its database, its classifiers and its secrets.

The caller (a `cli.py`) reads the environment and says where; nothing here does.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from models.authors_key import AuthorsKey
from models.errors import SetupError
from models.marks import Marks, marks_at
from models.seal import Seal
from models.secret import Secret, know

_TELLING = re.compile(
    "(TOKEN|SECRET|PASSWORD|PASSWD|KEY|WEBHOOK|CREDENTIALS?)($|_)|(^|_)HOOK_", re.IGNORECASE
)
"""What the name of a secret in an environment holds."""


class Secrets:
    """Tokens by name, such as X_BEARER_TOKEN; never printed, never stored."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {
            name: Secret(value.strip()) if _TELLING.search(name) else value.strip()
            for name, value in values.items()
            if value.strip()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._values))})"

    def reveal(self, name: str) -> str:
        """Return the secret itself, for the one place that sends it."""
        if name not in self._values:
            message = f"{name} isn't set"
            raise SetupError(
                message, f"export {name}=… or put the line {name}=… into secrets.env in the home"
            )
        value = self._values[name]
        if isinstance(value, str):
            # Whatever it is called: once asked for it is a secret.
            value = self._values[name] = Secret(value)
        return value.reveal()


class Home:
    """One installation's folder, made on first use and readable only by its owner."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    def make(self) -> Home:
        """Create the folder if it isn't there yet."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"can't use {self.path} as the home: {error.strerror or error}"
            raise SetupError(message, "name another folder with --home or AMENDS_HOME") from error
        return self

    @property
    def database_url(self) -> str:
        """Where the embedded database lies, as SQLAlchemy says it."""
        return f"sqlite:///{self.path / 'amends.db'}"

    @property
    def seal(self) -> Seal:
        """What the audit trail is sealed with; its key is made with the first row."""
        return Seal(self.path)

    @property
    def classifiers(self) -> Path:
        """Where trained classifiers lie."""
        return self.path / "classifiers"

    @property
    def labels(self) -> Path | None:
        """The installation's own labels.toml, where it has one."""
        path = self.path / "labels.toml"
        return path if path.is_file() else None

    @property
    def alarms(self) -> Path | None:
        """The installation's own alarms.toml, where it has one."""
        path = self.path / "alarms.toml"
        return path if path.is_file() else None

    @property
    def truth(self) -> Path | None:
        """The installation's own words for contradictions and symptoms, where it has some."""
        path = self.path / "truth.toml"
        return path if path.is_file() else None

    @property
    def examples(self) -> Path:
        """Where examples of its own lie, beside the shipped ones."""
        return self.path / "examples"

    @property
    def shelf(self) -> Path:
        """Where past incidents lie that were brought in from a file."""
        return self.path / "shelf.jsonl"

    @property
    def vectors(self) -> Path:
        """Where the words' vectors lie, once they were distilled from an encoder."""
        return self.path / "vectors.npz"

    @property
    def rejects(self) -> Path:
        """Where lines that couldn't be taken in are kept, with the reason."""
        return self.path / "rejects.jsonl"

    @property
    def erasure_key(self) -> Path:
        """Where the key lies that tells posts which were erased; it is in no backup."""
        return self.path / "erasure.key"

    def authors(self, *, wanted: bool = False) -> AuthorsKey:
        """Return the keys of pseudonyms, which are in no backup; `wanted`: a setting asks for them."""
        return AuthorsKey(self.path / "authors.key", wanted=wanted)

    @property
    def erased(self) -> Path:
        """Where it is written what was erased, as marks: in no backup, for restores to go by."""
        return self.path / "erased.log"

    @property
    def erasing(self) -> Path:
        """What is there while an erasure hasn't ended."""
        return self.path / "erasing"

    @property
    def exports(self) -> Path:
        """Where it is written which files were made that hold posts."""
        return self.path / "exports.jsonl"

    def marks(self) -> Marks | None:
        """Return what tells posts that were erased; None where none ever was."""
        return marks_at(self.erasure_key)

    def secrets(self, environment: Mapping[str, str]) -> Secrets:
        """Secrets from `environment`, and from `secrets.env` in the home where that is 0600."""
        path = self.path / "secrets.env"
        found: dict[str, str] = {}
        if path.is_file():
            if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
                message = f"{path} can be read by others"
                raise SetupError(message, f"chmod 600 {path}")
            for line in path.read_text(encoding="utf-8").splitlines():
                name, is_pair, value = line.partition("=")
                if is_pair and not name.lstrip().startswith("#"):
                    found[name.strip()] = value.strip().strip("\"'")
        know(found.values())
        return Secrets(found | dict(environment))


def secrets_among(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what an environment holds that nobody may read: secrets by name, passwords in addresses."""
    for name, value in environment.items():
        if _TELLING.search(name):
            yield value.strip()
        password = _password(value)
        if password:
            yield password


def _password(url: str) -> str | None:
    """Return the password in an address, such as a database's or a proxy's."""
    if "://" not in url or "@" not in url:
        return None
    try:
        password = urlsplit(url).password
    except ValueError:
        return None
    return password and unquote(password)
