"""KL divergence of label distributions: does a classifier hear in the sample what it hears in the film's sound?

As AudioGen and audiocraft measure it (arXiv 2209.15352): KL(film's own || sample) between softmax
probabilities, 1e-6 added to the sample's before the logarithm, the mean over clips.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.clips import Sound, TestClip
from engine.evaluation.embeddings import LabelListener
from engine.evaluation.embeddings.passt import Passt
from engine.evaluation.metrics import About, ClipMetric, Measured, MetricSettings
from engine.evaluation.metrics.learned import ear_of, heard_by

EPSILON = 1e-6

_READING = (
    "Kullback-Leibler divergence of label probabilities, of the film's own sound from the sample's, in nats; "
    "softmax over the logits; the mean over clips. Classifier: "
)
EAR = About(
    name="kl-ear",
    title="KL (foley-ear)",
    unit="",
    direction="lower",
    explanation=f"{_READING}foley-ear, which this project trained on its own recordings. Its figures compare with "
    "nothing but each other.",
)
PASST = About(
    name="kl-passt",
    title="KL (PaSST)",
    unit="",
    direction="lower",
    explanation=f"{_READING}PaSST with AudioSet's 527 labels (arXiv 2110.05069), sounds longer than its window in "
    "pieces, heard at 16 kHz.",
)


def divergence(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> float:
    """KL(reference || sample) of two distributions [labels], in nats."""
    there = reference > 0
    return float(np.sum(reference[there] * np.log(reference[there] / (sample[there] + EPSILON))))


class LabelDivergence(ClipMetric):
    """By one classifier, or, where there is none, the sentence that says why."""

    def __init__(self, about: About, listener: LabelListener | None, missing: str) -> None:
        self._about, self._listener, self._missing = about, listener, missing

    @property
    def about(self) -> About:
        return self._about

    def available(self) -> str | None:
        return self._missing if self._listener is None else None

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        return Measured(divergence(self._heard(clip.sound), self._heard(sample)))

    def _heard(self, sound: Sound) -> NDArray[np.float64]:
        listener = self._listener
        assert listener is not None
        return sound.once(
            self._about.name, lambda: listener.label_probabilities(heard_by(sound, listener.describe()))
        )


def family(settings: MetricSettings) -> Sequence[ClipMetric]:
    """
    Raises:
        CheckpointError: a file was given that cannot be used.
    """
    ear, no_ear = ear_of(settings)
    passt = None if settings.passt is None else Passt(settings.passt)
    no_passt = "KL by PaSST needs one of its public checkpoints: give the file by --passt."
    return [LabelDivergence(EAR, ear, no_ear), LabelDivergence(PASST, passt, no_passt)]
