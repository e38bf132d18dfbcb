"""The command line as a person uses it: words in, what it prints and its exit code out."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from amends.cli import main
from classify.shelf import ready


class Said(NamedTuple):
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


Amends = Callable[..., Said]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a classifier, trained once for all tests."""
    base = tmp_path_factory.getbasetemp()
    # With several workers their folders lie side by side, and whoever is first trains for all.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "classifiers"
    with (folder.parent / "classifiers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready(folder, lambda _: None, now=datetime(2026, 3, 4, tzinfo=UTC))
    return folder


@pytest.fixture
def home(tmp_path: Path, trained: Path) -> Path:
    """Return a home that has a classifier and nothing else."""
    folder = tmp_path / "home"
    shutil.copytree(trained, folder / "classifiers")
    return folder


@pytest.fixture
def amends(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Amends:
    """Return the command, in a home and an environment of its own."""
    for name in (
        "AMENDS_DATABASE_URL",
        "AMENDS_ALLOW_PRIVATE",
        "AMENDS_PROXY",
        "X_BEARER_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, **environment: str) -> Said:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home), *words])
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
