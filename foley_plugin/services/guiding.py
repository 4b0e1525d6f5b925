"""Wishes whose hits are those of the picture and of the production sound together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from foley_plugin.jobs.generate import Wish, hits_in_clip, spot_request
from foley_plugin.jobs.guide import Candidate, joined
from foley_plugin.services.batch import RequestFailed, Stop, run_spot, sentences_of
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.takes.records import Spotting
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected


def candidates(spotting: Spotting, selected: Selected) -> list[Candidate]:
    """What is seen and heard within the clip, counted from its start."""
    return joined(hits_in_clip(spotting.hits, selected), hits_in_clip(spotting.sound_hits, selected))


@dataclass(frozen=True)
class Guided:
    """`left_out` holds the clips whose hits could not be found, each with its reason."""

    wishes: list[tuple[Selected, Wish]]
    left_out: list[ClipRecord]


def without_hits(selected: Selected, failure: RequestFailed) -> ClipRecord:
    """The clip as one that is left out since it could not be looked at or listened to."""
    return msgspec.structs.replace(selected.clip, eligible=False, reason=failure.sentence)


def failures_of(left_out: Sequence[ClipRecord], *, struck_all: bool) -> list[str]:
    """See `batch.sentences_of`."""
    return sentences_of([(clip.name, clip.reason or "") for clip in left_out], struck_all=struck_all)


def guided_wishes(
    engine: SubprocessEngine,
    cut: CutRecord,
    wishes: Sequence[tuple[Selected, Wish]],
    *,
    stop: Stop,
    on_clip: Callable[[Selected], None] = lambda selected: None,
) -> Guided:
    """The wishes with hits; a clip is looked at once for all of its layers.

    A clip that fails does not keep the others from their hits. Where the user stops, the rest are left out.

    Raises:
        EngineLost.
    """
    found: dict[tuple[object, ...], Spotting | None] = {}
    guided = Guided([], [])
    for selected, wish in wishes:
        place = (selected.clip.track, selected.clip.index, selected.record_in, selected.record_out)
        if place not in found:
            on_clip(selected)
            request = spot_request(cut, selected, with_guide=True)
            try:
                spotting = run_spot(engine, request, stop=stop, on_progress=lambda _: None)
            except RequestFailed as failure:
                found[place] = None
                guided.left_out.append(without_hits(selected, failure))
                continue
            if spotting is None:
                break
            found[place] = spotting
        known = found[place]
        if known is not None:
            hits = [each.hit for each in candidates(known, selected)]
            guided.wishes.append((selected, msgspec.structs.replace(wish, hits=hits)))
    return guided
