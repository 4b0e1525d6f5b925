"""Paths through time that touch exactly at given moments. All functions take times [M] in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]


def smoothstep(u: Times) -> Times:
    u = np.clip(u, 0, 1)
    return u * u * (3 - 2 * u)


def neighbours(at_s: tuple[float, ...], t: Times) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Index of the last moment at or before each time (-1: none) and of the next after it (len: none)."""
    following = np.searchsorted(np.asarray(at_s), t, side="right")
    return following - 1, following


@dataclass(frozen=True)
class StrikePath:
    """A distance from contact: 0 at each hit, reached at full speed and stopped dead.

    Before hit i it falls from `heights[i]` within `falls_s[i]`; after a hit it stays for `hold_s`, or springs
    back at once where `springy`. After the last one it rests at `rest`.
    """

    hits_s: tuple[float, ...]
    heights: tuple[float, ...]
    falls_s: tuple[float, ...]
    hold_s: float = 0.06
    lift_s: float = 0.25
    springy: bool = False
    rest: float = 0.0

    def __call__(self, t: Times) -> Times:
        before, after = neighbours(self.hits_s, t)
        hits = np.concatenate([[-1e3], self.hits_s, [1e3]])
        heights = np.concatenate([self.heights, [self.rest]])
        falls = np.concatenate([self.falls_s, [0.1]])
        goal, fall_s = heights[after], falls[after]
        left_s, since_s = hits[after + 1] - t, t - hits[before + 1]
        lift_until = np.minimum(
            self.lift_s + self.hold_s, np.maximum(hits[after + 1] - hits[before + 1] - fall_s, 0.01)
        )
        hold = 0.0 if self.springy else np.minimum(self.hold_s, 0.4 * lift_until)
        u = np.clip((since_s - hold) / (lift_until - hold), 0, 1)
        risen = goal * (1 - (1 - u) ** 2 if self.springy else smoothstep(u))
        fallen = goal * (1 - np.clip(1 - left_s / fall_s, 0, 1) ** 2)
        return np.where(left_s < fall_s, fallen, risen)


@dataclass(frozen=True)
class BouncePath:
    """Free flight between touches: height 0 at each of `hits_s`, parabolas of gravity between them."""

    hits_s: tuple[float, ...]
    gravity: float
    first_fall_s: float
    lands: bool = True

    def __call__(self, t: Times) -> Times:
        if not self.hits_s:
            return np.zeros_like(t)
        before, after = neighbours(self.hits_s, t)
        first, last = self.hits_s[0], self.hits_s[-1]
        hits = np.concatenate([[first - 2 * self.first_fall_s], self.hits_s, [last + 0.6]])
        since, left = t - hits[before + 1], hits[after + 1] - t
        flying = 0.5 * self.gravity * since * left
        drop = 0.5 * self.gravity * self.first_fall_s**2
        flying = np.where((before < 0) & (left > self.first_fall_s), drop, flying)
        if self.lands:
            flying = np.where(t > last, 0.0, flying)
        return np.maximum(flying, 0.0)


@dataclass(frozen=True)
class Tremor:
    """The shake of what was struck: damped, starting with each hit."""

    hits_s: tuple[float, ...]
    sizes: tuple[float, ...]
    frequency_hz: float = 12.0
    decay_s: float = 0.08

    def __call__(self, t: Times) -> Times:
        if not self.hits_s:
            return np.zeros_like(t)
        before, _ = neighbours(self.hits_s, t)
        since = np.where(before >= 0, t - np.asarray(self.hits_s)[np.maximum(before, 0)], 0.0)
        size = np.where(before >= 0, np.asarray(self.sizes)[np.maximum(before, 0)], 0.0)
        return size * np.exp(-since / self.decay_s) * np.sin(2 * np.pi * self.frequency_hz * since)


@dataclass(frozen=True)
class Wander:
    """Smooth motion without any contact: a few slow sines."""

    sizes: tuple[float, ...]
    frequencies_hz: tuple[float, ...]
    phases: tuple[float, ...]

    def __call__(self, t: Times) -> Times:
        total = np.zeros_like(t)
        for size, frequency_hz, phase in zip(self.sizes, self.frequencies_hz, self.phases, strict=True):
            total += size * np.sin(2 * np.pi * frequency_hz * t + phase)
        return total

    @classmethod
    def drawn(
        cls, rng: np.random.Generator, size: float, frequency_hz: tuple[float, float], count: int = 3
    ) -> Wander:
        weights = rng.dirichlet(np.ones(count)) * size
        return cls(
            tuple(map(float, weights)),
            tuple(map(float, rng.uniform(*frequency_hz, size=count))),
            tuple(map(float, rng.uniform(0, 2 * np.pi, size=count))),
        )


@dataclass(frozen=True)
class Intensity:
    """A curve 0 to 1 at `rate_hz`, with its running integral, so that motion can follow it."""

    values: NDArray[np.float32]
    rate_hz: float = 50.0
    travelled: NDArray[np.float64] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "travelled", np.concatenate([[0.0], np.cumsum(self.values) / self.rate_hz]))

    def at(self, t: Times) -> Times:
        return np.interp(t, (np.arange(self.values.size) + 0.5) / self.rate_hz, self.values)

    def integral(self, t: Times) -> Times:
        """Seconds at full intensity since the start."""
        return np.interp(t, np.arange(self.travelled.size) / self.rate_hz, self.travelled)
