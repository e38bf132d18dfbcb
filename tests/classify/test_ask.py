"""Questions go to the posts that teach most, never twice, and their answers come back as corrections."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlmodel import select

from classify.ask import LOOKED_AT, choose
from classify.classifier import Classifier
from classify.examples import Examples
from classify.labels import Labels
from models.audit import AuditRow
from models.errors import SetupError
from models.store import Store
from tests.classify.said import small
from tests.classify.test_cli import Desk, Run, caller, furnished, jsonl
from tests.factories import NOW, a_post, a_watch, an_incident

DOUBTS = (
    "my invoice is dead again",
    "where is my lovely engineer",
    "the match begins and nobody answers me please",
    "harbour engineer mended the match",
    "the lovely stadium is dead again",
)
"""Each is half one thing and half another, and they don't resemble each other much."""

SPANISH = "la línea está muerta desde hace dos días y nadie contesta en el teléfono"
UNREADABLE = (SPANISH, "Линия не работает уже третий день", "¤¤¤", "@ana @bo")

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def taught(labels: Labels) -> Classifier:
    """Return a classifier that knows what our cast talks about, trained in a moment."""
    return Classifier.train(labels, Examples(small(), labels))


@pytest.fixture
def desk(tmp_path: Path, taught: Classifier) -> Desk:
    """Return a desk whose home has that classifier."""
    return furnished(tmp_path / "home", taught)


@pytest.fixture
def run(desk: Desk) -> Run:
    """Return a way to call a command."""
    return caller(desk)


@pytest.fixture
def ask(run: Run) -> Ask:
    """Return a way to ask as a program does, and to read the questions."""

    def call(*words: str) -> list[dict[str, Any]]:
        return [
            json.loads(line) for line in run("ask", *words, "--as", "jsonl").stdout.split("\n")[:-1]
        ]

    return call


def keep(desk: Desk, *texts: str, slug: str = "discs-late", **said: Any) -> list[int]:
    """Keep posts of an incident, and return their ids in order."""
    with desk.open_store() as store:
        with store.begin() as tx:
            known = [one.id for one in tx.incidents.every() if one.slug == slug]
            incident = known[0] if known else tx.incidents.add(an_incident(slug=slug)).id
        watch = a_watch(store, incident_id=incident, key=f"{slug} {len(texts)} {texts[:1]}")
        posts = [a_post(text=text, **said) for text in texts]
        with store.begin() as tx:
            kept = tx.posts.add(watch, posts, NOW)
    return [kept.ids[post.source, post.external_id] for post in posts]


def held(desk: Desk, *posts: int) -> list[dict[str, str]]:
    """Return for each post the labels on it, and by whom."""
    with desk.open_store() as store, store.read() as tx:
        found = tx.views.labels(posts)
    return [{name: one.by for name, one in found.get(post, {}).items()} for post in posts]


def test_the_unsure_come_first(taught: Classifier) -> None:
    """All in doubt, be they few among thousands that are clear; the greatest doubt before all."""
    sure = [f"thank you, the lovely engineer {n} mended it at once" for n in range(LOOKED_AT)]
    texts = [*sure[:24], *DOUBTS, *sure[24:]]
    p = np.clip(taught.scores(texts), 1e-9, 1 - 1e-9)
    unknown = (-(p * np.log2(p) + (1 - p) * np.log2(1 - p))).max(axis=1)

    chosen = choose(taught, texts, len(DOUBTS))

    assert {texts[at] for at in chosen} == set(DOUBTS)
    assert chosen[0] == unknown.argmax()


def test_ten_copies_of_one_doubt_are_one_question(taught: Classifier) -> None:
    """However unsure it is of all ten, what resembles a question gives way to what doesn't."""
    copies = [f"my invoice is dead again {n}" for n in range(10)]
    texts = [*copies, *DOUBTS[1:]]

    chosen = [texts[at] for at in choose(taught, texts, len(DOUBTS))]

    assert sum(text in copies for text in chosen) == 1
    assert set(DOUBTS[1:]) < set(chosen)


def test_what_nobody_can_read_is_never_asked(taught: Classifier) -> None:
    """Not even when there is nothing else; and each of the rest is chosen once."""
    texts = [*UNREADABLE, *DOUBTS, *DOUBTS]

    assert sorted(choose(taught, texts, 99)) == list(range(len(UNREADABLE), len(texts)))
    assert choose(taught, UNREADABLE, 9) == choose(taught, [], 9) == []


def test_a_question_shows_what_the_classifier_thinks(
    ask: Ask, desk: Desk, taught: Classifier
) -> None:
    """The post's number and text, every label's score, and the labels it would put."""
    (post,) = keep(desk, DOUBTS[0])

    (asked,) = ask()

    assert (asked["post"], asked["text"]) == (post, DOUBTS[0])
    scores = taught.scores([DOUBTS[0]])
    assert list(asked["scores"].values()) == [round(one, 3) for one in scores[0].tolist()]
    put = taught.put(scores)[0].tolist()
    assert asked["labels"] == [
        name for name, there in zip(asked["scores"], put, strict=True) if there
    ]


def test_nothing_is_asked_twice(ask: Ask, desk: Desk) -> None:
    """Nor what says the same, whether it lay there already or comes later."""
    posts = keep(desk, *DOUBTS)
    keep(desk, f"RT @ana {DOUBTS[0].upper()}!", f"@cleo {DOUBTS[0]} https://example.org/1")

    first, second = ask("--count", "3"), ask("--count", "3")
    keep(desk, f"{DOUBTS[1]}?", f"{DOUBTS[2]} #reelpost")

    texts = [one["text"].upper() for one in first + second]
    assert len(first) == 3 and len(second) == 2
    assert [sum(doubt.upper() in text for text in texts) for doubt in DOUBTS] == [1] * len(posts)
    assert ask() == []
    assert "nothing left to ask about" in desk.said


def test_what_somebody_corrected_is_not_asked(ask: Ask, run: Run, desk: Desk) -> None:
    """Neither that post nor its copy, though nobody was asked about it before."""
    one, _, other = keep(desk, DOUBTS[0], f"{DOUBTS[0]}!", DOUBTS[1])
    run("correct", str(one), "--by", "ana")

    assert [question["post"] for question in ask()] == [other]


def test_what_the_classifier_cannot_read_is_not_asked(ask: Ask, run: Run, desk: Desk) -> None:
    """Before it has looked at the posts, and after."""
    keep(desk, *UNREADABLE)
    assert ask() == []

    run("run")
    assert ask() == []


def test_a_post_set_aside_is_not_open(lite: Store) -> None:
    """What a classifier couldn't read leaves room among the newest for what it could."""
    watch = a_watch(lite)
    with lite.begin() as tx:
        tx.posts.add(watch, [a_post(text=text) for text in (*DOUBTS, SPANISH)], NOW)
        rows = tx.posts.unscored(9)
        tx.tags.put_scored(rows, [], "classifier:a", NOW, [rows[-1].post_id])

        assert [post.text for post in tx.tags.open(2)] == [DOUBTS[4], DOUBTS[3]]


def test_only_customers_of_open_incidents_are_asked_about(ask: Ask, desk: Desk) -> None:
    """Not the company's own posts, nor those of an incident that is over; one alone if named."""
    keep(desk, DOUBTS[0])
    keep(desk, DOUBTS[1], slug="over")
    keep(desk, DOUBTS[2], slug="mail-down")
    keep(desk, DOUBTS[3], official=True)
    with desk.open_store() as store, store.begin() as tx:
        over = tx.incidents.find("over")
        over.closed_at = NOW
        tx.incidents.save(over)

    assert [one["text"] for one in ask("mail-down")] == [DOUBTS[2]]
    assert [one["text"] for one in ask()] == [DOUBTS[0]]


def test_an_empty_store_is_no_trouble(run: Run, desk: Desk) -> None:
    """It says so on the side; what reads stdout gets nothing, in its own form."""
    assert run("ask", "--as", "jsonl").stdout == ""
    assert json.loads(run("ask", "--as", "json").stdout) == []
    assert run("ask").stdout == ""
    assert desk.said.count("nothing left to ask about") == 3


@pytest.mark.parametrize("count", ["0", "-3", "501", "many"])
def test_a_count_out_of_bounds_is_refused(run: Run, count: str) -> None:
    """From 1 to 500: more are no questions but a day's work."""
    run("ask", "--count", count, fails=2)


def test_answered_questions_come_back_as_corrections(run: Run, desk: Desk, tmp_path: Path) -> None:
    """The very lines that were printed, labels changed or left; whatever signs the posts hold."""
    odd = [
        "my invoice\nis “dead” again \u2028 {x}",
        'nobody answers "my" refund 😡 please',
        DOUBTS[1],
    ]
    posts = keep(desk, *odd)
    asked = [json.loads(line) for line in run("ask", "--as", "jsonl").stdout.split("\n")[:-1]]
    answers = {posts[0]: ["complaint", "credit_request"], posts[1]: [], posts[2]: ["praise"]}
    file = tmp_path / "answered.jsonl"
    file.write_bytes(jsonl(*({**one, "labels": answers[one["post"]]} for one in asked)))

    run("correct", "--from", str(file), "--by", "dre")
    run("run")

    assert held(desk, *posts) == [dict.fromkeys(answers[post], "dre") for post in posts]
    assert "3 posts put right by dre, 9 labels said anew" in desk.said


def test_bad_answers_are_told_and_the_rest_counts(run: Run, desk: Desk) -> None:
    """File, line and reason; a post nobody has is named; nothing good at all is a failure."""
    (post,) = keep(desk, DOUBTS[0])
    bad = [b"{", b'{"post": "x", "labels": []}', b'{"post": 1}', b'{"post": 1, "labels": ["rage"]}']
    good = jsonl({"post": post, "labels": ["praise"]}, {"post": 4711, "labels": ["praise"]})

    run("correct", "--from", "-", "--by", "ana", stdin=good + b"\n".join(bad) + b"\n")

    assert held(desk, post) == [{"praise": "ana"}]
    told = [line.split(": left out")[0] for line in desk.said if ": left out" in line]
    assert told == [f"stdin, line {number}" for number in range(3, 7)]
    assert "left out: there is no post 4711" in desk.said
    run("correct", "--from", "-", stdin=b"\n".join(bad), fails=1)


def test_a_person_corrects_and_takes_it_back(run: Run, desk: Desk) -> None:
    """Not without a yes; both stand on the audit trail under the person's name."""
    (post,) = keep(desk, DOUBTS[0])
    run("correct", str(post), "praise", "--by", "ana")
    run("correct", str(post), "--by", "bo")

    run("undo", "--by", "bo", stdin=b"n\n", fails=1)
    assert held(desk, post) == [{}]
    run("undo", "--by", "bo", "--yes")
    assert held(desk, post) == [{"praise": "ana"}]

    with desk.open_store() as store, store.read() as tx:
        trail = [(row.did, row.about, row.by) for row in tx.session.exec(select(AuditRow))]
    assert trail[:2] == [("corrected", "posts:1", "ana"), ("corrected", "posts:1", "bo")]
    assert trail[2][:2] == ("undid corrections", "person:bo") and len(trail) == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["1", "rage"], "rage"),
        (["4711", "praise"], "there is no post 4711"),
        (["1", "praise", "--by", "classifier:9f3a"], "can't be a person's name"),
        (["1", "praise", "--by", "  "], "can't be a person's name"),
        ([], "which post"),
        (["1", "--from", "answers.jsonl"], "which post"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    run: Run, desk: Desk, words: list[str], says: str
) -> None:
    """It names what is wrong, and nothing is said; nobody speaks as the classifier."""
    keep(desk, DOUBTS[0])

    with pytest.raises(SetupError, match=says):
        run("correct", *words)

    with desk.open_store() as store, store.read() as tx:
        assert tx.tags.said() == []
