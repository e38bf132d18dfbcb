"""How the recorded incident is played: when it is listened to, and what is written down by then."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from amends import incident_play as play
from amends.cli.demo import folder
from amends.incident_script import read_lines, read_script
from models.coverage import Span
from models.day import day_window, local_day
from models.store import Store

SCRIPT = read_script(folder())
MOMENTS = list(play.moments(SCRIPT))


def test_no_post_comes_in_a_day_late() -> None:
    """The last round of a day hears all of it, so that no digest has to be changed."""
    evenings = [at for at in MOMENTS if play.is_evening(at, SCRIPT.tz)]

    assert len(evenings) == len(list(play.days_of(SCRIPT))) == 13
    for line in read_lines(folder()):
        day = local_day(max(line.at, SCRIPT.began), SCRIPT.tz)
        heard = next(at for at in MOMENTS if at >= line.at)
        assert heard < day_window(day, SCRIPT.tz).until, line


def test_rounds_follow_each_other_to_the_end() -> None:
    """Never so far apart that X's search would miss something."""
    assert sorted(set(MOMENTS)) == MOMENTS and MOMENTS[-1] == SCRIPT.plays_at
    assert MOMENTS[0] - SCRIPT.began < timedelta(hours=1)
    assert max(after - before for before, after in pairwise(MOMENTS)) <= timedelta(days=1)


def test_what_is_done_is_written_down_as_it_is_done(lite: Store) -> None:
    """An hour before the mails nobody has offered anything; a second playing writes nothing twice."""
    (campaign,) = SCRIPT.campaigns
    mails = campaign.batches[0].at
    with lite.begin() as tx:
        row, new = play.opened(tx, SCRIPT, by="ana")
        play.noted(tx, row, SCRIPT, Span(SCRIPT.began, mails))
        play.listened(
            tx,
            row,
            SCRIPT,
            "http://127.0.0.1:1",
            Span(SCRIPT.began, SCRIPT.began + timedelta(hours=1)),
        )
    with lite.read() as tx:
        acts = tx.acts.of(row.id or 0)
        assert new and all(act.at == act.recorded_at and act.recorded_at < mails for act in acts)
        assert tx.campaigns.of(row.id or 0) == []
        assert {watch.source for watch in tx.watches.of(row.id or 0)} == {
            "x",
            "wordpress",
            "thread_page",
        }
    with lite.begin() as tx:
        play.noted(tx, row, SCRIPT, Span(mails, SCRIPT.plays_at))
        assert [one.terms.batches for one in tx.campaigns.of(row.id or 0)] == [campaign.batches]
        again, new = play.opened(tx, SCRIPT, by="ana")
        assert (again.id, new) == (row.id, False)
        assert tx.watches.of(row.id or 0) == []
