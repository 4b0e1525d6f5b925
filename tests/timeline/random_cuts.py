"""Cuts that hypothesis makes up: nests in nests, every kind of retime, dissolves, mixed and fractional rates."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from .building import (
    Json,
    clip,
    dissolve,
    freeze,
    gap,
    ramp,
    stack,
    time,
    time_range,
    timeline,
    track,
    warp,
)

RATES = (24.0, 25.0, 30.0, 50.0, 23.976, 23.98, 24000 / 1001, 29.97, 30000 / 1001, 59.94)
SPEEDS = (0.5, 2.0, 0.25, 1.5, -1.0, -0.5, -2.0, -0.699999988, 1.001, 0.999000999, 0.3333333)


@dataclass(frozen=True)
class Film:
    """What the clips of a cut play: `start` and `duration` are seconds.

    `images` is what an image sequence's reference says of itself.
    """

    path: str
    rate: Fraction
    start: Fraction
    duration: Fraction
    images: Json | None = None


@dataclass(frozen=True)
class RandomCut:
    root: Json
    names: list[str]
    has_curves: bool


@st.composite
def cuts(draw: st.DrawFn, film: Film, longest: int = 40) -> RandomCut:
    """A timeline whose clips all play `film`, each under a name of its own."""
    return _Maker(draw, film, longest).cut()


class _Maker:
    def __init__(self, draw: st.DrawFn, film: Film, longest: int) -> None:
        self._draw, self._film, self._longest = draw, film, longest
        self._names = (f"clip {number}" for number in itertools.count())
        self._made: list[str] = []
        self._has_curves = False

    def cut(self) -> RandomCut:
        tracks = [self._track(3) for _ in range(self._draw(st.integers(1, 2)))]
        rate = self._draw(st.sampled_from(RATES))
        start = self._draw(st.sampled_from([None, time(0, rate), time(86400, rate), time(107892, rate)]))
        return RandomCut(timeline(*tracks, start=start), self._made, self._has_curves)

    def _track(self, depth: int) -> Json:
        children = [self._item(depth)]
        for _ in range(self._draw(st.integers(0, 3))):
            rate = self._draw(st.sampled_from(RATES))
            if self._draw(st.integers(0, 3)) == 0:
                children.append(dissolve(*(self._draw(st.integers(0, 4)) for _ in range(2)), rate))
            children.append(self._item(depth))
        if self._draw(st.integers(0, 5)):
            return track(*children)
        rate = self._draw(st.sampled_from(RATES))
        window = time_range(self._draw(st.integers(0, 6)), self._draw(st.integers(4, 40)), rate)
        speeds = [warp(self._draw(st.sampled_from(SPEEDS)))] if self._draw(st.booleans()) else []
        return track(*children, source_range=window, effects=speeds)

    def _item(self, depth: int) -> Json:
        kind = self._draw(st.sampled_from(["clip", "clip", "clip", "gap", "nest"]))
        if kind == "gap":
            return gap(self._draw(st.integers(1, 20)), self._draw(st.sampled_from(RATES)))
        return self._nest(depth - 1) if kind == "nest" and depth > 0 else self._clip()

    def _clip(self) -> Json:
        name = next(self._names)
        self._made.append(name)
        film, rate = self._film, self._draw(st.sampled_from(RATES))
        exact = film.rate if self._draw(st.booleans()) else None
        written = float(exact) if exact is not None else rate
        first = self._draw(st.integers(0, int(film.duration * Fraction(written)) - 1))
        length = self._draw(st.integers(1, self._longest))
        if self._draw(st.integers(0, 4)) == 0:
            length += self._draw(st.sampled_from([0.05, 0.5, 0.25]))  # type: ignore[assignment]
        offset = math.ceil(film.start * Fraction(written))
        says = self._draw(st.booleans())
        available = time_range(
            float(film.start * film.rate), float(film.duration * film.rate), float(film.rate)
        )
        reference = film.images or {"OTIO_SCHEMA": "ExternalReference.1", "target_url": film.path}
        common = {
            "name": name,
            "available_image_bounds": None,
            "metadata": {"test": {"start": str(film.start)}},
        }
        return clip(
            name,
            time_range(offset + first, length, written),
            reference=reference | common | {"available_range": available if says else None},
            effects=self._effects(),
        )

    def _nest(self, depth: int) -> Json:
        layers = [self._track(depth) for _ in range(self._draw(st.integers(1, 2)))]
        source = None
        if self._draw(st.booleans()):
            rate = self._draw(st.sampled_from(RATES))
            source = time_range(self._draw(st.integers(0, 10)), self._draw(st.integers(1, 30)), rate)
        return stack(*layers, name="nest", source=source, effects=self._effects())

    def _effects(self) -> list[Json]:
        kind = self._draw(st.sampled_from(["none", "none", "speed", "speed", "freeze", "ramp", "both"]))
        if kind == "speed":
            return [warp(self._draw(st.sampled_from(SPEEDS)))]
        if kind == "both":
            return [warp(self._draw(st.sampled_from(SPEEDS))), warp(self._draw(st.sampled_from(SPEEDS)))]
        if kind == "freeze":
            return [freeze()]
        return [ramp(self._key_frames())] if kind == "ramp" else []

    def _key_frames(self) -> list[list[object]]:
        """Key frames as Resolve writes them, some eased: the handles of a key lie on one line."""
        is_eased = self._draw(st.booleans())
        self._has_curves |= is_eased
        steps = [
            (self._draw(st.integers(2, 40)) / 10, self._draw(st.integers(-4, 40)) / 10)
            for _ in range(self._draw(st.integers(1, 4)))
        ]
        keys = [[0.0, 0.0, False, 0.0, 0.0, 0.0, 0.0]]
        for (dt, ds), following in itertools.zip_longest(steps, steps[1:]):
            t, s = round(keys[-1][0] + dt, 6), round(keys[-1][1] + ds, 6)
            keys.append([t, s, False, 0.0, 0.0, 0.0, 0.0])
            if is_eased and following is not None:
                reach = round(min(dt, following[0]) / 3, 6)
                slope = (ds / dt + following[1] / following[0]) / 2
                keys[-1][2:] = [True, -reach, round(-reach * slope, 9), reach, round(reach * slope, 9)]
        return keys  # type: ignore[return-value]
