"""Image sequences of a cut: what they hold, and whether what a clip plays of them is there."""

from __future__ import annotations

import math
import os
from collections.abc import Set
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.protocol import ImageSequence
from foley_plugin.timeline.image_numbers import HASHES, ImagePattern
from foley_plugin.timeline.probe import MediaProbe
from foley_plugin.timeline.references import Reference

MAX_IMAGES = 500_000
NAMED = 3
"""So many missing images are told by number."""


@dataclass(frozen=True)
class Shots:
    """A sequence with the numbers of its images that are on disk, and the rate that its numbers count at."""

    sequence: ImageSequence
    there: Set[int]
    number_rate: Fraction

    @property
    def probe(self) -> MediaProbe:
        """As if it were a film whose timecode is its first number."""
        sequence = self.sequence
        start = sequence.first / self.number_rate
        return MediaProbe(start, sequence.duration_s, is_still=sequence.num_images == 1)


@dataclass(frozen=True)
class Playable:
    """What to play of a sequence, or why not; `notice` is a whole sentence."""

    media: str
    reason: str | None = None
    notice: str | None = None


def shots_at(path: str, pattern: ImagePattern, there: Set[int], reference: Reference) -> Shots | None:
    """The sequence at a path with `#` for digits; None where nothing says its rate or it has no images.

    A reference that says which numbers there are is believed; else they are what the folder holds.
    """
    images = reference.images
    number_rate = images.rate if images else reference.rate
    if number_rate is None or not there:
        return None
    step = images.step if images else 1
    rate = number_rate / step
    first = images.first if images else pattern.first if pattern.first is not None else min(there)
    if reference.available is not None and images is not None:
        last = first + (max(1, round(reference.available.duration * rate)) - 1) * step
    elif pattern.last is not None:
        last = pattern.last
    else:
        last = max(there)
    if last < first or (last - first) // step >= MAX_IMAGES:
        return None
    folder, name = os.path.split(path)
    prefix, _, suffix = name.rpartition(HASHES * pattern.digits)
    missing = images.missing if images else "hold"
    sequence = ImageSequence(
        os.path.join(folder, prefix), suffix, first, last, pattern.digits, rate, step, missing
    )
    return Shots(sequence, there, number_rate)


def playable(shots: Shots, low: Fraction, high: Fraction, whose: str) -> Playable:
    """What a clip plays from `low` to `high` seconds after the first image, by the policy for missing ones.

    Where the clip itself lacks none, handles hold what they reach.
    """
    sequence = shots.sequence
    first = min(max(0, math.floor(low * sequence.rate)), sequence.num_images - 1)
    end = min(max(first + 1, math.ceil(high * sequence.rate)), sequence.num_images)
    played = (sequence.number_of(index) for index in range(first, end))
    gone = [number for number in played if number not in shots.there]
    if gone and sequence.missing == "error":
        sentence = f"{whose} lacks {_counted(gone)} of its image sequence; bring them back."
        return Playable(sequence.media, reason=sentence)
    lenient = replace(sequence, missing="hold" if sequence.missing == "error" else sequence.missing)
    if not gone:
        is_whole = len(shots.there) >= sequence.num_images
        return Playable((sequence if is_whole else lenient).media)
    held = "are black" if sequence.missing == "black" else "hold the one before"
    return Playable(
        lenient.media, notice=f"{whose} lacks {_counted(gone)} of its image sequence; they {held}."
    )


def _counted(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:NAMED]))
    more = len(numbers) - NAMED
    what = "image" if len(numbers) == 1 else "images"
    return f"{what} {shown} and {more} more" if more > 0 else f"{what} {shown}"
