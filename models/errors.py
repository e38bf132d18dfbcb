"""
Everything Amends raises on purpose.

    AmendsError                 what went wrong, and a remedy
      x SetupError              a person must mend something first          exit 2
      | x ClassifierStale       labels, classifier and library disagree
      x SourceError             carries the source and the address
      | x SourceBusy            wait; knows `retry_after`                   -> watch.not_before
      | | + BudgetSpent         wait for tomorrow: the watch may ask no more today
      | + SourceRefused         stop; a token, a rule or an address is wrong -> the watch is paused
      | + SourceChanged         fix us; the answer has a shape we don't know -> kept on the watch
      x OutputError             something couldn't be told to the world outside
      | + OutputBusy            try again; knows `retry_after` and who is still to be reached
      | + OutputRefused         parked until a person mends it
      x StoreError              the database said no                        exit 1
        + FencedOut             somebody else does this job now
        + Conflict              somebody else was there first; knows who and when

The three source errors are the three things a person can do: wait, stop, or mend.
"""

from __future__ import annotations

from datetime import datetime

from models.secret import redacted


class AmendsError(Exception):
    """Something foreseeable went wrong: `message` says what and where, `remedy` says what to do."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        # What somebody else's server said may hold a secret that it was sent.
        self.message = redacted(message)
        self.remedy = redacted(remedy)
        super().__init__(self.message)


class SetupError(AmendsError):
    """The call, a setting or a file has to be mended by a person before this can work."""

    exit_code = 2


class ClassifierStale(SetupError):
    """The saved classifier doesn't fit the labels or the library here; train again."""


class StoreError(AmendsError):
    """The database refused: locked, damaged, full, or from a newer Amends."""


class FencedOut(StoreError):
    """Another process has taken over what this one was doing; it must write no more."""


class Conflict(StoreError):
    """Somebody else changed it first: `by` whom, and when (`at`, None if that isn't known)."""

    def __init__(
        self, message: str, remedy: str = "", *, by: str = "", at: datetime | None = None
    ) -> None:
        super().__init__(message, remedy)
        self.by = by
        self.at = at


class SourceError(AmendsError):
    """A source didn't give us posts. `source` is its name, `url` the address without secrets."""

    def __init__(self, message: str, remedy: str = "", *, source: str = "", url: str = "") -> None:
        super().__init__(message, remedy)
        self.source = source
        self.url = url


class SourceBusy(SourceError):
    """Wait. `retry_after` is in seconds; None means the source didn't say."""

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        source: str = "",
        url: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, remedy, source=source, url=url)
        self.retry_after = retry_after


class BudgetSpent(SourceBusy):
    """A watch has spent what it may in a day; nothing is wrong with the source."""


class SourceRefused(SourceError):
    """Stop. Asking again won't help until a person changes a token, a rule or the address."""


class SourceChanged(SourceError):
    """Fix us. The answer isn't in the shape this source speaks; it never counts as silence."""


class OutputError(AmendsError):
    """An event couldn't be handed over to where it goes."""


class OutputBusy(OutputError):
    """
    Try again later: in `retry_after` seconds if the other side named a time.

    `remaining` are the recipients that didn't get it, where others did.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        retry_after: float | None = None,
        remaining: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after
        self.remaining = remaining


class OutputRefused(OutputError):
    """Trying again won't help until a person changes an address, a secret or the other side."""
