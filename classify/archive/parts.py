"""The output: Parquet files by day and label, a row for each label a post carries."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from classify.archive.keep import NONE
from classify.archive.place import Place
from classify.archive.posts import Row
from classify.classifier import Classifier

UNDATED = "undated"

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("at", pa.timestamp("us", tz="UTC")),
        pa.field("text", pa.string(), nullable=False),
        pa.field("score", pa.float32()),
        pa.field("unsupported", pa.bool_(), nullable=False),
    ]
)
"""`score` is empty under none; `unsupported` says that the classifier can't read the language."""

_HELD = 16 * 1024 * 1024
"""Bytes of rows held before they are written."""

_EPOCH = date(1970, 1, 1)
_NO_DAY = np.iinfo(np.int32).min
_MICROSECOND = timedelta(microseconds=1)
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


class Parts:
    """What a piece becomes: files named by it, so a second try writes the same ones again."""

    def __init__(self, place: Place, key: str, classifier: Classifier) -> None:
        self._place, self._key, self._classifier = place, key, classifier
        self._held: list[tuple[Any, Any, Any]] = []
        self._size = self._round = 0
        self.names: list[str] = []
        self.put: Counter[str] = Counter()
        self.posts = self.undated = self.unsupported = 0

    def add(self, batch: list[Row]) -> None:
        """Score a batch of posts, and keep a row for each label put, or for none."""
        looks = self._classifier.look([row.text for row in batch])
        put = self._classifier.put(looks.scores)
        bare = np.flatnonzero(~put.any(axis=1))
        at, label = np.nonzero(put)
        score = np.concatenate([looks.scores[at, label], np.full(len(bare), np.nan)])
        at = np.concatenate([at, bare])
        label = np.concatenate([label, np.full(len(bare), put.shape[1])])
        times = [row.at for row in batch]
        days = np.array([_NO_DAY if t is None else (t.date() - _EPOCH).days for t in times])
        moments = [None if t is None else (t - _BEGIN) // _MICROSECOND for t in times]
        whole = pa.table(
            [
                _texts([row.id for row in batch]),
                pa.array(moments, pa.int64()).cast(SCHEMA.field("at").type),
                _texts([row.text for row in batch]),
                pa.array(looks.unsupported),
            ],
            names=["id", "at", "text", "unsupported"],
        ).take(pa.array(at))
        scores = pa.array(score.astype(np.float32), mask=np.isnan(score))
        table = whole.add_column(3, "score", scores).cast(SCHEMA)
        self._held.append((table, days[at], label))
        self._size += table.nbytes
        self.posts += len(batch)
        self.undated += int((days == _NO_DAY).sum())
        self.unsupported += int(looks.unsupported.sum())
        if self._size > _HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held: a file for each day and label."""
        if not self._held:
            return
        table = pa.concat_tables([one for one, _, _ in self._held])
        days = np.concatenate([one for _, one, _ in self._held])
        labels = np.concatenate([one for _, _, one in self._held])
        self._held, self._size = [], 0
        order = np.lexsort((labels, days))
        table, days, labels = table.take(pa.array(order)), days[order], labels[order]
        new = np.flatnonzero(np.diff(days) | np.diff(labels)) + 1
        for start, stop in zip([0, *new.tolist()], [*new.tolist(), len(days)], strict=True):
            self._write(table.slice(start, stop - start), int(days[start]), int(labels[start]))
        self._round += 1

    def _write(self, table: Any, day: int, label: int) -> None:
        names = (*self._classifier.labels.names, NONE)
        on = UNDATED if day == _NO_DAY else (_EPOCH + timedelta(days=day)).isoformat()
        name = f"day={on}/label={names[label]}/part-{self._key}-{self._round}.parquet"
        sink = pa.BufferOutputStream()
        parquet.write_table(table, sink, compression="zstd")
        self._place.write(name, sink.getvalue())
        self.names.append(name)
        self.put[names[label]] += table.num_rows


def _texts(values: list[str]) -> Any:
    try:
        return pa.array(values, pa.string())
    except (UnicodeEncodeError, pa.ArrowException):
        # Half of a pair of surrogates is no character; JSON can write one all the same.
        return pa.array([one.encode(errors="replace").decode() for one in values], pa.string())
