"""Posts that are wanted for a list: which of them reach farthest, each thing said only once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from models.copies import Numbers

SOME = 1_000
"""Posts among which the farthest are looked for at first: to sort all of a million takes a second."""


class Wanted(msgspec.Struct, frozen=True):
    """Posts, n of each array: which, what they say, how far they reach, and when they were made, in microseconds."""

    ids: Numbers
    says: Numbers
    reach: Numbers
    at: Numbers

    @classmethod
    def of(cls, each: Iterable[int]) -> Wanted:
        """Return posts from their four numbers, one post's after the other's."""
        import numpy as np

        return cls(*np.fromiter(each, np.int64).reshape(-1, 4).T)

    def __add__(self, other: Wanted) -> Wanted:
        """Return these posts and others."""
        import numpy as np

        pairs = zip(
            (self.ids, self.says, self.reach, self.at),
            (other.ids, other.says, other.reach, other.at), strict=True,
        )  # fmt: skip
        return Wanted(*map(np.concatenate, pairs))

    def but(self, ids: Numbers) -> Wanted:
        """Return these posts without some."""
        rows = ~among(self.ids, ids)
        return Wanted(self.ids[rows], self.says[rows], self.reach[rows], self.at[rows])

    def farthest(self, most: int) -> dict[int, tuple[int, int]]:
        """
        Return the posts that reach farthest, each with its reach and how many say the same, itself included.

        At equal reach the older comes first. Of posts that say the same the first speaks for all.
        """
        import numpy as np

        some, first = SOME, np.zeros(0, np.int64)
        rows = np.zeros(0, np.int64)
        while len(first) < most and len(rows) < len(self.ids):
            # Whoever reaches as far as the last of these is one of them.
            least = -np.partition(-self.reach, some - 1)[some - 1] if some < len(self.ids) else 0
            rows = np.flatnonzero(self.reach >= least)
            rows = rows[np.lexsort((self.ids[rows], self.at[rows], -self.reach[rows]))]
            _, first = np.unique(self.says[rows], return_index=True)
            some *= 8
        chosen = rows[np.sort(first)[:most]].tolist()
        return {
            int(self.ids[row]): (int(self.reach[row]), int((self.says == self.says[row]).sum()))
            for row in chosen
        }


def among(ids: Numbers, others: Numbers) -> Any:
    """Return which ids are among others, as n truths."""
    import numpy as np

    if not len(ids) or not len(others):
        return np.zeros(len(ids), bool)
    first, last = int(others.min()), int(others.max())
    if last - first > 8 * (len(ids) + len(others)):
        return np.isin(ids, others)
    # Ids lie close together, so a place for each is faster than to sort them.
    there = np.zeros(last - first + 1, bool)
    there[others - first] = True
    return (ids >= first) & (ids <= last) & there[np.clip(ids, first, last) - first]
