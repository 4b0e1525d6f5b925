"""What a shot must show, and what it is staged as."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.protocol import Hit
from engine.training.scenes.actors import Actor, Place
from engine.training.scenes.paths import Intensity


@dataclass(frozen=True)
class Staged:
    """The actors of a shot, the height of its floor, where contact is made, and how the camera goes along with them."""

    actors: tuple[Actor, ...]
    floor_y: float
    place: Place
    pan_x: float = 0.0
    """Frame heights a second."""


@dataclass(frozen=True)
class Cue:
    """What a shot must show: its time range, its hits inside that, and the intensity of continuous kinds."""

    start_s: float
    end_s: float
    hits: tuple[Hit, ...]
    intensity: Intensity
    label: str

    @property
    def times_s(self) -> tuple[float, ...]:
        return tuple(hit.time_s for hit in self.hits)

    @property
    def strengths(self) -> tuple[float, ...]:
        return tuple(hit.strength for hit in self.hits)

    @property
    def middle_s(self) -> float:
        return (self.start_s + self.end_s) / 2

    def gaps_s(self, lead_s: float) -> tuple[float, ...]:
        """Time before each hit since the one before; `lead_s` before the first."""
        times = self.times_s
        return (
            tuple(b - a for a, b in zip((times[0] - lead_s, *times[:-1]), times, strict=True))
            if times
            else ()
        )


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))
