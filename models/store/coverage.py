"""Coverage as the store keeps it: per watch, stretches that never touch."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from models.coverage import CoverageRow, Span, merge

MOST = 500
"""Complete stretches remembered of one watch."""


class Coverage:
    """Coverage within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, watch_id: int, span: Span) -> None:
        """Note that `span` is proved complete for a watch."""
        touching = self._session.exec(
            select(CoverageRow)
            .where(CoverageRow.watch_id == watch_id)
            .where(col(CoverageRow.until) >= span.since)
            .where(col(CoverageRow.since) <= span.until)
        ).all()
        whole = merge([span, *(Span(row.since, row.until) for row in touching)])
        for row in touching:
            self._session.delete(row)
        self._session.add_all(
            CoverageRow(watch_id=watch_id, since=part.since, until=part.until) for part in whole
        )
        self._session.flush()
        self._shorten(watch_id)

    def _shorten(self, watch_id: int) -> None:
        """Forget the shortest stretches of too many: what isn't known to be complete counts as open."""
        mine = CoverageRow.watch_id == watch_id
        count = self._session.exec(select(func.count()).where(mine)).one()
        length = col(CoverageRow.until) - col(CoverageRow.since)
        shortest = select(CoverageRow).where(mine).order_by(length).limit(max(count - MOST, 0))
        for row in self._session.exec(shortest) if count > MOST else ():
            self._session.delete(row)
        self._session.flush()

    def of(self, watch_id: int) -> list[Span]:
        """Return the complete stretches of a watch, in order."""
        rows = self._session.exec(
            select(CoverageRow)
            .where(CoverageRow.watch_id == watch_id)
            .order_by(col(CoverageRow.since))
        )
        return [Span(row.since, row.until) for row in rows]
