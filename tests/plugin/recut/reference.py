"""A cut in whole frames of one rate, and what may be kept of its sound, worked out frame by frame.

A recording is a list of what its sound was made for, one media moment a frame, handles included. A clip is
kept where some sound at hand was made for every moment that it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from foley_plugin.jobs.recut.records import Recording, Shown
from foley_plugin.timeline.ranges import Piece

RATE = Fraction(24000, 1001)
HANDLE_FRAMES = 24


@dataclass(frozen=True)
class ModelClip:
    """A clip of the small model; frames of the timeline, media frames may be halves."""

    media: str
    source: Fraction
    frames: int
    speed: Fraction
    at: int

    def moments(self, before: int = 0, after: int = 0) -> list[tuple[str, Fraction, Fraction]]:
        """(media, media frame, speed) of each frame, with so many frames of handles."""
        return [
            (self.media, self.source + frame * self.speed, self.speed)
            for frame in range(-before, self.frames + after)
        ]

    def trimmed(self, head: int, tail: int) -> ModelClip:
        return replace(
            self, source=self.source + head * self.speed, frames=self.frames - head - tail, at=self.at + head
        )


def recording_of(number: int, clip: ModelClip, *, is_placed: bool = True) -> Recording:
    handle = HANDLE_FRAMES / RATE
    return Recording(
        number=number,
        media=frozenset({clip.media}),
        time_map=_time_map(clip),
        covers=(-handle, clip.frames / RATE + handle),
        record_in=clip.at / RATE if is_placed else None,
        age=-number,
    )


def shown_of(number: int, clip: ModelClip) -> Shown:
    return Shown(number, clip.media, _time_map(clip), clip.at / RATE, clip=number)


def _time_map(clip: ModelClip) -> tuple[Piece, ...]:
    return (Piece(Fraction(0), clip.frames / RATE, clip.source / RATE, clip.speed),)


def can_be_kept(old: Sequence[ModelClip], clip: ModelClip) -> bool:
    """Whether the sounds of the old clips can fill a new one: each moment of it has a sound made for it."""
    heard: set[tuple[str, Fraction, Fraction]] = set()
    for each in old:
        heard.update(each.moments(HANDLE_FRAMES, HANDLE_FRAMES))
    return all(moment in heard for moment in clip.moments())
