"""Made-up encoded clips, small enough to be learned by heart."""

from __future__ import annotations

import numpy as np

from engine.protocol import Hit
from engine.training.corpus import EncodedClip
from tests.engine.models import TINY


def encoded_clips(
    count: int = 3, *, num_frames: int = 500, features_per_s: int = 2, prompt_dim: int | None = None
) -> list[EncodedClip]:
    """Clips that say their label in every code, so that there is something to learn."""
    rng = np.random.default_rng(0)
    clips = []
    for number in range(count):
        label = number % len(TINY.lm.labels)
        clips.append(
            EncodedClip(
                codes=np.full((4, num_frames), label * 5 + 1, np.int16),
                features=rng.standard_normal((num_frames * features_per_s // 50, TINY.lm.visual_dim)).astype(
                    np.float32
                ),
                features_per_s=features_per_s,
                curve=rng.random(num_frames).astype(np.float32),
                label=label,
                hits=[Hit(1.0, 0.5), Hit(4.0, 1.0)],
                prompt=None if prompt_dim is None else rng.standard_normal(prompt_dim).astype(np.float32),
            )
        )
    return clips
