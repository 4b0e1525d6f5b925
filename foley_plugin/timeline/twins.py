"""The same shot cut in more than once: equal clips are told apart by their order, since a timeline has no clip ids."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from engine.protocol import fraction
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import pieces_of, time_map_of
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.timeline.selection import whole_clip


@dataclass(frozen=True)
class Instance:
    """Which clip of those that show the same shot, when there were so many; see `ClipRecord.twin`.

    Attributes:
        shot: equal for clips of one media that play the same picture.
    """

    shot: str
    twin: int
    twins: int

    def is_same_as(self, now: Instance) -> bool:
        return (self.shot, self.twin) == (now.shot, now.twin)


def stand_apart(made_for: Instance | None, now: Instance | None) -> bool:
    """Whether a clip of a cut is another instance of its shot than a sound was made for, and was there then.

    What is new in the cut may have the sound of the others, and so may any where some of them are gone, or where it
    is not known which one it was made for.
    """
    if made_for is None or now is None or made_for.shot != now.shot:
        return False
    return made_for.twin != now.twin and now.twin < made_for.twins <= now.twins


def instance_of(clip: ClipRecord) -> Instance:
    shot = hashlib.sha256(time_map_of(pieces_of(whole_clip(clip))).encode("ascii")).hexdigest()
    return Instance(shot, clip.twin, clip.twins)


def with_twins(clips: Sequence[ClipRecord]) -> list[ClipRecord]:
    """The same clips, each knowing its twins: clips of the same media that play the same picture.

    Clips that cannot get foley count too, so that a disabled one does not hand its sound on to the next.
    """
    equal: dict[str, list[int]] = {}
    for number, clip in enumerate(clips):
        if clip.media:
            equal.setdefault(time_map_of(pieces_of(whole_clip(clip))), []).append(number)
    identity = functools.cache(media_identity)
    numbered = list(clips)
    for numbers in equal.values():
        paths = {clips[number].media for number in numbers}
        by_media: dict[str, list[int]] = {}
        for number in numbers:
            media = clips[number].media or ""
            by_media.setdefault(media if len(paths) == 1 else identity(media), []).append(number)
        for twins in by_media.values():
            in_order = sorted(twins, key=lambda number: _place(clips[number]))
            for twin, number in enumerate(in_order):
                numbered[number] = msgspec.structs.replace(clips[number], twin=twin, twins=len(twins))
    return numbered


def _place(clip: ClipRecord) -> tuple[object, ...]:
    return fraction(clip.record_in), clip.layer, clip.track, clip.index
