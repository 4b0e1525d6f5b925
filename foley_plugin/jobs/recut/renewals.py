"""What must be made for a changed cut, by what was asked before: label, words, hits set by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.protocol import Hit
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.recut.conform import Conformed, Stretch
from foley_plugin.jobs.recut.records import Need
from foley_plugin.takes.store import Store
from foley_plugin.timeline.ranges import Piece, pieces_of_spans


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
        by_hand: hits that were edited; what lies outside their time is the spotter's.
    """

    stretch: Stretch
    wish: Wish
    by_hand: HandHits | None


def renewals_of(
    store: Store, conformed: Conformed, *, takes: int = 1, label: str | None = None
) -> list[Renewal]:
    """What is stale or new and can be generated, in record order.

    Args:
        label: for clips that are new; the others keep the label that was asked for.
    """
    edited = _edited(store)
    return [
        Renewal(stretch, _wish(conformed, stretch, takes, label), _by_hand(conformed, stretch, edited))
        for stretch in conformed.stretches
        if stretch.fit.need is not None
        and stretch.selected.clip.eligible
        and not _is_silent(conformed, stretch)
    ]


def _is_silent(conformed: Conformed, stretch: Stretch) -> bool:
    """Somebody took the cue off the timeline."""
    owner = stretch.fit.owner
    return owner is not None and conformed.holdings[owner].take is None


def _wish(conformed: Conformed, stretch: Stretch, takes: int, label: str | None) -> Wish:
    if stretch.fit.owner is None:
        return Wish(label=label, takes=takes)
    holding = conformed.holdings[stretch.fit.owner]
    asked = holding.made.request
    return Wish(
        label=holding.cue.label,
        negative_label=asked.negative_label,
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        takes=takes,
        layer=holding.cue.layer,
        cast=asked.cast,
        sampling=asked.sampling,
    )


@dataclass(frozen=True)
class _Edited:
    cue_id: int
    media: str | None
    time_map: tuple[Piece, ...]
    hits: list[Hit]


def _edited(store: Store) -> list[_Edited]:
    sources = store.cue_sources.sources()
    return [
        _Edited(
            cue.id,
            sources[cue.id].media_identity,
            tuple(pieces_of_spans(sources[cue.id].spans)),
            cue.spotting.hits,
        )
        for cue in store.cues()
        if cue.spotting is not None and cue.spotting.by_hand and cue.id in sources
    ]


def _by_hand(conformed: Conformed, stretch: Stretch, edited: Sequence[_Edited]) -> HandHits | None:
    """The edited hits of what the stretch shows, at the moments of the media where they were set."""
    if stretch.fit.need is Need.REPLACED:
        return None
    owner = None if stretch.fit.owner is None else conformed.holdings[stretch.fit.owner]
    found: list[tuple[bool, Fraction, int, HandHits]] = []
    for each in edited:
        is_own = owner is not None and each.cue_id == owner.cue.id
        if is_own or each.media == stretch.shown.media:
            ranges = list(shared_ranges(each.time_map, stretch.shown.time_map))
            if ranges:
                start, end = min(low for low, _ in ranges), max(high for _, high in ranges)
                hits = [
                    hit for one in each.hits for hit in moved_hit(one, each.time_map, stretch.shown.time_map)
                ]
                found.append((is_own, end - start, each.cue_id, HandHits(hits, start, end)))
    return max(found, key=lambda one: one[:3])[3] if found else None


def shared_ranges(old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[tuple[Fraction, Fraction]]:
    """The new own times that show what the old map shows."""
    for one in new:
        for other in old:
            low = max(min(one.inner_start, one.inner_end), min(other.inner_start, other.inner_end))
            high = min(max(one.inner_start, one.inner_end), max(other.inner_start, other.inner_end))
            if low < high and one.speed:
                at = sorted(one.start + (edge - one.inner_start) / one.speed for edge in (low, high))
                yield at[0], at[1]


def moved_hit(hit: Hit, old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[Hit]:
    """A hit at the same moment of the media, as often as the new map shows it."""
    time = Fraction(hit.time_s)
    held = next((piece for piece in old if piece.start <= time < piece.end), None)
    if held is None:
        return
    moment = held.inner_at(time)
    for piece in new:
        if (
            piece.speed
            and piece.start <= (at := piece.start + (moment - piece.inner_start) / piece.speed) < piece.end
        ):
            yield Hit(float(at), hit.strength)
