"""AV-Align (TempoTokens, arXiv 2309.16429): do onsets and peaks of motion coincide?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.clips import Sound, TestClip
from engine.evaluation.flow import film_motion
from engine.evaluation.metrics import About, ClipMetric, Measured, MetricSettings
from engine.media.matching import match, times_of


def motion_peaks_s(magnitude: NDArray[np.float64], frame_rate: float) -> list[float]:
    """Times of the frames whose mean flow exceeds that of both neighbours."""
    middle = magnitude[1:-1]
    is_peak = (middle > magnitude[:-2]) & (middle > magnitude[2:])
    return [float(frame / frame_rate) for frame in np.flatnonzero(is_peak) + 1]


def av_align(onsets_s: Sequence[float], peaks_s: Sequence[float], tolerance_s: float) -> Measured:
    """m / (A + V - m), weighted by its denominator; undefined where there is neither onset nor peak."""
    matched = len(match(onsets_s, peaks_s, tolerance_s))
    union = len(onsets_s) + len(peaks_s) - matched
    return Measured(matched / union if union else None, weight=float(union))


class AVAlign(ClipMetric):
    """Needs only the picture and the sample: the film's own sound is one row among others."""

    @property
    def about(self) -> About:
        return About(
            name="av-align",
            title="AV-Align",
            unit="",
            direction="higher",
            explanation="Onsets heard in the sample (A) against local maxima of the picture's mean optical-flow "
            "magnitude (V), matched one to one within one frame: m / (A + V - m). Shot cuts are masked. Every "
            "local maximum counts, however small, as in the published definition, so that even the film's own "
            "sound stays far below 1.",
        )

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        motion = film_motion(clip.film)
        peaks_s = motion_peaks_s(motion.magnitude, motion.frame_rate)
        inside = [time_s for time_s in peaks_s if time_s < clip.duration_s]
        return av_align(times_of(sample.onsets()), inside, 1 / motion.frame_rate)


def family(_settings: MetricSettings) -> Sequence[ClipMetric]:
    return [AVAlign()]
