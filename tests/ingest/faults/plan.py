"""What the process that asks is told, and what it tells back."""

from __future__ import annotations

import msgspec

SECRET = "s3cret-of-"
"""How every secret here begins, to be found wherever it shouldn't be."""


class Task(msgspec.Struct, frozen=True):
    """
    One fault to meet: at which address, and in place of which question, counted from 1.

    The other words are the fault's own.
    """

    fault: str
    origin: str
    at: int
    always: bool = False
    primed: bool = False
    slow: bool = False
    looks: str = ""
    may_lose: frozenset[str] = frozenset()


class Heard(msgspec.Struct, frozen=True):
    """A source, the folder of its recorded chain, and where a good server answers as recorded."""

    source: str
    case: str
    good: str


class Plan(msgspec.Struct, frozen=True):
    """Tasks for one source; `beside` is a healthy one heard at the same time."""

    faulty: Heard
    beside: Heard
    tasks: tuple[Task, ...]
    private: tuple[str, ...]
    """Servers that may be asked although they aren't public."""

    folder: str
    deadline: float


class Found(msgspec.Struct, kw_only=True):
    """
    What came of one task.

    `trouble` and `sentence` are the watch's, `wait` the seconds it is to be left alone; `answers`
    counts those kept, `told` the notes and rejects in them. `seen` are the ids of its posts, `late`
    counts those from the future, `covered` the times it says are complete, in seconds since 1970.
    `moved`: its bookmark is another; `owes`: it remembers what is still to be read. `healed` are the
    ids once the server is well again. `seconds` is how long the longest question took, `busy_seconds`
    how long the processor was busy, `beside_seconds` how long the healthy watch took; `odd` is what
    came through `collect` or `keep`; `peak` the most memory so far, in MiB.
    """

    fault: str
    trouble: str = ""
    sentence: str = ""
    wait: float | None = None
    answers: int = 0
    told: int = 0
    seen: frozenset[str] = frozenset()
    late: int = 0
    looked: bool = False
    covered: tuple[tuple[float, float], ...] = ()
    moved: bool = False
    owes: bool = False
    healed: frozenset[str] = frozenset()
    seconds: float = 0.0
    busy_seconds: float = 0.0
    beside_seen: frozenset[str] = frozenset()
    beside_trouble: str = ""
    beside_seconds: float = 0.0
    odd: str = ""
    peak: float = 0.0


class Told(msgspec.Struct, kw_only=True):
    """
    What came of a plan: first without a fault, then with each.

    `before` is the memory before the first fault, in MiB; `odd` is what no thread caught.
    """

    found: list[Found]
    before: float
    odd: list[str]
