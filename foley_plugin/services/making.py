"""From selected clips to a written timeline, in one go: what `foley generate` and `foley demo` do."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import OutputError
from foley_plugin.jobs.errors import NothingToDo
from foley_plugin.jobs.generate import (
    TakeReport,
    Wish,
    first_placements,
    hits_in_clip,
    make_job,
    open_project,
    take_report,
)
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.project import is_writable
from foley_plugin.services.batch import Stop, run_jobs
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.services.writing import levelled_for, refused, write_foley
from foley_plugin.timeline.out.records import ExportOptions
from foley_plugin.timeline.preflight.findings import Finding
from foley_plugin.timeline.records import ClipRecord, CutRecord, Placement
from foley_plugin.timeline.selection import Selected


@dataclass(frozen=True)
class Making:
    """What came of it. Takes that landed are in the project, whatever else happened."""

    project: Path
    timeline: Path | None
    """None where the user stopped, or no take landed."""
    takes: list[TakeReport]
    hit_counts: list[int]
    """Hits within the clip, one number a take."""
    placements: list[Placement]
    failures: list[str]
    findings: list[Finding]
    """Of the preflight; the timeline is written in spite of them, since the takes cost their time."""
    stopped: bool
    left_out: Sequence[ClipRecord] = ()
    """Clips whose hits could not be found, so that nothing was asked for; `failures` tells of them too."""


def make_foley(
    cut: CutRecord,
    wishes: Sequence[tuple[Selected, Wish]],
    *,
    project: Path,
    target: Path,
    target_name: str = "resolve",
    mend: bool = False,
    engine: SubprocessEngine,
    stop: Stop,
    on_jobs: Callable[[Sequence[Job]], None],
    on_change: Callable[[Job], None],
) -> Making:
    """Make takes for every wish, then write `target`: the cut with the first take of each clip.

    Args:
        target_name: a name of `nle.targets.TARGETS`.
        mend: what the preflight can put right is put right in the written timeline.
        on_jobs: told of all jobs before the first starts.
        on_change: told of each job that has changed.

    Raises:
        FoleyError: nothing to do, no room for the result, a project that cannot be used, a timeline that
            cannot be written. What the engine cannot do is not raised but told in `failures`.
    """
    if not wishes:
        raise NothingToDo("No clip of this selection can have foley; `foley inspect` tells why.")
    _check_room(target)
    with open_project(cut, project) as store:
        jobs = [make_job(store, cut, selected, wish) for selected, wish in wishes]
        on_jobs(jobs)
        outcome = run_jobs(store, engine, jobs, stop=stop, on_change=on_change)
        made = [(job, take) for job in jobs for take in job.takes]
        placements = levelled_for(cut, [] if outcome.stopped else first_placements(store, cut, jobs))
        written = (
            write_foley(
                cut,
                target,
                placements,
                store.folder,
                target_name=target_name,
                options=ExportOptions(anyway=True, mend=mend),
            )
            if placements
            else None
        )
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


def _check_room(target: Path) -> None:
    """Say now, not after minutes of work, that the timeline cannot be written."""
    if os.path.lexists(target):
        raise OutputError(f"{target} is there already and is not overwritten; give another file with --to.")
    if not is_writable(target.absolute().parent):
        raise OutputError(f"{target.absolute().parent} cannot be written; give another file with --to.")
