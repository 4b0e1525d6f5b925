"""Which takes of a project go on the timeline, without an engine. No Qt."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from engine.protocol import fraction
from foley_plugin.jobs.generate import placement
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.meant import meant_takes
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import CuePlan
from foley_plugin.timeline.records import CutRecord, Placement

Which = Literal["best", "all"]
OTHER_TAKES = "other takes"


def kept_placements(store: Store, cut: CutRecord, which: Which, *, with_marks: bool) -> list[Placement]:
    """The takes that a project holds for a cut, laid in place.

    Args:
        which: "best" for the take that is meant (see `jobs.meant`); "all" adds the others, disabled, on tracks of
            their own.
        with_marks: hits are marked on the clips.

    Raises:
        NothingToDo: there are none.
    """
    placements: list[Placement] = []
    for meant in meant_takes(store, cut):
        placements.append(_placement(store, cut, meant.job, meant.take, True, with_marks=with_marks))
        if which == "all":
            others = [take for take in meant.job.takes if take.id != meant.take.id]
            placements += [
                _placement(store, cut, meant.job, take, False, with_marks=with_marks) for take in others
            ]
    return placements


def _placement(
    store: Store, cut: CutRecord, job: Job, take: StoredTake, is_best: bool, *, with_marks: bool
) -> Placement:
    laid = placement(store, cut, job, take)
    if with_marks:
        laid = msgspec.structs.replace(laid, hit_frames=hit_frames(cut, job.plan, take))
    if is_best:
        return laid
    return msgspec.structs.replace(laid, enabled=False, track_name=f"{laid.track_name} ({OTHER_TAKES})")


def hit_frames(cut: CutRecord, plan: CuePlan, take: StoredTake) -> list[int]:
    """The frame of the WAV that is on screen at each hit within the clip."""
    rate, head_s = fraction(cut.rate), float(fraction(plan.head))
    end_s = float(fraction(plan.duration))
    seen = (hit.time_s for hit in take.hits if 0 <= hit.time_s < end_s)
    return [math.floor((head_s + time_s) * float(rate) + 1e-6) for time_s in seen]
