"""
From the snapshot to the digest: pure, and the same every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from amends.digest.lede import lede
from amends.digest.snapshot import Did, Ear, LabelStyle, Snapshot
from amends.digest.value import (
    Count,
    Deed,
    Digest,
    HourCount,
    LabelCount,
    Listening,
    Quote,
    SourceCount,
)
from amends.digest.words import plain
from models.coverage import Span, merge
from models.day import hours_of
from models.store.days import Best, Cell, Tally, Volume

LONGEST_NAME = 80
LONGEST_DEED = 160
MOST_DEEDS = 40
_GREY = "#767676"


def build(facts: Snapshot) -> Digest:
    """Return the digest of a snapshot."""
    styles = _styles(facts)
    titles = {style.name: style.title for style in styles}
    deaf = any(ear.holes for ear in facts.ears)
    listening = tuple(_listening(ear) for ear in facts.ears)
    incident = facts.incident
    digest = Digest(
        incident=type(incident)(
            slug=incident.slug,
            title=plain(incident.title),
            company=plain(incident.company, LONGEST_NAME),
            tz=incident.tz,
            status=plain(incident.status, LONGEST_NAME),
            began=incident.began,
            closed_at=incident.closed_at,
        ),
        day=facts.day,
        before=facts.before,
        window=facts.window,
        made_at=facts.now,
        over=facts.now >= facts.window.until,
        lede=(),
        posts=_count(facts.today.volumes, facts.yesterday.volumes, deaf=deaf),
        voices=facts.voices,
        official=facts.official,
        unlabelled=_count(
            _with(facts.today, ""), _with(facts.yesterday, ""), deaf=deaf
        ),
        unscored=sum(volume.unscored for volume in facts.today.volumes),
        undated=_sum(facts.undated.volumes),
        labels=tuple(
            LabelCount(
                name=style.name,
                title=style.title,
                colour=style.colour,
                count=_count(
                    _with(facts.today, style.name), _with(facts.yesterday, style.name), deaf=deaf
                ),
                undated=_sum(_with(facts.undated, style.name)),
            )
            for style in styles
        ),
        sources=_sources(facts, styles),
        hours=_hours(facts, styles),
        gaps=tuple(merge(hole for ear in facts.ears for hole in ear.holes)),
        waiting=facts.waiting.among,
        answer=_quotes(facts.waiting, titles),
        waiting_undated=facts.waiting_undated.among,
        answer_undated=_quotes(facts.waiting_undated, titles),
        thanks=facts.praise.among,
        praise=_quotes(facts.praise, titles),
        listening=listening,
        acts=_deeds(facts.acts),
        deeds=_deeds(facts.deeds),
        troubles=tuple(
            one for one in listening if one.trouble_since and _inside(facts.window, one)
        ),
        late=tuple((plain(source, LONGEST_NAME), posts) for source, posts in facts.late),
        edited=facts.edited,
    )
    return _with_lede(digest)
