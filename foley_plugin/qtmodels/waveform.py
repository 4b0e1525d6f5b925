"""Peaks of a sound at any zoom. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Levels = tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, eq=False)
class Waveform:
    """Absolute peaks 0 to 1, `peaks_per_s` of them a second, with coarser copies above.

    `levels[n]` holds the maximum of 2**n neighbouring peaks.
    """

    peaks_per_s: float
    levels: Levels

    @property
    def duration_s(self) -> float:
        return len(self.levels[0]) / self.peaks_per_s

    @property
    def loudest(self) -> float:
        return float(self.levels[-1][0]) if len(self.levels[-1]) else 0.0

    def peaks(self, from_s: float, step_s: float, count: int) -> NDArray[np.float32]:
        """The loudest peak in each of `count` steps of `step_s` from `from_s`; 0 outside the sound."""
        import numpy as np  # here, since it is not needed to start

        level = 0
        while level + 1 < len(self.levels) and self.peaks_per_s * step_s / 2 ** (level + 1) >= 1:
            level += 1
        values = self.levels[level]
        if not len(values) or count <= 0:
            return np.zeros(max(0, count), np.float32)
        edges = (from_s + np.arange(count + 1) * step_s) * (self.peaks_per_s / 2**level)
        first = np.trunc(edges[:-1]).astype(np.int64)
        stop = np.maximum(first + 1, np.trunc(edges[1:]).astype(np.int64))
        first = np.maximum(first, 0)
        loudest = np.zeros(count, np.float32)
        most = min(int((stop - first).max()), len(values))  # two or three, but for sounds shorter than a step
        for offset in range(most):
            at = first + offset
            inside = (at < stop) & (at < len(values))
            loudest[inside] = np.maximum(loudest[inside], values[at[inside]])
        return loudest


def waveform_of_peaks(peaks: Sequence[float], peaks_per_s: float) -> Waveform:
    import numpy as np

    levels = [np.asarray(peaks, np.float32)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(np.maximum.reduceat(below, np.arange(0, len(below), 2)))
    return Waveform(peaks_per_s, tuple(levels))
