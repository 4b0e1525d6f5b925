"""What a changed cut is matched from and to. Plain values: no store, no timeline, no Qt.

Times are exact seconds; record times count from the timeline's start, a recording's own time from its
cue's start.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from foley_plugin.timeline.ranges import Piece
from foley_plugin.timeline.twins import Instance, stand_apart


@dataclass(frozen=True)
class Recording:
    """A take that is meant for one place of an earlier cut.

    Attributes:
        number: its place in the list that it comes in.
        media: identities that its media is known by.
        time_map: the cue's picture as played, from 0 on, without handles.
        covers: the own time that there is sound for: handles included, slip counted.
        record_in: where its own time 0 lay; None where no cut is remembered that showed it.
        window: the own time that was shown there; None for all of the cue's picture.
        is_picked: somebody picked its clip although another covered some of it.
        is_older: another take was made for the same place since.
        age: smaller is newer.
        instance: which one of its shot it was made for; None where that is not known.
    """

    number: int
    media: frozenset[str]
    time_map: tuple[Piece, ...]
    covers: tuple[Fraction, Fraction]
    record_in: Fraction | None = None
    window: tuple[Fraction, Fraction] | None = None
    is_picked: bool = False
    is_older: bool = False
    age: int = 0
    instance: Instance | None = None

    @property
    def duration(self) -> Fraction:
        return self.time_map[-1].end

    def is_shown_whole(self, shift: Fraction, duration: Fraction, slack: Fraction) -> bool:
        """Whether a stretch shows what was shown before, edge for edge."""
        start, end = self.window or (Fraction(0), self.duration)
        return abs(shift - start) <= slack and abs(duration - (end - start)) <= slack

    def is_of_other_instance(self, shown: Shown) -> bool:
        """Whether it was made for another instance of the same shot, when the shown one was there as well."""
        return stand_apart(self.instance, shown.instance)

    def is_of_same_instance(self, shown: Shown) -> bool:
        one, other = self.instance, shown.instance
        return one is not None and other is not None and one.is_same_as(other)


@dataclass(frozen=True)
class Shown:
    """A stretch of the new cut that is seen.

    Attributes:
        number: its place in the list that it comes in.
        time_map: its picture as played, from 0 on.
        clip: which clip of the cut it is of.
        instance: which one of its shot it is.
    """

    number: int
    media: str
    time_map: tuple[Piece, ...]
    record_in: Fraction
    clip: int = -1
    instance: Instance | None = None

    @property
    def duration(self) -> Fraction:
        return self.time_map[-1].end

    @property
    def record_out(self) -> Fraction:
        return self.record_in + self.duration


@dataclass(frozen=True)
class Part:
    """A recording under a stretch of what is shown: from `start` to `end` of the shown's own time."""

    recording: int
    shift: Fraction
    """What is shown at t is what the recording's own time t + shift is for."""
    start: Fraction
    end: Fraction


class Need(StrEnum):
    """Why something must be generated."""

    EXTENDED = "extended"
    RETIMED = "retimed"
    REPLACED = "replaced"
    NEW = "new"


@dataclass(frozen=True)
class Fit:
    """What the new cut's stretch gets.

    Attributes:
        shown: its number.
        parts: takes that lie under it, in order; they fill it where `need` is None.
        owner: the recording whose cue this is; None where there is none.
        need: why it must be generated; None where the takes serve.
        missing: seconds without sound that was made for them.
        is_whole: the stretch is the owner's own, edge for edge.
    """

    shown: int
    parts: tuple[Part, ...] = ()
    owner: int | None = None
    need: Need | None = None
    missing: Fraction = Fraction(0)
    is_whole: bool = False
