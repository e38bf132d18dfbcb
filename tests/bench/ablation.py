"""
`python -m tests.bench.ablation [FILE]`: what each way of reading a text is worth.

Every variant is trained on the shipped corpus and judged on the exam, on the hard set, and on a
labelled FILE where one is named. Prints ROC AUC by label as a Markdown table.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from classify.examples import CORPUS, Examples, read, shipped, shipped_exam
from classify.features import Features
from classify.labels import Labels
from classify.scorer import STRENGTH
from classify.tables import read as read_table
from tests.bench.measure import aucs, odds, shown

Change = Callable[[str], str]

NOT = r"\b(not|no|never|n't|can't|cant|don't|dont|won't|doesn't|didn't|isn't|without)\s+(\w+)(?:\s+(\w+))?"
SMILES = r"[:;=]-?[)D]|<3"
FROWNS = r"[:;=]-?[(/|]"


def _digits(text: str) -> str:
    return re.sub(
        r"\d+",
        lambda found: " n" + found[0].translate(str.maketrans("0123456789", "abcdefghij")),
        text,
    )


def _capitals(text: str) -> str:
    letters = [char for char in text if char.isalpha()]
    loud = len(letters) > 9 and sum(char.isupper() for char in letters) > len(letters) / 2
    return text + " zzloud" if loud else text


TEXTS: dict[str, Change] = {
    "as shipped": lambda text: text,
    "@names are one word": lambda text: re.sub(r"@\w+", " zzname ", text),
    "links are no word": lambda text: re.sub(r"https?://\S+|www\.\S+", " ", text),
    "numbers as written": _digits,
    "numbers are no word": lambda text: re.sub(r"\d+", " ", text),
    "letters drawn out are marked": lambda text: text + " zzlong" * bool(re.search(r"([a-z])\1\1", text)),
    "emoji are no word": lambda text: re.sub(r"[^\w\s\x00-\x7f’]", " ", text),
    "negation joins two words": lambda text: re.sub(NOT, r"\1 not\2 not\3", text),
    "smiles and frowns are words": lambda text: re.sub(FROWNS, " zzfrown ", re.sub(SMILES, " zzsmile ", text)),
    "a loud text is marked": _capitals,
    "# is no word": lambda text: text.replace("#", " "),
}  # fmt: skip

MADE: dict[str, tuple[Callable[[], Features], float]] = {
    "stretches of 2 to 5 letters": (lambda: Features(shortest=2), STRENGTH),
    "stretches of 4 to 6 letters": (lambda: Features(shortest=4, longest=6), STRENGTH),
    "no spelling": (lambda: Features(shortest=6, longest=5), STRENGTH),
    "features of one example too": (lambda: Features(rarest=1), STRENGTH),
    "features of three and more": (lambda: Features(rarest=3), STRENGTH),
    "strength 1": (Features, 1.0),
    "strength 4": (Features, 4.0),
}


def main(file: str | None) -> None:
    """Print the table."""
    labels = Labels.load().main
    corpus = Examples(shipped(labels), labels)
    others = {
        "exam": Examples(shipped_exam(labels), labels),
        "hard set": Examples(
            read(sorted((CORPUS / "hard").glob("*.jsonl")), Labels.load()), labels
        ),
    }
    if file:
        others["file"] = Examples(read_table(Path(file), known=labels.names).rows, labels)
    print("| variant | " + " | ".join(others) + " |")
    print("|---|" + "---|" * len(others))
    variants = [(name, change, Features, STRENGTH) for name, change in TEXTS.items()]
    variants += [
        (name, TEXTS["as shipped"], made, strength) for name, (made, strength) in MADE.items()
    ]
    for name, change, made, strength in variants:
        texts = [change(text) for text in corpus.texts]
        features = made().fit(texts)
        taught = (features.transform(texts), corpus.truth, corpus.weights)
        cells = []
        for one in others.values():
            rows = features.transform([change(text) for text in one.texts])
            cells.append(shown(aucs(one.truth, odds(rows, taught, strength))))
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
