"""A take's recipe: read aloud, and followed once more. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.protocol import Hit, fraction
from foley_plugin.jobs.generate import Wish, curve_in_clip, make_job
from foley_plugin.jobs.job import Job
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import cue_key
from foley_plugin.timeline.records import CutRecord


def recipe_text(take: StoredTake) -> str:
    """All that shaped a take, as JSON for people: its file, the file's hash, and the recipe."""
    said = {"take": Path(take.wav).name, "sha256": take.sha256, "recipe": take.recipe}
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode()


def wish_of(job: Job, take: StoredTake) -> Wish:
    """What was asked for a take, its curve left out, to be asked again: one take, with the same seed."""
    asked = job.request
    shift_s = float(job.selected.record_in - fraction(job.selected.clip.record_in))
    return Wish(
        label=asked.label,
        negative_label=asked.negative_label,
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        hits=_later(asked.hits, shift_s),
        reference_hits=_later(asked.reference_hits, shift_s),
        seed=take.seed,
        layer=job.cue.layer,
        cast=asked.cast,
        original=asked.original,
        sampling=asked.sampling,
    )


def repeat(store: Store, cut: CutRecord, job: Job, take: StoredTake) -> Job:
    """A job for a take by the same recipe: on the same machine, model and picture it has the same bytes.

    Raises:
        ProjectError: the project cannot be written.
        SelectionError: the clip cannot be planned any more.
    """
    selected, media = job.selected, job.selected.clip.media
    assert media is not None, "only eligible clips have takes"
    key = cue_key(selected, label=job.cue.label, layer=job.cue.layer)
    cue = store.add_cue(key, media=media, label=job.cue.label, layer=job.cue.layer)
    wish = wish_of(job, take)
    if job.request.curve is not None:
        curve = curve_in_clip(job.request.curve, cut, selected, job.plan)
        wish = msgspec.structs.replace(wish, curve=curve)
    return make_job(store, cut, selected, wish, cue=cue)


def _later(hits: Sequence[Hit] | None, by_s: float) -> list[Hit] | None:
    return None if hits is None else [Hit(hit.time_s + by_s, hit.strength) for hit in hits]
