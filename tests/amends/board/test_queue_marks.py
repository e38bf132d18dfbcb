"""What the classifier adds to the queue: marked words, and the questions it would ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest
from fastapi.testclient import TestClient

from amends.board import board
from amends.board.place import Place
from classify.classifier import Classifier
from classify.examples import Examples, shipped
from classify.labels import Labels
from models.incident import Watch
from models.tag import Tag
from tests.amends.board.conftest import ORIGIN, posts
from tests.factories import NOW

QUEUE = "/i/discs-late/queue"


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Return one that has learnt from the shipped examples."""
    labels = Labels.load(None)
    return Classifier.train(labels, Examples(shipped(labels)[-2_000:], labels))


@pytest.fixture
def ana(place: Place, classifier: Classifier) -> Iterator[TestClient]:
    """Return Ana at a board for one that has a classifier."""
    place = msgspec.structs.replace(place, classifier=lambda: classifier, single="ana")
    with TestClient(board(place), base_url="http://127.0.0.1", headers=ORIGIN,
                    follow_redirects=False) as browser:  # fmt: skip
        yield browser


def test_words_that_made_a_tag_are_marked(place: Place, watch: Watch, ana: TestClient) -> None:
    """Those for labels that hold by the classifier's word, not by a person's."""
    one, other = posts(place.store, watch, ("Thank you so much, great service!", ("praise",)),
                       ("I want a refund now", ("credit_request",)))  # fmt: skip
    with place.store.begin() as tx:
        tx.tags.put([Tag(post_id=other, label="complaint", by="bo"),
                     Tag(post_id=other, label="credit_request", by="bo", put=False)], NOW)  # fmt: skip

    page = ana.get(QUEUE).text
    first, second = (page.split(f'id="p{number}"')[1].split("</p>")[0] for number in (one, other))
    assert re.search(r'<mark title="Praise">[^<]*(Thank|great)', first)
    assert "<mark" not in second
    assert re.sub("<[^>]+>", "", first.split('class="text"')[1]).endswith(
        "Thank you so much, great service!"
    )


def test_nobody_waits_for_a_classifier_that_is_not_there_yet(place: Place, watch: Watch) -> None:
    """The queue is shown without marks meanwhile."""

    def waits() -> Classifier:
        message = "somebody waits for it"
        raise AssertionError(message)

    posts(place.store, watch, ("Thank you so much, great service!", ("praise",)))
    place = msgspec.structs.replace(place, classifier=waits, ready=lambda: False, single="ana")
    with TestClient(board(place), base_url="http://127.0.0.1", headers=ORIGIN) as browser:
        page = browser.get(QUEUE).text

    assert "Thank you so much" in page and "<mark" not in page


def test_ask_me(place: Place, watch: Watch, ana: TestClient) -> None:
    """Looking asks nothing; an answer says every label; what is passed over isn't asked again."""
    one, other = posts(place.store, watch, ("is the service down, no signal here", ()),
                       ("thanks but where is my refund", ()))  # fmt: skip

    asked = [re.findall(r'name="post" value="(\d+)"', ana.get("/i/discs-late/ask").text)
             for _ in range(2)]  # fmt: skip
    assert sorted(asked[0]) == sorted(asked[1]) == [str(one), str(other)]
    answer = ana.post("/i/discs-late/ask", data={
        "post": [str(one), str(other)], "carries": [f"{one}:complaint"], "passed": [str(other)],
    })  # fmt: skip
    assert answer.status_code == 303
    with place.store.read() as tx:
        said = {(tag.post_id, tag.label, tag.put) for tag in tx.tags.said()}
    assert said == {
        (one, "complaint", True),
        (one, "praise", False),
        (one, "credit_request", False),
    }
    assert "Nothing left to ask about" in ana.get("/i/discs-late/ask").text
