"""Hits that a person has set, seen again under clips that were trimmed, moved within their media or split."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from pathlib import PurePath

from engine.protocol import fraction
from foley_plugin.jobs.hand_hits import ClipHits, HandEdits, points_of
from foley_plugin.jobs.recut.renewals import moved_hit, shared_ranges
from foley_plugin.takes.records import Cue
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import pieces_of
from foley_plugin.timeline.ranges import Piece, pieces_of_spans, shifted
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import whole_clip


def carried_hits(
    store: Store, cues: Sequence[Cue], cut: CutRecord, known: Collection[tuple[str, int]]
) -> list[tuple[ClipRecord, ClipHits]]:
    """For clips without hits of their own: those set over another cue of the same media, at the same moments of it.

    Args:
        cues: as `spotted_cues` gives them.
        known: track and index of clips that have hits of their own.
    """
    edited = [cue for cue in cues if cue.spotting is not None and cue.spotting.by_hand]
    left = [clip for clip in cut.clips if clip.eligible and (clip.track, clip.index) not in known]
    if not edited or not left:
        return []
    sources = store.cue_sources.sources()
    maps = {
        cue.id: (sources[cue.id].media_identity, pieces_of_spans(sources[cue.id].spans))
        for cue in edited
        if cue.id in sources
    }
    names = {PurePath(cue.media).name for cue in edited}
    identities: dict[str, str] = {}
    found = []
    for clip in left:
        if clip.media is None or PurePath(clip.media).name not in names:
            continue
        if clip.media not in identities:
            identities[clip.media] = media_identity(clip.media)
        identity = identities[clip.media]
        own = shifted(pieces_of(whole_clip(clip)), -fraction(clip.record_in))
        best = max(
            (cue for cue in edited if cue.id in maps and maps[cue.id][0] == identity),
            key=lambda cue: (_shared_s(maps[cue.id][1], own), cue.id),
            default=None,
        )
        if best is not None and _shared_s(maps[best.id][1], own) > 0:
            found.append((clip, _carried(best, maps[best.id][1], own)))
    return found


def _shared_s(old: list[Piece], new: list[Piece]) -> Fraction:
    return sum((end - start for start, end in shared_ranges(old, new)), Fraction(0))


def _carried(cue: Cue, old: list[Piece], new: list[Piece]) -> ClipHits:
    assert cue.spotting is not None
    hits = [moved for hit in cue.spotting.hits for moved in moved_hit(hit, old, new)]
    return ClipHits(by_hand=HandEdits(points_of(hits)))
