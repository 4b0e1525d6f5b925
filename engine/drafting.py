"""Several drafts of a take, of which the one is kept whose onsets fall on the hits best.

Whether a draft leaves a hit out is chance, so two seldom leave out the same one. Drafts are drawn as takes are, side
by side; what is heard of the one that is kept is what its tokens say, untouched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from engine.codec.encodec import Encodec
from engine.lm.generate import OnUnit, OnUnitStep, TakeUnit
from engine.media.matching import onset_f1, times_of
from engine.media.onsets import SAMPLE_RATE, detect_onsets, onsets_by_stretches
from engine.sounding import held_sound

TOLERANCE_S = 0.05
SEED_STEP = 0x5851F42D4C957F2D
"""From draft to draft: far from the seeds of a request's further takes, which are neighbours."""


class Drafts:
    """The drafts of some units on their way; tells of the units as `engine.lm.generate` does of what it draws."""

    def __init__(
        self, units: Sequence[TakeUnit], codec: Encodec, *, on_step: OnUnitStep, on_unit: OnUnit
    ) -> None:
        """
        Args:
            on_unit: is given the codes [K, T] of the draft that is kept.
        """
        self._units, self._codec = units, codec
        self._on_step, self._on_unit = on_step, on_unit
        self._places = [(unit, draft) for unit, each in enumerate(units) for draft in range(each.num_drafts)]
        self._shares = [[0.0] * unit.num_drafts for unit in units]
        self._drawn: list[dict[int, Tensor]] = [{} for _ in units]

    def drawings(self) -> list[TakeUnit]:
        """A unit a draft, by its number; the first of each with the unit's own seed."""
        return [
            replace(self._units[unit], seed=(self._units[unit].seed + draft * SEED_STEP) % (1 << 63))
            if draft
            else self._units[unit]
            for unit, draft in self._places
        ]

    def step(self, number: int, share: float) -> bool | None:
        """A draft has come so far."""
        unit, draft = self._places[number]
        shares = self._shares[unit]
        shares[draft] = share
        return self._on_step(unit, sum(shares) / len(shares))

    def land(self, number: int, codes: Tensor) -> None:
        """A draft is whole. With the last one of its unit the best is handed over; of equals, the first."""
        unit, draft = self._places[number]
        drawn = self._drawn[unit]
        drawn[draft] = codes
        if len(drawn) < self._units[unit].num_drafts:
            return
        self._drawn[unit] = {}
        best = max(sorted(drawn), key=lambda each: self._score(unit, drawn[each])) if len(drawn) > 1 else 0
        self._on_unit(unit, drawn[best])

    def _score(self, unit: int, codes: Tensor) -> float:
        return onset_f1(heard_in(self._codec, codes), self._units[unit].hits_s, TOLERANCE_S)


def heard_in(codec: Encodec, codes: Tensor) -> list[float]:
    """Onsets of codes [K, T], seconds from their start, in memory that does not grow with them.

    Raises:
        OutputError: a long sound does not fit into the folder for temporary files.
    """
    # What a resampler leaves out at the end is less than a frame.
    num_samples = (codes.shape[-1] - 1) * SAMPLE_RATE // codec.config.frame_rate
    with held_sound(codec, codes, num_samples, SAMPLE_RATE, Path(tempfile.gettempdir())) as sound:
        found = onsets_by_stretches(
            sound.num_samples, SAMPLE_RATE, lambda first, stop: detect_onsets(sound.between(first, stop))
        )
        return times_of(found)
