"""Making a job once more: one that failed or was cancelled, or that a crash interrupted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec

from engine.errors import FoleyError
from engine.protocol import Generate, fraction
from foley_plugin.jobs.errors import CannotRedo
from foley_plugin.jobs.generate import DEFAULT_HANDLE
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.laid_plans import plan_under
from foley_plugin.jobs.originals import original_here
from foley_plugin.jobs.places import keep_source
from foley_plugin.takes.cue_sources import CuePlace
from foley_plugin.takes.records import Cue, JobState, StoredJob
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import CuePlan, cue_key, plan_cue
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected

ROUNDED_S = Fraction(1, 1000)


def jobs_again(store: Store, cut: CutRecord, job: Job) -> list[Job]:
    """New jobs for the takes of an earlier one that did not land, under names of their own.

    What is asked for is the same, seeds included, so the takes are those that the earlier job would have made. Media
    and original are looked for where they are today. A job for every run of missing takes: nothing is made twice.

    Raises:
        CannotRedo: every take has landed, or the take that they are made from is not there.
        ProjectError: the project cannot be written.
        SelectionError: the clip cannot be planned any more.
    """
    landed = {take.seed for take in job.takes}
    missing = [
        number for number in range(len(job.request.wav_paths)) if job.request.seed + number not in landed
    ]
    if not missing:
        raise CannotRedo(
            f"Every take of this job for “{job.selected.clip.name}” is there already; generate for more of them."
        )
    media = plan_cue(cut, job.selected, handle_s=DEFAULT_HANDLE).picture.media
    request = msgspec.structs.replace(
        job.request,
        picture=msgspec.structs.replace(job.request.picture, media=media),
        original=original_here(store, job.request.original),
    )
    with store.together():
        return [_part_again(store, cut, job, request, run) for run in _runs(missing)]


def _part_again(store: Store, cut: CutRecord, job: Job, request: Generate, run: range) -> Job:
    """A job for some of the takes, counted from the earlier job's first."""
    wavs = store.reserve_wavs(job.selected.clip.name, request.label, len(run))
    again = msgspec.structs.replace(
        request, id=0, wav_paths=[str(wav) for wav in wavs], seed=request.seed + run.start
    )
    stored = store.add_job(job.cue.id, again)
    keep_source(store, cut, job.selected, job.cue.id, stored.id)
    return Job(
        stored.id,
        job.cue,
        job.selected,
        job.plan,
        again,
        hits_by_hand=job.hits_by_hand,
        layers=job.layers,
    )


def _runs(numbers: Sequence[int]) -> list[range]:
    """Rising numbers as runs of neighbours."""
    runs: list[range] = []
    for number in numbers:
        if runs and runs[-1].stop == number:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs


def interrupted_jobs(store: Store, cut: CutRecord) -> list[Job]:
    """What an earlier run left unmade for clips that are in this cut as they were; takes that landed are with it."""
    stored = store.jobs(JobState.INTERRUPTED)
    if not stored:
        return []
    cues = {cue.id: cue for cue in store.cues()}
    places = store.cue_sources.latest_places()
    found = (
        _interrupted(store, cut, each, cues[each.cue_id], places.get(each.cue_id, [])) for each in stored
    )
    return [job for job in found if job is not None]


def forget_interrupted(store: Store, job: Job) -> None:
    """It is not offered again.

    Raises:
        ProjectError: the project cannot be written.
    """
    store.set_job_state(job.id, JobState.CANCELLED)


def _interrupted(
    store: Store, cut: CutRecord, stored: StoredJob, cue: Cue, places: list[CuePlace]
) -> Job | None:
    request = msgspec.json.decode(stored.request, type=Generate)
    for place in sorted(places, key=lambda place: place.job_id != stored.id):
        for selected in _selections(cut, place):
            plan = _plan(cut, selected, request)
            if plan is not None and cue_key(selected, label=cue.label, layer=cue.layer) == cue.key:
                takes = [take for take in store.takes(cue.id) if take.job_id == stored.id]
                return Job(
                    stored.id,
                    cue,
                    selected,
                    plan,
                    request,
                    JobState.INTERRUPTED,
                    takes=takes,
                    sentence=stored.sentence,
                )
    return None


def _selections(cut: CutRecord, place: CuePlace) -> Iterator[Selected]:
    """The clips that lie there, exactly to their edges where the place is written down a little rounded."""
    record_in = fraction(place.record_in)
    record_out = record_in + fraction(place.duration)
    for clip in cut.clips:
        if clip.track != place.track or not clip.eligible:
            continue
        clip_in, clip_out = fraction(clip.record_in), fraction(clip.record_out)
        start = clip_in if abs(record_in - clip_in) < ROUNDED_S else record_in
        end = clip_out if abs(record_out - clip_out) < ROUNDED_S else record_out
        if clip_in <= start < end <= clip_out:
            yield Selected(clip, start, end)


def _plan(cut: CutRecord, selected: Selected, request: Generate) -> CuePlan | None:
    try:
        return plan_under(cut, selected, request)
    except FoleyError:
        return None
