"""Finding the takes that a project already holds for the clips of a cut. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

import msgspec

from engine.errors import FoleyError
from engine.protocol import Generate
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.laid_plans import plan_under
from foley_plugin.takes.records import Cue, JobState, StoredJob, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import key_of, pieces_of
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected


def earlier_jobs(store: Store, cut: CutRecord, clips: list[Selected]) -> list[Job]:
    """Finished work for these clips, as jobs with their takes.

    A cue is known by its key, which holds the label that was asked for: None, or one that takes have.
    """
    takes_of_job: dict[int, list[StoredTake]] = {}
    for take in store.takes():
        takes_of_job.setdefault(take.job_id, []).append(take)
    if not takes_of_job:
        return []
    labels = {None, *(take.label for takes in takes_of_job.values() for take in takes)}
    layers = sorted({cue.layer for cue in store.cues()})
    asked = [(label, layer) for label in labels for layer in layers]
    stored_jobs = {job.id: job for job in store.jobs() if job.id in takes_of_job}
    requests = {job.id: msgspec.json.decode(job.request, type=Generate) for job in stored_jobs.values()}
    jobs_of_cue: dict[int, list[StoredJob]] = {}
    for job in stored_jobs.values():
        jobs_of_cue.setdefault(job.cue_id, []).append(job)
    file_names = {PurePath(request.picture.media).name for request in requests.values()}
    cues = {cue.key: cue for cue in store.cues()}
    identities: dict[str, str] = {}
    found: list[Job] = []
    for selected in clips:
        media = selected.clip.media
        if not media or PurePath(media).name not in file_names:
            continue
        if media not in identities:
            identities[media] = media_identity(media)
        pieces, twin = pieces_of(selected), selected.clip.twin
        keys = (
            key_of(identities[media], pieces, label=label, layer=layer, twin=twin) for label, layer in asked
        )
        asked_here = [cues[key] for key in keys if key in cues]
        found += _jobs_of_clip(store, cut, selected, asked_here, jobs_of_cue, requests, takes_of_job)
    return found


def _jobs_of_clip(
    store: Store,
    cut: CutRecord,
    selected: Selected,
    cues: Sequence[Cue],
    jobs_of_cue: dict[int, list[StoredJob]],
    requests: dict[int, Generate],
    takes_of_job: dict[int, list[StoredTake]],
) -> Iterator[Job]:
    for cue in cues:
        for job in jobs_of_cue.get(cue.id, ()):
            try:
                plan = plan_under(cut, selected, requests[job.id])
            except FoleyError:
                continue
            yield Job(
                id=job.id,
                cue=cue,
                selected=selected,
                plan=plan,
                request=requests[job.id],
                state=JobState.FINISHED,
                takes=[take for take in takes_of_job[job.id] if store.wav_path(take).exists()],
            )
