"""What a project holds for a cut that is opened again, changed or not."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from foley_plugin.jobs.earlier import earlier_jobs
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.parts import seen_parts, whole_clip
from foley_plugin.jobs.recut.conform import conform_cut, placed_jobs
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected


def reopened_jobs(store: Store, cut: CutRecord, clips: list[Selected]) -> list[Job]:
    """Finished work for these clips: all takes of those that are as they were, and for clips that were moved within
    their media, trimmed or split the takes that still lie under them.
    """
    found = earlier_jobs(store, cut, clips)
    return found + changed_jobs(store, cut, found)


def changed_jobs(store: Store, cut: CutRecord, same: Sequence[Job]) -> list[Job]:
    """The takes that still lie under clips that are not as they were; `same` is the work for what is as it was.

    A take of a part alone does not tell that the rest of its clip is the same.
    """
    whole = {_place(part) for part in [*map(whole_clip, cut.clips), *seen_parts(cut)]}
    known = {_clip(job) for job in same if _place(job.selected) in whole}
    if all((clip.track, clip.index) in known or not clip.eligible for clip in cut.clips):
        return []
    conformed = conform_cut(store, cut, chosen=store.cue_book.chosen())
    changed = [
        each
        for each in conformed.stretches
        if (each.selected.clip.track, each.selected.clip.index) not in known
    ]
    there = {(job.id, _clip(job)) for job in same}
    return [job for job in placed_jobs(conformed, changed) if (job.id, _clip(job)) not in there]


def _clip(job: Job) -> tuple[str, int]:
    return job.selected.clip.track, job.selected.clip.index


def _place(part: Selected) -> tuple[str, int, Fraction, Fraction]:
    return part.clip.track, part.clip.index, part.record_in, part.record_out
