"""Foley for one version of a cut after another: what the project holds already is not made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine.protocol import fraction
from foley_plugin.jobs.earlier import earlier_jobs
from foley_plugin.jobs.errors import NothingToDo
from foley_plugin.jobs.generate import (
    Wish,
    hits_in_clip,
    make_job,
    open_project,
    placement,
    take_report,
)
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.meant import chosen_takes, meant_takes
from foley_plugin.jobs.recut.reopening import changed_jobs
from foley_plugin.services.batch import Outcome, Stop, run_jobs
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.services.known_sounds import check_sounds
from foley_plugin.services.making import Making
from foley_plugin.services.writing import refused, write_foley
from foley_plugin.takes.errors import ProjectError
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord, Placement
from foley_plugin.timeline.selection import Selected

Wishes = Sequence[tuple[Selected, Wish]]


@dataclass(frozen=True)
class _Held:
    """What a project has for the wishes.

    Attributes:
        same: work for clips that are as they were.
        changed: takes that still lie under clips that are not.
        missing: what has neither.
    """

    same: list[Job]
    changed: list[Job]
    missing: list[tuple[Selected, Wish]]


def make_what_is_missing(
    cut: CutRecord,
    wishes: Wishes,
    *,
    project: Path,
    target: Path,
    engine: SubprocessEngine,
    stop: Stop,
    on_jobs: Callable[[Sequence[Job]], None],
    on_change: Callable[[Job], None],
) -> Making:
    """Make takes for the wishes that have none, then write `target` with a take for each, beside all else that the
    project has for the cut.

    A stop lets the take in the making end, so that it is there the next time.

    Raises:
        UnknownSound, EngineLost: the model does not know a label, or is not there.
        FoleyError: a project that cannot be used, a timeline that cannot be written.
    """
    with open_project(cut, project) as store:
        held = _held(store, cut, wishes)
        check_sounds(engine, [wish.label for _, wish in held.missing], stop)
        new = [make_job(store, cut, selected, wish) for selected, wish in held.missing]
        on_jobs(new)
        outcome = Outcome([], stop.is_set)
        if new:
            outcome = run_jobs(store, engine, new, stop=stop, on_change=on_change, finish_running=True)
        placements = [] if outcome.stopped else _placements(store, cut, wishes, held, new)
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


def is_all_held(cut: CutRecord, wishes: Wishes, project: Path) -> bool:
    """Whether a project has a take for each of the wishes; it may be open elsewhere meanwhile."""
    try:
        with Store.open(project, read_only=True) as store:
            return not _held(store, cut, wishes).missing
    except ProjectError:
        return False


def _held(store: Store, cut: CutRecord, wishes: Wishes) -> _Held:
    clips = list({(each.clip.track, each.clip.index, each.record_in): each for each, _ in wishes}.values())
    trashed = store.take_marks.trashed()
    same = earlier_jobs(store, cut, clips)
    changed = changed_jobs(store, cut, same)
    same = [job for job in same if any(take.id not in trashed for take in job.takes)]
    held = _Held([], [], [])
    for selected, wish in wishes:
        own = [job for job in same if job.selected == selected and _serves(job, wish)]
        parts = [job for job in changed if _lies_in(job.selected, selected) and _serves(job, wish)]
        if own:
            held.same.extend(own)
        elif _fill(parts, selected, fraction(cut.rate)):
            held.changed.extend(parts)
        else:
            held.missing.append((selected, wish))
    return held


def _serves(job: Job, wish: Wish) -> bool:
    """Who asks for no label is served by any."""
    return job.cue.layer == wish.layer and wish.label in (None, job.cue.label)


def _lies_in(part: Selected, whole: Selected) -> bool:
    return (
        part.clip == whole.clip and whole.record_in <= part.record_in and part.record_out <= whole.record_out
    )


def _fill(parts: Sequence[Job], whole: Selected, rate: Fraction) -> bool:
    """Whether takes that lie one after the other fill the whole, but for half a frame."""
    filled = sum((job.selected.record_out - job.selected.record_in for job in parts), Fraction(0))
    return filled > 0 and whole.record_out - whole.record_in - filled <= 1 / rate / 2


def _placements(
    store: Store, cut: CutRecord, wishes: Wishes, held: _Held, new: Sequence[Job]
) -> list[Placement]:
    meant = chosen_takes([*held.same, *new], store.cue_book.chosen(), store.take_marks.trashed())
    meant += [(job, job.takes[0]) for job in held.changed]
    placed = [placement(store, cut, job, take) for job, take in meant]
    placed += _beside(store, cut, wishes)
    return sorted((each for each in placed if each.duration_frames > 0), key=lambda each: each.record_frame)


def _beside(store: Store, cut: CutRecord, wishes: Wishes) -> list[Placement]:
    """What the project has for the cut on other layers, and under clips that no wish is for."""
    try:
        meant = meant_takes(store, cut)
    except NothingToDo:
        return []
    return [each.placement for each in meant if not any(_is_for(wish, each.job) for wish in wishes)]


def _is_for(asked: tuple[Selected, Wish], job: Job) -> bool:
    (one, wish), other = asked, job.selected
    is_same_clip = (one.clip.track, one.clip.index) == (other.clip.track, other.clip.index)
    overlaps = one.record_in < other.record_out and other.record_in < one.record_out
    return is_same_clip and overlaps and job.cue.layer == wish.layer
