"""One wish a clip, from what a person says once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.protocol import MAX_DRAFTS, SamplingWish, fraction
from foley_plugin.jobs.errors import BadHits
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.hits import GivenHits
from foley_plugin.timeline.selection import Selected

MOST_DRAFTS = MAX_DRAFTS


def drawn_with(
    cfg_scale: float | None,
    top_k: int | None,
    temperature: float | None,
    guide_against: Literal["null", "held"] | None,
    drafts: int | None,
) -> SamplingWish:
    """What a person says of the sampling; None leaves a number to the model."""
    return SamplingWish(cfg_scale, top_k, temperature, guide_against=guide_against, drafts=drafts)


def wishes_for(
    selected: Sequence[Selected], given: GivenHits | None, wish: Wish
) -> list[tuple[Selected, Wish]]:
    """Each clip with the wish. Given hits are known hits, so that takes are measured against them.

    Raises:
        BadHits: hits that belong to one clip, or to others than those selected.
    """
    if given is None:
        return [(each, wish) for each in selected]
    places = {(each.clip.track, each.clip.index) for each in selected}
    if given.single is not None and len(places) > 1:
        raise BadHits(
            f"{given.path} holds the hits of one clip, but {len(places)} clips are selected; "
            "choose one with --clip."
        )
    wishes: list[tuple[Selected, Wish]] = []
    for each in selected:
        hits = given.for_clip(each.clip.track, each.clip.index)
        wishes.append((each, msgspec.structs.replace(wish, hits=hits, reference_hits=hits)))
    return wishes


def unheard_hits(wishes: Sequence[tuple[Selected, Wish]], given: GivenHits) -> list[str]:
    """A sentence for each clip in whose selected parts none of its given hits lies."""
    has_hit: dict[tuple[str, int], bool] = {}
    for selected, wish in wishes:
        place = (selected.clip.track, selected.clip.index)
        has_hit[place] = has_hit.get(place, False) or _has_hit(selected, wish)
    return [
        f"No hit of {given.path} lies in the clip {track}:{index}; "
        "times count from the clip's start, in seconds."
        for (track, index), is_hit in has_hit.items()
        if not is_hit
    ]


def _has_hit(selected: Selected, wish: Wish) -> bool:
    clip_in = fraction(selected.clip.record_in)
    start, end = selected.record_in - clip_in, selected.record_out - clip_in
    return any(start <= hit.time_s < end for hit in wish.hits or [])


def labels_of(text: str | None) -> list[str]:
    """What stands between the commas of a label option.

    >>> labels_of("hammer, cloth")
    ['hammer', 'cloth']
    """
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def layered(wishes: Sequence[tuple[Selected, Wish]], labels: Sequence[str]) -> list[tuple[Selected, Wish]]:
    """Several labels of one clip at once, each on a layer of its own: the first lies on the wish's own layer."""
    if len(labels) < 2:
        return list(wishes)
    return [
        (selected, msgspec.structs.replace(wish, label=label, layer=wish.layer + number))
        for selected, wish in wishes
        for number, label in enumerate(labels)
    ]
