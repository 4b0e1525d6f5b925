"""A changed cut and its project: told, made where it is stale or new, and written with its foley."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.errors import OutputError
from engine.protocol import Hit
from foley_plugin.jobs.errors import NothingToDo
from foley_plugin.jobs.generate import (
    TakeReport,
    first_placements,
    hits_in_clip,
    make_job,
    open_project,
    placement,
    spot_request,
    take_report,
)
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.recut.conform import Conformed, Stretch, conform_cut, placed_jobs, places_of
from foley_plugin.jobs.recut.renewals import HandHits, Renewal, renewals_of
from foley_plugin.jobs.recut.report import CueLine, lines_of
from foley_plugin.services.batch import Stop, run_jobs, run_spot
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.services.known_sounds import check_model, check_sounds
from foley_plugin.services.writing import refusal, write_foley
from foley_plugin.takes.cue_sources import CuePlace
from foley_plugin.takes.store import Store
from foley_plugin.timeline.errors import WriteRefused
from foley_plugin.timeline.records import CutRecord, Placement
from foley_plugin.timeline.selection import Selected


@dataclass(frozen=True)
class Making:
    """What is to be generated, and with what."""

    engine: SubprocessEngine
    stop: Stop
    takes: int = 1
    labels: Sequence[str] = ()
    """For clips that are new, each on a layer of its own; none leaves it to the picture."""
    is_model_chosen: bool = False
    """The engine's model was named for this; else it is to be the one that made the takes that are renewed."""
    on_jobs: Callable[[Sequence[Job]], None] = lambda jobs: None
    on_change: Callable[[Job], None] = lambda job: None


@dataclass(frozen=True)
class Conforming:
    """What came of it. `timeline` is None where none was asked for, nothing lies on it, or the user stopped."""

    project: Path
    lines: list[CueLine]
    timeline: Path | None
    made: list[TakeReport]
    hit_counts: list[int]
    num_placed: int
    failures: list[str]
    stopped: bool


def tell_conform(cut: CutRecord, project: Path) -> Conforming:
    """What the cut means for every cue of a project; nothing is written.

    Raises:
        ProjectError: there is no such project.
    """
    with Store.open(project, read_only=True) as store:
        lines = lines_of(conform_cut(store, cut, chosen=store.cue_book.chosen()))
        return Conforming(store.folder, lines, None, [], [], 0, [], False)


def conform(cut: CutRecord, project: Path, target: Path | None, making: Making | None) -> Conforming:
    """Take the new cut into its project, make what is stale or new, and write the timeline.

    Args:
        target: None writes no timeline.
        making: None generates nothing.

    Raises:
        OtherModel: another model than the engine's made a take that is to be renewed.
        FoleyError: a project that is not there or cannot be used, a timeline that cannot be written. What the
            engine cannot do is told in `failures`.
    """
    if target is not None and os.path.lexists(target):
        raise OutputError(f"{target} is there already and is not overwritten; give another file with --to.")
    Store.open(project, read_only=True).close()  # a project that is not there is not made
    with open_project(cut, project) as store:
        conformed = conform_cut(store, cut, chosen=store.cue_book.chosen())
        lines = lines_of(conformed)
        renewals = (
            [] if making is None else renewals_of(store, conformed, takes=making.takes, labels=making.labels)
        )
        jobs: list[Job] = []
        failures: list[str] = []
        if making is not None and renewals:
            _check_model(conformed, renewals, making)
            jobs, failures = _make(store, cut, renewals, making)
        stopped = making is not None and making.stop.is_set
        renewed = _renewed(renewals, jobs)
        store.cue_sources.set_places(cut.source_sha256, _without_new(places_of(conformed, renewed), jobs))
        placements = [] if stopped or target is None else _placements(store, conformed, renewed, jobs)
        made = [(job, take) for job in jobs for take in job.takes]
        return Conforming(
            project=store.folder,
            lines=lines,
            timeline=_written(cut, target, placements, store.folder),
            made=[take_report(store, cut, job, take) for job, take in made],
            hit_counts=[len(hits_in_clip(take.hits, job.selected)) for job, take in made],
            num_placed=len(placements),
            failures=failures,
            stopped=stopped,
        )


def _written(
    cut: CutRecord, target: Path | None, placements: Sequence[Placement], project: Path
) -> Path | None:
    if not placements or target is None:
        return None
    exported = write_foley(cut, target, placements, project)
    if exported.path is None:
        raise WriteRefused(refusal(exported))
    return Path(exported.path)


def _check_model(conformed: Conformed, renewals: Sequence[Renewal], making: Making) -> None:
    """Before anything is written down: takes of one model are not renewed by another unasked."""
    if making.is_model_chosen:
        return
    owners = (renewal.stretch.fit.owner for renewal in renewals)
    for take in (conformed.holdings[owner].take for owner in owners if owner is not None):
        if take is not None:
            check_model(making.engine, take, making.stop)


def _make(
    store: Store, cut: CutRecord, renewals: Sequence[Renewal], making: Making
) -> tuple[list[Job], list[str]]:
    if any(renewal.stretch.fit.owner is None for renewal in renewals):
        check_sounds(making.engine, making.labels, making.stop)
    jobs: list[Job] = []
    for renewal in renewals:
        hits = _hits(cut, renewal, making)
        if making.stop.is_set:
            break
        wish = msgspec.structs.replace(renewal.wish, hits=hits)
        job = make_job(store, cut, renewal.stretch.selected, wish)
        jobs.append(job)
    making.on_jobs(jobs)
    outcome = run_jobs(store, making.engine, jobs, stop=making.stop, on_change=making.on_change)
    return jobs, outcome.failures


def _hits(cut: CutRecord, renewal: Renewal, making: Making) -> list[Hit] | None:
    """The edited hits counted from the clip's start, and the spotter's where the person saw nothing."""
    by_hand, stretch = renewal.by_hand, renewal.stretch
    if by_hand is None:
        return None
    before_s = float(stretch.selected.record_in) - _clip_in_s(stretch.selected)
    hits = [Hit(hit.time_s + before_s, hit.strength) for hit in by_hand.hits]
    if by_hand.start > 0 or by_hand.end < stretch.shown.duration:
        hits += _spotted_outside(cut, stretch, by_hand, before_s, making)
    return sorted(hits, key=lambda hit: hit.time_s)


def _spotted_outside(
    cut: CutRecord, stretch: Stretch, by_hand: HandHits, before_s: float, making: Making
) -> list[Hit]:
    spotted = run_spot(
        making.engine, spot_request(cut, stretch.selected), stop=making.stop, on_progress=lambda _: None
    )
    found = [] if spotted is None else spotted.hits
    low_s, high_s = float(by_hand.start), float(by_hand.end)
    return [Hit(hit.time_s + before_s, hit.strength) for hit in found if not low_s <= hit.time_s < high_s]


def _clip_in_s(selected: Selected) -> float:
    return selected.clip.record_in[0] / selected.clip.record_in[1]


def _renewed(renewals: Sequence[Renewal], jobs: Sequence[Job]) -> list[Stretch]:
    """The stretches whose new take has landed."""
    landed = [job.selected for job in jobs if job.takes]
    return [each.stretch for each in renewals if any(each.stretch.selected is one for one in landed)]


def _without_new(places: dict[int, list[CuePlace]], jobs: Sequence[Job]) -> dict[int, list[CuePlace]]:
    """Places of the cues that were there before; those of new jobs are written down with the jobs."""
    made = {job.cue.id for job in jobs}
    return {cue_id: held for cue_id, held in places.items() if held or cue_id not in made}


def _placements(
    store: Store, conformed: Conformed, renewed: Sequence[Stretch], jobs: Sequence[Job]
) -> list[Placement]:
    kept = [each for each in conformed.stretches if not any(each is one for one in renewed)]
    old = [placement(store, conformed.cut, job, job.takes[0]) for job in placed_jobs(conformed, kept)]
    found = [
        *(each for each in old if each.duration_frames > 0),
        *first_placements(store, conformed.cut, jobs),
    ]
    if not found:
        raise NothingToDo(
            f"No take of {store.folder} lies on this cut, so there is nothing to write; make some with "
            "--generate."
        )
    return sorted(found, key=lambda each: each.record_frame)
