"""When things happen: hits with strengths, and curves of intensity."""

from __future__ import annotations

import numpy as np

from engine.protocol import Hit
from engine.training.scenes.paths import Intensity

KIND_MIN_GAP_S = {
    "door": 0.7,
    "shatter": 0.45,
    "sweep": 0.4,
    "drip": 0.2,
    "pendulum": 0.3,
    "walk": 0.2,
    "handle": 0.5,
    "stride": 0.24,
}
KIND_MAX_RATE_HZ = {"handle": 0.8}
CURVE_RATE_HZ = 50.0


def draw_hits(
    rng: np.random.Generator,
    *,
    start_s: float,
    end_s: float,
    rate_hz: float,
    min_gap_s: float,
    strengths: tuple[float, float],
    kind: str,
) -> tuple[Hit, ...]:
    """About `rate_hz` hits a second between two times: even, uneven, or in dying bounces."""
    rate_hz = min(rate_hz, KIND_MAX_RATE_HZ.get(kind, rate_hz))
    gap_s = max(min_gap_s, KIND_MIN_GAP_S.get(kind, 0.0))
    if kind in ("bounce", "drop") and rng.random() < 0.6:
        return _bounces(rng, start_s, end_s, rate_hz, gap_s, strengths)
    even = kind in ("walk", "stride", "pendulum") or rng.random() < 0.35
    return _beats(rng, start_s, end_s, rate_hz, gap_s, strengths, spread=0.12 if even else 1.0)


def _beats(
    rng: np.random.Generator,
    start_s: float,
    end_s: float,
    rate_hz: float,
    gap_s: float,
    strengths: tuple[float, float],
    spread: float,
) -> tuple[Hit, ...]:
    """A renewal process: `spread` 1 is Poisson beyond the least gap, 0 a metronome."""
    mean_s = max(1 / rate_hz, gap_s)
    loose_s = (mean_s - gap_s) * spread
    hits: list[Hit] = []
    time_s = start_s + float(rng.uniform(0, mean_s))
    while time_s < end_s:
        hits.append(Hit(time_s=round(time_s, 6), strength=round(float(rng.uniform(*strengths)), 4)))
        time_s += mean_s - loose_s + float(rng.exponential(loose_s)) if loose_s > 0 else mean_s
    return tuple(hits)


def _bounces(
    rng: np.random.Generator,
    start_s: float,
    end_s: float,
    rate_hz: float,
    gap_s: float,
    strengths: tuple[float, float],
) -> tuple[Hit, ...]:
    """Runs of bounces: each gap is the one before times the restitution, and so is the speed of the hit."""
    low, high = strengths
    hits: list[Hit] = []
    time_s = start_s + float(rng.uniform(0, min(1.0, 1 / rate_hz)))
    while time_s < end_s:
        strength, bounce = float(rng.uniform(0.5 * (low + high), high)), float(rng.uniform(0.6, 0.88))
        gap = float(rng.uniform(0.35, 0.9))
        while time_s < end_s:
            hits.append(Hit(time_s=round(time_s, 6), strength=round(strength, 4)))
            strength *= bounce
            if gap < gap_s or strength < low:
                break
            time_s += gap
            gap *= bounce
        time_s += max(gap_s, 0.5, float(rng.exponential(1 / rate_hz)))
    return tuple(hits)


def draw_intensity(rng: np.random.Generator, duration_s: float) -> Intensity:
    """A smooth random curve 0 to 1, often with rests."""
    count = int(np.ceil(duration_s * CURVE_RATE_HZ)) + 1
    t = np.arange(count) / CURVE_RATE_HZ
    swell = np.full(count, rng.uniform(-0.6, 1.0))
    for _ in range(int(rng.integers(1, 5))):
        swell += rng.uniform(0.2, 0.9) * np.sin(
            2 * np.pi * rng.uniform(0.08, 1.1) * t + rng.uniform(0, 2 * np.pi)
        )
    values = np.clip(0.5 + 0.5 * swell, 0, 1)
    return Intensity((values**1.2).astype(np.float32), CURVE_RATE_HZ)


def no_intensity(duration_s: float) -> Intensity:
    return Intensity(np.zeros(int(np.ceil(duration_s * CURVE_RATE_HZ)) + 1, np.float32), CURVE_RATE_HZ)
