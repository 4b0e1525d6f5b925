"""From a selected clip to a job, and from its takes to places on the timeline.

    cut + selection + wish -> CuePlan -> Generate -> (engine) -> takes -> Placement -> timeline

Pure but for the store; the command line and the panel both go through here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.protocol import Cast, Generate, Hit, Original, SamplingWish, Spot, fraction, rational
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.places import keep_source, source_of
from foley_plugin.jobs.slips import heard_hits, wav_from
from foley_plugin.takes.records import Cue, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.families import family_of
from foley_plugin.timeline.laying import slipped_plan
from foley_plugin.timeline.placement import CuePlan, cue_key, plan_cue, ring_frames
from foley_plugin.timeline.records import CutRecord, Placement
from foley_plugin.timeline.selection import Selected

DEFAULT_HANDLE = Fraction(1)
"""Seconds of sound before and after the clip."""

CURVE_RATE = 50
"""Points of an intensity curve a second."""

FADE_IN_SAMPLES = 96
FADE_OUT_SAMPLES = 960
"""2 ms and 20 ms at 48 kHz: no click where a sound is cut into, and a hit on the first frame keeps its attack."""


class Wish(Struct, frozen=True):
    """What a person asks for one clip, beside the clip itself.

    Times of hits count from the clip's start, also where only a part of the clip is selected.
    """

    label: str | None = None
    negative_label: str | None = None
    prompt: str | None = None
    negative_prompt: str | None = None
    hits: list[Hit] | None = None
    """None asks the spotter."""
    curve: list[float] | None = None
    """Intensities 0 to 1 at 50 Hz, from the start of the whole clip's picture, its head handle included."""
    reference_hits: list[Hit] | None = None
    """The truth, where it is known; only measured against."""
    takes: int = 1
    seed: int | None = None
    """Of the first take; None goes on after the seeds that this cue has had."""
    layer: int = 0
    """Sounds of one clip that are heard at once lie on layers of their own: steps, cloth, props."""
    layers: frozenset[int] | None = None
    """All that the clip is to have: takes on others are taken off when this one lands. None leaves them there."""
    cast: Cast | None = None
    """A sound to go on from."""
    original: Original | None = None
    """A take to make this one from; its times count from the start of the plan's picture (see `jobs.redoing`)."""
    sampling: SamplingWish = SamplingWish()
    handle: Fraction = DEFAULT_HANDLE


def make_job(store: Store, cut: CutRecord, selected: Selected, wish: Wish, *, cue: Cue | None = None) -> Job:
    """Plan a cue, reserve its WAVs and write the job down.

    Args:
        cue: the one that the takes are of, where it does not follow from the wish: a cue whose label was left to the
            picture is made anew under the label that was found.

    Raises:
        ProjectError: the project cannot be written.
        SelectionError: the selection cannot be planned.
    """
    plan = plan_cue(cut, selected, handle_s=wish.handle)
    clip = selected.clip
    assert clip.media is not None, "only eligible clips are selected"
    if cue is None:
        key = cue_key(selected, label=wish.label, layer=wish.layer)
        cue = store.add_cue(key, media=clip.media, label=wish.label, layer=wish.layer)
    if clip.twins > 1:
        store.cue_sources.keep(cue.id, source_of(selected))  # before a seed is drawn: twins share theirs out
    wavs = store.reserve_wavs(clip.name, wish.label, wish.takes)
    request = Generate(
        id=0,
        picture=plan.picture,
        wav_paths=[str(wav) for wav in wavs],
        num_samples=plan.num_samples,
        head=plan.head,
        tail=rational(plan.picture.duration - fraction(plan.head) - fraction(plan.duration)),
        label=wish.label,
        negative_label=wish.negative_label,
        prompt=wish.prompt,
        negative_prompt=wish.negative_prompt,
        hits=None if wish.hits is None else hits_in_cue(wish.hits, selected, plan),
        curve=None if wish.curve is None else curve_in_cue(wish.curve, cut, selected, plan),
        reference_hits=None
        if wish.reference_hits is None
        else hits_in_cue(wish.reference_hits, selected, plan),
        seed=wish.seed if wish.seed is not None else store.next_seed(cue.id),
        sampling=wish.sampling,
        cast=wish.cast,
        original=wish.original,
    )
    stored = store.add_job(cue.id, request)
    keep_source(store, cut, selected, cue.id, stored.id)
    return Job(stored.id, cue, selected, plan, request, layers=wish.layers)


def spot_request(cut: CutRecord, selected: Selected, *, with_guide: bool = False) -> Spot:
    """The question for a clip's hits: the same picture that a take would be made for.

    Args:
        with_guide: ask for the onsets of the clip's own sound too.
    """
    plan = plan_cue(cut, selected, handle_s=DEFAULT_HANDLE)
    return Spot(id=0, picture=plan.picture, head=plan.head, guide=plan.picture if with_guide else None)


def hits_in_cue(hits: Iterable[Hit], selected: Selected, plan: CuePlan) -> list[Hit]:
    """Hits counted from the clip's start, as the engine counts them: from the selection's start.

    Those outside the picture (handles included) are left out.
    """
    shift_s = float(_offset_in_clip(selected))
    earliest_s = -float(fraction(plan.head))
    latest_s = earliest_s + float(plan.picture.duration)
    moved = (Hit(hit.time_s - shift_s, hit.strength) for hit in hits)
    return [hit for hit in moved if earliest_s <= hit.time_s < latest_s]


def curve_in_cue(curve: Sequence[float], cut: CutRecord, selected: Selected, plan: CuePlan) -> list[float]:
    """The part of a whole clip's curve that the engine is asked for, from the start of the plan's picture on."""
    first = _first_point(cut, selected, plan)
    return list(curve[first : first + curve_points(plan)])


def curve_in_clip(curve: Sequence[float], cut: CutRecord, selected: Selected, plan: CuePlan) -> list[float]:
    """The other way: what the engine was asked for, as far as it goes, as a curve of the whole clip."""
    return [*([0.0] * _first_point(cut, selected, plan)), *curve]


def _first_point(cut: CutRecord, selected: Selected, plan: CuePlan) -> int:
    return max(0, round(points_before(cut, selected, plan)))


def points_before(cut: CutRecord, selected: Selected, plan: CuePlan) -> Fraction:
    """Of the whole clip's curve, before the plan's picture begins; that may lie between two points."""
    clip = selected.clip
    whole = Selected(clip, fraction(clip.record_in), fraction(clip.record_out))
    head = plan_cue(cut, whole, handle_s=DEFAULT_HANDLE).head if selected != whole else plan.head
    return CURVE_RATE * (_offset_in_clip(selected) + fraction(head) - fraction(plan.head))


def curve_points(plan: CuePlan) -> int:
    """How many points a curve over the whole picture has."""
    return math.ceil(plan.picture.duration * CURVE_RATE)


def hits_in_clip(hits: Iterable[Hit], selected: Selected) -> list[Hit]:
    """The engine's hits, counted from the clip's start; those in the handles are left out."""
    shift_s = float(_offset_in_clip(selected))
    duration_s = float(selected_duration(selected))
    return [Hit(hit.time_s + shift_s, hit.strength) for hit in hits if 0 <= hit.time_s < duration_s]


def selected_duration(selected: Selected) -> Fraction:
    """Seconds of the selection on the timeline, handles not included."""
    return selected.record_out - selected.record_in


def placement(store: Store, cut: CutRecord, job: Job, take: StoredTake) -> Placement:
    """Where a take goes on the timeline, and what is written beside it. A late hit rings past the cut.

    Raises:
        TakeMissing: a copy that begins between two frames is needed and cannot be made.
        ProjectReadOnly: such a copy is needed.
    """
    planned, cut_samples = planned_placement(store, cut, job, take)
    return msgspec.structs.replace(planned, wav=str(wav_from(store, take, cut_samples)))


def planned_placement(store: Store, cut: CutRecord, job: Job, take: StoredTake) -> tuple[Placement, int]:
    """As `placement`, before any copy is made: the take's own file, and the samples to leave off its start.

    For who only looks and listens: a take that is slipped step by step needs no copy at every step.
    """
    rate = fraction(cut.rate)
    slip_samples = store.take_slips.of(take.id)
    plan = slipped_plan(job.plan, slip_samples, rate)
    ring = ring_frames(plan, heard_hits(take, slip_samples), rate)
    planned = Placement(
        wav=str(store.wav_path(take)),
        record_frame=plan.record_frame,
        duration_frames=plan.duration_frames + ring,
        head_frames=plan.head_frames,
        wav_frames=plan.wav_frames,
        num_channels=1,
        track_name=family_of(take.label).track_name,
        metadata=provenance(store, job, take),
        fade_in_samples=FADE_IN_SAMPLES,
        fade_out_samples=FADE_OUT_SAMPLES,
    )
    return planned, plan.cut_samples


def provenance(store: Store, job: Job, take: StoredTake) -> dict[str, object]:
    """What a timeline says of a take: enough to find it again in its project, and how it was made."""
    return {
        "take": take.id,
        "cue": job.cue.key,
        "project": str(store.folder),
        "label": take.label,
        "seed": take.seed,
        "sha256": take.sha256,
        "hits": [{"time_s": hit.time_s, "strength": hit.strength} for hit in take.hits],
        "slip_samples": store.take_slips.of(take.id),
        "recipe": take.recipe,
        "pan": store.cast_book.pan(take.id),
        "generated": True,
    }


def first_placements(store: Store, cut: CutRecord, jobs: Iterable[Job]) -> list[Placement]:
    """The first take of every job that has one: what goes on the timeline unless somebody chooses."""
    return [placement(store, cut, job, job.takes[0]) for job in jobs if job.takes]


class TakeReport(Struct, frozen=True, omit_defaults=True):
    """One take as `--json` tells it."""

    cue: str
    clip: str
    track: str
    index: int
    wav: str
    label: str
    seed: int
    duration_s: float
    head_s: float
    tail_s: float
    wall_s: float
    onset_f1_100ms: float | None = None


def take_report(store: Store, cut: CutRecord, job: Job, take: StoredTake) -> TakeReport:
    plan, clip = job.plan, job.selected.clip
    frame_s = 1 / fraction(cut.rate)
    return TakeReport(
        cue=job.cue.key,
        clip=clip.name,
        track=clip.track,
        index=clip.index,
        wav=str(store.wav_path(take)),
        label=take.label,
        seed=take.seed,
        duration_s=float(selected_duration(job.selected)),
        head_s=float(plan.head_frames * frame_s),
        tail_s=float(plan.tail_frames * frame_s),
        wall_s=take.wall_s,
        onset_f1_100ms=take.onset_f1_100ms,
    )


def open_project(cut: CutRecord, folder: Path) -> Store:
    """The project of a cut, with this version of the cut copied into it.

    Raises:
        ProjectError: the folder cannot be used, or somebody else holds it.
    """
    store = Store.open(folder)
    try:
        store.add_cut(Path(cut.path))
    except BaseException:
        store.close()
        raise
    return store


def _offset_in_clip(selected: Selected) -> Fraction:
    return selected.record_in - fraction(selected.clip.record_in)
