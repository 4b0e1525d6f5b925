"""Pictures held for long, as a slowed clip plays: each stands still, and with the next one all jumps.

A jump out of stillness looks like a blow. The motion network has learnt from footage of ten pictures a second and
more, so that it carries motion over a few repeats; where pictures come more slowly, but evenly, they are shown to it
as fast as that, and what it finds is put back to where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.visual.motion import MAX_REPEATS

LONGEST_FRAMES = MAX_REPEATS + 1
FEWEST_HOLDS = 5
"""As many must follow one another evenly: fewer may be something that stopped and went on by itself."""
TOLERANCE_FRAMES = 1.0
"""Pictures come at even times, and are shown from the next frame on."""

Floats = NDArray[np.floating]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Shortened:
    """`kept` are the frames that are looked at; `knots` and `at` are places among them and in the whole, in frames."""

    kept: Ints
    knots: Ints
    at: Ints

    def in_whole(self, places: Floats) -> NDArray[np.float64]:
        """Places among the kept frames, in frames from the first one's start, as places in the whole."""
        return np.asarray(np.interp(places, self.knots, self.at), np.float64)


def shortened(is_new: NDArray[np.bool_]) -> Shortened | None:
    """Frames without those by which pictures are held too long; None where none are.

    Args:
        is_new: [T], where a frame is another picture than the frame before.
    """
    starts = np.flatnonzero(is_new | (np.arange(len(is_new)) == 0))
    lengths = np.diff(starts, append=len(is_new))
    lasting = lengths.copy()
    for first, end in _stretches(lengths >= LONGEST_FRAMES):
        pictures = _pictures_of(lengths[first:end])
        if pictures is not None:
            lasting[first:end] = np.minimum(LONGEST_FRAMES * pictures, lengths[first:end])
    if (lasting == lengths).all():
        return None
    kept = np.concatenate([start + np.arange(n) for start, n in zip(starts, lasting, strict=True)])
    knots = np.concatenate([[0], np.cumsum(lasting)])
    return Shortened(kept, knots, np.append(starts, len(is_new)))


def _stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and end of each unbroken run of what is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _pictures_of(lengths: Ints) -> Ints | None:
    """How many pictures each hold stands for: those that are the same as the one before make it longer.

    None where pictures do not come evenly, or no more slowly than footage does.
    """
    inner = lengths[1:-1]  # the first and the last may be torn
    single = inner[inner <= inner.min(initial=len(inner) and inner[0]) + TOLERANCE_FRAMES]
    if len(single) < FEWEST_HOLDS:
        return None
    period, number = float(single.mean()), 0
    ends, numbers = np.cumsum(inner), []
    for end, length in zip(ends, inner, strict=True):
        number += max(1, round(length / period))
        numbers.append(number)
        period = end / number
    off_by = np.abs(ends - period * np.array(numbers)).max()
    if period <= LONGEST_FRAMES or off_by > TOLERANCE_FRAMES:
        return None
    return np.maximum(1, np.round(lengths / period)).astype(np.intp)
