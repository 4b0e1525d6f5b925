"""Level: how loud beside the film's own sound, and how near to full scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.evaluation.clips import Sound, TestClip
from engine.evaluation.metrics import About, ClipMetric, Measured, MetricSettings

SILENCE_DBFS = -120.0


def rms_dbfs(sound: Sound) -> float | None:
    """Of the whole sound; None where it is silent."""
    return _dbfs(float(np.sqrt(np.mean(np.square(sound.wav, dtype=np.float64)))))


def peak_dbfs(sound: Sound) -> float | None:
    return _dbfs(float(np.abs(sound.wav).max(initial=0.0)))


def _dbfs(amplitude: float) -> float | None:
    return None if amplitude <= 10 ** (SILENCE_DBFS / 20) else 20 * float(np.log10(amplitude))


class LevelDifference(ClipMetric):
    @property
    def about(self) -> About:
        return About(
            name="level-difference",
            title="Level difference",
            unit="dB",
            direction="zero",
            explanation="RMS level of the sample less that of the film's own sound. Undefined for silence.",
            decimals=1,
        )

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        own, true = rms_dbfs(sample), rms_dbfs(clip.sound)
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
    return [LevelDifference(), Peak()]
