"""
Erasure: what somebody wrote goes from every file of the home, and doesn't come back.

    plan = planned(place, whose)                 # what would go, and where it lies
    done = erase(place, whose, "asked", now)     # it goes; cut short, the same call goes on

First goes what can only be found by the posts themselves (quotes, examples, classifiers, exports), then the
posts in small batches, last the traces in free pages. So whenever it is cut short, what is left to do can
still be found.
"""

from __future__ import annotations

from amends.erase.erase import erase
from amends.erase.place import Place
from amends.erase.plan import Plan, planned
from amends.erase.quoted import Done

__all__ = ["Done", "Place", "Plan", "erase", "planned"]
