"""Takes made from takes: a part anew, longer, varied, or the same once more. No Qt."""

from __future__ import annotations

from fractions import Fraction

from foley_plugin.jobs.job import Job
from foley_plugin.jobs.redoing import extend, lies_at, redo_part, vary
from foley_plugin.jobs.repeating import repeat
from foley_plugin.qtmodels.take_shelf import ShelfTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import whole_clip


class TakeRemaking:
    """Jobs for the open cut, ready to be queued. All of it raises a `FoleyError` where it cannot be done."""

    def __init__(self, store: Store, cut: CutRecord) -> None:
        self._store, self._cut = store, cut

    def redo_part(self, take: ShelfTake, from_s: float, to_s: float) -> Job:
        """Of a take, the part between two times of the timeline drawn anew."""
        return redo_part(self._store, self._cut, _job_of(take), take.take, from_s, to_s)

    def vary(self, take: ShelfTake) -> Job:
        return vary(self._store, self._cut, _job_of(take), take.take)

    def extend(self, take: ShelfTake) -> Job:
        """To the whole of its clip."""
        return extend(
            self._store, self._cut, _job_of(take), take.take, whole_clip(_job_of(take).selected.clip)
        )

    def repeat(self, take: ShelfTake) -> Job:
        return repeat(self._store, self._cut, _job_of(take), take.take)

    def is_short(self, take: ShelfTake) -> bool:
        """Whether the clip is longer than the take, its handles included."""
        start, end = lies_at(self._store, self._cut, _job_of(take), take.take)
        whole, frame = whole_clip(_job_of(take).selected.clip), 1 / Fraction(*self._cut.rate)
        return start > whole.record_in + frame or end < whole.record_out - frame

    def reaches(self, take: ShelfTake, from_s: float, to_s: float) -> bool:
        """Whether a stretch of the timeline lies within the take."""
        start, end = lies_at(self._store, self._cut, _job_of(take), take.take)
        return start < Fraction(to_s) and Fraction(from_s) < end


def _job_of(take: ShelfTake) -> Job:
    assert take.job is not None, "every take of an open cut has its job"
    return take.job
