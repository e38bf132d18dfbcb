"""What a person says of a post holds, reaches what says the same, and can be taken back."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from classify.classifier import Classifier
from classify.corrections import MOST_BY_ONE, WEIGHT, corrections
from classify.examples import Examples, Labelled
from classify.labels import Labels
from classify.scorer import FOLDS
from models.incident import Watch
from models.store import Store
from models.store.tags import Said
from models.tag import CLASSIFIER, Tag
from models.voice import near
from tests.classify.said import small
from tests.factories import NOW, a_post, a_watch

NAMES = ("complaint", "praise", "credit_request")
DOUBT = "well done, five days without discs"
COPIES = (
    DOUBT,
    "RT @cleo: Well done, FIVE days without discs!! https://example.org/7",
    f"@ana {DOUBT}",
)
OTHER = "well done, six days without discs"


class Scene:
    """A store with one watch, in which people speak of posts and a classifier looks at them."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self.store, self.watch = store, watch

    def posts(self, *texts: str) -> list[int]:
        """Keep posts with these texts, and return their ids in order."""
        posts = [a_post(text=text) for text in texts]
        with self.store.begin() as tx:
            kept = tx.posts.add(self.watch, posts, NOW)
        return [kept.ids[post.source, post.external_id] for post in posts]

    def says(self, who: str, post: int, *put: str, judged: Sequence[str] = NAMES) -> int:
        """Let somebody say which labels a post carries."""
        tags = [Tag(post_id=post, label=name, by=who, put=name in put) for name in judged]
        with self.store.begin() as tx:
            return tx.tags.put(tags, NOW)

    def looks(self, name: str = "a", label: str = "complaint") -> int:
        """Let a classifier put one label on all that waits for it; return how many that was."""
        by = CLASSIFIER + name
        with self.store.begin() as tx:
            rows = tx.posts.unscored(99)
            tags = [Tag(post_id=row.post_id, label=label, by=by, score=0.9) for row in rows]
            tx.tags.put_scored(rows, tags, by, NOW)
            return len(rows)

    def undoes(self, who: str) -> int:
        """Take back all that one person said."""
        with self.store.begin() as tx:
            return tx.tags.undo(who, NOW)

    def carries(self, *posts: int) -> list[dict[str, str]]:
        """Return for each post the labels on it, and by whom."""
        with self.store.read() as tx:
            held = tx.views.labels(posts)
        return [{name: one.by for name, one in held.get(post, {}).items()} for post in posts]


@pytest.fixture
def scene(store: Store) -> Scene:
    """Return an empty scene, on each of the two databases."""
    return Scene(store, a_watch(store))


def said(
    text: str, by: str = "ana", minute: int = 0, put: str = "", judged: str = ""
) -> list[Said]:
    """Return what somebody says of a text: one label put, all of them judged or just one."""
    at = NOW + timedelta(minutes=minute)
    names = [judged] if judged else NAMES
    return [Said(1, text, near(text), "x", name, name == put, by, at) for name in names]


@pytest.mark.parametrize("put", [("praise",), ()])
def test_a_correction_holds_at_once_on_all_that_say_the_same(
    scene: Scene, put: tuple[str, ...]
) -> None:
    """Whoever repeats, addresses or reposts it; “none of these” too; other words are left alone."""
    *copies, other = scene.posts(*COPIES, OTHER)
    scene.looks()

    scene.says("ana", copies[1], *put)

    assert scene.carries(*copies) == [dict.fromkeys(put, "ana")] * 3
    assert scene.carries(other) == [{"complaint": "classifier:a"}]


@pytest.mark.parametrize("put", [("praise",), ()])
def test_a_copy_that_arrives_later_is_told_the_same(scene: Scene, put: tuple[str, ...]) -> None:
    """The classifier that looks at it first doesn't get its way."""
    (first,) = scene.posts(DOUBT)
    scene.says("ana", first, *put)

    late, other = scene.posts(COPIES[1], OTHER)
    scene.looks()

    assert scene.carries(first, late) == [dict.fromkeys(put, "ana")] * 2
    assert scene.carries(other) == [{"complaint": "classifier:a"}]


def test_no_later_classifier_overrules_a_person(scene: Scene) -> None:
    """However many look again, and though they may say what the person left open."""
    (post, copy) = scene.posts(*COPIES[:2])
    scene.says("ana", post, judged=["complaint"])

    for name in ("b", "c"):
        with scene.store.begin() as tx:
            tx.posts.rescore(CLASSIFIER + name)
        scene.looks(name)
    assert scene.carries(post, copy) == [{}, {}]

    with scene.store.begin() as tx:
        tx.posts.rescore("classifier:d")
    scene.looks("d", "praise")
    assert scene.carries(post, copy) == [{"praise": "classifier:d"}] * 2


def test_the_newest_person_wins_on_every_copy(scene: Scene) -> None:
    """Whichever copy each of them spoke of, and for copies to come."""
    one, other = scene.posts(*COPIES[:2])
    scene.says("ana", one, "praise")
    scene.says("bo", other, "complaint")
    assert scene.carries(one, other) == [{"complaint": "bo"}] * 2

    scene.says("ana", one, "praise")
    (late,) = scene.posts(COPIES[2])
    scene.looks()

    assert scene.carries(one, other, late) == [{"praise": "ana"}] * 3


def test_undo_gives_back_what_others_said(scene: Scene) -> None:
    """The newest of those who are left, on copies too, late ones included."""
    one, other = scene.posts(*COPIES[:2])
    scene.says("ana", one, "praise")
    scene.says("bo", other, "credit_request")
    scene.says("eve", one, "complaint")
    (late,) = scene.posts(COPIES[2])
    scene.looks()

    assert scene.undoes("bo") == 2
    assert scene.carries(one, other, late) == [{"complaint": "eve"}] * 3

    assert scene.undoes("eve") == 3
    scene.looks()
    assert scene.carries(one, other, late) == [{"praise": "ana"}] * 3
    assert scene.undoes("eve") == 0


def test_undo_lets_the_classifier_look_again(scene: Scene) -> None:
    """At what only that person spoke of and its copies, and at nothing else."""
    one, other, bos = scene.posts(*COPIES[:2], OTHER)
    scene.looks()
    scene.says("eve", one, "praise")
    scene.says("bo", bos)

    scene.undoes("eve")

    assert scene.looks("b") == 2
    assert scene.carries(one, other, bos) == [{"complaint": "classifier:b"}] * 2 + [{}]


def test_what_is_taken_back_is_neither_said_nor_repeated(scene: Scene) -> None:
    """Nothing learns from it, and a copy that comes later doesn't hear of it."""
    (post,) = scene.posts(DOUBT)
    scene.says("eve", post, "praise")
    scene.undoes("eve")

    (late,) = scene.posts(COPIES[1])
    scene.looks()

    assert scene.carries(late) == [{"complaint": "classifier:a"}]
    with scene.store.read() as tx:
        assert tx.tags.said() == []


def test_one_text_counts_once_however_many_spoke_of_its_copies(
    scene: Scene, labels: Labels
) -> None:
    """Three people, three copies, one correction: what the last one said."""
    for who, post in zip(("ana", "bo", "dre"), scene.posts(*COPIES), strict=True):
        scene.says(who, post, "complaint" if who == "dre" else "praise")

    with scene.store.read() as tx:
        told = tx.tags.said()
    (one,) = corrections(told, labels)

    assert len(told) == len(NAMES)
    assert (one.labels, one.judged, one.by) == (("complaint",), NAMES, "dre")


def test_saying_it_again_changes_nothing(scene: Scene) -> None:
    """Neither on the post nor on its copy; another person's agreement is news."""
    one, other = scene.posts(*COPIES[:2])

    assert scene.says("ana", one, "praise") == 3
    assert scene.says("ana", one, "praise") == scene.says("ana", other, "praise") == 0
    assert scene.says("bo", other, "praise") == 3


def test_the_newest_of_each_person_count_up_to_a_limit(labels: Labels) -> None:
    """Eve's oldest fall away in whatever order they come; Ana's, older still, all count."""
    told = [one for n in range(MOST_BY_ONE + 40) for one in said(f"eve {n}", "eve", n)]
    told += [one for n in range(30) for one in said(f"ana {n}", "ana", n - 99)]
    random.Random(3).shuffle(told)

    found = corrections(told, labels)

    eves = [one.text for one in found if one.by == "eve"]
    assert eves == [f"eve {n}" for n in range(40, MOST_BY_ONE + 40)]
    assert sum(one.by == "ana" for one in found) == 30
    assert found == sorted(found, key=lambda one: one.at)


def test_a_text_counts_as_the_last_speakers(labels: Labels) -> None:
    """What several judged of one text comes together, each label by its newest word."""
    told = [*said(DOUBT, "ana", 1, "praise"), *said(COPIES[1], "bo", 2, judged="praise")]
    told += said(DOUBT, "bo", 3, "complaint", judged="complaint")

    (one,) = corrections(told, labels)

    assert (one.labels, one.by, one.at) == (("complaint",), "bo", NOW + timedelta(minutes=3))


def test_a_label_that_is_gone_is_left_out(labels: Labels) -> None:
    """A text of which nothing else was said teaches nothing."""
    told = [*said("late", put="rage", judged="rage"), *said("late", judged="praise")]
    told += said("gone", put="rage", judged="rage")

    (one,) = corrections(told, labels)

    assert (one.text, one.labels, one.judged) == ("late", (), ("praise",))


def test_one_text_in_five_goes_to_the_exam(labels: Labels) -> None:
    """In every fold alike, so that no fold is left with less to learn from."""
    told = [one for n in range(4_000) for one in said(f"disc {n}", f"person {n % 10}")]

    found = corrections(told, labels)

    for fold in range(FOLDS):
        mine = [one.part == "exam" for one in found if one.near % FOLDS == fold]
        assert 0.15 < sum(mine) / len(mine) < 0.25


def test_its_words_alone_send_a_text_to_the_exam(labels: Labels) -> None:
    """Who says what of it when, and of which copy, never moves it."""

    def parts(write: Callable[[str], str], by: str, put: str, minute: int) -> list[str]:
        told = [one for n in range(200) for one in said(write(f"disc {n}"), by, minute + n, put)]
        return [one.part for one in corrections(told, labels)]

    anas = parts(str, "ana", "praise", 0)

    assert set(anas) == {"exam", "train"}
    assert anas == parts(lambda text: f"RT @ana: {text.upper()}!", "bo", "", 999)


def test_a_correction_outweighs_shipped_examples(labels: Labels) -> None:
    """Where the corpus says one thing of a word as often, people here have their way."""
    labels = labels.main
    signs = "abcdefghijkl"
    base = [*small(), *(Labelled(f"{sign} marmalade for tea", ("complaint",)) for sign in signs)]
    told = [
        one for sign in signs for one in said(f"{sign} marmalade for lunch", judged="complaint")
    ]
    learnt = [one.example() for one in corrections(told, labels)]
    plain = [Labelled(one.text, one.labels, one.judged) for one in learnt]

    even, outweighed = (
        Classifier.train(labels, Examples([*base, *rows], labels)).scores(["marmalade"])[0, 0]
        for rows in (plain, learnt)
    )

    assert {(one.weight, one.judged) for one in learnt} == {(WEIGHT, ("complaint",))}
    assert outweighed < 0.7 * even
