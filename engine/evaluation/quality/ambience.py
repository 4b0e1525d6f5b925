"""Does ambience loop? The envelope of 30 s of it must not come back more clearly than that of real recordings.

And does it stay what it is? Under a flat curve its colour should change no more than that of a real one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.bootstrap import mean_interval
from engine.evaluation.families import family_of
from engine.evaluation.metrics.envelope import correlation
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench, flat_curve, spread
from engine.evaluation.quality.making import Ask
from engine.prints.event import distances, steady_print
from engine.training.scenes.events import envelope_db

NAME, TITLE = "loops", "Takes of 30 s of ambience that repeat beyond real ones"
TARGET = Target("at most", 0.05)
"""The share of real recordings beyond their own 95th percentile."""
FAMILIES = ("ambience", "water")
DURATION_S = 30.0
LAGS_S = (0.5, 15.0)
WINDOW_S, HOP_S = 0.05, 0.02
STRETCH_S = 3.0
REAL_PERCENTILE = 95.0
FEWEST_REAL = 5


def measure(bench: Bench) -> list[QualityFigure]:
    pieces = [
        (piece, recording.sample_rate)
        for recording in bench.library.recordings
        if family_of(recording.label) in FAMILIES and bench.is_continuous(recording.label)
        for piece in _pieces(recording.wav, recording.sample_rate)
    ]
    real = [periodicity(*piece) for piece in pieces]
    if len(real) < FEWEST_REAL:
        return [unmeasured(NAME, TITLE, TARGET, "there are too few recordings of 30 s to compare with")]
    labels = [label for label in bench.continuous_labels if family_of(label) in FAMILIES]
    chosen = spread(labels, bench.size.ambience_takes)
    asks = [Ask(label, DURATION_S, curve=flat_curve(DURATION_S), seed=bench.seed) for label in chosen]
    takes = [(take.wav, take.sample_rate) for take in bench.make(asks)]
    made = [periodicity(*take) for take in takes]
    limit = float(np.percentile(real, REAL_PERCENTILE))
    details = {"95th percentile of real pieces": limit, "real pieces": float(len(real))}
    details["change of colour, dB"] = float(np.mean([colour_change_db(*take) for take in takes]))
    details["of real pieces, dB"] = float(np.mean([colour_change_db(*piece) for piece in pieces]))
    details |= {f"peak of {label}": peak for label, peak in zip(chosen, made, strict=True)}
    share = mean_interval([float(peak > limit) for peak in made], seed=bench.seed)
    return [QualityFigure(NAME, TITLE, share, TARGET, details=details)]


def periodicity(wav: NDArray[np.float32], sample_rate: int) -> float:
    """The greatest peak of the log envelope's autocorrelation over lags of 0.5 to 15 s; 0 where it has none.

    The correlation is that of the parts that overlap at a lag. What only falls from the shortest lag on is no peak.
    """
    envelope = envelope_db(wav, sample_rate, window_s=WINDOW_S, hop_s=HOP_S).astype(np.float64)
    first, last = (round(lag_s / HOP_S) for lag_s in LAGS_S)
    last = min(last, envelope.size // 2)
    found = np.array(
        [
            correlation(envelope[lag:], envelope[: envelope.size - lag]) or 0.0
            for lag in range(first - 1, last + 2)
        ]
    )
    is_peak = (found[1:-1] >= found[:-2]) & (found[1:-1] > found[2:])
    return float(found[1:-1][is_peak].max(initial=0.0))


def colour_change_db(wav: NDArray[np.float32], sample_rate: int) -> float:
    """How far the mean spectra of stretches of 3 s are apart, however loud each is: the mean over all pairs."""
    length = round(STRETCH_S * sample_rate)
    stretches = [wav[start : start + length] for start in range(0, wav.size - length + 1, length)]
    prints = [steady_print(stretch, sample_rate) for stretch in stretches]
    apart = distances(prints, prints)
    return float(apart.sum() / max(1, len(prints) * (len(prints) - 1)))


def _pieces(wav: NDArray[np.float32], sample_rate: int) -> list[NDArray[np.float32]]:
    length = round(DURATION_S * sample_rate)
    return [wav[start : start + length] for start in range(0, wav.size - length + 1, length)]
