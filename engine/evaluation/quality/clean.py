"""Is it clean? Clicks away from hits, a constant offset, the peak as delivered, and the floor between hits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.bootstrap import Interval, mean_interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.making import Take, samples_of
from engine.training.scenes.events import envelope_db

Wav = NDArray[np.float32]

DC_TARGET = Target("at most", -60.0)
PEAK_TARGET = Target("at most", -1.0)
FLOOR_TARGET = Target("at most", -55.0)
DELIVERED_RATE = 48000
SILENCE_DBFS = -120.0

CLICK_FACTOR = 4.0
"""How far a click's step stands over the greatest one around it: an attack has others after it, noise reaches 2."""
CLICK_SAMPLES = 3
"""So far either way a click's own steps reach."""
AROUND_S = 0.0025
LEAST_CLICK = 10 ** (-50 / 20)
AWAY_S = 0.05

SETTLED_S = 1.0
BEFORE_NEXT_S = 0.1
SHORT_EVENT_S = 0.8
SHORT_DEPTH_DB = 50.0
WORST_PERCENTILE = 90.0


def measure(bench: Bench) -> list[QualityFigure]:
    takes = [take for take in bench.pool if not bench.is_continuous(take.ask.label)]
    if not takes:
        return [unmeasured("clicks", "Clicks", None, "the model has no label that is made of hits")]
    return [_clicks(bench, takes), _offset(bench), _peak(bench), _floor(bench, takes)]


def _clicks(bench: Bench, takes: Sequence[Take]) -> QualityFigure:
    """Beside the same of held-out recordings: some of those click too."""
    made = [_clicks_per_s(take.wav, take.sample_rate, [h.time_s for h in take.ask.hits]) for take in takes]
    real = [r for r in bench.library.of_split("held_out") if r.label in bench.point_labels and r.wav.size]
    of_real = sum(len(clicks(r.wav, r.sample_rate, [])) for r in real) / max(
        sum(r.wav.size / r.sample_rate for r in real), 1e-9
    )
    weights = [take.ask.duration_s for take in takes]
    return QualityFigure(
        "clicks",
        "Clicks away from hits",
        mean_interval(made, weights, seed=bench.seed),
        Target("at most", of_real),
        unit="a second",
        decimals=3,
        details={"of held-out recordings": of_real, "takes": len(takes)},
        remark="the target is what held-out recordings have by the same measure",
    )


def _clicks_per_s(wav: Wav, sample_rate: int, hits_s: Sequence[float]) -> float:
    return len(clicks(wav, sample_rate, hits_s)) / max(wav.size / sample_rate, 1e-9)


def clicks(wav: Wav, sample_rate: int, away_from_s: Sequence[float]) -> list[float]:
    """Seconds at which one sample step stands alone: far over all others of the 2.5 ms before and after it.

    A step is the second difference, which is small for anything that the band could hold. What is near given
    moments is left out.
    """
    if wav.size < 3:
        return []
    step = np.abs(np.diff(wav.astype(np.float64), 2))
    around = _greatest_around(step, max(2 * CLICK_SAMPLES, round(AROUND_S * sample_rate)))
    found: list[float] = []
    for sample in np.flatnonzero((step > CLICK_FACTOR * around) & (step > LEAST_CLICK)):
        time_s = (int(sample) + 1) / sample_rate
        is_away = all(abs(time_s - moment) > AWAY_S for moment in away_from_s)
        if is_away and (not found or time_s - found[-1] > AROUND_S):
            found.append(time_s)
    return found


def _greatest_around(step: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """The greatest of the `reach` steps on both sides of each but its nearest neighbours."""
    width = reach - CLICK_SAMPLES + 1
    padded = np.pad(step, reach)
    greatest = np.lib.stride_tricks.sliding_window_view(padded, width).max(axis=1)
    after = greatest[reach + CLICK_SAMPLES : reach + CLICK_SAMPLES + step.size]
    return np.asarray(np.maximum(greatest[: step.size], after), np.float64)


def _offset(bench: Bench) -> QualityFigure:
    levels = [dbfs(abs(float(take.wav.mean(dtype=np.float64)))) for take in bench.pool]
    details = {"mean over takes": float(np.mean(levels)), "takes": float(len(levels))}
    return QualityFigure(
        "dc", "Constant offset, worst take", Interval(max(levels)), DC_TARGET, "dBFS", 1, details
    )


def _peak(bench: Bench) -> QualityFigure:
    """Of the samples at 48 kHz, as they are written."""
    peaks = []
    for take in bench.pool:
        wav = bench.pipeline.waveform(take.codes, samples_of(take.ask, DELIVERED_RATE), DELIVERED_RATE)
        peaks.append(dbfs(float(np.abs(wav).max(initial=0.0))))
    # A hundredth of a decibel: the ceiling itself is rounded to float32.
    value = Interval(round(max(peaks), 2))
    return QualityFigure(
        "peak", "Peak, worst take", value, PEAK_TARGET, "dBFS", 1, {"takes": float(len(peaks))}
    )


def _floor(bench: Bench, takes: Sequence[Take]) -> QualityFigure:
    title = "Floor between isolated hits of short labels, worst tenth of takes"
    short = short_labels(bench)
    levels = [floor_dbfs(take) for take in takes if take.ask.label in short]
    if not levels:
        return unmeasured("floor", title, FLOOR_TARGET, "no tested label is short enough")
    details = {
        "median": float(np.median(levels)),
        "share of takes under -55": float(np.mean(np.array(levels) < FLOOR_TARGET.bound)),
        "takes": float(len(levels)),
        "labels": float(len(short)),
    }
    worst = Interval(float(np.percentile(levels, WORST_PERCENTILE)))
    return QualityFigure("floor", title, worst, FLOOR_TARGET, "dBFS", 1, details)


def short_labels(bench: Bench) -> tuple[str, ...]:
    """Labels whose real events have all but died away 0.8 s after their onset, nine of ten of them."""
    kept = []
    for label in bench.point_labels:
        events = bench.train_events.events.get(label, [])
        lengths = [_length_s(e.wav[e.onset_sample :], e.sample_rate) for e in events]
        if lengths and np.percentile(lengths, 90) <= SHORT_EVENT_S:
            kept.append(label)
    return tuple(kept)


def _length_s(wav: Wav, sample_rate: int) -> float:
    level = envelope_db(wav, sample_rate, window_s=0.01)
    return float(np.flatnonzero(level > level.max() - SHORT_DEPTH_DB)[-1] + 1) / 1000


def floor_dbfs(take: Take) -> float:
    """RMS of what lies from a second after each hit to just before the next one or the end."""
    hits_s = [hit.time_s for hit in take.ask.hits]
    quiet = []
    for hit_s, next_s in zip(hits_s, [*hits_s[1:], take.ask.duration_s], strict=True):
        start, end = (round(at * take.sample_rate) for at in (hit_s + SETTLED_S, next_s - BEFORE_NEXT_S))
        quiet.append(take.wav[start : max(start, end)])
    between = np.concatenate(quiet).astype(np.float64)
    return dbfs(float(np.sqrt(np.mean(between**2)))) if between.size else SILENCE_DBFS


def dbfs(amplitude: float) -> float:
    return 20 * float(np.log10(max(amplitude, 10 ** (SILENCE_DBFS / 20))))
