"""Envelopes: how far the loudness over time is from the film's own, whether it moves alike, and how late.

All three use RMS over frames of 512 samples every 128 (32 and 8 ms at 16 kHz), whole frames only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.clips import Sound, TestClip
from engine.evaluation.metrics import About, ClipMetric, Measured, MetricSettings
from engine.media.onsets import SAMPLE_RATE

FRAME_SAMPLES = 512
HOP_SAMPLES = 128
HOP_MS = 1000 * HOP_SAMPLES / SAMPLE_RATE
FLOOR_DB = -60.0
"""What lies further under the sound's own loudest frame is held there."""
LONGEST_LAG_MS = 500.0

Floats = NDArray[np.float64]


def rms(sound: Sound) -> Floats:
    """RMS [frames], full scale is 1; remembered with the sound."""

    def compute() -> Floats:
        power = np.concatenate([[0.0], np.cumsum(np.square(sound.wav, dtype=np.float64))])
        starts = np.arange(0, max(sound.wav.size - FRAME_SAMPLES + 1, 1), HOP_SAMPLES)
        ends = np.minimum(starts + FRAME_SAMPLES, sound.wav.size)
        return np.asarray(np.sqrt(np.maximum(power[ends] - power[starts], 0) / FRAME_SAMPLES), np.float64)

    return sound.once("rms", compute)


def level_db(sound: Sound) -> Floats:
    """Log envelope [frames]: dB under the sound's own loudest frame, at least -60; so its level does not matter."""
    envelope = rms(sound)
    loudest = max(float(envelope.max(initial=0.0)), 1e-9)
    return np.asarray(20 * np.log10(np.maximum(envelope / loudest, 10 ** (FLOOR_DB / 20))), np.float64)


def correlation(first: Floats, second: Floats) -> float | None:
    """Pearson's; None where either is flat."""
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / scale) if scale > 1e-9 else None


def lag_ms(sample: Floats, reference: Floats) -> float | None:
    """By how much the sample's envelope comes late, positive for late, within half a second.

    Where the correlation of the overlapping parts is greatest, interpolated by a parabola; at least half of
    the clip overlaps. None where an envelope is flat, or where they agree nowhere (no correlation above 0).
    """
    reach = min(round(LONGEST_LAG_MS / HOP_MS), sample.size // 2)
    lags = range(-reach, reach + 1)
    found = [_at_lag(sample, reference, lag) for lag in lags]
    values = np.array([-1.0 if value is None else value for value in found])
    best = int(values.argmax())
    if values[best] <= 0:
        return None
    shift = 0.0
    if 0 < best < len(values) - 1:
        before, peak, after = values[best - 1 : best + 2]
        bend = before - 2 * peak + after
        shift = float(0.5 * (before - after) / bend) if bend < -1e-12 else 0.0
    return (lags[best] + shift) * HOP_MS


def _at_lag(sample: Floats, reference: Floats, lag: int) -> float | None:
    size = min(sample.size, reference.size) - abs(lag)
    start, other = max(lag, 0), max(-lag, 0)
    return correlation(sample[start : start + size], reference[other : other + size])


class EnvelopeDistance(ClipMetric):
    """E-L1 (Video-Foley, arXiv 2408.11915): mean |RMS_ref - RMS_gen|, linear."""

    @property
    def about(self) -> About:
        return About(
            name="e-l1",
            title="E-L1",
            unit="",
            direction="lower",
            explanation="Mean absolute difference of the RMS envelopes (frames of 512 samples every 128 at 16 kHz, "
            "linear, full scale 1) from the film's own sound. It depends on level: read it beside the loudness "
            "difference; for quiet clips silence scores well.",
            decimals=4,
        )

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        return Measured(float(np.abs(rms(sample) - rms(clip.sound)).mean()))


class EnvelopeCorrelation(ClipMetric):
    @property
    def about(self) -> About:
        return About(
            name="envelope-correlation",
            title="Envelope correlation",
            unit="",
            direction="higher",
            explanation="Pearson correlation of the log-RMS envelopes (dB under the sound's own loudest frame, held "
            "at -60) with the film's own sound, at lag 0. A silent or perfectly steady sound has none.",
        )

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        return Measured(correlation(level_db(sample), level_db(clip.sound)))


class EnvelopeLag(ClipMetric):
    """How far off, whichever way; or, `signed`, how late on the mean."""

    def __init__(self, *, signed: bool) -> None:
        self._signed = signed

    @property
    def about(self) -> About:
        what = (
            "the signed lag, positive where the sample is late"
            if self._signed
            else "the size of the lag, whichever way"
        )
        return About(
            name="envelope-offset" if self._signed else "envelope-lag",
            title="Envelope offset" if self._signed else "Envelope lag",
            unit="ms",
            direction="zero" if self._signed else "lower",
            explanation=f"Where, within ±500 ms, the log-RMS envelopes correlate best: {what}. Undefined where "
            "they correlate nowhere.",
            decimals=0,
        )

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        lag = lag_ms(level_db(sample), level_db(clip.sound))
        return Measured(lag if lag is None or self._signed else abs(lag))


def family(_settings: MetricSettings) -> Sequence[ClipMetric]:
    return [EnvelopeDistance(), EnvelopeCorrelation(), EnvelopeLag(signed=False), EnvelopeLag(signed=True)]
