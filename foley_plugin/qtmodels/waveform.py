"""Peaks of a sound at any zoom, without numpy. Pure: no Qt."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waveform:
    """Absolute peaks 0 to 1, `peaks_per_s` of them a second, with coarser copies above.

    `levels[n]` holds the maximum of 2**n neighbouring peaks.
    """

    peaks_per_s: float
    levels: tuple[array[float], ...]

    @property
    def duration_s(self) -> float:
        return len(self.levels[0]) / self.peaks_per_s

    @property
    def loudest(self) -> float:
        return self.levels[-1][0] if self.levels[-1] else 0.0

    def peaks(self, from_s: float, step_s: float, count: int) -> list[float]:
        """The loudest peak in each of `count` steps of `step_s` from `from_s`; 0 outside the sound."""
        level = 0
        while level + 1 < len(self.levels) and self.peaks_per_s * step_s / 2 ** (level + 1) >= 1:
            level += 1
        values = self.levels[level]
        per_s = self.peaks_per_s / 2**level
        last = len(values)
        result = []
        for step in range(count):
            first = int((from_s + step * step_s) * per_s)
            stop = max(first + 1, int((from_s + (step + 1) * step_s) * per_s))
            part = values[max(0, first) : max(0, min(last, stop))]
            result.append(max(part) if part else 0.0)
        return result


def waveform_of_peaks(peaks: Sequence[float], peaks_per_s: float) -> Waveform:
    levels = [array("f", peaks)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(array("f", (max(below[i : i + 2]) for i in range(0, len(below), 2))))
    return Waveform(peaks_per_s, tuple(levels))
