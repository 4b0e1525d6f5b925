"""A take's recipe: read aloud, and followed once more. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.protocol import Hit, fraction
from foley_plugin.jobs.errors import CannotRedo
from foley_plugin.jobs.generate import DEFAULT_HANDLE, Wish, curve_in_clip, make_job
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.originals import original_here
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import cue_key, plan_cue
from foley_plugin.timeline.records import CutRecord


def recipe_text(take: StoredTake) -> str:
    """All that shaped a take, as JSON for people: its file, the file's hash, and the recipe."""
    said = {"take": Path(take.wav).name, "sha256": take.sha256, "recipe": take.recipe}
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode()


def settings_of(job: Job, take: StoredTake) -> Wish:
    """What was asked for a take beside all that has a time: one take, with the same seed."""
    asked = job.request
    return Wish(
        label=asked.label,
        negative_label=asked.negative_label,
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        seed=take.seed,
        layer=job.cue.layer,
        cast=asked.cast,
        sampling=asked.sampling,
    )


def wish_of(job: Job, take: StoredTake) -> Wish:
    """What was asked for a take, its curve left out, where the clip still shows the picture that was asked about."""
    asked = job.request
    shift_s = float(job.selected.record_in - fraction(job.selected.clip.record_in))
    return msgspec.structs.replace(
        settings_of(job, take),
        hits=_later(asked.hits, shift_s),
        reference_hits=_later(asked.reference_hits, shift_s),
        original=asked.original,
    )


def repeat(store: Store, cut: CutRecord, job: Job, take: StoredTake) -> Job:
    """A job for a take by the same recipe: on the same machine, model and picture it has the same bytes.

    Raises:
        CannotRedo: the clip shows another picture now, or the take that it was made from is not there.
        ProjectError: the project cannot be written.
        SelectionError: the clip cannot be planned any more.
    """
    selected, media = job.selected, job.selected.clip.media
    assert media is not None, "only eligible clips have takes"
    plan = plan_cue(cut, selected, handle_s=DEFAULT_HANDLE)
    if plan.picture.spans != job.request.picture.spans:
        raise CannotRedo(
            f"“{selected.clip.name}” was trimmed, slipped or split since {Path(take.wav).name} was made, and its "
            "recipe is for the picture as it was; vary the take, or generate anew."
        )
    wish = wish_of(job, take)
    wish = msgspec.structs.replace(wish, original=original_here(store, wish.original))
    if job.request.curve is not None:
        curve = curve_in_clip(job.request.curve, cut, selected, plan)
        wish = msgspec.structs.replace(wish, curve=curve)
    key = cue_key(selected, label=job.cue.label, layer=job.cue.layer)
    cue = store.add_cue(key, media=media, label=job.cue.label, layer=job.cue.layer)
    return make_job(store, cut, selected, wish, cue=cue)


def _later(hits: Sequence[Hit] | None, by_s: float) -> list[Hit] | None:
    return None if hits is None else [Hit(hit.time_s + by_s, hit.strength) for hit in hits]
