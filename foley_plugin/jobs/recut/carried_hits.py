"""Hits and curves set by hand, seen again under clips that were trimmed, moved within their media or split."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import PurePath

from engine.protocol import fraction
from foley_plugin.jobs.generate import DEFAULT_HANDLE, curve_points
from foley_plugin.jobs.hand_hits import ClipHits, HandEdits, HitPoint, points_of
from foley_plugin.jobs.recut.edited import EditedCue, edited_cues
from foley_plugin.jobs.recut.moving import moved_hit, shared_s
from foley_plugin.takes.records import Cue
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import pieces_of, plan_cue
from foley_plugin.timeline.ranges import Piece, shifted
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import whole_clip
from foley_plugin.timeline.twins import instance_of, stand_apart


def carried_hits(
    store: Store, cues: Sequence[Cue], cut: CutRecord, known: Collection[tuple[str, int]]
) -> list[tuple[ClipRecord, ClipHits]]:
    """For clips without hits of their own: those set over another cue of the same media, at the same moments of it.

    A curve that was drawn goes along in the same way.

    Args:
        cues: as `spotted_cues` gives them.
        known: track and index of clips that have hits of their own.
    """
    edited = edited_cues(store, cues)
    left = [clip for clip in cut.clips if clip.eligible and (clip.track, clip.index) not in known]
    if not edited or not left:
        return []
    ids = {each.cue_id for each in edited}
    names = {PurePath(cue.media).name for cue in cues if cue.id in ids}
    identities: dict[str, str] = {}
    found = []
    for clip in left:
        if clip.media is None or PurePath(clip.media).name not in names:
            continue
        if clip.media not in identities:
            identities[clip.media] = media_identity(clip.media)
        media, shown = identities[clip.media], instance_of(clip)
        own = [each for each in edited if each.media == media and not stand_apart(each.instance, shown)]
        edits = HandEdits(_carried_hits(own, clip), _carried_curve(own, cut, clip))
        if edits != HandEdits():
            found.append((clip, ClipHits(by_hand=edits)))
    return found


def _carried_hits(edited: Sequence[EditedCue], clip: ClipRecord) -> tuple[HitPoint, ...] | None:
    own = _shown(clip)
    best = _best(edited, own, lambda each: each.spotting.by_hand)
    if best is None:
        return None
    return points_of(moved for hit in best.spotting.hits for moved in moved_hit(hit, best.time_map, own))


def _carried_curve(edited: Sequence[EditedCue], cut: CutRecord, clip: ClipRecord) -> tuple[float, ...] | None:
    own = _shown(clip)
    best = _best(edited, own, lambda each: each.has_curve)
    if best is None:
        return None
    plan = plan_cue(cut, whole_clip(clip), handle_s=DEFAULT_HANDLE)
    return best.curve_over(own, head=fraction(plan.head), num_points=curve_points(plan))


def _shown(clip: ClipRecord) -> list[Piece]:
    return shifted(pieces_of(whole_clip(clip)), -fraction(clip.record_in))


def _best(
    edited: Sequence[EditedCue], own: Sequence[Piece], has: Callable[[EditedCue], bool]
) -> EditedCue | None:
    """What shows most of what the clip shows; of as much, the newest."""
    sharing = [(shared_s(each.time_map, own), each.cue_id, each) for each in edited if has(each)]
    best = max(sharing, key=lambda each: each[:2], default=None)
    return best[2] if best is not None and best[0] > 0 else None
