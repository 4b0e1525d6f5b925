"""Things that meet: tools and what they hit, balls, doors, pendulums; from times [M] to shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.scenes.paths import BouncePath, StrikePath, Times, Tremor, Wander
from engine.training.scenes.place import Place
from engine.training.scenes.shapes import Paint, Shape, segment


@dataclass(frozen=True)
class Struck:
    """What is hit: a block whose top (or side) is at the contact and that trembles."""

    place: Place
    paint: Paint
    half_width: float
    half_height: float
    tremor: Tremor
    sideways: bool = False
    corner: float = 0.01

    def shapes(self, t: Times) -> list[Shape]:
        shake = self.tremor(t)
        along = self.place.facing * (self.half_width + self.corner)
        x = self.place.x + (along + shake if self.sideways else 0.0)
        y = self.place.y + (0.0 if self.sideways else self.half_height + self.corner + shake)
        return [Shape(self.paint, x, y, self.half_width, self.half_height, self.corner)]


@dataclass(frozen=True)
class Ball:
    """A ball (or a box: `square`) that bounces on the contact's height, squashed by each touch."""

    place: Place
    paint: Paint
    path: BouncePath
    squash: Tremor
    roam: Wander
    spin_rate: float = 0.0
    square: float = 0.0

    def shapes(self, t: Times) -> list[Shape]:
        height = self.path(t)
        give = np.clip(np.abs(self.squash(t)), 0, 0.25) * np.exp(-height / (0.3 * self.place.size))
        tall = self.place.size * (1 - give)
        side = self.place.size * self.square
        return [
            Shape(
                self.paint,
                x=self.place.x + self.roam(t),
                y=self.place.y - height - tall,
                half_width=side * (1 + give) + self.place.size * give,
                half_height=side * (1 - give),
                radius=(self.place.size - side) * (1 - give),
                angle=self.spin_rate * height,
                shift_x=self.spin_rate * t * 0.1,
            )
        ]


@dataclass(frozen=True)
class Hammer:
    """A tool on an arm that turns about a pivot; its head meets the contact when the angle is 0."""

    place: Place
    shaft: Paint
    head: Paint
    path: StrikePath
    length: float
    head_size: float
    tilt: float = 0.0
    """Angle of the shaft at contact, radians above the horizontal."""

    def shapes(self, t: Times) -> list[Shape]:
        angle = self.tilt + self.path(t)
        reach = self.length * self.place.facing
        pivot_x = self.place.x - reach * np.cos(self.tilt)
        pivot_y = self.place.y + self.length * np.sin(self.tilt) - self.head_size
        tip_x, tip_y = pivot_x + reach * np.cos(angle), pivot_y - self.length * np.sin(angle)
        shaft = segment(self.shaft, pivot_x, pivot_y, tip_x, tip_y, 0.25 * self.head_size + 0.008)
        head = Shape(
            self.head,
            tip_x,
            tip_y,
            half_width=0.5 * self.head_size,
            half_height=0.85 * self.head_size,
            radius=0.15 * self.head_size,
            angle=-self.place.facing * (angle - self.tilt),
        )
        return [shaft, head]


@dataclass(frozen=True)
class Poker:
    """A finger, fist or rod that comes straight along a direction and stops at the contact."""

    place: Place
    paint: Paint
    tip: Paint
    path: StrikePath
    direction: float
    """Radians from straight down that it comes from."""
    thickness: float
    length: float = 0.8

    def shapes(self, t: Times) -> list[Shape]:
        distance = self.path(t) + self.thickness
        back_x, back_y = -self.place.facing * np.sin(self.direction), -np.cos(self.direction)
        x0, y0 = self.place.x + back_x * distance, self.place.y + back_y * distance
        arm = segment(
            self.paint, x0, y0, x0 + back_x * self.length, y0 + back_y * self.length, self.thickness * 0.8
        )
        return [arm, Shape(self.tip, x0, y0, radius=self.thickness)]


@dataclass(frozen=True)
class Colliders:
    """Two things that meet at the contact and part again; the second may hold still."""

    place: Place
    first: Paint
    second: Paint
    path: StrikePath
    half_width: float
    half_height: float
    share: float
    """How much of the way the second one makes, 0 to 0.5."""
    turn: float = 0.0

    def shapes(self, t: Times) -> list[Shape]:
        distance = self.path(t)
        corner = 0.3 * min(self.half_width, self.half_height)
        wide = self.half_width + corner
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        one, two = -wide - distance * (1 - self.share), wide + distance * self.share
        size = (self.half_width, self.half_height, corner, self.turn)
        return [
            Shape(self.first, self.place.x + one * cos, self.place.y + one * sin, *size),
            Shape(self.second, self.place.x + two * cos, self.place.y + two * sin, *size),
        ]


@dataclass(frozen=True)
class Pendulum:
    """A bob on a string that swings against something upright at its lowest point."""

    place: Place
    string: Paint
    bob: Paint
    path: BouncePath
    length: float

    def shapes(self, t: Times) -> list[Shape]:
        angle = np.clip(self.path(t), 0, 1.3) * self.place.facing
        anchor, top = self.place.x - self.place.facing * self.place.size, self.place.y - self.length
        x, y = anchor - self.length * np.sin(angle), top + self.length * np.cos(angle)
        return [segment(self.string, anchor, top, x, y, 0.009), Shape(self.bob, x, y, radius=self.place.size)]


@dataclass(frozen=True)
class Door:
    """A leaf on its hinge that meets its frame: seen from the front, it grows narrow as it opens."""

    place: Place
    leaf: Paint
    frame: Paint
    dark: Paint
    path: StrikePath
    tremor: Tremor
    half_width: float
    half_height: float

    def shapes(self, t: Times) -> list[Shape]:
        angle = np.clip(self.path(t), 0, 1.45)
        width = self.half_width * np.cos(angle)
        hinge = self.place.x - self.place.facing * self.half_width
        knob_x = hinge + self.place.facing * 1.75 * width
        shake = self.tremor(t)
        return [
            Shape(
                self.frame,
                self.place.x,
                self.place.y + shake,
                self.half_width + 0.03,
                self.half_height + 0.03,
                0.01,
            ),
            Shape(self.dark, self.place.x, self.place.y, self.half_width, self.half_height),
            Shape(
                self.leaf,
                hinge + self.place.facing * width,
                self.place.y,
                width,
                self.half_height * (1 + 0.08 * np.sin(angle)),
                light=1 - 0.35 * np.sin(angle),
            ),
            Shape(self.frame, knob_x, self.place.y + 0.02, radius=0.018),
        ]
