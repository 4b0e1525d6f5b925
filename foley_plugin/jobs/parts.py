"""The parts of a cut that takes may have been made for: every clip whole, what is seen, what was asked for. No Qt."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import PurePath

import msgspec

from engine.errors import FoleyError
from engine.protocol import Generate, fraction
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected, select


def parts_of(store: Store, cut: CutRecord) -> list[Selected]:
    """Every clip whole, every part that is seen, and every part that a stored job was made for, each once."""
    whole = [whole_clip(clip) for clip in cut.clips if clip.eligible]
    pictures = _Pictures(whole)
    asked = [part for request in _requests(store) for part in pictures.asked(request)]
    return list({_place(each): each for each in [*whole, *seen_parts(cut), *asked]}.values())


def seen_parts(cut: CutRecord) -> list[Selected]:
    """What no other clip covers; nothing where that cannot be told."""
    try:
        return select(cut)
    except FoleyError:
        return []


def whole_clip(clip: ClipRecord) -> Selected:
    return Selected(clip, fraction(clip.record_in), fraction(clip.record_out))


def _place(part: Selected) -> tuple[str, int, Fraction, Fraction]:
    return part.clip.track, part.clip.index, part.record_in, part.record_out


def _requests(store: Store) -> list[Generate]:
    made = {take.job_id for take in store.takes()}
    return [msgspec.json.decode(job.request, type=Generate) for job in store.jobs() if job.id in made]


@dataclass(frozen=True)
class _Played:
    """Picture that a clip plays evenly: from `low` to `high` in the media, in seconds."""

    whole: Selected
    low: Fraction
    high: Fraction
    source_start: Fraction
    record_in: Fraction


class _Pictures:
    """All that the clips of a cut play, by media name and speed: a project may have thousands of each."""

    def __init__(self, whole: Iterable[Selected]) -> None:
        found: dict[tuple[str, Fraction], list[_Played]] = {}
        for each in whole:
            name, at = PurePath(each.clip.media or "").name, each.record_in
            for span in each.clip.spans:
                start, speed, duration = (
                    fraction(span.source_start),
                    fraction(span.speed),
                    fraction(span.duration),
                )
                low, high = sorted((start, start + speed * duration))
                found.setdefault((name, speed), []).append(_Played(each, low, high, start, at))
                at += duration
        self._played = {key: sorted(played, key=lambda each: each.low) for key, played in found.items()}
        self._lows = {key: [each.low for each in played] for key, played in self._played.items()}
        self._highest = {
            key: list(accumulate((each.high for each in played), max)) for key, played in self._played.items()
        }

    def asked(self, request: Generate) -> Iterator[Selected]:
        """Where a clip plays the picture that a request begins with, for as long as was asked."""
        first = request.picture.spans[0]
        head, speed = fraction(request.head), fraction(first.speed)
        wanted = fraction(first.source_start) + head * speed
        length = request.picture.duration - head - fraction(request.tail)
        if not speed or length <= 0:
            return
        for each in self._playing((PurePath(request.picture.media).name, speed), wanted):
            record_in = each.record_in + (wanted - each.source_start) / speed
            if each.whole.record_in <= record_in and record_in + length <= each.whole.record_out:
                yield Selected(each.whole.clip, record_in, record_in + length)

    def _playing(self, key: tuple[str, Fraction], wanted: Fraction) -> Iterator[_Played]:
        played: Sequence[_Played] = self._played.get(key, ())
        number = bisect_right(self._lows.get(key, []), wanted) - 1
        while number >= 0 and self._highest[key][number] >= wanted:
            if played[number].high >= wanted:
                yield played[number]
            number -= 1
