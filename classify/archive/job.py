"""What there is to do: an archive planned against what is done of it already."""

from __future__ import annotations

from datetime import datetime

import msgspec

from classify.archive import keep
from classify.archive.pieces import Piece, Plan, plan
from classify.archive.place import Place
from classify.archive.score import Work
from classify.classifier import Classifier
from models.errors import SetupError


class Job(msgspec.Struct):
    """The plan, the notes of what is done, by the pieces' ids, and what workers need to know."""

    plan: Plan
    work: Work
    notes: dict[str, keep.Note]

    @property
    def missing(self) -> list[Piece]:
        """The pieces that are still to be scored."""
        return [piece for piece in self.plan.pieces if piece.id not in self.notes]


def prepare(
    source: Place, dest: Place, classifier: Classifier, *, piece_bytes: int, now: datetime
) -> Job:
    """
    Return the job; the output's folder is made, or cleared of what is out of date.

    A folder that was begun keeps the size of its pieces. SetupError if there is nothing to score,
    or the folder holds something else than scores of this source by this classifier.
    """
    src, dst = source.address, dest.address
    if f"{src}/".startswith(f"{dst}/") or f"{dst}/".startswith(f"{src}/"):
        message = "the output lies within the archive, or the archive within the output"
        raise SetupError(message, "name two folders that lie apart")
    if keep.NONE in classifier.labels.names:
        message = f"a label is called “{keep.NONE}”, as is the place of posts without one"
        raise SetupError(message, "give the label another name in labels.toml, and train")
    wanted = keep.Manifest(
        classifier=classifier.fingerprint,
        source=src,
        piece_bytes=piece_bytes,
        labels=classifier.labels.names,
        made_at=now,
    )
    begun = keep.begun(dest, wanted)
    found = plan(source, (begun or wanted).piece_bytes)
    if not found.pieces and not found.unreadable:
        message = f"there is nothing to score in {source.url}"
        raise SetupError(message, "name a folder with .jsonl, .jsonl.gz or .parquet files")
    if begun is None:
        keep.begin(dest, wanted, classifier)
    work = Work(
        source=src,
        dest=dst,
        fingerprint=classifier.fingerprint,
        labels=classifier.labels,
        now=now,
    )
    return Job(found, work, keep.done(dest, found))
