"""A take of a project made into another: what `foley redo`, `foley vary` and `foley extend` do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from foley_plugin.jobs.errors import CannotRedo
from foley_plugin.jobs.generate import TakeReport, hits_in_clip, open_project, take_report
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.recut.conform import conform_cut, placed_jobs
from foley_plugin.jobs.redoing import lies_at
from foley_plugin.services.batch import Stop, run_jobs
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.services.known_sounds import check_model
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord

Ask = Callable[[Store, Job, StoredTake], Job]
"""A job for takes made from a take, given the job that made it, as it lies in the cut."""


@dataclass(frozen=True)
class Remade:
    """What came of it. Takes that landed are in the project, whatever else happened."""

    project: Path
    takes: list[TakeReport]
    hit_counts: list[int]
    failures: list[str]
    stopped: bool


def remake(
    cut: CutRecord,
    project: Path,
    wanted: str,
    ask: Ask,
    *,
    engine: SubprocessEngine,
    stop: Stop,
    at: Fraction | None = None,
    is_model_chosen: bool = False,
    on_jobs: Callable[[Sequence[Job]], None] = lambda jobs: None,
    on_change: Callable[[Job], None] = lambda job: None,
) -> Remade:
    """Make takes from a take; they are meant for the timeline from now on.

    Args:
        wanted: the take's number, or its file name, or that without .wav.
        at: a moment of the place that is meant, seconds from the timeline's start, where the take has several.
        is_model_chosen: the engine's model was named for this; else it is to be the one that made the take.

    Raises:
        TakeMissing: there is no such take.
        CannotRedo: it lies nowhere in this cut, or nothing can be made from it.
        OtherModel: another model made it.
        EngineLost: there is no engine that could say which model it holds.
        ProjectError: the project cannot be used.
    """
    Store.open(project, read_only=True).close()  # a project that is not there is not made
    with open_project(cut, project) as store:
        take = store.find_take(wanted)
        if not is_model_chosen:
            check_model(engine, take, stop)
        job = ask(store, _laid(store, cut, take, at), take)
        on_jobs([job])
        outcome = run_jobs(store, engine, [job], stop=stop, on_change=on_change)
        if job.takes:
            store.cue_book.forget_choice(job.cue.id)
        return Remade(
            project=store.folder,
            takes=[take_report(store, cut, job, each) for each in job.takes],
            hit_counts=[len(hits_in_clip(each.hits, job.selected)) for each in job.takes],
            failures=outcome.failures,
            stopped=outcome.stopped,
        )


def _laid(store: Store, cut: CutRecord, take: StoredTake, at: Fraction | None) -> Job:
    """The job that made a take, where it lies in this cut."""
    conformed = conform_cut(store, cut, chosen={take.cue_id: take.id})
    found = [
        job for job in placed_jobs(conformed, conformed.stretches) if job.takes and job.takes[0].id == take.id
    ]
    if not found:
        raise CannotRedo(
            f"{Path(take.wav).name} lies nowhere in this cut; give the cut that it was made for, or generate anew."
        )
    if at is None:
        return found[0]
    seen = [job for job in found if job.selected.record_in <= at < job.selected.record_out]
    heard = [job for job in found if _reaches(store, cut, job, take, at)]  # a handle reaches past the clip
    return [*seen, *heard, *found][0]


def _reaches(store: Store, cut: CutRecord, job: Job, take: StoredTake, at: Fraction) -> bool:
    start, end = lies_at(store, cut, job, take)
    return start <= at < end
