"""What every actor is, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.training.scenes.paths import Times
from engine.training.scenes.shapes import Shape


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
