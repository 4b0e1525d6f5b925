"""Wishes whose hits are those of the picture and of the production sound together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from foley_plugin.jobs.generate import Wish, hits_in_clip, spot_request
from foley_plugin.jobs.guide import Candidate, joined
from foley_plugin.services.batch import Stop, run_spot
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.takes.records import Spotting
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected


def candidates(spotting: Spotting, selected: Selected) -> list[Candidate]:
    """What is seen and heard within the clip, counted from its start."""
    return joined(hits_in_clip(spotting.hits, selected), hits_in_clip(spotting.sound_hits, selected))


def guided_wishes(
    engine: SubprocessEngine,
    cut: CutRecord,
    wishes: Sequence[tuple[Selected, Wish]],
    *,
    stop: Stop,
    on_clip: Callable[[Selected], None] = lambda selected: None,
) -> list[tuple[Selected, Wish]]:
    """The wishes with hits; a clip is looked at once for all of its layers.

    Where the user stops, the rest are left out.

    Raises:
        RequestFailed, EngineLost.
    """
    found: dict[tuple[object, ...], Spotting] = {}
    guided: list[tuple[Selected, Wish]] = []
    for selected, wish in wishes:
        place = (selected.clip.track, selected.clip.index, selected.record_in, selected.record_out)
        if place not in found:
            on_clip(selected)
            request = spot_request(cut, selected, with_guide=True)
            spotting = run_spot(engine, request, stop=stop, on_progress=lambda _: None)
            if spotting is None:
                break
            found[place] = spotting
        hits = [each.hit for each in candidates(found[place], selected)]
        guided.append((selected, msgspec.structs.replace(wish, hits=hits)))
    return guided
