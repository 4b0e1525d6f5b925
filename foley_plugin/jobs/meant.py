"""Which takes of a project are meant for a cut: one a cue, as the timeline has them. No Qt.

A take that somebody chose is meant, else the first of the cue's newest job, but never one in the trash. A cue that was
taken off the timeline is silent. Where cues of one clip overlap, as when it is made anew under another label, the
newest job's is meant.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import msgspec

from engine.errors import FoleyError
from engine.protocol import Generate, fraction
from foley_plugin.jobs.earlier import earlier_jobs
from foley_plugin.jobs.errors import NothingToDo
from foley_plugin.jobs.generate import placement
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.recut.reopening import changed_jobs
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord, Placement
from foley_plugin.timeline.selection import Selected, select, whole_clip


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
    jobs = earlier_jobs(store, cut, _parts(store, cut))
    chosen = chosen_takes(jobs, store.cue_book.chosen(), store.take_marks.trashed())
    chosen += [(job, job.takes[0]) for job in changed_jobs(store, cut, jobs)]
    found = [MeantTake(job, take, placement(store, cut, job, take)) for job, take in chosen]
    found = [each for each in found if each.placement.duration_frames > 0]
    if not found:
        raise NothingToDo(
            f"The project {store.folder} has no take on the timeline of this cut; make some with "
            "`foley generate`, or give their project with --project."
        )
    return sorted(found, key=lambda each: (each.placement.record_frame, each.take.id))


def chosen_takes(
    jobs: Sequence[Job], chosen: dict[int, int | None], trashed: Container[int] = ()
) -> list[tuple[Job, StoredTake]]:
    """One take a cue, newest job first.

    Args:
        chosen: see `CueBook.chosen`.
        trashed: takes that are never meant.
    """
    jobs = [_without(job, trashed) for job in jobs]
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


def _without(job: Job, trashed: Container[int]) -> Job:
    kept = [take for take in job.takes if take.id not in trashed]
    return job if len(kept) == len(job.takes) else replace(job, takes=kept)


def _in_one_place(job: Job, other: Job) -> bool:
    one, two = job.selected, other.selected
    is_same_clip = (one.clip.track, one.clip.index) == (two.clip.track, two.clip.index)
    overlaps = one.record_in < two.record_out and two.record_in < one.record_out
    return is_same_clip and overlaps and job.cue.layer == other.cue.layer


def _parts(store: Store, cut: CutRecord) -> list[Selected]:
    """Every clip whole, every part that is seen, and every part that a stored job was made for."""
    whole = [whole_clip(clip) for clip in cut.clips if clip.eligible]
    try:
        seen = select(cut)
    except FoleyError:
        seen = []
    asked = [part for request in _requests(store) for each in whole for part in _asked(request, each)]
    return list(
        {
            (each.clip.track, each.clip.index, each.record_in, each.record_out): each
            for each in [*whole, *seen, *asked]
        }.values()
    )


def _requests(store: Store) -> list[Generate]:
    made = {take.job_id for take in store.takes()}
    return [msgspec.json.decode(job.request, type=Generate) for job in store.jobs() if job.id in made]


def _asked(request: Generate, whole: Selected) -> Iterator[Selected]:
    """Where a clip plays the picture that a request begins with, for as long as was asked."""
    clip = whole.clip
    if PurePath(request.picture.media).name != PurePath(clip.media or "").name:
        return
    first = request.picture.spans[0]
    head, speed = fraction(request.head), fraction(first.speed)
    wanted = fraction(first.source_start) + head * speed
    length = request.picture.duration - head - fraction(request.tail)
    at = whole.record_in
    for span in clip.spans:
        if speed and fraction(span.speed) == speed:
            record_in = at + (wanted - fraction(span.source_start)) / speed
            if whole.record_in <= record_in and record_in + length <= whole.record_out and length > 0:
                yield Selected(clip, record_in, record_in + length)
        at += fraction(span.duration)
