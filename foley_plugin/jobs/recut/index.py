"""Finding quickly which recordings can have anything to do with a stretch of the new cut."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction

from foley_plugin.jobs.recut.records import Recording, Shown
from foley_plugin.timeline.ranges import extended, inner_extent


class RecordingIndex:
    """Recordings by media, and by the media time that they have sound for."""

    def __init__(self, recordings: Sequence[Recording], margin: Fraction) -> None:
        self._margin_s = float(margin)
        held: dict[str, list[tuple[float, float, Recording]]] = {}
        for recording in recordings:
            low, high = _heard_extent(recording)
            for media in recording.media:
                held.setdefault(media, []).append((low, high, recording))
        self._rows = {media: sorted(rows, key=lambda row: row[0]) for media, rows in held.items()}
        self._starts = {media: [row[0] for row in rows] for media, rows in self._rows.items()}
        self._longest = {media: max(row[1] - row[0] for row in rows) for media, rows in self._rows.items()}

    def near(self, shown: Shown) -> Iterator[Recording]:
        """Recordings of the same media whose sound touches the media time that is shown."""
        if shown.media not in self._rows:
            return
        low, high = (float(edge) for edge in inner_extent(shown.time_map))
        low, high = low - self._margin_s, high + self._margin_s
        starts, rows = self._starts[shown.media], self._rows[shown.media]
        first = bisect_left(starts, low - self._longest[shown.media])
        for row in rows[first : bisect_right(starts, high)]:
            if row[1] >= low:
                yield row[2]


def _heard_extent(recording: Recording) -> tuple[float, float]:
    low, high = recording.covers
    zero = Fraction(0)
    longer = extended(recording.time_map, max(zero, -low), max(zero, high - recording.duration))
    first, last = inner_extent(longer)
    return float(first), float(last)
