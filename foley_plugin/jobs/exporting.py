"""Which takes of a project go on the timeline, without an engine. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from engine.protocol import fraction
from foley_plugin.jobs.earlier import earlier_jobs
from foley_plugin.jobs.errors import NothingToDo
from foley_plugin.jobs.generate import placement
from foley_plugin.jobs.job import Job
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import CuePlan
from foley_plugin.timeline.records import CutRecord, Placement
from foley_plugin.timeline.selection import select

Which = Literal["best", "all"]
OTHER_TAKES = "other takes"


def kept_placements(store: Store, cut: CutRecord, which: Which, *, with_marks: bool) -> list[Placement]:
    """The takes that a project holds for a cut, laid in place.

    Args:
        which: "best" for one take a clip; "all" adds the others, disabled, on tracks of their own.
        with_marks: hits are marked on the clips.

    Raises:
        NothingToDo: there are none.
        SelectionError: no clip of the cut can have foley.
    """
    jobs = [job for job in earlier_jobs(store, cut, select(cut)) if job.takes]
    if not jobs:
        raise NothingToDo(
            f"The project {store.folder} holds no takes for this cut; make some with `foley generate`."
        )
    placements: list[Placement] = []
    for of_one_clip in _by_clip(jobs):
        best_job, best = _best(of_one_clip)
        chosen = [(best_job, best, True)]
        if which == "all":
            chosen += [(job, t, False) for job in of_one_clip for t in job.takes if t.id != best.id]
        placements += [_placement(store, cut, *each, with_marks=with_marks) for each in chosen]
    return placements


def _by_clip(jobs: Iterable[Job]) -> list[list[Job]]:
    groups: dict[object, list[Job]] = {}
    for job in jobs:
        clip = job.selected.clip
        key = (clip.track, clip.index, job.selected.record_in, job.cue.layer)
        groups.setdefault(key, []).append(job)
    return list(groups.values())


def _best(jobs: list[Job]) -> tuple[Job, StoredTake]:
    """Of the wording asked for last: the take that hits best where that was measured, else the first of
    the last job."""
    latest = max(jobs, key=lambda job: job.id)
    alike = [(job, take) for job in jobs if job.cue.id == latest.cue.id for take in job.takes]
    measured = [(job, take) for job, take in alike if take.onset_f1_100ms is not None]
    if len(measured) == len(alike):
        return max(measured, key=lambda pair: (pair[1].onset_f1_100ms, pair[0].id, -pair[1].id))
    return latest, latest.takes[0]


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
