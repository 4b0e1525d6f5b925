"""Is the default model's sound worth keeping? One file a figure, each with its target, all from the shipped files.

What a figure is stands here, what it is measured on in `bench.py`, which there are in `registry.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from engine.evaluation.bootstrap import Interval

Direction = Literal["at least", "at most"]


class Target(Struct, frozen=True):
    """What a figure's value must reach."""

    direction: Direction
    bound: float

    def is_met_by(self, value: float) -> bool:
        return value >= self.bound if self.direction == "at least" else value <= self.bound


class QualityFigure(Struct, frozen=True):
    """One figure as it was measured.

    Attributes:
        name: stable, for files: letters, digits, dashes.
        title: for people.
        value: None where it could not be measured, and then `not_measured` says why in one sentence.
        target: None for a figure that is only told.
        details: numbers that stand beside it: controls, parts, counts.
        remark: what a reader must know of this very value.
    """

    name: str
    title: str
    value: Interval | None
    target: Target | None = None
    unit: str = ""
    decimals: int = 2
    details: Mapping[str, float] = {}
    remark: str = ""
    not_measured: str = ""

    @property
    def is_met(self) -> bool | None:
        """None where there is nothing to meet, or nothing that could."""
        if self.target is None or self.value is None:
            return None
        return self.target.is_met_by(self.value.value)


class FigureList(Struct, frozen=True):
    """Figures alone, as a file holds them."""

    figures: list[QualityFigure]


def unmeasured(name: str, title: str, target: Target | None, why: str) -> QualityFigure:
    return QualityFigure(name, title, None, target, not_measured=why)
