"""Things that sound all the time, the more the stronger they move: under one intensity curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.scenes.paths import Intensity, Times, Wander
from engine.training.scenes.place import Place
from engine.training.scenes.shapes import Paint, Shape, segment


@dataclass(frozen=True)
class Slider:
    """A tool pushed to and fro over a surface, as fast as it sounds. It turns back where it is slow."""

    place: Place
    paint: Paint
    arm: Paint
    intensity: Intensity
    span: float
    speed: float
    turn: float
    rolls: bool = False

    def shapes(self, t: Times) -> list[Shape]:
        way = self.intensity.integral(t) * self.speed / self.span
        across = self.span * (np.abs((way % 2) - 1) - 0.5)
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        x, y = self.place.x + across * cos, self.place.y + across * sin - self.place.size
        if self.rolls:
            return [Shape(self.paint, x, y, radius=self.place.size, angle=across / self.place.size)]
        body = Shape(
            self.paint, x, y, 1.4 * self.place.size, 0.6 * self.place.size, 0.3 * self.place.size, self.turn
        )
        reach = 0.7 * self.place.facing
        return [segment(self.arm, x, y, x + reach * 0.6, y - 0.8 * abs(reach), 0.6 * self.place.size), body]


@dataclass(frozen=True)
class Sheet:
    """Cloth or water: bands that ride on a travelling wave, higher and faster with intensity."""

    place: Place
    paint: Paint
    intensity: Intensity
    half_width: float
    depth: float
    wave_number: float
    speed: float
    height: float
    bands: int = 9

    def shapes(self, t: Times) -> list[Shape]:
        strength = self.intensity.at(t)
        phase = 2 * np.pi * self.speed * self.intensity.integral(t)
        step = 2 * self.half_width / self.bands
        shapes = []
        for band in range(self.bands):
            at = -self.half_width + (band + 0.5) * step
            ride = self.wave_number * at * self.place.facing - phase
            reach = 1.0 if self.depth > 1.2 * self.half_width else (band + 1) / self.bands
            rise = self.height * strength * reach * np.sin(ride)
            shapes.append(
                Shape(
                    self.paint,
                    self.place.x + at,
                    self.place.y + rise + self.depth / 2,
                    half_width=0.55 * step,
                    half_height=self.depth / 2,
                    radius=0.01,
                    light=1 + 0.35 * strength * np.cos(ride),
                    shift_x=at,
                )
            )
        return shapes


@dataclass(frozen=True)
class Rain:
    """Streaks that fall through the whole picture; more are seen the harder it rains."""

    paint: Paint
    intensity: Intensity
    streaks: tuple[tuple[float, float, float], ...]
    """Of each: place across, phase, speed in frame heights a second."""
    slant: float
    length: float

    def shapes(self, t: Times) -> list[Shape]:
        strength = self.intensity.at(t)
        shapes = []
        for index, (across, phase, speed) in enumerate(self.streaks):
            y = (phase + speed * t) % 1.4 - 0.7
            shown = np.clip(strength * len(self.streaks) - index, 0, 1)
            x = across + self.slant * y
            tail = y - self.length * speed
            streak = segment(self.paint, x, y, x - self.slant * self.length * speed, tail, 0.006)
            shapes.append(Shape(**{**vars(streak), "opacity": 0.8 * shown}))
        return shapes


@dataclass(frozen=True)
class Stream:
    """Water that runs down a channel: its surface scrolls, and it is wider and brighter as it swells."""

    place: Place
    paint: Paint
    intensity: Intensity
    half_width: float
    length: float
    speed: float
    angle: float

    def shapes(self, t: Times) -> list[Shape]:
        strength = self.intensity.at(t)
        scroll = self.speed * self.intensity.integral(t)
        return [
            Shape(
                self.paint,
                self.place.x,
                self.place.y,
                half_width=self.half_width * (0.25 + 0.75 * strength),
                half_height=self.length,
                radius=0.02,
                angle=self.angle,
                opacity=np.clip(3 * strength, 0, 1),
                light=0.9 + 0.2 * strength,
                shift_y=-scroll,
            )
        ]


@dataclass(frozen=True)
class Flames:
    """Tongues that lick upwards, higher as it burns harder."""

    place: Place
    paint: Paint
    core: Paint
    intensity: Intensity
    tongues: tuple[Wander, ...]
    half_width: float

    def shapes(self, t: Times) -> list[Shape]:
        strength = self.intensity.at(t)
        shapes = []
        count = len(self.tongues)
        for index, lick in enumerate(self.tongues):
            at = self.place.x + self.half_width * (2 * (index + 0.5) / count - 1)
            tall = self.place.size * (0.15 + 0.85 * strength) * (1 + lick(t))
            lean = 0.25 * lick(t + 3.1) * tall
            shapes.append(
                segment(self.paint, at, self.place.y, at + lean, self.place.y - tall, 0.09 * (0.4 + strength))
            )
            low = self.place.y - 0.5 * tall
            shapes.append(
                segment(self.core, at, self.place.y, at + 0.5 * lean, low, 0.045 * (0.4 + strength))
            )
        return shapes


@dataclass(frozen=True)
class Stalks:
    """Grass, leaves or a creaking beam that sway with the wind."""

    place: Place
    paint: Paint
    intensity: Intensity
    roots: tuple[tuple[float, float, float], ...]
    """Of each: place across, height, phase."""
    thickness: float
    bend: float
    frequency_hz: float
    bushy: bool

    def shapes(self, t: Times) -> list[Shape]:
        strength = self.intensity.at(t)
        turn = 2 * np.pi * self.frequency_hz * (0.2 * t + self.intensity.integral(t))
        shapes = []
        for across, height, phase in self.roots:
            lean = self.bend * strength * (0.5 + np.sin(turn + phase))
            x, top = self.place.x + across, self.place.y - height * np.cos(lean)
            tip = x + height * np.sin(lean)
            shapes.append(segment(self.paint, x, self.place.y, tip, top, self.thickness))
            if self.bushy:
                shapes.append(
                    Shape(self.paint, tip, top, radius=0.3 * height, light=1 + 0.2 * np.sin(turn + phase))
                )
        return shapes


@dataclass(frozen=True)
class Gusts:
    """Clouds or dust that the wind drives across; in a storm the picture lights up as it thunders."""

    paint: Paint
    intensity: Intensity
    puffs: tuple[tuple[float, float, float], ...]
    """Of each: phase across, height in the picture, size."""
    speed: float
    glow: float

    def shapes(self, t: Times) -> list[Shape]:
        strength = self.intensity.at(t)
        way = self.speed * self.intensity.integral(t)
        shapes = []
        for phase, y, size in self.puffs:
            x = (phase + way * (0.5 + size)) % 2.4 - 1.2
            opacity = np.clip(0.35 + 0.6 * strength, 0, 1) * np.clip(6 * (1.2 - np.abs(x)), 0, 1)
            light = 1 + self.glow * strength
            shapes.append(Shape(self.paint, x, y, 0.8 * size, 0.0, size * 0.6, opacity=opacity, light=light))
        return shapes
