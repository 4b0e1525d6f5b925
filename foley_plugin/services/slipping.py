"""Slipping a take of a project under the cut where it lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine.protocol import fraction
from foley_plugin.jobs.errors import CannotSlip
from foley_plugin.jobs.recut.conform import conform_cut, placed_jobs
from foley_plugin.jobs.slips import check_slip
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import SAMPLE_RATE
from foley_plugin.timeline.records import CutRecord


@dataclass(frozen=True)
class Slip:
    """A take and its slip in all; positive is later."""

    take: StoredTake
    samples: int


def slip_samples(cut: CutRecord, *, frames: int | None, ms: float | None) -> int:
    """A slip in samples at 48 kHz, rounded once; frames are the timeline's.

    Raises:
        CannotSlip: neither or both are given, or it is no number.
    """
    if (frames is None) == (ms is None):
        raise CannotSlip("Say by how much to slip: --frames N or --ms X, later if positive; 0 undoes it.")
    if frames is not None:
        return round(frames / fraction(cut.rate) * SAMPLE_RATE)
    if ms is not None and not math.isfinite(ms):
        raise CannotSlip(f"A take cannot be slipped by {ms} ms; give --ms a number.")
    return round(Fraction(str(ms)) * SAMPLE_RATE / 1000)


def slip_take(cut: CutRecord, project: Path, wanted: str, samples: int) -> Slip:
    """Slip a take by so many samples in all, so that 0 undoes it.

    Args:
        wanted: the take's number, or its file name, or that without .wav.

    Raises:
        TakeMissing: there is no such take.
        CannotSlip: its handles do not reach, or it lies nowhere in the cut, so that nobody knows how far they do.
        ProjectError: the project cannot be used.
    """
    Store.open(project, read_only=True).close()  # a project that is not there is not made
    with Store.open(project) as store:
        take = store.find_take(wanted)
        chosen = {take.cue_id: take.id}
        conformed = conform_cut(store, cut, chosen=chosen)
        laid = [job for job in placed_jobs(conformed, conformed.stretches) if job.takes[0].id == take.id]
        if samples and not laid:
            raise CannotSlip(
                f"{Path(take.wav).name} lies nowhere in {Path(cut.path).name}; give the cut where it lies."
            )
        for job in laid if samples else []:
            check_slip(samples, take, job.plan, conformed.rate)
        store.take_slips.set(take.id, samples)
    return Slip(take, samples)
