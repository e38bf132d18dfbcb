"""What a search finds, alike on both databases and by every way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models.store import Store
from models.words import folded, line, terms
from tests.battery import Record, tell, times
from tests.conftest import database
from tests.factories import a_watch
from tests.models.wording import AUTHORS, TEXTS, found, keep


@pytest.mark.parametrize(
    ("search", "texts"),
    [
        ("discs", [0, 1, 3, 17]),
        ("DISCS no", [0, 1]),
        ('"no discs"', [0, 1]),
        ('"discs no"', []),
        ("disc*", [0, 1, 3, 17]),
        ('"still no di"*', [0]),
        ("no -still", [15]),
        ('no -"discs here"', [1, 15]),
        ("cafe", [5, 6, 7]),
        ("CAFÉ STRASSE lodz", [5, 6]),
        ("dont", []),
        ("don't", [8, 9]),
        ("東京", [10, 11]),
        ("京東", []),
        ("елка", [13, 14]),
        ("😡", [15]),
        ("ab", [16]),
        ("rokudown", [17]),
        ("sure_ly", [18]),
        ("fine film", [21]),
        ("abc", [22]),
        ("हिन्दी", [23]),
        ("“no discs”", [0, 1]),
        ("!!!", []),
        ("*", []),
        ('"', []),
        ("|", []),
        ("%", []),
    ],
)
def test_what_a_search_finds(store: Store, search: str, texts: list[int]) -> None:
    """Words together, phrases, beginnings, words left out; without case and accents."""
    ids = keep(store, a_watch(store), *TEXTS, author=None)

    assert found(store, search) == [ids[n] for n in texts]


def test_a_name_is_found_only_by_who_may_know_it(store: Store) -> None:
    """Each word in text or name, a phrase in one of the two."""
    watch = a_watch(store)
    (one,) = keep(store, watch, "still no discs", author="Cleo_K")
    (other,) = keep(store, watch, "cleo left", author="dre")

    assert found(store, "cleo") == [one, other]
    assert found(store, "cleo", names=False) == [other]
    assert found(store, "discs cleo") == [one]
    assert found(store, '"discs cleo"') == []
    assert found(store, "-cleo", names=False) == [one]
    assert found(store, "cle*", names=False) == [other]


@pytest.fixture(scope="module")
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Store]]:
    """Return the same posts on both databases."""
    folder = tmp_path_factory.mktemp("both")
    stores = [Store.open(database(kind, request, folder)) for kind in ("sqlite", "postgresql")]
    for one in stores:
        keep(one, a_watch(one), *TEXTS)
    yield stores[0], stores[1]
    for one in stores:
        one.close()


PIECES = some.one_of(
    some.sampled_from([word for text in TEXTS for word in text.split()] + [*filter(None, AUTHORS)]),
    some.text(max_size=8),
    some.sampled_from(['"', "*", "-", " ", "|", "%", "_", "\\", "'", ":*", "&", "!", "<->", "NEAR(", "\x00",
                       "\ud800", "^", "{words}", "words:", ")", "AND", "\u202e"]),
)  # fmt: skip
SEARCHES = some.lists(PIECES, max_size=6).flatmap(
    lambda parts: some.sampled_from(["", " "]).map(lambda between: between.join(parts))
)


def test_both_databases_find_the_same(both: tuple[Store, Store], record_property: Record) -> None:
    """Whatever is typed is words, never an error, and finds what a plain look at every line finds."""
    drawn: set[str] = set()
    lines = {n + 1: line(folded(text), AUTHORS[n % 5]) for n, text in enumerate(TEXTS)}

    @settings(max_examples=times(3_000), deadline=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(SEARCHES, some.booleans())
    def look(search: str, names: bool) -> None:
        drawn.add(search)
        said = {n: one if names else one.partition("|")[0] for n, one in lines.items()}
        plain = [n for n, one in said.items()
                 if all((term.piece in one) is not term.out for term in terms(search))]  # fmt: skip
        for store in both:
            assert found(store, search, names=names) == plain

    look()
    tell(record_property, f"{len(drawn):,} searches found the same on both databases: all")
