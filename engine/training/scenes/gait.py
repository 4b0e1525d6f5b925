"""Someone who walks as people do: legs that bend, feet that roll off and strike with the heel, a body that goes along.

A foot strikes at each hit and at no other time, so where hits are far apart the walker stands between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.training.scenes.paths import Times, neighbours, smoothstep
from engine.training.scenes.place import Place
from engine.training.scenes.shapes import Paint, Shape, segment

LONGEST_SWING_S = 0.6
DOUBLE_SUPPORT = 0.14
"""Of a step: so long both feet stand after a strike."""
ROLL_OFF_S = 0.16
SLAP_S = 0.07
TOE_DOWN, TOE_UP = 0.8, -0.35
"""Pitch of the foot in radians as it leaves the ground and as it strikes."""
WALK_GAP_S = 0.95
"""Longer than this between two strikes, the body stands."""
SMOOTHING_S = 0.05
FAR_AWAY_S = 1e3


@dataclass(frozen=True)
class Foot:
    """At each moment: where the ankle is across, its height, both in the walker's own units, and the foot's pitch."""

    across: Times
    height: Times
    pitch: Times


@dataclass(frozen=True)
class Gait:
    """Feet and hip over time, across from where the first strike finds the hip; ground and heights in leg lengths."""

    hits_s: tuple[float, ...]
    strengths: tuple[float, ...]
    step: float
    lift: float

    @cached_property
    def _hip_points(self) -> tuple[Times, Times]:
        times, places = [self.hits_s[0] - LONGEST_SWING_S], [-0.5 * self.step]
        for number, (hit_s, next_s) in enumerate(
            zip(self.hits_s, (*self.hits_s[1:], self.hits_s[-1] + FAR_AWAY_S), strict=True)
        ):
            times.append(hit_s)
            places.append(number * self.step)
            if next_s - hit_s > WALK_GAP_S:
                times += [hit_s + 0.25, next_s - LONGEST_SWING_S]
                places += [(number + 0.3) * self.step] * 2
        return np.asarray(times), np.asarray(places)

    def hip(self, t: Times) -> Times:
        """Across."""
        shifts = np.linspace(-SMOOTHING_S, SMOOTHING_S, 5)
        return np.asarray(np.mean([np.interp(t + shift, *self._hip_points) for shift in shifts], axis=0))

    def sinking(self, t: Times) -> Times:
        """How far the hip is below where it stands: most just after a strike, more after a hard one.

        The longer the step, the lower it must go for both feet to reach the ground.
        """
        total = np.zeros_like(t)
        for hit_s, strength in zip(self.hits_s, self.strengths, strict=True):
            total += (0.4 + 0.6 * strength) * np.exp(-(((t - hit_s - 0.05) / 0.09) ** 2))
        return np.asarray((0.02 + self.step**2 / 8) * np.minimum(total, 1.2))

    def foot(self, leg: int, t: Times) -> Foot:
        """Of leg 0 or 1."""
        numbers = range(leg, len(self.hits_s), 2)
        strikes = [self.hits_s[number] for number in numbers]
        planted = [(number + 0.5) * self.step for number in numbers]
        starts = [self._swing_start(number) for number in numbers]
        before, after = neighbours(tuple(strikes), t)
        last_s = np.asarray([-FAR_AWAY_S, *strikes])[before + 1]
        next_s = np.asarray([*strikes, FAR_AWAY_S])[after]
        start_s = np.asarray([*starts, FAR_AWAY_S - 1])[after]
        behind = np.asarray([-0.5 * self.step, *planted])
        ahead = np.asarray([*planted, planted[-1] if planted else -0.5 * self.step])
        u = np.clip((t - start_s) / (next_s - start_s), 0, 1)
        rolled = np.where(u > 0, 1.0, smoothstep((t - start_s + ROLL_OFF_S) / ROLL_OFF_S))
        gone = self.lift * (
            1.0 * np.exp(-(((u - 0.28) / 0.2) ** 2)) + 0.4 * np.exp(-(((u - 0.78) / 0.14) ** 2))
        )
        height = np.where(u > 0, gone * np.minimum(1, (1 - u) / 0.12), 0.0)
        heel = 0.3 * self.lift * rolled * np.clip(1 - u / 0.25, 0, 1)
        slapped = np.clip((t - last_s) / SLAP_S, 0, 1)
        swung = TOE_DOWN + (TOE_UP - TOE_DOWN) * smoothstep((u - 0.1) / 0.6)
        pitch = np.where(u > 0, swung, TOE_DOWN * rolled + TOE_UP * (1 - slapped))
        return Foot(
            behind[before + 1] + (ahead[after] - behind[before + 1]) * smoothstep(u), height + heel, pitch
        )

    def _swing_start(self, number: int) -> float:
        """When the foot that strikes at hit `number` leaves the ground."""
        strike_s = self.hits_s[number]
        if number == 0:
            return strike_s - LONGEST_SWING_S
        other_s = self.hits_s[number - 1]
        return max(other_s + DOUBLE_SUPPORT * (strike_s - other_s), strike_s - LONGEST_SWING_S)


@dataclass(frozen=True)
class Strider:
    """A walker seen from the side, or from ahead or behind where `turned`; `leg` is its length in frame heights.

    `grows` is by how much of its size a turned one becomes larger a second, or smaller.
    """

    place: Place
    gait: Gait
    clothes: Paint
    top: Paint
    shoes: Paint
    leg: float
    start_x: float
    turned: bool = False
    grows: float = 0.0
    middle_s: float = 0.0

    def shapes(self, t: Times) -> list[Shape]:
        feet = [self.gait.foot(leg, t) for leg in (0, 1)]
        return self._turned(t, feet) if self.turned else self._from_the_side(t, feet)

    def _from_the_side(self, t: Times, feet: list[Foot]) -> list[Shape]:
        facing, leg = self.place.facing, self.leg
        thick = self.place.size * leg
        hip = self.gait.hip(t)
        hip_x = self.start_x + facing * leg * hip
        hip_y = self.place.y - leg * (1 - self.gait.sinking(t)) - 0.3 * thick
        shapes: list[Shape] = []
        for number, foot in enumerate(feet):
            ankle_x = self.start_x + facing * leg * foot.across
            ankle_y = self.place.y - leg * foot.height - 0.5 * thick
            knee_x, knee_y = _knee(hip_x, hip_y, ankle_x, ankle_y, 0.505 * leg, facing)
            shade = 0.72 if number else 1.0
            shapes.append(segment(self.clothes, hip_x, hip_y, knee_x, knee_y, thick, light=shade))
            shapes.append(segment(self.clothes, knee_x, knee_y, ankle_x, ankle_y, 0.75 * thick, light=shade))
            toe_x = ankle_x + facing * 0.26 * leg * np.cos(foot.pitch)
            toe_y = ankle_y + 0.26 * leg * np.sin(foot.pitch) + 0.1 * thick
            shapes.append(segment(self.shoes, ankle_x, ankle_y, toe_x, toe_y, 0.4 * thick, light=shade))
        swing = facing * np.clip(feet[1].across - hip, -1, 1)
        return [*shapes, *self._body(hip_x, hip_y, leg, swing)]

    def _turned(self, t: Times, feet: list[Foot]) -> list[Shape]:
        hip = self.gait.hip(t)
        size = np.exp(self.grows * (t - self.middle_s))
        leg = self.leg * size
        thick = self.place.size * leg
        ground = self.place.y + 0.15 * self.leg * (size - 1)
        lifted = [foot.height / max(self.gait.lift, 1e-6) for foot in feet]
        x = self.start_x + 0.05 * leg * (lifted[0] - lifted[1])
        hip_y = ground - leg * (1 - self.gait.sinking(t))
        shapes: list[Shape] = []
        for side, foot in zip((-1.0, 1.0), feet, strict=True):
            root_x = x + side * 0.11 * leg
            towards = np.sign(self.grows or 1.0) * (foot.across - hip)
            ankle_y = ground + 0.07 * leg * towards - leg * foot.height - 0.5 * thick
            knee_y = (hip_y + ankle_y) / 2 - 0.2 * leg * foot.height
            shapes.append(segment(self.clothes, root_x, hip_y, root_x, knee_y, thick))
            shapes.append(segment(self.clothes, root_x, knee_y, root_x, ankle_y, 0.8 * thick))
            shapes.append(Shape(self.shoes, root_x, ankle_y + 0.2 * thick, 0.2 * thick, 0.0, 0.6 * thick))
        return [*shapes, *self._body(x, hip_y, leg, 0.4 * (feet[1].across - feet[0].across))]

    def _body(self, hip_x: Times, hip_y: Times, leg: float | Times, swing: Times) -> list[Shape]:
        shoulder_y = hip_y - 0.62 * leg
        hand_x, hand_y = hip_x + 0.45 * leg * swing, shoulder_y + 0.6 * leg * (1 - 0.15 * np.abs(swing))
        return [
            segment(self.top, hip_x, hip_y - 0.05 * leg, hip_x, shoulder_y, 0.2 * leg),
            Shape(self.shoes, hip_x, shoulder_y - 0.33 * leg, radius=0.13 * leg),
            segment(self.top, hip_x, shoulder_y, hand_x, hand_y, 0.07 * leg, light=0.85),
        ]


def _knee(
    hip_x: Times, hip_y: Times, ankle_x: Times, ankle_y: Times, bone: float, facing: float
) -> tuple[Times, Times]:
    """Where two bones of this length meet between hip and ankle, bent forwards."""
    across, down = ankle_x - hip_x, ankle_y - hip_y
    distance = np.hypot(across, down)
    bend = np.sqrt(np.maximum(bone**2 - (distance / 2) ** 2, 0)) / np.maximum(distance, 1e-6)
    return (hip_x + ankle_x) / 2 + facing * bend * np.abs(down), (
        hip_y + ankle_y
    ) / 2 - facing * bend * across
