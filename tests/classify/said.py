"""What our cast says in these tests, and smaller corpora and label files."""

from __future__ import annotations

import msgspec

from classify.examples import Labelled
from classify.labels import Labels

CLEO = "Third day without internet and nobody answers the phone. Worst company ever!"
DRE = "@HalloraCare my line was dead for a week, when do I get my refund?"
ANAS_FAN = "@HalloraCare thank you so much, your technician was lovely and fixed it at once"


def small(count: int = 40) -> list[Labelled]:
    """Return a small corpus of each kind, every text a different one."""
    kinds = (
        ("the line is dead again, order {n}, nobody answers me", ("complaint",)),
        ("thank you, the lovely engineer {n} mended it at once", ("praise",)),
        ("where is my refund for invoice {n} please", ("credit_request",)),
        ("the match begins at {n} in the harbour stadium", ()),
    )
    signs = ("alder", "birch", "cedar", "dogwood", "elder", "fir", "ginkgo", "hazel")
    return [
        Labelled(text.format(n=f"{signs[n % 8]} {signs[n // 8]}"), labels)
        for n in range(count)
        for text, labels in kinds
    ]


def with_thresholds(labels: Labels, threshold: float) -> Labels:
    """Return the labels with another threshold for all."""
    return Labels(msgspec.structs.replace(label, threshold=threshold) for label in labels)
