"""FAD (Kilgour et al., arXiv 1812.08466): how far the samples, as a set, sound from the films' own sounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.clips import Sound
from engine.evaluation.embeddings import AudioEmbedding
from engine.evaluation.embeddings.vggish import Vggish
from engine.evaluation.frechet import FrechetDistance, frechet_distance
from engine.evaluation.metrics import About, MetricSettings, SetMetric
from engine.evaluation.metrics.learned import ear_of, heard_by

Vectors = NDArray[np.floating]

_READING = (
    "Fréchet distance between Gaussians over the windows of all samples and of all the films' own sounds (arXiv "
    "1812.08466). It grows as sets shrink: compare sets of one size alone, and read it beside the distance between "
    "two halves of the films' own sounds. Embedding: "
)
EAR = About(
    name="fad-ear",
    title="FAD (foley-ear)",
    unit="",
    direction="lower",
    explanation=f"{_READING}foley-ear, trained by this project on its own recordings, 0.96 s every 0.48 s. Its "
    "figures compare with nothing but each other.",
    least=0.0,
)
VGGISH = About(
    name="fad-vggish",
    title="FAD (VGGish)",
    unit="",
    direction="lower",
    explanation=f"{_READING}VGGish, 0.96 s without overlap, with neither PCA nor quantisation, and no ReLU after "
    "the last layer.",
    least=0.0,
)


class FrechetAudioDistance(SetMetric):
    """In the space of one embedding, or, where there is none, the sentence that says why."""

    def __init__(self, about: About, embedding: AudioEmbedding | None, missing: str) -> None:
        self._about, self._embedding, self._missing = about, embedding, missing

    @property
    def about(self) -> About:
        return self._about

    def available(self) -> str | None:
        return self._missing if self._embedding is None else None

    def embed(self, sound: Sound) -> Vectors:
        """[windows, dim]."""
        assert self._embedding is not None
        return self._embedding.embed(heard_by(sound, self._embedding.describe()))

    def value(self, samples: Sequence[Vectors], references: Sequence[Vectors]) -> float | None:
        found = _distance(samples, references)
        return None if found is None else found.value

    def remark(self, samples: Sequence[Vectors], references: Sequence[Vectors]) -> str | None:
        found = _distance(samples, references)
        return None if found is None else found.warning


def _distance(samples: Sequence[Vectors], references: Sequence[Vectors]) -> FrechetDistance | None:
    if not samples or not references:
        return None
    return frechet_distance(np.concatenate(samples), np.concatenate(references))


def family(settings: MetricSettings) -> Sequence[SetMetric]:
    """
    Raises:
        CheckpointError: a file was given that cannot be used.
    """
    ear, no_ear = ear_of(settings)
    vggish = None if settings.vggish is None else Vggish(settings.vggish)
    no_vggish = "FAD in VGGish's space needs its public weights: give the file by --vggish."
    return [FrechetAudioDistance(EAR, ear, no_ear), FrechetAudioDistance(VGGISH, vggish, no_vggish)]
