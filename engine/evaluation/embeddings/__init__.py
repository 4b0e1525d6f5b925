"""The one interface of all audio embeddings; one file each, chosen by the checkpoints that are given.

`ear.py` is the project's own and ships with it; `vggish.py`, `passt.py` and `imagebind_audio.py` read public
checkpoints that the user has.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Wav = NDArray[np.float32]
Vectors = NDArray[np.float32]


class EmbeddingInfo(Struct, frozen=True):
    """What a reader of a figure must know of the embedding behind it.

    `sample_rate` in Hz is what `embed` wants; a window of `window_s` begins every `hop_s`.
    """

    name: str
    sample_rate: int
    dim: int
    window_s: float
    hop_s: float


class AudioEmbedding(Protocol):
    """Frozen: hears sound, never learns."""

    def describe(self) -> EmbeddingInfo: ...

    def embed(self, wav: Wav) -> Vectors:
        """Mono wav [N] at the embedding's rate -> [windows, dim], one window at least."""
        ...


class LabelListener(Protocol):
    """An embedding, or its classifier, that says what it hears."""

    def describe(self) -> EmbeddingInfo: ...

    def label_probabilities(self, wav: Wav) -> NDArray[np.float64]:
        """Mono wav [N] at the listener's rate -> [labels], of sum 1."""
        ...
