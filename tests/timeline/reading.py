"""Reads timelines made of plain JSON, the media told by the test instead of a decoder."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.protocol import Rational, fraction
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.probe import MediaProbe, ProbeFailed
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import ClipRecord, CutRecord

from .building import (
    Json,
    clip,
    saved,
    time_range,
)

TEN_SECONDS = MediaProbe(start=Fraction(0), duration=Fraction(10), is_still=False)


def read(root: Any, folder: Path, probe: MediaProbe | str = TEN_SECONDS) -> CutRecord:
    def told(path: str) -> MediaProbe:
        if isinstance(probe, str):
            raise ProbeFailed(probe)
        return probe

    return cut_record(saved(root, folder), MediaShelf(told))


def only(cut: CutRecord) -> ClipRecord:
    (found,) = cut.clips
    return found


def times(*rationals: Rational) -> list[Fraction]:
    return [fraction(each) for each in rationals]


def edges(found: ClipRecord) -> list[Fraction]:
    """record in, record out, source in, source out."""
    return times(found.record_in, found.record_out, found.source_in, found.source_out)


def spans(found: ClipRecord) -> list[tuple[Fraction, Fraction, Fraction]]:
    """duration, source start, speed of each."""
    return [(fraction(s.duration), fraction(s.source_start), fraction(s.speed)) for s in found.spans]


def from_media(
    movie: str, start: float, duration: float, rate: float = 24.0, media_start: float = 0, **more: Any
) -> Json:
    """A clip of ten seconds of media."""
    available = time_range(media_start, 10 * rate, rate)
    return clip("a", time_range(start, duration, rate), url=movie, available=available, **more)
