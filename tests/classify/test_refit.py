"""The classifier learns from people, a refit that does harm stays out, and one can always go back."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from classify import history, shelf
from classify.classifier import Classifier
from classify.cli import app
from classify.corrections import corrections
from classify.examples import Examples, Labelled, shipped
from classify.labels import Labels
from classify.refit import refit
from models.errors import SetupError
from models.store.tags import Said
from models.voice import near
from tests.classify.said import small
from tests.classify.test_ask import held, keep
from tests.classify.test_cli import Desk, jsonl
from tests.factories import NOW

KITES = [f"a marmalade kite {one} over {other}" for one in "abcdef" for other in "abcdef"]
OPEN = ("one marmalade kite", "marmalade kite there", *(one.text for one in small(1)))
"""Posts nobody corrects: two that resemble the kites, four that say what the corpus says."""

Three = list[Classifier]
Told = tuple[int, str, list[str]]
"""A command's exit code, what it printed, and what it said on the side."""


class Turn(NamedTuple):
    """What came of a command, how many posts waited then, and what there was after they were tagged."""

    exit_code: int
    printed: str
    said: list[str]
    waiting: int
    tags: list[dict[str, str]]
    scores: bytes


class House:
    """A home in which people call commands; the corpus they train from is a small file."""

    def __init__(self, home: Path) -> None:
        self.home, self.shelf = home, home / "classifiers"
        self.corpus = home.parent / "corpus.jsonl"
        rows = ({"text": one.text, "labels": one.labels} for one in small())
        self.corpus.write_bytes(jsonl(*rows))

    @property
    def desk(self) -> Desk:
        """A desk as each command finds it, which remembers nothing of the last one."""
        return Desk(self.home)

    def run(self, *words: str, stdin: bytes = b"") -> Told:
        """Call a command."""
        desk = self.desk
        result = CliRunner().invoke(app, words, obj=desk, input=stdin, catch_exceptions=False)
        return result.exit_code, result.stdout.removesuffix("\n"), desk.said

    def train(self) -> Told:
        """Train from the small corpus, and all corrections."""
        return self.run("train", "--only", str(self.corpus))

    def corrects(self, who: str, rows: Sequence[Labelled]) -> None:
        """Let posts come in and be tagged, and somebody say what they are."""
        posts = keep(self.desk, *(one.text for one in rows), slug=who)
        self.run("run")
        lines = ({"post": at, "labels": one.labels} for at, one in zip(posts, rows, strict=True))
        self.run("correct", "--from", "-", "--by", who, stdin=jsonl(*lines))


class Life(House):
    """A first classifier, Ana's honest corrections, Eve's wrong ones, and a rollback; played once."""

    def __init__(self, home: Path, labels: Labels) -> None:
        super().__init__(home)
        rows = sorted(shipped(labels), key=lambda one: one.text)
        random.Random(1).shuffle(rows)
        complaints = [row.text for row in rows[300:] if row.labels == ("complaint",)]
        self.anas = [*rows[:300], *(Labelled(text, ("praise",)) for text in KITES)]
        self.open = keep(self.desk, *OPEN)
        self.first = self.turn(self.train())
        self.corrects("ana", self.anas)
        self.learnt = self.turn(self.train())
        self.corrects("eve", [Labelled(text, ("praise",)) for text in complaints[:300]])
        self.poisoned = self.turn(self.train())
        self.back = self.turn(self.run("rollback"))

    def turn(self, told: Told) -> Turn:
        """Tag what waits after a command, and look around."""
        with self.desk.open_store() as store, store.read() as tx:
            waiting = len(tx.posts.unscored(10_000))
        self.run("run")
        classifier = shelf.current(self.shelf)
        assert classifier is not None
        scores = classifier.scores([*OPEN, *KITES, "no refund, nobody answers"]).tobytes()
        return Turn(*told, waiting, held(self.desk, *self.open), scores)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, labels: Labels) -> Life:
    """Return that life, to look back at."""
    return Life(tmp_path_factory.mktemp("life") / "home", labels)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return an installation in which nothing has happened yet."""
    return House(tmp_path / "home")


@pytest.fixture(scope="module")
def three(labels: Labels) -> Three:
    """Return three classifiers, each with its own fingerprint."""
    return [Classifier.train(labels, Examples(small(count), labels)) for count in (12, 14, 16)]


def put(folder: Path, classifier: Classifier) -> None:
    """Put a classifier into use, as a refit does."""
    entry = history.Entry(
        at=NOW, fingerprint=classifier.fingerprint, became="live", examples=9, corrections=0
    )
    shelf.put(folder, classifier, entry)


def test_corrections_change_its_mind_on_similar_words(life: Life) -> None:
    """Nobody corrected those two posts; the other four it tags as before."""
    assert life.first.tags[:2] == [{}, {}]
    assert [list(tags) for tags in life.learnt.tags[:2]] == [["praise"]] * 2
    assert list(map(list, life.learnt.tags[2:])) == list(map(list, life.first.tags[2:]))


def test_a_refit_says_what_it_would_change_on_open_posts(life: Life) -> None:
    """By label, with the texts; the first one has nothing to be compared with."""
    at = life.learnt.said.index("open posts: praise put on 2 more, taken off 0")

    assert set(life.learnt.said[at + 1 : at + 3]) == {f"  + {text}" for text in OPEN[:2]}
    assert "open posts: complaint put on 0 more, taken off 0" in life.learnt.said
    assert not [line for line in life.first.said if line.startswith("open posts")]
    assert [line for line in life.poisoned.said if line.startswith("open posts")]


def test_a_better_refit_goes_live_and_looks_at_everything_again(life: Life) -> None:
    """Exit 0, another fingerprint, and every post waits for it, the corrected ones too."""
    assert (life.first.exit_code, life.learnt.exit_code) == (0, 0)
    assert life.learnt.printed != life.first.printed
    assert life.learnt.waiting == len(OPEN) + len(life.anas)


def test_every_tag_names_the_classifier_in_use(life: Life) -> None:
    """After each refit and after the rollback, on every post no person spoke of."""
    for turn in (life.first, life.learnt, life.poisoned, life.back):
        by = {by for tags in turn.tags for by in tags.values()}
        assert by == {f"classifier:{turn.printed}"}


def test_one_person_cannot_turn_the_classifier(life: Life) -> None:
    """Hundreds of wrong corrections: exit 1, the reason says where, the old one stays in use."""
    refused = [line for line in life.poisoned.said if line.startswith("refused: ")]

    assert life.poisoned.exit_code == 1
    assert refused[0].startswith("refused: worse at complaint on ")
    assert life.poisoned.printed == life.learnt.printed
    assert life.poisoned.scores == life.learnt.scores
    assert life.poisoned.waiting == 0


def test_a_rollback_restores_the_very_scores(life: Life) -> None:
    """Bit by bit; and the posts that another one tagged are looked at again."""
    assert (life.back.exit_code, life.back.printed) == (0, life.first.printed)
    assert life.back.scores == life.first.scores != life.learnt.scores
    assert life.back.waiting == len(OPEN) + len(life.anas) + 300
    assert life.back.tags == life.first.tags


def test_the_history_tells_it_all(life: Life) -> None:
    """Newest first: what each was made of, why one was refused, which is in use; one refused is no past."""
    told = json.loads(life.run("history", "--as", "json")[1])

    back, refused, live, first = told
    assert [one["became"] for one in told] == ["rolled back", "refused", "live", "first"]
    assert live["fingerprint"] == life.learnt.printed
    assert back["fingerprint"] == first["fingerprint"] == life.first.printed
    assert [bool(one["in use"]) for one in told] == [True, False, False, True]
    assert refused["because"].startswith("worse at complaint on ")
    assert live["because"] == first["because"] == ""
    assert [one["corrections"] for one in (refused, live, first)] == [636, 336, 0]
    assert [one["macro-F1"][:2] for one in (refused, live, first)] == ["0."] * 3
    with pytest.raises(SetupError, match="there is no classifier"):
        life.run("rollback", refused["fingerprint"])


def test_what_is_examined_is_never_learnt(life: Life) -> None:
    """A fifth of Ana's corrections stand only in the exam."""
    with life.desk.open_store() as store, store.read() as tx:
        told = corrections(tx.tags.said(), life.desk.labels)
    taught = sum(one.part == "train" for one in told if one.by == "ana")

    (live,) = (one for one in history.read(life.shelf) if one.became == "live")

    assert 0.7 < taught / len(life.anas) < 0.9
    assert live.examples == len(small()) + taught


def test_people_here_outdo_the_corpus_on_the_same_words(tmp_path: Path, labels: Labels) -> None:
    """A text of the corpus that somebody corrected is learnt once, not with both answers."""
    base = small()
    texts = [f"@ana {one.text}!" for one in base]
    told = [Said(1, text, near(text), "x", "praise", True, "ana", NOW) for text in texts]
    learnt = {one.text for one in corrections(told, labels) if one.part == "train"}
    told = [one for one in told if one.text in learnt][:30]

    done = refit(tmp_path, labels, told, examples=tmp_path, now=NOW, say=lambda _: None, only=base)

    assert (done.entry.corrections, done.entry.examples) == (30, len(base))


def test_a_damaged_one_is_no_measure(house: House) -> None:
    """Where the one in use can't be read, a refit takes its place, and says so."""
    _, first, _ = house.train()
    (house.shelf / first / "card.json").write_text("{")

    code, printed, said = house.train()

    assert (code, printed) == (0, first) and shelf.current(house.shelf)
    assert [line for line in said if line.startswith("nothing to compare with: ")]


def test_a_file_of_one_kind_teaches_nothing(house: House, three: Three) -> None:
    """It says which label can't be learnt; what is in use stays, and history knows nothing of it."""
    put(house.shelf, three[0])
    rows = ({"text": f"dead line {n}", "labels": ["complaint"]} for n in range(40))
    house.corpus.write_bytes(jsonl(*rows))

    with pytest.raises(SetupError, match="40 of 40 examples carry the label complaint"):
        house.train()

    assert (house.shelf / "current").read_text() == f"{three[0].fingerprint}\n"
    assert [one.became for one in history.read(house.shelf)] == ["live"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([{"text": "late", "labels": ["rage"]}], r"b\.jsonl, line 2: there is no label “rage”"),
        ([{"text": " ", "labels": []}], r"b\.jsonl, line 2: there is no text"),
        ([{"text": "so", "labels": []}], r"b\.jsonl, line 2: the same text as .*b\.jsonl, line 1"),
        ([{"text": "hm", "labels": []}], r"b\.jsonl, line 2: the same text as .*a\.jsonl, line 1"),
    ],
)
def test_a_bad_line_among_ones_own_examples_is_named(
    house: House, lines: list[dict[str, object]], says: str
) -> None:
    """File and line, before anything is trained."""
    examples = house.desk.home.examples
    examples.mkdir()
    (examples / "a.jsonl").write_bytes(jsonl({"text": "hm", "labels": []}))
    (examples / "b.jsonl").write_bytes(jsonl({"text": "so", "labels": []}, *lines))

    with pytest.raises(SetupError, match=says):
        house.train()

    assert not house.shelf.exists()


def test_there_must_be_something_to_go_back_to(house: House, three: Three) -> None:
    """Not in an empty home, nor after the first; a fingerprint nobody had is named."""
    with pytest.raises(SetupError, match="no earlier classifier"):
        house.run("rollback")
    put(house.shelf, three[0])
    with pytest.raises(SetupError, match="no earlier classifier"):
        house.run("rollback")
    put(house.shelf, three[1])
    with pytest.raises(SetupError, match="there is no classifier 0123456789ab"):
        house.run("rollback", "0123456789ab")

    assert (house.shelf / "current").read_text() == f"{three[1].fingerprint}\n"


def test_one_goes_back_to_the_one_before_or_to_any(house: House, three: Three) -> None:
    """The beginning of a fingerprint will do; after a rollback the one before is the one left."""
    for classifier in three:
        put(house.shelf, classifier)
    first, second, third = (one.fingerprint for one in three)

    went = [house.run("rollback", *words)[1] for words in ([], [first[:6]], [third], [])]

    assert went == [second, first, third, first]
    with pytest.raises(SetupError, match="there are several"):
        house.run("rollback", "")
