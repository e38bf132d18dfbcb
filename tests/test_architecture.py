"""The house keeps its own rules."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("models", "ingest", "classify", "amends")
LONGEST = 300


def files(*suffixes: str) -> list[Path]:
    """Return the files of the rooms and the tests with these endings."""
    return [
        path
        for room in (*ROOMS, "tests")
        for path in (ROOT / room).rglob("*")
        if path.suffix in suffixes and "__pycache__" not in path.parts
    ]


def test_no_file_is_longer_than_300_lines() -> None:
    """A file that grows past a screen or ten is split by noun."""
    long = {
        str(path.relative_to(ROOT)): count
        for path in files(".py", ".css", ".js", ".html")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_only_the_store_opens_a_session_or_commits() -> None:
    """One `with` is one transaction, and nothing else ends one."""
    found = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "models/store" not in path.as_posix()
        and re.search(r"\.commit\(|\bSession\(", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_saved_classifier_can_run_code() -> None:
    """Nothing is pickled or unpickled."""
    found = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"^\s*(import|from) (pickle|joblib)\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert found == []


def test_only_commands_read_the_environment_or_print() -> None:
    """What speaks to people or reads settings lies in a cli.py or in amends/cli."""
    speaks = re.compile(r"os\.environ|os\.getenv|\bprint\(|^import typer|sys\.exit", re.MULTILINE)
    found = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path.name not in ("cli.py", "__main__.py")
        and not {"amends/cli", "classify/cli"} & {"/".join(path.parts[-3:-1])}
        and speaks.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_words_keep_their_meaning() -> None:
    """No room has a drawer for everything, and a platform's own words stay with it."""
    drawers = {"utils", "util", "helpers", "helper", "manager", "handler", "common", "misc"}
    assert [path for path in files(".py") if path.stem in drawers] == []
    told = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "sources/x" not in path.as_posix()
        # One speaks as X does, the other knows the words on a page's buttons.
        and path.name not in ("incident_server.py", "furniture.py")
        and re.search(r"tweet", path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert told == []


def test_the_pins_hold_no_address() -> None:
    """Every pin has a hash, and nothing says where a package comes from."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "--hash=sha256:" in pins
    assert not re.search(r"https?://|--index-url|--find-links|--extra-index", pins)


def test_every_dependency_says_what_it_is_for() -> None:
    """CONTRIBUTING has a line for each."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    names = {re.split(r"[\[<>=~!]", line)[0] for line in wanted}
    said = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert {n for n in names if n.removeprefix("pytest-") not in said} == set()


def test_every_command_has_help_with_an_example() -> None:
    """A person who doesn't know yet sees how it goes."""
    import typer.main

    from amends.cli import app

    bare = []

    def look(command: object, way: str) -> None:
        for name, below in getattr(command, "commands", {}).items():
            look(below, f"{way} {name}")
        if not hasattr(command, "commands") and "Example:" not in str(getattr(command, "help", "")):
            bare.append(way)

    look(typer.main.get_command(app), "amends")
    assert bare == []
