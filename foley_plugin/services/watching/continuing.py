"""Foley for one version of a cut after another: what the project holds already is not made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from foley_plugin.jobs.generate import (
    Wish,
    hits_in_clip,
    make_job,
    open_project,
    placement,
    take_report,
)
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.meant import chosen_takes
from foley_plugin.jobs.recut.reopening import reopened_jobs
from foley_plugin.services.batch import Outcome, Stop, run_jobs
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.services.making import Making
from foley_plugin.services.writing import refused, write_foley
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected


def make_what_is_missing(
    cut: CutRecord,
    selected: Sequence[Selected],
    wish: Wish,
    *,
    project: Path,
    target: Path,
    engine: SubprocessEngine,
    stop: Stop,
    on_jobs: Callable[[Sequence[Job]], None],
    on_change: Callable[[Job], None],
) -> Making:
    """Make takes for the clips that have none, then write `target` with a take for every clip.

    A stop lets the take in the making end, so that it is there the next time.

    Raises:
        FoleyError: a project that cannot be used, a timeline that cannot be written.
    """
    with open_project(cut, project) as store:
        held = _held(store, cut, selected, wish)
        jobs = [job or make_job(store, cut, each, wish) for job, each in zip(held, selected, strict=True)]
        new = [job for job, earlier in zip(jobs, held, strict=True) if earlier is None]
        on_jobs(new)
        outcome = Outcome([], stop.is_set)
        if new:
            outcome = run_jobs(store, engine, new, stop=stop, on_change=on_change, finish_running=True)
        meant = chosen_takes(jobs, store.cue_book.chosen(), store.take_marks.trashed())
        placements = [] if outcome.stopped else [placement(store, cut, job, take) for job, take in meant]
        written = write_foley(cut, target, placements, store.folder) if placements else None
        made = [(job, take) for job in new for take in job.takes]
        return Making(
            project=store.folder,
            timeline=Path(written.path) if written is not None and written.path else None,
            takes=[take_report(store, cut, job, take) for job, take in made],
            hit_counts=[len(hits_in_clip(take.hits, job.selected)) for job, take in made],
            placements=placements,
            failures=[*outcome.failures, *refused(written)],
            findings=written.findings if written is not None else [],
            stopped=outcome.stopped,
        )


def _held(store: Store, cut: CutRecord, selected: Sequence[Selected], wish: Wish) -> list[Job | None]:
    """The newest earlier job with takes for each of the selected, None where there is none."""
    earlier = [
        job
        for job in reopened_jobs(store, cut, list(selected))
        if job.takes and job.cue.label == wish.label and job.cue.layer == wish.layer
    ]
    newest: list[Job | None] = []
    for each in selected:
        jobs = [job for job in earlier if job.selected == each]
        newest.append(max(jobs, key=lambda job: job.id, default=None))
    return newest
