"""
The contract of sources that can be asked again: each comes with recorded answers of its own.

`fixtures/sources/NAME/again/CASE/` holds `asked.json` (the watch, the posts that are due, and which of
them are there, gone, or can't be told of) and what was answered, `1.http`, `2.http` and so on.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ingest.again import Asked, AsksAgain
from ingest.registry import all_sources
from ingest.source import Request, Response
from models.errors import SourceBusy, SourceError
from models.incident import Watch
from tests.recorded import FIXTURES, NOW, recorded

SOURCES = {name: one for name, one in all_sources().items() if isinstance(one, AsksAgain)}
CASES = [
    (name, path.parent)
    for name in SOURCES
    for path in sorted((FIXTURES / "sources" / name / "again").glob("*/asked.json"))
]


class Case(msgspec.Struct):
    """A case as it lies in its folder."""

    watch: Watch
    due: list[Asked]
    expected: dict[str, list[str]]


def case_of(folder: Path) -> Case:
    """Read a case."""
    return msgspec.json.decode((folder / "asked.json").read_bytes(), type=Case)


def play(source: AsksAgain, folder: Path) -> tuple[dict[str, list[str]], list[Request]]:
    """Ask about all that is due; return what came of it, and every question that went out."""
    case = case_of(folder)
    found: dict[str, list[str]] = {"there": [], "gone": [], "untold": []}
    left, questions = list(case.due), []
    while left:
        asking = source.ask_again(case.watch, left, NOW)
        assert asking is not None and asking.ids
        some = [one for one in left if one.id in asking.ids]
        left = [one for one in left if one.id not in asking.ids]
        found["untold"] += asking.ids if asking.request is None else ()
        request = asking.request
        while request is not None:
            questions.append(request)
            again = source.read_again(recorded(folder / f"{len(questions)}.http", request), some)
            found["there"] += [*again.there, *(post.external_id for post in again.posts)]
            found["gone"] += again.gone
            found["untold"] += again.untold
            request = again.more
            for kept in filter(None, [again.resume]):
                # It lies in the database: no secret, and no id of somebody who may be erased meanwhile.
                plain = msgspec.json.encode(kept).decode()
                assert not kept.signed and not any(one.id in plain for one in some)
    left_over = {path.name for path in folder.glob("*.http")}
    assert left_over == {f"{n + 1}.http" for n in range(len(questions))}, (
        "not all answers were used"
    )
    return found, questions


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_can_be_asked_again_comes_with_its_answers(name: str) -> None:
    """At least one case, in which something is gone and something is there; and it says what proof is."""
    said = [case_of(folder).expected for each, folder in CASES if each == name]

    assert any(one["gone"] and one["there"] for one in said), f"add {name}/again/CASE/asked.json"
    assert SOURCES[name].proof and SOURCES[name].again > 0


@pytest.mark.parametrize(("name", "folder"), CASES, ids=[f"{n}-{f.name}" for n, f in CASES])
def test_recorded_answers_tell_what_is_there_and_what_is_gone(name: str, folder: Path) -> None:
    """Exactly what lies beside them; and whoever reads the questions reads no token."""
    found, questions = play(SOURCES[name], folder)

    expected = case_of(folder).expected
    assert {what: sorted(ids) for what, ids in found.items()} == {
        what: sorted(ids) for what, ids in expected.items()
    }
    needs = SOURCES[name].needs  # type: ignore[attr-defined]
    assert all(one.secret is None or one.secret in needs for one in questions)


@pytest.mark.parametrize("status", [200, 401, 403, 429, 500, 503])
@pytest.mark.parametrize(("name", "folder"), CASES, ids=[f"{n}-{f.name}" for n, f in CASES])
def test_a_place_in_trouble_never_makes_posts_go(name: str, folder: Path, status: int) -> None:
    """Whichever of its answers is a login page, a refusal or an outage: nothing is gone by that."""
    source, case = SOURCES[name], case_of(folder)
    _, questions = play(source, folder)
    for request in questions:
        response = Response(
            request=request, status=status, body=b"<html><h1>Sorry</h1></html>", at=NOW,
            url="https://somewhere.example/", headers={"content-type": "text/html"},
        )  # fmt: skip
        if "front" in request.state and status == 200:
            continue
        try:
            again = source.read_again(response, case.due)
        except SourceBusy:
            assert status >= 401
        except SourceError:
            assert status < 429
        else:
            assert again.gone == {}


def test_what_counts_as_proof_stands_in_the_privacy_notice() -> None:
    """A data-protection officer reads the same sentences as the code says."""
    said = " ".join((FIXTURES.parent / "PRIVACY.md").read_text(encoding="utf-8").split())

    missing = [name for name, one in SOURCES.items() if one.proof not in said]

    assert not missing
