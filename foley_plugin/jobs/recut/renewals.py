"""What must be made for a changed cut, by what was asked before: label, words, hits and curve set by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import msgspec

from engine.protocol import Hit, fraction
from foley_plugin.jobs.generate import DEFAULT_HANDLE, Wish, curve_in_clip, curve_points
from foley_plugin.jobs.recut.conform import Conformed, Stretch
from foley_plugin.jobs.recut.edited import EditedCue, edited_cues
from foley_plugin.jobs.recut.moving import moved_hit, shared_ranges
from foley_plugin.jobs.recut.records import Need
from foley_plugin.jobs.wishes import layered
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import plan_cue
from foley_plugin.timeline.twins import stand_apart


@dataclass(frozen=True)
class HandHits:
    """Hits that a person has set, and the stretch's own time that the person has seen, in seconds."""

    hits: list[Hit]
    start: Fraction
    end: Fraction


@dataclass(frozen=True)
class Renewal:
    """A stretch to generate for.

    Attributes:
        wish: with the curve that was drawn over what the stretch shows.
        by_hand: hits that were edited; what lies outside their time is the spotter's.
    """

    stretch: Stretch
    wish: Wish
    by_hand: HandHits | None


def renewals_of(
    store: Store, conformed: Conformed, *, takes: int = 1, labels: Sequence[str] = ()
) -> list[Renewal]:
    """What is stale or new and can be generated, in record order.

    Args:
        labels: for clips that are new, each on a layer of its own; the others keep the label that was asked for.
    """
    edited = edited_cues(store, store.cues())
    return [
        Renewal(
            stretch,
            msgspec.structs.replace(wish, curve=_curve(conformed, stretch, wish.layer, edited)),
            _by_hand(conformed, stretch, wish.layer, edited),
        )
        for stretch in conformed.stretches
        if stretch.fit.need is not None
        and stretch.selected.clip.eligible
        and not _is_silent(conformed, stretch)
        for wish in _wishes(conformed, stretch, takes, labels)
    ]


def _is_silent(conformed: Conformed, stretch: Stretch) -> bool:
    """Somebody took the cue off the timeline."""
    owner = stretch.fit.owner
    return owner is not None and conformed.holdings[owner].take is None


def _wishes(conformed: Conformed, stretch: Stretch, takes: int, labels: Sequence[str]) -> list[Wish]:
    if stretch.fit.owner is None:
        wish = Wish(label=labels[0] if labels else None, takes=takes)
        return [each for _, each in layered([(stretch.selected, wish)], labels)]
    holding = conformed.holdings[stretch.fit.owner]
    asked = holding.made.request
    return [
        Wish(
            label=holding.cue.label,
            negative_label=asked.negative_label,
            prompt=asked.prompt,
            negative_prompt=asked.negative_prompt,
            takes=takes,
            layer=holding.cue.layer,
            cast=asked.cast,
            sampling=asked.sampling,
        )
    ]


def _by_hand(
    conformed: Conformed, stretch: Stretch, layer: int, edited: Sequence[EditedCue]
) -> HandHits | None:
    """The edited hits of what the stretch shows, at the moments of the media where they were set."""
    best = _best(conformed, stretch, layer, edited, lambda each: each.spotting.by_hand)
    if best is None:
        return None
    own = stretch.shown.time_map
    ranges = list(shared_ranges(best.time_map, own))
    hits = [hit for one in best.spotting.hits for hit in moved_hit(one, best.time_map, own)]
    return HandHits(hits, min(low for low, _ in ranges), max(high for _, high in ranges))


def _curve(
    conformed: Conformed, stretch: Stretch, layer: int, edited: Sequence[EditedCue]
) -> list[float] | None:
    """The drawn curve of what the stretch shows, as one of its whole clip."""
    best = _best(conformed, stretch, layer, edited, lambda each: each.has_curve)
    if best is None:
        return None
    plan = plan_cue(conformed.cut, stretch.selected, handle_s=DEFAULT_HANDLE)
    own = best.curve_over(stretch.shown.time_map, head=fraction(plan.head), num_points=curve_points(plan))
    return curve_in_clip(own, conformed.cut, stretch.selected, plan)


def _best(
    conformed: Conformed,
    stretch: Stretch,
    layer: int,
    edited: Sequence[EditedCue],
    has: Callable[[EditedCue], bool],
) -> EditedCue | None:
    """What was set over the stretch's own cue; else over what shows most of the same media; of as much, the newest.

    What was set for another layer is not for this one; only the first follows what is set over the clip.
    """
    if stretch.fit.need is Need.REPLACED:
        return None
    owner = None if stretch.fit.owner is None else conformed.holdings[stretch.fit.owner]
    found: list[tuple[bool, Fraction, int, EditedCue]] = []
    for each in edited:
        is_own = owner is not None and each.cue_id == owner.cue.id
        is_fit = is_own or (
            layer == each.layer == 0
            and each.media == stretch.shown.media
            and not stand_apart(each.instance, stretch.shown.instance)
        )
        ranges = list(shared_ranges(each.time_map, stretch.shown.time_map)) if is_fit and has(each) else []
        if ranges:
            length = max(high for _, high in ranges) - min(low for low, _ in ranges)
            found.append((is_own, length, each.cue_id, each))
    return max(found, key=lambda one: one[:3])[3] if found else None
