"""Hits and curve of a clip as a person sees and sets them, how they are kept, and what is asked for with them.

What was found in the picture stays beside what was set by hand, so that it can be seen and gone back to. Times
count from the whole clip's start; hits in the handles are kept along, since takes ring into them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath

import msgspec

from engine.errors import FoleyError
from engine.protocol import Generate, Hit, Original, Rational, fraction
from foley_plugin.jobs.drawn_curves import is_same_curve
from foley_plugin.jobs.generate import (
    CURVE_RATE,
    DEFAULT_HANDLE,
    Wish,
    curve_in_cue,
    hits_in_cue,
    points_before,
)
from foley_plugin.jobs.guide import joined
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.places import source_of
from foley_plugin.takes.records import Cue, Spotting, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import cue_key, key_of, pieces_of, plan_cue
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected, whole_clip

SAME_S = 1e-3
"""Hits nearer than this are the same: the engine counts on another clock and rounds."""


@dataclass(frozen=True, order=True)
class HitPoint:
    """A moment of contact, seconds from the clip's start; `strength` is 0 to 1."""

    time_s: float
    strength: float


@dataclass(frozen=True)
class HandEdits:
    """What a person has set over a clip; None is left to the spotter."""

    hits: tuple[HitPoint, ...] | None = None
    curve: tuple[float, ...] | None = None
    """0 to 1 at 50 Hz, from the start of the clip's picture, the head handle included."""


@dataclass(frozen=True)
class ClipHits:
    """What was found in a clip's picture, and what was set by hand; None where nobody has looked or set."""

    detected: tuple[HitPoint, ...] | None = None
    detected_curve: tuple[float, ...] = ()
    by_hand: HandEdits = HandEdits()
    found: Spotting | None = None
    """The spotter's whole answer, kept as it came."""

    @property
    def hits(self) -> tuple[HitPoint, ...]:
        """What the next take is made for, as far as it is known."""
        return self.by_hand.hits if self.by_hand.hits is not None else self.detected or ()

    @property
    def curve(self) -> tuple[float, ...]:
        return self.by_hand.curve if self.by_hand.curve is not None else self.detected_curve


def points_of(hits: Iterable[Hit]) -> tuple[HitPoint, ...]:
    return tuple(sorted(HitPoint(hit.time_s, hit.strength) for hit in hits))


def with_onsets(hits: Iterable[HitPoint], onsets: Sequence[Hit]) -> tuple[HitPoint, ...]:
    """Hits of a clip with the onsets of its own sound, both counted from its start; see `guide.joined`."""
    seen = [Hit(point.time_s, point.strength) for point in hits]
    return points_of(each.hit for each in joined(seen, onsets))


def found_hits(spotting: Spotting, by_hand: HandEdits = HandEdits()) -> ClipHits:
    """A spotter's answer, with what a person has set beside it."""
    return ClipHits(points_of(spotting.hits), tuple(spotting.curve or ()), by_hand, spotting)


def clip_hits_of(spotting: Spotting) -> ClipHits:
    """What is kept with a cue, taken apart again."""
    if not spotting.by_hand and not spotting.curve_by_hand:
        return found_hits(spotting)
    edits = HandEdits(
        points_of(spotting.hits) if spotting.by_hand else None,
        tuple(spotting.curve or ()) if spotting.curve_by_hand else None,
    )
    if spotting.spotted_hits is None:
        return ClipHits(by_hand=edits)
    found = msgspec.structs.replace(
        spotting,
        hits=spotting.spotted_hits,
        curve=spotting.spotted_curve,
        by_hand=False,
        curve_by_hand=False,
        spotted_hits=None,
        spotted_curve=None,
    )
    return found_hits(found, edits)


def spotting_of(hits: ClipHits) -> Spotting | None:
    """What is kept with the cue; None where there is nothing to keep."""
    edits, found = hits.by_hand, hits.found
    if edits == HandEdits():
        return found
    return msgspec.structs.replace(
        found or Spotting([]),
        hits=[Hit(point.time_s, point.strength) for point in hits.hits],
        curve=list(hits.curve) or None,
        by_hand=edits.hits is not None,
        curve_by_hand=edits.curve is not None,
        spotted_hits=None if found is None else found.hits,
        spotted_curve=None if found is None else found.curve,
    )


def cues_of_clip(store: Store, selected: Selected, labels: Iterable[str | None]) -> list[int]:
    """The cues that a clip's hits are kept with: its own, made where it is new, and those of these labels.

    Raises:
        ProjectError: the project cannot be written.
    """
    own = store.add_cue(cue_key(selected, label=None, layer=0), media=selected.clip.media or "")
    store.cue_sources.keep(own.id, source_of(selected))
    keys = [cue_key(selected, label=label, layer=0) for label in sorted({each for each in labels if each})]
    return [own.id, *(cue.id for cue in map(store.cue, keys) if cue is not None)]


def spotted_cues(store: Store) -> list[Cue]:
    """The cues that hits are kept with; those of a clip's first layer."""
    return [cue for cue in store.cues() if cue.spotting is not None and cue.layer == 0]


def kept_clip_hits(cues: Sequence[Cue], cut: CutRecord) -> list[tuple[ClipRecord, ClipHits]]:
    """What is kept for the clips of a cut; a clip's own cue is asked first, then those of its labels, newest first."""
    by_name: dict[str, dict[str, Cue]] = {}
    for cue in reversed(cues):
        by_name.setdefault(PurePath(cue.media).name, {})[cue.key] = cue
    labels = {
        name: [None, *dict.fromkeys(cue.label for cue in held.values() if cue.label is not None)]
        for name, held in by_name.items()
    }
    identities: dict[str, str] = {}
    kept = []
    for clip in cut.clips:
        name = PurePath(clip.media or "").name
        if clip.eligible and clip.media and name in by_name:
            if clip.media not in identities:
                identities[clip.media] = media_identity(clip.media)
            pieces, held = pieces_of(whole_clip(clip)), by_name[name]
            keys = (
                key_of(identities[clip.media], pieces, label=label, layer=0, twin=clip.twin)
                for label in labels[name]
            )
            found = next((held[key] for key in keys if key in held), None)
            if found is not None and found.spotting is not None:
                kept.append((clip, clip_hits_of(found.spotting)))
    return kept


def wish_with(wish: Wish, edits: HandEdits) -> Wish:
    """The wish, with what was set by hand; what the wish itself says goes first."""
    hits, curve = wish.hits, wish.curve
    if hits is None and edits.hits is not None:
        hits = [Hit(point.time_s, point.strength) for point in edits.hits]
    if curve is None and edits.curve is not None:
        curve = list(edits.curve)
    return msgspec.structs.replace(wish, hits=hits, curve=curve)


def joined_hits(own: Sequence[Hit], given: Sequence[Hit], start: Fraction, end: Fraction) -> list[Hit]:
    """Of two lists of hits, the given ones inside a part and the own ones outside it, in order of time."""
    outside = [hit for hit in own if not start <= hit.time_s < end]
    inside = [hit for hit in given if start <= hit.time_s < end]
    return sorted([*outside, *inside], key=lambda hit: hit.time_s)


def follows_hand(store: Store, job: Job) -> bool:
    """Whether a person set the hits that a take was made for; a take of a take has those of its cue."""
    if job.request.hits is None or job.request.original is None:
        return job.follows_hand
    cue = store.cue(job.cue.key)
    return cue is not None and cue.spotting is not None and cue.spotting.by_hand


def is_made_for(hits: ClipHits, job: Job, take: StoredTake, cut: CutRecord) -> bool:
    """Whether a take is what would be asked for now: made by these hits and this curve."""
    request, selected = job.request, job.selected
    wish = wish_with(Wish(), hits.by_hand)
    if wish.hits is None and wish.curve is None and request.hits is None and request.curve is None:
        return True
    try:
        plan = plan_cue(cut, selected, handle_s=DEFAULT_HANDLE)
    except FoleyError:
        return True
    if request.picture.spans != plan.picture.spans:
        return True  # made for the clip as it was in another cut: its hits cannot be compared
    late_s = 0.0
    if wish.hits is not None or request.hits is not None:
        found = wish.hits if wish.hits is not None else _hits_of_points(hits.detected)
        if found is None:
            return False
        wanted = hits_in_cue(found, selected, plan)
        late = _as_late(wanted, take.hits, request)
        if not _are_same(take.hits, late):
            return False
        late_s = next((was.time_s - at.time_s for was, at in zip(late, _in_order(wanted), strict=True)), 0.0)
    if wish.curve is None or request.curve is None:
        return wish.curve is request.curve
    curve = curve_in_cue(wish.curve, cut, selected, plan)
    if request.original is None:
        is_between = points_before(cut, selected, plan).denominator != 1
        return is_same_curve(request.curve, curve, is_between=is_between)
    lates_s = (late_s, float(fraction(request.original.start)))
    late_points = [round(each_s * CURVE_RATE) for each_s in lates_s]
    return is_same_curve(request.curve, curve, late_points, is_between=True)


def _as_late(wanted: Sequence[Hit], made: Sequence[Hit], request: Generate) -> list[Hit]:
    """The wanted hits as a take has them that was made from one that had been slipped.

    Such a take has the clip's hits, all of them by so much later; those of a part that was drawn anew may be where
    they were set.
    """
    pairs = list(zip(_in_order(wanted), _in_order(made), strict=False))
    if request.original is None or not pairs or len(wanted) != len(made):
        return list(wanted)
    by_s = [was_made.time_s - is_wanted.time_s for is_wanted, was_made in pairs]
    is_slipped = request.original.start != (0, 1)
    drawn = [is_slipped and _is_drawn(was_made, request.original, request.head) for _, was_made in pairs]
    late_s = next((late for late, is_new in zip(by_s, drawn, strict=True) if not is_new), by_s[0])
    late_drawn_s = next((late for late, is_new in zip(by_s, drawn, strict=True) if is_new), late_s)
    late_drawn_s = late_s if abs(late_drawn_s - late_s) < SAME_S else 0.0
    return [
        Hit(is_wanted.time_s + (late_drawn_s if is_new else late_s), is_wanted.strength)
        for (is_wanted, _), is_new in zip(pairs, drawn, strict=True)
    ]


def _is_drawn(hit: Hit, original: Original, head: Rational) -> bool:
    """Whether a hit lies in a part of a take that was drawn anew."""
    at = hit.time_s + float(fraction(head))
    return any(fraction(start) <= at < fraction(end) for start, end in original.redo)


def _in_order(hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: hit.time_s)


def _hits_of_points(points: Sequence[HitPoint] | None) -> list[Hit] | None:
    return None if points is None else [Hit(point.time_s, point.strength) for point in points]


def _are_same(some: Sequence[Hit], others: Sequence[Hit]) -> bool:
    pairs = list(zip(points_of(some), points_of(others), strict=False))
    return len(some) == len(others) and all(
        abs(one.time_s - other.time_s) < SAME_S and abs(one.strength - other.strength) < SAME_S
        for one, other in pairs
    )
