"""Which takes of a project are meant for a cut: one a cue, as the timeline has them. No Qt.

A take that somebody chose is meant, else the first of the cue's newest job. A cue that was taken off the
timeline is silent. Where cues of one clip overlap, as when it is made anew under another label, the newest
job's is meant. In a changed cut takes lie where their picture went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foley_plugin.jobs.errors import NothingToDo
from foley_plugin.jobs.generate import placement
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.recut.conform import conform_cut, placed_jobs
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord, Placement


@dataclass(frozen=True)
class MeantTake:
    """A take, the job that made it, and where it lies."""

    job: Job
    take: StoredTake
    placement: Placement


def meant_takes(store: Store, cut: CutRecord) -> list[MeantTake]:
    """What of the project lies on this cut, in the order of the timeline.

    Raises:
        NothingToDo: the project has no take for any clip of the cut.
    """
    conformed = conform_cut(store, cut, chosen=store.cue_book.chosen())
    found = [
        MeantTake(job, job.takes[0], placement(store, cut, job, job.takes[0]))
        for job in placed_jobs(conformed, conformed.stretches)
    ]
    found = [each for each in found if each.placement.duration_frames > 0]
    if not found:
        raise NothingToDo(
            f"The project {store.folder} has no take on the timeline of this cut; make some with "
            "`foley generate`, or give their project with --project."
        )
    return sorted(found, key=lambda each: (each.placement.record_frame, each.take.id))


def chosen_takes(jobs: Sequence[Job], chosen: dict[int, int | None]) -> list[tuple[Job, StoredTake]]:
    """One take a cue, newest job first.

    Args:
        chosen: see `CueBook.chosen`.
    """
    placed: list[tuple[Job, StoredTake]] = []
    told: set[tuple[int, str, int]] = set()
    for job in sorted((job for job in jobs if job.takes), key=lambda job: job.id, reverse=True):
        clip = job.selected.clip
        place = (job.cue.id, clip.track, clip.index)
        if place in told or chosen.get(job.cue.id, 0) is None:
            continue
        told.add(place)
        if not any(_in_one_place(job, other) for other, _ in placed):
            placed.append(_choice(job, jobs, chosen.get(job.cue.id)))
    return placed


def _choice(newest: Job, jobs: Sequence[Job], take_id: int | None) -> tuple[Job, StoredTake]:
    for job in jobs:
        for take in job.takes:
            if take.id == take_id and job.selected == newest.selected:
                return job, take
    return newest, newest.takes[0]


def _in_one_place(job: Job, other: Job) -> bool:
    one, two = job.selected, other.selected
    is_same_clip = (one.clip.track, one.clip.index) == (two.clip.track, two.clip.index)
    overlaps = one.record_in < two.record_out and two.record_in < one.record_out
    return is_same_clip and overlaps and job.cue.layer == other.cue.layer
