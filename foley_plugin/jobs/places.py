"""Writing down what a cue shows and where it lies, so that a changed cut can be matched with it."""

from __future__ import annotations

from engine.protocol import Span, fraction, rational
from foley_plugin.takes.cue_sources import CuePlace, CueSource
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import pieces_of
from foley_plugin.timeline.rates import tidy
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected
from foley_plugin.timeline.twins import instance_of


def keep_source(store: Store, cut: CutRecord, selected: Selected, cue_id: int, job_id: int | None) -> None:
    """The cue of this selection shows what it shows, and lies there in this cut.

    Raises:
        ProjectError: the project cannot be written.
    """
    store.cue_sources.keep(cue_id, source_of(selected))
    store.cue_sources.add_place(
        cue_id, cut.source_sha256, place_of(selected, job_id, is_covered(cut, selected))
    )


def source_of(selected: Selected) -> CueSource:
    spans = [
        Span(rational(tidy(each.duration)), rational(tidy(each.inner_start)), rational(each.speed))
        for each in pieces_of(selected)
    ]
    media = selected.clip.media
    identity = media_identity(media) if media else ""
    return CueSource(identity, spans, instance_of(selected.clip))


def place_of(selected: Selected, job_id: int | None, is_picked: bool) -> CuePlace:
    return CuePlace(
        clip=selected.clip.name,
        track=selected.clip.track,
        record_in=rational(tidy(selected.record_in)),
        duration=rational(tidy(selected.record_out - selected.record_in)),
        job_id=job_id,
        is_picked=is_picked,
    )


def is_covered(cut: CutRecord, selected: Selected) -> bool:
    """Whether another clip hides some of the selection: then somebody has picked it."""
    record_in, record_out = float(selected.record_in), float(selected.record_out)
    frame_s = 1 / float(fraction(cut.rate))
    return any(
        clip.layer > selected.clip.layer
        and clip.enabled
        and clip.kind != "title"
        and clip.record_in[0] / clip.record_in[1] < record_out - frame_s / 2
        and clip.record_out[0] / clip.record_out[1] > record_in + frame_s / 2
        for clip in cut.clips
    )
