"""From terms to X's query language: bracketed, within the limit, nothing lost, nothing smuggled."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.sources.x.query import queries
from models.errors import SetupError

TERMS = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(r"@[A-Za-z0-9_]{1,15}", fullmatch=True),
        st.from_regex(r"#[a-z]{1,20}", fullmatch=True),
        st.sampled_from(
            ['say "no" OR from:eve', "OR", "(", "from:ana", "-is:reply", "a\nb", "“x”"]
        ),
    ),
    max_size=40,
)
PART = re.compile(r'"[^"]*"|[^\s()"]+')


def parts(query: str) -> list[str]:
    """Return the terms between a query's brackets, as written."""
    inside = query[1 : query.rindex(")")]
    return [part for part in PART.findall(inside) if part != "OR"]


def test_an_incident_s_terms_become_one_query() -> None:
    """Phrases are quoted, words, handles and hashtags bare, and the company's own posts left out."""
    terms = ["Reelpost", "disc never came", "@Reelpost", "#ReelpostDown", "reelpost.example"]

    [query] = queries(terms, 512)

    assert query == (
        '(Reelpost OR "disc never came" OR @Reelpost OR #ReelpostDown OR "reelpost.example")'
        " -from:Reelpost"
    )


@pytest.mark.parametrize(
    ("term", "written"),
    [
        ('lumabank" OR from:eve', '"lumabank OR from:eve"'),
        ("card\npayments\r\n\x00down", '"card payments down"'),
        ("from:eve", '"from:eve"'),
        ("-lumabank", '"-lumabank"'),
        ("or", "or"),
        ("OR", '"OR"'),
        ("lumabank)", '"lumabank)"'),
        ("@not a handle", '"@not a handle"'),
        ("#2026", '"#2026"'),
        ("платёж", "платёж"),
        ("🔥", '"🔥"'),
    ],
)
def test_nothing_in_a_term_is_an_operator(term: str, written: str) -> None:
    """Whoever names a term can't change what is asked."""
    assert queries([term], 512) == [f"({written})"]


@pytest.mark.parametrize("terms", [[], [""], ["  ", '""', "!!"]])
def test_no_terms_is_a_setup_error(terms: list[str]) -> None:
    """An empty query would cost money and find nothing, or everything."""
    with pytest.raises(SetupError):
        queries(terms, 512)


def test_a_term_that_can_never_fit_is_named() -> None:
    """The person learns which of their terms is too long."""
    with pytest.raises(SetupError, match="endless complaint"):
        queries(["lumabank", "endless complaint " * 40], 512)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TERMS, st.sampled_from([512, 1024]))
def test_every_query_is_sound_and_every_term_asked_once(terms: list[str], longest: int) -> None:
    """However hostile the terms: bracketed, short enough, all there, none twice."""
    try:
        asked = queries(terms, longest)
    except SetupError:
        return

    wanted: dict[str, str] = {}
    for term in terms:
        try:
            [alone] = queries([term], 1024)
        except SetupError:
            continue
        [part] = parts(alone)
        wanted.setdefault(part.casefold(), part)
    assert [part for query in asked for part in parts(query)] == list(wanted.values())
    for query in asked:
        assert query.startswith("(")
        assert len(query) <= longest
        tail = query[query.rindex(")") + 1 :]
        assert re.fullmatch(r"( -from:[A-Za-z0-9_]{1,15})*", tail)
        assert query.count('"') % 2 == 0


def test_many_terms_are_split_under_the_limit() -> None:
    """Two hundred phrases make several queries, each as full as it can be."""
    terms = [f"lumabank trouble number {n}" for n in range(200)]

    asked = queries(terms, 512)

    assert len(asked) > 1
    assert all(450 < len(query) <= 512 for query in asked[:-1])
    assert sum(len(parts(query)) for query in asked) == 200
