"""Things that a hand grasps, carries and sets down; from times [M] to shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.scenes.paths import Times
from engine.training.scenes.place import Place
from engine.training.scenes.shapes import Paint, Shape, segment


@dataclass(frozen=True)
class Waypoints:
    """A path that rests at each of its points and goes on smoothly to the next.

    It may arrive at a point with some speed (units a second) and stop there dead: that is what contact looks like.
    """

    times_s: tuple[float, ...]
    values: tuple[float, ...]
    arriving: tuple[float, ...]

    def __call__(self, t: Times) -> Times:
        times, values = np.asarray(self.times_s), np.asarray(self.values)
        if times.size == 1:
            return np.full_like(t, values[0])
        before = np.clip(np.searchsorted(times, t, side="right") - 1, 0, times.size - 2)
        span_s = times[before + 1] - times[before]
        u = np.clip((t - times[before]) / span_s, 0, 1)
        risen = (values[before + 1] - values[before]) * u * u * (3 - 2 * u)
        sped: Times = np.asarray(self.arriving)[before + 1] * span_s * u * u * (u - 1)
        return np.asarray(values[before] + risen + sped)


@dataclass(frozen=True)
class Handled:
    """A thing that stands on the place's height or is carried over it, a bottle with its cap say."""

    place: Place
    paint: Paint
    cap: Paint | None
    across: Waypoints
    height: Waypoints
    lean: Waypoints
    half_width: float
    half_height: float
    opacity: float

    def shapes(self, t: Times) -> list[Shape]:
        corner = 0.25 * min(self.half_width, self.half_height)
        x, lean = self.place.x + self.across(t), self.lean(t)
        y = self.place.y - self.height(t) - self.half_height
        sides = (self.half_width - corner, self.half_height - corner, corner)
        body = Shape(self.paint, x, y, *sides, angle=lean, opacity=self.opacity)
        if self.cap is None:
            return [body]
        up = self.half_height + 0.12 * self.half_width
        return [
            body,
            Shape(
                self.cap,
                x + up * np.sin(lean),
                y - up * np.cos(lean),
                half_width=0.35 * self.half_width,
                half_height=0.2 * self.half_width,
                radius=0.01,
                angle=lean,
            ),
        ]


@dataclass(frozen=True)
class Hand:
    """An arm that ends in two fingers; `across` and `height` are where they grasp."""

    place: Place
    skin: Paint
    sleeve: Paint
    across: Waypoints
    height: Waypoints
    open: Waypoints
    """How far the fingers are from each other, in widths of the hand."""
    coming_from: float
    """Radians from straight above, to the right."""
    shadow: Paint | None

    def shapes(self, t: Times) -> list[Shape]:
        size = self.place.size
        back_x, back_y = np.sin(self.coming_from), -np.cos(self.coming_from)
        x, y = self.place.x + self.across(t), self.place.y - self.height(t)
        palm_x, palm_y = x + 1.3 * size * back_x, y + 1.3 * size * back_y
        wrist_x, wrist_y = x + 2.6 * size * back_x, y + 2.6 * size * back_y
        far_x, far_y = x + (2.6 * size + 1.8) * back_x, y + (2.6 * size + 1.8) * back_y
        spread = size * (0.35 + 0.65 * self.open(t))
        fingers = [
            segment(
                self.skin,
                palm_x,
                palm_y,
                x - side * spread * back_y,
                y + side * spread * back_x,
                0.3 * size,
                light=light,
            )
            for side, light in ((-1.0, 0.85), (1.0, 1.0))
        ]
        arm = [
            segment(self.sleeve, wrist_x, wrist_y, far_x, far_y, 0.75 * size),
            segment(self.skin, palm_x, palm_y, wrist_x, wrist_y, 0.6 * size),
            *fingers,
        ]
        if self.shadow is None:
            return arm
        fallen = segment(self.shadow, palm_x + 0.12, palm_y + 0.1, far_x + 0.12, far_y + 0.1, 0.8 * size)
        return [Shape(**{**vars(fallen), "opacity": 0.25}), *arm]
