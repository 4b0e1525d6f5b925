"""Level: how loud beside the film's own sound, and how near to full scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.evaluation.clips import Sound, TestClip
from engine.evaluation.metrics import About, ClipMetric, Measured, MetricSettings
from engine.media.audio import resample
from engine.media.loudness import SAMPLE_RATE as STANDARD_RATE
from engine.media.loudness import integrated_loudness
from engine.media.onsets import SAMPLE_RATE

SILENCE_DBFS = -120.0


def loudness_lufs(sound: Sound) -> float | None:
    """Integrated, ITU-R BS.1770-4; None where it is silent. Remembered with the sound."""

    def compute() -> float:
        return integrated_loudness(resample(sound.wav, SAMPLE_RATE, STANDARD_RATE))

    found = sound.once("loudness", compute)
    return found if np.isfinite(found) else None


def peak_dbfs(sound: Sound) -> float | None:
    """None where it is silent."""
    peak = float(np.abs(sound.wav).max(initial=0.0))
    return None if peak <= 10 ** (SILENCE_DBFS / 20) else 20 * float(np.log10(peak))


class LoudnessDifference(ClipMetric):
    @property
    def about(self) -> About:
        return About(
            name="loudness-difference",
            title="Loudness difference",
            unit="LU",
            direction="zero",
            explanation="Integrated loudness (ITU-R BS.1770-4) of the sample less that of the film's own sound. "
            "Undefined for silence.",
            decimals=1,
        )

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        own, true = loudness_lufs(sample), loudness_lufs(clip.sound)
        return Measured(None if own is None or true is None else own - true)


class Peak(ClipMetric):
    @property
    def about(self) -> About:
        return About(
            name="peak",
            title="Peak",
            unit="dBFS",
            direction="none",
            explanation="The highest sample at 16 kHz. Undefined for silence; above 0 where resampling overshoots.",
            decimals=1,
        )

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        return Measured(peak_dbfs(sample))


def family(_settings: MetricSettings) -> Sequence[ClipMetric]:
    return [LoudnessDifference(), Peak()]
