"""Things that fall, drip, rush through, merely drift or stand in front. They turn times [M] into shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.scenes.paths import BouncePath, Times, Wander, neighbours, smoothstep
from engine.training.scenes.place import Place
from engine.training.scenes.shapes import Paint, Shape, segment


@dataclass(frozen=True)
class Fall:
    """One thing that falls from rest and lands at `hit_s`; it stays, or breaks into `pieces`."""

    place: Place
    paint: Paint
    hit_s: float
    fall_s: float
    height: float
    half_width: float
    half_height: float
    turn: float
    later: BouncePath | None
    gone_s: float
    pieces: tuple[tuple[float, float, float], ...] = ()
    """Of each piece: velocity across, velocity up (frame heights a second), size."""
    rolls: float = 0.0

    def shapes(self, t: Times) -> list[Shape]:
        left = self.hit_s - t
        dropped = np.clip(1 - left / self.fall_s, 0, 1)
        height = self.height * (1 - dropped**2)
        since = np.maximum(-left, 0)
        if self.later is not None:
            height = np.where(left > 0, height, self.later(t))
        there = np.where(left > self.fall_s, 0.0, 1.0) * np.clip((self.gone_s - t) / 0.25, 0, 1)
        whole = there * (np.where(left > 0, 1.0, 0.0) if self.pieces else 1.0)
        corner = 0.2 * min(self.half_width, self.half_height)
        deep = self.half_height + corner
        body = Shape(
            self.paint,
            x=self.place.x + self.rolls * (1 - np.exp(-3 * since)),
            y=self.place.y - height - deep,
            half_width=self.half_width,
            half_height=self.half_height,
            radius=corner,
            angle=self.turn * height,
            opacity=whole,
        )
        return [body, *self._pieces(since, there * np.where(left > 0, 0.0, 1.0), deep)]

    def _pieces(self, since: Times, opacity: Times, deep: float) -> list[Shape]:
        shapes = []
        for across, up, size in self.pieces:
            flight = min(0.5, 2 * up / 3.0)
            s = np.minimum(since, flight)
            y = self.place.y - size - np.maximum(deep * 0.5 * (1 - s / flight) + up * s - 1.5 * s * s, 0)
            x = self.place.x + across * (s + 0.15 * (1 - np.exp(-6 * (since - s))))
            shapes.append(
                Shape(self.paint, x, y, size, 0.4 * size, 0.1 * size, angle=across * 9 * s, opacity=opacity)
            )
        return shapes


@dataclass(frozen=True)
class Drop:
    """A drop that falls, and the ring that it raises."""

    place: Place
    paint: Paint
    hits_s: tuple[float, ...]
    strengths: tuple[float, ...]
    fall_s: float
    height: float

    def shapes(self, t: Times) -> list[Shape]:
        before, after = neighbours(self.hits_s, t)
        hits = np.concatenate([[-1e3], self.hits_s, [1e3]])
        force = np.concatenate([[0.0], self.strengths, [0.5]])
        left, since = hits[after + 1] - t, t - hits[before + 1]
        size = self.place.size * (0.5 + 0.5 * force[after + 1])
        y = self.place.y - self.height * (1 - np.clip(1 - left / self.fall_s, 0, 1) ** 2) - size
        falling = Shape(
            self.paint, self.place.x, y, 0.0, 0.4 * size, size, opacity=np.where(left < self.fall_s, 1.0, 0.0)
        )
        wave = force[before + 1]
        spread = 0.03 + 0.5 * np.minimum(since, 1.0) * (0.4 + 0.6 * wave)
        ring = Shape(
            self.paint,
            self.place.x,
            self.place.y,
            spread,
            0.0,
            0.012,
            opacity=wave * np.exp(-since / 0.22),
            light=1.25,
        )
        return [ring, *self._splash(since, wave), falling]

    def _splash(self, since: Times, wave: Times) -> list[Shape]:
        s = np.minimum(since, 0.4)
        shapes = []
        for across in (-0.45, 0.1, 0.5):
            up = (0.9 + 0.5 * across) * wave * s - 2.4 * s * s
            visible = np.where((up > 0) & (since > 0), 1.0, 0.0)
            shapes.append(
                Shape(
                    self.paint,
                    self.place.x + across * s * (0.5 + wave),
                    self.place.y - up,
                    radius=0.45 * self.place.size,
                    opacity=visible,
                )
            )
        return shapes


@dataclass(frozen=True)
class Sweep:
    """Something that rushes through the picture, starting at each hit."""

    place: Place
    paint: Paint
    hits_s: tuple[float, ...]
    strengths: tuple[float, ...]
    length: float
    pass_s: float

    def shapes(self, t: Times) -> list[Shape]:
        if not self.hits_s:
            return []
        before, _ = neighbours(self.hits_s, t)
        index = np.maximum(before, 0)
        since = np.where(before >= 0, t - np.asarray(self.hits_s)[index], 0.0)
        force = np.asarray(self.strengths)[index]
        u = smoothstep(since / (self.pass_s * (1.4 - 0.8 * force)))
        side = np.where(before % 2 == 0, 1.0, -1.0) * self.place.facing
        angle = side * (-1.9 + 3.8 * u)
        x0, y0 = self.place.x, self.place.y + 0.45
        x1, y1 = x0 + self.length * np.sin(angle), y0 - self.length * np.cos(angle)
        middle = 0.35
        return [
            segment(
                self.paint,
                x0 + middle * (x1 - x0),
                y0 + middle * (y1 - y0),
                x1,
                y1,
                self.place.size,
            )
        ]


@dataclass(frozen=True)
class Drifter:
    """Smooth motion that touches nothing: what must not be taken for a hit."""

    paint: Paint
    x: Wander
    y: Wander
    at_x: float
    at_y: float
    half_width: float
    half_height: float
    radius: float
    turn: Wander

    def shapes(self, t: Times) -> list[Shape]:
        return [
            Shape(
                self.paint,
                self.at_x + self.x(t),
                self.at_y + self.y(t),
                self.half_width,
                self.half_height,
                self.radius,
                self.turn(t),
            )
        ]


@dataclass(frozen=True)
class Cover:
    """Something in front that hides a part of the picture."""

    paint: Paint
    x: float
    y: float
    half_width: float
    half_height: float

    def shapes(self, t: Times) -> list[Shape]:
        return [Shape(self.paint, self.x, self.y, self.half_width, self.half_height, 0.02)]
