"""Someone who walks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.scenes.paths import Times, neighbours, smoothstep
from engine.training.scenes.place import Place
from engine.training.scenes.shapes import Paint, Shape, segment


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
