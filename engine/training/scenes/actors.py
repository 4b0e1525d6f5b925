"""Things that touch at given moments. Each turns times [M] into shapes, back to front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.training.scenes.paths import BouncePath, StrikePath, Times, Tremor, Wander, neighbours, smoothstep
from engine.training.scenes.shapes import Paint, Shape, segment


class Actor(Protocol):
    """Anything that can be drawn at any time."""

    def shapes(self, t: Times) -> list[Shape]: ...


@dataclass(frozen=True)
class Place:
    """Where contact is made, how large things are, and which way they face (1 or -1)."""

    x: float
    y: float
    size: float
    facing: float = 1.0


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
class Walker:
    """Someone seen from the side; the feet land in turn at the hits. A four-legged one has two pairs."""

    place: Place
    clothes: Paint
    shoes: Paint
    hits_s: tuple[float, ...]
    strengths: tuple[float, ...]
    speed: float
    step: float
    lift: float
    height: float
    """Hip over ground."""
    swing_s: float
    middle_s: float
    legs: int = 2

    def shapes(self, t: Times) -> list[Shape]:
        hip_x = self.place.x + self.place.facing * self.speed * (t - self.middle_s)
        feet = [self._foot(leg, t) for leg in range(self.legs)]
        bob = 0.06 * self.height * np.mean([lifted / max(self.lift, 1e-6) for _, lifted in feet], axis=0)
        hip_y = self.place.y - self.height + bob
        thick = self.place.size
        shapes: list[Shape] = []
        for leg, (foot_x, lifted) in enumerate(feet):
            root_x = hip_x + self.place.facing * (0.45 * self.height if leg >= 2 else 0.0)
            foot_y = self.place.y - lifted - 0.45 * thick
            knee_x = (root_x + foot_x) / 2 + self.place.facing * (0.25 * lifted + 0.04 * self.height)
            knee_y = (hip_y + foot_y) / 2
            shade = 0.75 if leg % 2 else 1.0
            shapes.append(segment(self.clothes, root_x, hip_y, knee_x, knee_y, thick, light=shade))
            shapes.append(
                segment(self.clothes, knee_x, knee_y, foot_x, foot_y - 0.3 * thick, 0.8 * thick, light=shade)
            )
            toe = foot_x + self.place.facing * 1.6 * thick
            shapes.append(segment(self.shoes, foot_x, foot_y, toe, foot_y, 0.45 * thick, light=shade))
        if self.legs == 4:
            far = hip_x + self.place.facing * 0.45 * self.height
            shapes.append(segment(self.clothes, hip_x, hip_y, far, hip_y, 2 * thick))
        else:
            top = hip_y - 0.75 * self.height
            shapes.append(segment(self.clothes, hip_x, hip_y, hip_x, top, 1.8 * thick))
            shapes.append(Shape(self.shoes, hip_x, top - 0.25 * self.height, radius=0.14 * self.height))
        return shapes

    def _foot(self, leg: int, t: Times) -> tuple[Times, Times]:
        """Where the foot is across, and how far it is lifted."""
        own = self.hits_s[leg % 2 :: 2] if self.legs == 2 else self.hits_s[leg :: self.legs]
        if not own:
            still = self.place.x + self.place.facing * (self.speed * (t - self.middle_s) - 0.3 * self.step)
            return still, np.zeros_like(t)
        before, after = neighbours(own, t)
        hits = np.concatenate([[own[0] - 2 * self.swing_s], own, [own[-1] + 2.5 * self.swing_s]])
        ahead = self.step * 0.5 + (0.45 * self.height if leg >= 2 else 0.0)
        planted = self.place.x + self.place.facing * (self.speed * (hits - self.middle_s) + ahead)
        start, end = hits[before + 1], hits[after + 1]
        swing_s = np.minimum(self.swing_s, 0.8 * (end - start))
        u = np.clip(1 - (end - t) / swing_s, 0, 1)
        lifted = self.lift * (1 - (2 * u - 1) ** 2)
        x = planted[before + 1] + (planted[after + 1] - planted[before + 1]) * smoothstep(u)
        return x, np.where(t > own[-1], 0.0, lifted)


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
