"""Archives in pieces: read once, scored as one, resumed, and never mixed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from classify.archive import keep
from classify.archive.job import Job, prepare
from classify.archive.place import Place
from classify.archive.score import score
from classify.classifier import Classifier
from classify.labels import Labels
from models.errors import SetupError
from tests.classify.said import ANAS_FAN, CLEO, DRE, with_thresholds

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
Rows = list[tuple[str, str, str, str, bool]]


@pytest.fixture
def places() -> Iterator[tuple[Place, Place]]:
    """Return an archive and its output, in a storage that isn't a disk."""
    root = f"memory://{uuid4().hex}"
    source, dest = Place(f"{root}/posts"), Place(f"{root}/scored")
    yield source, dest
    source.fs.rm(source.root.rsplit("/", 1)[0], recursive=True)


def posts(many: int, first: int = 0) -> list[dict[str, Any]]:
    """Return posts of the cast over three days."""
    said = (CLEO, DRE, ANAS_FAN, "the match begins at noon in the harbour stadium")
    return [
        {"id": n, "text": f"{said[n % 4]} {n}", "posted_at": f"2026-03-0{1 + n % 3}T10:00:00Z"}
        for n in range(first, first + many)
    ]


def jsonl(rows: list[Any]) -> bytes:
    """Return rows as lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def put(place: Place, name: str, data: bytes) -> None:
    """Put a file where nobody else writes."""
    place.fs.pipe_file(f"{place.root}/{name}", data)


def table(rows: list[dict[str, Any]], size: int) -> bytes:
    """Return rows as Parquet, with times that are times."""
    sink = pa.BufferOutputStream()
    made = pa.Table.from_pylist(
        [row | {"posted_at": datetime.fromisoformat(row["posted_at"])} for row in rows]
    )
    parquet.write_table(made, sink, row_group_size=size)
    return bytes(sink.getvalue())


def job_of(places: tuple[Place, Place], classifier: Classifier, size: int = 1000) -> Job:
    """Return what is to do."""
    return prepare(*places, classifier, piece_bytes=size, now=NOW)


def run(places: tuple[Place, Place], classifier: Classifier, size: int = 1000) -> list[str]:
    """Score what is missing, and return which pieces of which files that were."""
    job = job_of(places, classifier, size)
    for piece in job.missing:
        score(piece, job.work)
    return [piece.file for piece in job.missing]


def rows(dest: Place) -> Rows:
    """Return every row of the output as (day, label, id, text, unsupported)."""
    found: Rows = []
    for name in dest.sizes():
        if name.startswith("day="):
            day, label = (part.partition("=")[2] for part in name.split("/")[:2])
            with dest.open(name) as file:
                for row in parquet.read_table(file, partitioning=None).to_pylist():
                    found.append((day, label, row["id"], row["text"], row["unsupported"]))
    return sorted(found)


def test_wherever_it_is_cut_each_post_is_scored_once(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """Lines that pieces cut in two, packed files and Parquet come out as the classifier says."""
    said = posts(90)
    put(places[0], "2026/a.jsonl", jsonl(said[:30]).rstrip(b"\n"))
    put(places[0], "b.jsonl.gz", gzip.compress(jsonl(said[30:60])))
    put(places[0], "c.parquet", table(said[60:], 7))
    put(places[0], "_SUCCESS", b"")
    assert len(run(places, classifier, 333)) > 12
    tags, _ = classifier.tag([(one["id"], one["text"]) for one in said])
    tagged = {(tag.label, str(tag.post_id)) for tag in tags}
    bare = {("none", str(one["id"])) for one in said} - {("none", key) for _, key in tagged}
    assert sorted((label, key) for _, label, key, _, _ in rows(places[1])) == sorted(tagged | bare)
    days = {str(one["id"]): one["posted_at"][:10] for one in said}
    assert all(days[key] == day for day, _, key, _, _ in rows(places[1]))


@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_how_large_the_pieces_are_makes_no_difference(
    places: tuple[Place, Place], classifier: Classifier, size: int
) -> None:
    """A piece may be shorter than a line, too."""
    put(places[0], "a.jsonl", jsonl(posts(3)) + b"\n\r\n" + jsonl(posts(2, 3)))
    run(places, classifier, size)
    assert {key for _, _, key, _, _ in rows(places[1])} == {"0", "1", "2", "3", "4"}


def test_bad_lines_are_told_by_file_and_line(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """Though no piece knows how many lines lie before it; good ones are kept."""
    said: list[Any] = [*posts(20), {"id": 20}, *posts(20, 21), {"text": "no id"}, [1]]
    put(places[0], "a.jsonl", jsonl(said) + b'{"id": "\xff", "text": "x"}\n')
    put(places[0], "b.parquet", table([*posts(5), posts(1)[0] | {"text": None}], 2))
    run(places, classifier, 200)
    notes = list(job_of(places, classifier).notes.values())
    bad = [(file, line) for file, line, _ in keep.rejected(notes)]
    assert bad == [("a.jsonl", 21), ("a.jsonl", 42), ("a.jsonl", 43), ("a.jsonl", 44),
                   ("b.parquet", 6)]  # fmt: skip
    assert sum(note.posts for note in notes) == 45


def test_days_are_utc_and_a_time_that_cannot_be_is_none(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """An offset moves a post to its day in UTC; numbers are seconds, or smaller units."""
    times = ["2026-03-02T00:30:00+02:00", 1772323200, "1772323200000", "2026-03-01", None,
             "Sun Mar 01 10:00:00 +0000 2026", "9999-01-01", "soon", 1e300, {"a": 1}]  # fmt: skip
    said = [{"id": n, "text": CLEO, "posted_at": when} for n, when in enumerate(times)]
    put(places[0], "a.jsonl", jsonl(said))
    run(places, classifier)
    days = {int(key): day for day, _, key, _, _ in rows(places[1])}
    dated = dict.fromkeys([0, 1, 2, 3, 5], "2026-03-01")
    assert days == dated | dict.fromkeys([4, 6, 7, 8, 9], "undated")


def test_hostile_values_come_out_as_they_were(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """Formulas and control characters are text; half a character becomes a question mark."""
    said = [
        "=HYPERLINK(1)",
        "a\x00b\x1b[31m",
        "\u2028",
        "",
        "../../x",
        "hier geht gar nichts mehr, seit drei Tagen warte ich auf Antwort",
    ]
    put(places[0], "a.jsonl", jsonl([{"id": text or "-", "text": text} for text in said]))
    put(places[0], "b.jsonl", b'{"id": "half", "text": "x \\ud800 y"}\n')
    run(places, classifier)
    found = {text: unread for _, _, _, text, unread in rows(places[1])}
    assert found.keys() - {"x ? y"} == set(said)
    assert found[said[-1]]


def test_a_second_run_does_what_is_missing(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """What a try left behind that was cut short is replaced, and not counted twice."""
    put(places[0], "a.jsonl", jsonl(posts(40)))
    run(places, classifier)
    whole = rows(places[1])
    notes = list(job_of(places, classifier).notes.values())
    places[1].remove([notes[0].name, notes[2].parts[0]])
    put(places[1], "_begun/left", b"half")
    assert run(places, classifier) == ["a.jsonl", "a.jsonl"]
    assert rows(places[1]) == whole
    assert "_begun/left" not in places[1].sizes()
    assert run(places, classifier, 77) == []


def test_a_file_that_changed_is_scored_anew(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """Nothing of what it was before stays, and other files aren't touched; nor those gone."""
    for name, first in (("a.jsonl", 0), ("b.jsonl", 100), ("c.jsonl", 200)):
        put(places[0], name, jsonl(posts(20, first)))
    run(places, classifier)
    gone = next(
        one for one in job_of(places, classifier).notes.values() if one.piece.file[0] == "a"
    )
    places[1].remove([gone.name])
    put(places[0], "a.jsonl", jsonl(posts(5, 50)))
    places[0].remove(["c.jsonl"])
    assert run(places, classifier) == ["a.jsonl"]
    kept = {int(key) for _, _, key, _, _ in rows(places[1])}
    assert kept == {*range(50, 55), *range(100, 120), *range(200, 220)}


def test_what_one_piece_has_done_is_done(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """A worker that is asked for it again only says so."""
    put(places[0], "a.jsonl", jsonl(posts(4)))
    job = job_of(places, classifier)
    first = score(job.missing[0], job.work)
    places[0].remove(["a.jsonl"])
    assert score(job.missing[0], job.work) == first


def test_scores_of_two_classifiers_never_lie_together(
    places: tuple[Place, Place], classifier: Classifier, labels: Labels
) -> None:
    """Nor those of two archives, nor scores and whatever else is there."""
    put(places[0], "a.jsonl", jsonl(posts(4)))
    run(places, classifier)
    other = Classifier(with_thresholds(labels, 0.9), classifier.pipeline, classifier.card)
    with pytest.raises(SetupError, match=classifier.fingerprint):
        job_of(places, other)
    elsewhere = Place(f"{places[0].url}2")
    put(elsewhere, "a.jsonl", jsonl(posts(4)))
    with pytest.raises(SetupError, match="holds scores of"):
        job_of((elsewhere, places[1]), classifier)
    elsewhere.remove(["a.jsonl"])
    put(places[1], "_archive.json", b"{}")
    with pytest.raises(SetupError, match="can't be read"):
        job_of(places, classifier)
    places[1].remove(["_archive.json"])
    with pytest.raises(SetupError, match="something else"):
        job_of(places, classifier)


def test_a_damaged_file_costs_itself_alone(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """It is named, and the others are scored."""
    put(places[0], "a.parquet", b"PAR1 not really")
    put(places[0], "b.parquet", table([one | {"text": one["id"]} for one in posts(2)], 9))
    put(places[0], "c.jsonl", jsonl(posts(2)))
    put(places[0], "d.txt", b"notes")
    job = job_of(places, classifier)
    assert [file for file, _ in job.plan.unreadable] == ["a.parquet"]
    assert job.plan.others == 1
    run(places, classifier)
    notes = job_of(places, classifier).notes.values()
    assert sum(note.posts for note in notes) == sum(note.rejected for note in notes) == 2


def test_addresses_hold_no_secret() -> None:
    """Who lists this machine's programs would read it; so would whoever reads the message."""
    for address in ("sftp://ana:hunter2@files.example/posts", "simplecache::s3://k:hunter2@ours/a"):
        with pytest.raises(SetupError) as refused:
            Place(address)
        assert "hunter2" not in refused.value.message


def test_output_and_archive_lie_apart(places: tuple[Place, Place], classifier: Classifier) -> None:
    """Or the next run would score the scores."""
    put(places[0], "a.jsonl", jsonl(posts(1)))
    with pytest.raises(SetupError, match="lies within"):
        job_of((places[0], Place(f"{places[0].url}/scored")), classifier)


def test_the_note_says_what_became_of_a_piece(
    places: tuple[Place, Place], classifier: Classifier
) -> None:
    """As JSON beside the output, for whoever counts."""
    put(places[0], "a.jsonl", jsonl([{"id": 1, "text": CLEO}, {"id": 2, "text": ANAS_FAN}]))
    run(places, classifier)
    name = next(name for name in places[1].sizes() if name.startswith("_pieces/"))
    told = msgspec.json.decode(places[1].read([name])[name])
    assert (told["posts"], told["undated"], told["put"]["complaint"]) == (2, 2, 1)
