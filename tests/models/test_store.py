"""What the store promises, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.coverage import Span
from models.errors import SetupError, StoreError
from models.post import Post
from models.store import Store
from models.store.views import Wanted
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch, an_incident


def kept(store: Store, incident_id: int = 1, **wanted: object) -> list[str]:
    """Return the external ids of an incident's posts, as listed."""
    with store.read() as tx:
        found = tx.views.posts(incident_id, Wanted(**wanted))  # type: ignore[arg-type]
        return [post.external_id for post in found]


def test_a_post_seen_twice_is_one_post(store: Store) -> None:
    """The same identity never makes a second row, and only the first time counts as new."""
    watch = a_watch(store)
    post = a_post()

    with store.begin() as tx:
        first = tx.posts.add(watch, [post, post], NOW)
        second = tx.posts.add(watch, [post], NOW)

    assert (first.new, second.new) == (1, 0)
    assert kept(store) == [post.external_id]


def test_two_sources_may_use_the_same_id(store: Store) -> None:
    """Identity is the source and its id."""
    watch = a_watch(store)

    with store.begin() as tx:
        tx.posts.add(watch, [a_post(external_id="7"), a_post(source="feed", external_id="7")], NOW)

    assert kept(store) == ["7", "7"]


def test_a_failure_keeps_nothing_of_a_transaction(store: Store) -> None:
    """Posts, coverage and bookmark are kept together or not at all."""
    watch = a_watch(store)

    with pytest.raises(RuntimeError), store.begin() as tx:
        tx.posts.add(watch, [a_post()], NOW)
        tx.coverage.add(watch.id, Span(NOW, NOW + timedelta(hours=1)))
        tx.watches.went_on(watch.id, None, "bookmark", NOW)
        raise RuntimeError

    assert kept(store) == []
    with store.read() as tx:
        assert tx.coverage.of(watch.id) == []
        assert tx.watches.get(watch.id).bookmark is None


VERSIONS = [
    Post(source="x", external_id="1", text=f"text {version}.{hour}", version=version,
         as_of=NOW + timedelta(hours=hour), likes=hour)
    for version in (0, 1) for hour in (0, 1, 2)
]  # fmt: skip


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(order=st.lists(st.sampled_from(VERSIONS), max_size=12))
def test_the_newest_version_wins_in_any_order(store: Store, order: list[Post]) -> None:
    """Whatever arrives when and how often, the row is that of the newest version."""
    watch = a_watch(store, source=f"fake {id(order)}")
    posts = [*order, VERSIONS[-1], *reversed(order)]

    for post in posts:
        with store.begin() as tx:
            tx.posts.add(watch, [post], NOW)

    with store.read() as tx:
        found = list(tx.views.posts(watch.incident_id))
    assert [(post.text, post.likes) for post in found] == [("text 1.2", 2)]


def test_an_edit_waits_for_the_classifier_again(store: Store) -> None:
    """A changed text is scored anew; a changed counter isn't."""
    watch = a_watch(store)
    post = a_post(external_id="1", text="fine", likes=1)
    with store.begin() as tx:
        tx.posts.add(watch, [post], NOW)
        tx.tags.put_scored(tx.posts.unscored(9), [], "classifier:a", NOW)

    later = NOW + timedelta(minutes=1)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(external_id="1", text="fine", likes=2, as_of=later)], later)
        assert tx.posts.unscored(9) == []
        again = later + timedelta(minutes=1)
        tx.posts.add(watch, [a_post(external_id="1", text="awful", as_of=again)], again)
        assert [row.text for row in tx.posts.unscored(9)] == ["awful"]


def test_a_persons_tag_outlives_the_classifiers(store: Store) -> None:
    """The newest word of a person holds, whatever a classifier says later."""
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post()], NOW)
        rows = tx.posts.unscored(9)
        post_id = rows[0].post_id
        tag = Tag(post_id=post_id, label="praise", by="classifier:a", score=0.9)
        tx.tags.put_scored(rows, [tag], "classifier:a", NOW)

    with store.begin() as tx:
        said = [Tag(post_id=post_id, label="praise", by="ana", put=False)]
        assert tx.tags.put(said, NOW) == 1
        assert tx.tags.put(said, NOW) == 0, "said already"
        again = Tag(post_id=post_id, label="praise", by="classifier:b", score=0.99)
        tx.tags.put_scored(rows, [again], "classifier:b", NOW)

    with store.read() as tx:
        assert tx.views.labels([post_id]) == {}


def test_no_update_is_lost_between_two_writers(store: Store) -> None:
    """Writers take turns: each reads what the one before wrote."""
    with store.begin() as tx:
        incident = tx.incidents.add(an_incident(title="0"))

    def count_up(_: int) -> None:
        with store.begin() as tx:
            row = tx.incidents.find(str(incident.id))
            tx.session.refresh(row, with_for_update=True)
            row.title = str(int(row.title) + 1)
            tx.incidents.save(row)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(60)))

    with store.read() as tx:
        assert tx.incidents.find(str(incident.id)).title == "60"


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, ["b", "a", "undated"]),
        ({"label": "complaint"}, ["b"]),
        ({"source": "feed"}, ["undated"]),
        ({"search": "LATE dre"}, ["b"]),
        ({"search": "100%"}, ["a"]),
        ({"since": NOW}, ["b"]),
        ({"until": NOW}, ["a"]),
        ({"undated": True}, ["undated"]),
    ],
)
def test_posts_are_listed_newest_first_and_narrowed(
    store: Store, wanted: dict[str, object], ids: list[str]
) -> None:
    """Every filter finds what it says; the undated come last."""
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [
            a_post(external_id="a", text="100% fine", posted_at=NOW - timedelta(hours=1)),
            a_post(external_id="b", text="late again", author="Dre"),
            a_post(external_id="undated", source="feed", text="1000 fine", posted_at=None),
        ], NOW)  # fmt: skip
        rows = tx.posts.unscored(9)
        late = next(row.post_id for row in rows if row.text == "late again")
        tag = Tag(post_id=late, label="complaint", by="classifier:a", score=0.8)
        tx.tags.put_scored(rows, [tag], "classifier:a", NOW)

    assert kept(store, **wanted) == ids


def test_another_incidents_posts_stay_there(store: Store) -> None:
    """An incident lists what its own watches saw."""
    first = a_watch(store)
    with store.begin() as tx:
        other = tx.incidents.add(an_incident())
    second = a_watch(store, incident_id=other.id)

    with store.begin() as tx:
        tx.posts.add(first, [a_post(external_id="1"), a_post(external_id="2")], NOW)
        tx.posts.add(second, [a_post(external_id="2")], NOW)

    assert sorted(kept(store, first.incident_id)) == ["1", "2"]
    assert kept(store, second.incident_id) == ["2"]


def test_hostile_text_is_kept_and_found(store: Store) -> None:
    """NUL, lone surrogates, markup and a megabyte are kept as text every tool can take."""
    watch = a_watch(store)
    texts = ["nul\x00 inside", "half \ud83d pair", "<script>x</script> [/red]", "long " * 200_000]

    with store.begin() as tx:
        tx.posts.add(watch, [a_post(text=text) for text in texts], NOW)

    with store.read() as tx:
        found = {post.text[:9] for post in tx.views.posts(watch.incident_id)}
    assert found == {"nul insid", "half ? pa", "<script>x", "long long"}


def test_slugs_and_ids_name_an_incident(store: Store) -> None:
    """A taken slug gets a number; a name nobody has is answered with those there are."""
    with store.begin() as tx:
        first, second = tx.incidents.add(an_incident()), tx.incidents.add(an_incident())
        assert (first.slug, second.slug) == ("discs-late", "discs-late-2")
        assert tx.incidents.find(str(second.id)).slug == "discs-late-2"
        with pytest.raises(SetupError, match="there is no incident") as caught:
            tx.incidents.find("disc-late")
    assert "discs-late" in caught.value.remedy


def test_a_database_from_the_future_is_refused(store: Store, database_url: str) -> None:
    """A newer shape is named, and nothing is touched."""
    with store.begin() as tx:
        tx.session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match="newer Amends"):
        Store.open(database_url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Some other file in its place is a sentence, not a traceback, and stays as it is."""
    path = tmp_path / "amends.db"
    path.write_text("not a database " * 100)

    with pytest.raises(StoreError, match="not a database"):
        Store.open(f"sqlite:///{path}")


def test_a_new_classifier_looks_at_all_posts_again(store: Store) -> None:
    """What another one scored waits; what it scored itself doesn't."""
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(text="one")], NOW)
        tx.tags.put_scored(tx.posts.unscored(9), [], "classifier:a", NOW)
        tx.posts.add(watch, [a_post(text="two")], NOW)
        tx.tags.put_scored(tx.posts.unscored(9), [], "classifier:b", NOW)

        tx.posts.rescore("classifier:b")

        assert [row.text for row in tx.posts.unscored(9)] == ["one"]
