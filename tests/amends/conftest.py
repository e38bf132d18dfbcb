"""The command line as a person uses it: words in, what it prints and its exit code out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from amends.cli import main
from tests.grounds import url_of

DATABASE = "AMENDS_DATABASE_URL"


class Said(NamedTuple):
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


Amends = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, trained: Path, ground: str, request: pytest.FixtureRequest) -> Path:
    """Return a home that has a classifier, an empty database and nothing else."""
    folder = tmp_path / "home"
    shutil.copytree(trained, folder / "classifiers")
    if ground == "sqlite":
        shutil.copy(request.getfixturevalue("mould"), folder / "amends.db")
    else:
        patch = request.getfixturevalue("monkeypatch")
        patch.setenv(DATABASE, url_of(folder))
    return folder


@pytest.fixture
def amends(
    home: Path, ground: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Amends:
    """Return the command, in a home and an environment of its own."""
    for name in ("AMENDS_ALLOW_PRIVATE", "AMENDS_PROXY", "X_BEARER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    if ground == "sqlite":
        monkeypatch.delenv(DATABASE, raising=False)

    def run(*words: str, **environment: str) -> Said:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        all_words = ["--home", str(home), *words]
        ours = os.environ.get(DATABASE)
        with monkeypatch.context() as within:
            if ground != "sqlite" and ours == url_of(home):
                last = len(all_words) - 1 - all_words[::-1].index("--home")
                within.setenv(DATABASE, url_of(Path(all_words[last + 1])))
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main(all_words)
        out, err = capfd.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def incident(amends: Amends) -> str:
    """Return the slug of an open incident."""
    said = amends("incident", "open", "Discs late", "--company", "Reelpost", "--began",
                  "2026-03-03T08:40", "--tz", "America/Chicago", "--as", "json")  # fmt: skip
    assert said.code == 0
    return "discs-late"
