"""A refit: the shipped examples, an installation's own and its corrections, through the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from classify import gate, history, shelf
from classify.classifier import Classifier
from classify.corrections import corrections
from classify.evaluate import evaluate
from classify.examples import Examples, Labelled, own, shipped, shipped_exam
from classify.labels import Labels
from classify.listen import guesses
from classify.vectors import load
from models.errors import ClassifierStale
from models.store.tags import Said
from models.voice import near


class Refit(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: `old` was in use before, `report` is None where there was none to compare with."""

    old: Classifier | None
    new: Classifier
    report: gate.Report | None
    entry: history.Entry

    @property
    def live(self) -> bool:
        """Whether the new classifier is in use."""
        return self.entry.became != "refused"


def refit(
    folder: Path,
    labels: Labels,
    said: Iterable[Said],
    *,
    examples: Path,
    vectors: Path | None = None,
    now: datetime,
    say: Callable[[str], None],
    only: Sequence[Labelled] | None = None,
    heard: Sequence[str] = (),
    but: str = "",
) -> Refit:
    """
    Train from all there is, and put the new classifier into use if the gate lets it pass.

    `only` stands in for the shipped examples; `vectors` is a file that need not be there; from
    `heard`, posts nobody has labelled, it learns what it can guess. The classifier `but` counts as none, so
    nothing is compared with it. SetupError if the examples teach nothing.
    """
    told = corrections(said, labels)
    base = [*(shipped(labels) if only is None else only), *own(examples, labels)]
    # Of texts that say the same, what people here said of them; the rest of the base is learnt.
    corrected = {one.near for one in told}
    learnt = [
        *(one for one in base if near(one.text) not in corrected),
        *(one.example() for one in told if one.part == "train"),
    ]
    known = {near(one.text) for one in learnt}
    asked = [
        (Labelled(one.text, one.labels, one.judged), one.source)
        for one in told
        if one.part == "exam" and one.near not in known
    ]
    exam_rows = [one for one in shipped_exam(labels) if near(one.text) not in known]
    exam = gate.exam(exam_rows, asked, labels)
    meant = load(vectors) if vectors else None
    new = Classifier.train(labels, Examples(learnt, labels), say, meant)
    if heard:
        asked_of = [*learnt, *exam_rows, *(one for one, _ in asked)]
        learnt = [*learnt, *guesses(new, heard, asked_of)]
        new = Classifier.train(labels, Examples(learnt, labels), say, meant)
    old = _in_use(folder, labels, say) if shelf.in_use(folder) != but else None
    report = None
    if old is not None:
        say(f"comparing it with {old.fingerprint} on {len(exam.examples):,} posts …")
        report = gate.examine(old, new, [one.text for one in learnt], exam)
    became: history.Became = "first" if report is None else "live" if report.passed else "refused"
    entry = history.Entry(
        at=now,
        fingerprint=new.fingerprint,
        became=became,
        examples=len(learnt),
        corrections=len(told),
        why=() if report is None else report.reasons,
        figures=evaluate(exam.examples.truth, new.scores(exam.examples.texts), labels),
    )
    if became == "refused":
        history.write(folder, entry)
    else:
        shelf.put(folder, new, entry)
    return Refit(old=old, new=new, report=report, entry=entry)


def changes(
    old: Classifier, new: Classifier, texts: Sequence[str]
) -> dict[str, tuple[list[str], list[str]]]:
    """Return by label the texts on which a refit would put its tag anew, and take it off."""
    before, after = (one.put(one.scores(texts)) for one in (old, new))
    return {
        name: (
            [texts[row] for row in (after[:, place] & ~before[:, place]).nonzero()[0].tolist()],
            [texts[row] for row in (before[:, place] & ~after[:, place]).nonzero()[0].tolist()],
        )
        for place, name in enumerate(new.labels.names)
    }


def _in_use(folder: Path, labels: Labels, say: Callable[[str], None]) -> Classifier | None:
    try:
        return shelf.current(folder, labels)
    except ClassifierStale as error:
        say(f"nothing to compare with: {error.message}")
        return None
