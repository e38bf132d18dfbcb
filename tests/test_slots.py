"""The mode in which a secret stands in every slot: a leak fails the test that made it, and says which one."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from tests.battery import Record, tell
from tests.slots import MADE, NAMES, canary, odd
from tests.slots.search import searched, slots_in

ROOT = Path(__file__).parent.parent

TIGHT = """
def test_tight(tmp_path):
    (tmp_path / "f").write_text("nothing to see")
"""
LOGS = "import logging, os; logging.debug(os.environ['WEBHOOK_SECRET'])"
LEAKS = {
    "a file": ("X token", '(tmp_path / "kept.txt").write_text(os.environ["X_BEARER_TOKEN"])'),
    "a log": ("SMTP password", 'logging.getLogger("a.b").debug("with %s", os.environ["SMTP_PASSWORD"])'),
    "what it prints": ("Slack address", 'print(os.environ["SLACK_WEBHOOK"])'),
    "what is read out": ("Teams address", 'print(os.environ["TEAMS_WEBHOOK"]); capsys.readouterr()'),
    "a process": ("webhook secret", f'subprocess.run([sys.executable, "-c", {LOGS!r}], check=True)'),
    "what is made": ("session cookie", '(tmp_path / "kept.txt").write_text(log_in())'),
}  # fmt: skip
"""How a test may leak, and from which slot."""

MAKES = """
from models.store import people


def log_in():
    exec("def log_in(): return secrets.token_urlsafe(32)", vars(people))
    return people.log_in()
"""


DOORS = ("tests/amends/outputs/test_sending.py",)
"""Chats, mails and webhooks that are written to."""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run front doors, and tests of which all but one leak, in the mode; return what came of it."""
    folder = tmp_path_factory.mktemp("mode")
    body = "".join(
        f"\n\ndef test_leak_{number}(tmp_path, capsys):\n    {line}\n"
        for number, (_, line) in enumerate(LEAKS.values())
    )
    head = f"import logging, os, subprocess, sys\n{MAKES}{TIGHT}"
    (folder / "test_leaks.py").write_text(head + body)
    command = [
        sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", f"--rootdir={ROOT}",
        "-c", str(ROOT / "pyproject.toml"), f"--basetemp={folder / 'base'}", "-p", "tests.slots.switch",
        "-k", "(leak or tight or every_kind) and not postgresql", str(folder / "test_leaks.py"), *DOORS,
    ]  # fmt: skip
    environment = os.environ | {"TESTS_SLOTS": str(folder / "logs"), "TESTS_ON": "sqlite"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    ).stdout


@pytest.mark.parametrize("way", LEAKS)
def test_security_a_leak_fails_the_test_that_made_it(said: str, way: str) -> None:
    """By a file, a log, a print, a process, or a secret that Amends makes itself; its slot is named."""
    number = list(LEAKS).index(way)
    line = next(
        one for one in said.splitlines() if f"test_leak_{number}" in one and "FAILED" in one
    )
    assert LEAKS[way][0] in line


def test_security_front_doors_leak_nothing(said: str, record_property: Record) -> None:
    """Only what leaks on purpose fails; whoever keeps secrets to themselves passes."""
    ended = said.splitlines()[-1]
    passed = int(ended.split(" failed, ")[1].split(" passed")[0])
    assert ended.startswith(f"{len(LEAKS)} failed, ")
    assert passed == 2
    tell(record_property, f"{len(NAMES)} secrets in every slot at DEBUG: 0 found in {passed} tests")


@pytest.mark.parametrize("pack", ["plain", "hex", "base64", "zstd"])
def test_security_the_search_is_not_blind(tmp_path: Path, pack: str) -> None:
    """It finds each spelling, also on the seam of two pieces and inside what is packed."""
    raw = b"." * ((1 << 24) - 9) + odd("audit key").encode() + b"." * 99
    packed = {
        "plain": lambda: raw,
        "hex": lambda: odd("audit key").encode().hex().encode(),
        "base64": lambda: base64.b64encode(b"user:" + odd("audit key").encode()),
        "zstd": lambda: zstandard.compress(raw),
    }
    (tmp_path / "f").write_bytes(packed[pack]())

    found, files, _ = searched([tmp_path / "f"])

    assert [(one.slot, files) for one in found] == [("audit key", 1)]


def test_every_slot_has_a_canary_of_its_own() -> None:
    """And those that Amends makes are made where the code says so."""
    assert len({canary(name) for name in NAMES}) == len(NAMES) >= 15
    assert all(slots_in(canary(name).encode()) == {name} for name in NAMES)
    for module, function in MADE:
        assert f"def {function}(" in (ROOT / f"{module.replace('.', '/')}.py").read_text()
