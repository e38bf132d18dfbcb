"""Where a worth that wasn't offered comes from: which batch of mails said it, and when we set it right."""

from __future__ import annotations

from datetime import timedelta

from models.campaign import ActRow
from models.mention import mentions
from models.offer import Heard, Judge, findings
from models.origin import Origin, Origins
from models.worth import worth_of
from tests.factories import NOW

HOUR = timedelta(hours=1)
TWO = worth_of("2 %")


def act(kind: str, text: str, hours: float) -> ActRow:
    """Return an act that went out so many hours after the first."""
    at = NOW + hours * HOUR
    return ActRow(
        id=int(hours * 10) + 1, incident_id=1, kind=kind, text=text, at=at, recorded_at=at
    )


FIRST = act("mail_batch", "First batch: 3 % off your next bill", 0)
WRONG = act("mail_batch", "Second batch: 2 % off your next bill", 4)
RIGHT = act("statement", "The mails of three said 2 % off. Everyone gets 3 %.", 8)


def test_the_batch_that_said_it_and_the_word_that_set_it_right() -> None:
    """However few say it, and however late they are."""
    found = Origins([RIGHT, WRONG, FIRST]).origin(TWO, NOW + 30 * HOUR, 1)

    assert found == Origin(
        batch=2, at=NOW + 4 * HOUR, named=True, righted_at=NOW + 8 * HOUR
    )  # fmt: skip


def test_nothing_sets_right_what_came_before_it_or_says_something_else() -> None:
    """Nor does another batch, though it says the same."""
    early = act("statement", "Some of you will see 2 % off.", 3)
    other = act("statement", "We are sorry. Everyone gets a credit of 3 %.", 5)
    again = act("mail_batch", "Third batch: 2 % off your next bill", 6)
    found = Origins([early, FIRST, WRONG, other, again]).origin(TWO, NOW + 5 * HOUR, 9)

    assert found is not None and (found.batch, found.righted_at) == (2, None)


def test_what_no_mail_says_comes_from_one_only_if_many_say_it_soon_after() -> None:
    """Before any mail went out it comes from none."""
    mails = Origins([FIRST, act("mail_batch", "Second batch: your credit", 4)])

    def number(hours: float, voices: int) -> tuple[int, bool] | None:
        found = mails.origin(TWO, NOW + hours * HOUR, voices)
        return found and (found.batch, found.named)

    assert [number(5, 5), number(5, 4), number(8, 9), number(-1, 9)] == [
        (2, False),
        None,
        None,
        None,
    ]


def test_a_draft_has_said_nothing() -> None:
    """Only what is out can have been read."""
    draft = ActRow(id=9, incident_id=1, kind="mail_batch", text="2 % off", recorded_at=NOW)

    assert Origins([draft]).origin(TWO, NOW, 9) is None


def test_rumours_have_no_batch() -> None:
    """Before anything was offered, nobody can have read it wrong."""
    heard = [Heard(1, one, NOW + 5 * HOUR, "x cleo", "2 % off") for one in mentions("2 % off")]

    (found,) = findings(heard, Judge([]), Origins([FIRST, WRONG]))

    assert (found.finding, found.origin) == ("rumour", None)
