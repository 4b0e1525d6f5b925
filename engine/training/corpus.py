"""What the language model learns from, wherever it comes from: encoded clips, as a sequence.

`SceneCorpus` holds rendered scenes; `PreparedSet` holds what `foley data prepare` made of real clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.protocol import Hit


@dataclass(frozen=True)
class EncodedClip:
    """One clip: codes [K, T], features [N, D] at `features_per_s`, curve [T] or None, label or None, its hits.

    Feature i is the picture at i / features_per_s seconds. Hits count from the clip's start. `prompt` [P] is the
    text embedding of its label, where the set has one.
    """

    codes: NDArray[np.int16]
    features: NDArray[np.float32]
    features_per_s: int
    curve: NDArray[np.float32] | None
    label: int | None
    hits: list[Hit]
    prompt: NDArray[np.float32] | None = None


Corpus = Sequence[EncodedClip]
