"""What an editor does to hits with keys and menu: each command one step of the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PyQt6.QtCore import QObject

from foley_plugin.jobs.hand_hits import HandEdits, HitPoint
from foley_plugin.qtmodels.hit_book import HitBook
from foley_plugin.qtmodels.hit_edits import (
    SAME_MOMENT_S,
    moved,
    replaced,
    strengthened,
    usual_strength,
    with_hit,
    without_hits,
)
from foley_plugin.qtmodels.hit_sheet import HitMark
from foley_plugin.qtmodels.lanes import ClipKey

STRENGTH_STEP = 0.1


class HitCommands(QObject):
    """Edits the selected hits, or adds some; everything through the book."""

    def __init__(self, book: HitBook) -> None:
        super().__init__(book)
        self._book = book
        self._run = 0

    def add(
        self, clip: ClipKey, time_s: float, strength: float | None = None, *, series: object = None
    ) -> bool:
        """Add a hit, seconds from the clip's start, and select it; False where one is there or none can be."""
        sheet = self._book.sheet
        hits = sheet.of(clip).hits
        if not self._book.can_edit(clip) or not 0 <= time_s < sheet.durations_s[clip]:
            return False
        point = HitPoint(time_s, usual_strength(hits) if strength is None else strength)
        after = with_hit(hits, point)
        if after == hits:
            return False
        edits = {clip: self._with_hits(clip, after)}
        return self._book.commit(
            self.tr("adding a hit"), edits, frozenset({HitMark(clip, point)}), series=series
        )

    def begin_taps(self) -> None:
        """Playing starts or stops: the taps that follow are another step."""
        self._run += 1

    def tap(self, clip: ClipKey, time_s: float, *, is_playing: bool) -> bool:
        """Add a hit where the playhead is. What is tapped while the cut plays on is undone together."""
        return self.add(clip, time_s, series=("taps", self._run) if is_playing else None)

    def delete_selected(self) -> bool:
        """Whether there was anything to delete."""
        gone = self._selected_by_clip()
        if not gone:
            return False
        sheet = self._book.sheet
        edits = {
            clip: self._with_hits(clip, without_hits(sheet.of(clip).hits, points))
            for clip, points in gone.items()
        }
        count = sum(map(len, gone.values()))
        words = self.tr("deleting a hit") if count == 1 else self.tr("deleting {} hits").format(count)
        return self._book.commit(words, edits, frozenset())

    def nudge(self, by_s: float, *, step_s: float | None = None) -> bool:
        """Move the selected hits; nudges that follow each other are one step.

        Args:
            step_s: how much further they go where another hit lies in the way; as far again where None.
        """
        sheet, onward_s = self._book.sheet, by_s if step_s is None else step_s
        changes = {
            clip: moved(points, by_s, sheet.durations_s[clip], sheet.of(clip).hits, step_s=onward_s)
            for clip, points in self._selected_by_clip().items()
        }
        return self._change(self.tr("moving hits"), changes, series="nudge")

    def strengthen(self, by: float) -> bool:
        changes = {clip: strengthened(points, by) for clip, points in self._selected_by_clip().items()}
        return self._change(self.tr("strength of hits"), changes, series="strength")

    def select_all(self, clips: Iterable[ClipKey]) -> None:
        sheet = self._book.sheet
        self._book.select(frozenset(HitMark(clip, hit) for clip in clips for hit in sheet.seen(clip)))

    def revert_hits(self, clips: Iterable[ClipKey]) -> bool:
        """As they were found in the picture."""
        edits = {clip: replace(self._book.sheet.of(clip).by_hand, hits=None) for clip in clips}
        return self._book.commit(self.tr("reverting hits"), edits, frozenset())

    def revert_curve(self, clips: Iterable[ClipKey]) -> bool:
        edits = {clip: replace(self._book.sheet.of(clip).by_hand, curve=None) for clip in clips}
        return self._book.commit(self.tr("erasing the curve"), edits)

    def beside(self, clips: Iterable[ClipKey], record_s: float, direction: int) -> HitMark | None:
        """The next hit of these clips after a moment of the timeline, or before it; it is selected."""
        sheet = self._book.sheet
        marks = [HitMark(clip, hit) for clip in clips for hit in sheet.seen(clip)]
        apart_s = SAME_MOMENT_S if direction > 0 else -SAME_MOMENT_S
        ahead = [mark for mark in marks if direction * (sheet.record_s(mark) - record_s - apart_s) > 0]
        found = min(ahead, key=lambda mark: direction * sheet.record_s(mark), default=None)
        if found is not None:
            self._book.select(frozenset({found}))
        return found

    # within

    def _selected_by_clip(self) -> dict[ClipKey, set[HitPoint]]:
        sheet = self._book.sheet
        return {clip: sheet.selected_in(clip) for clip in {mark.clip for mark in sheet.selected}}

    def _with_hits(self, clip: ClipKey, hits: tuple[HitPoint, ...]) -> HandEdits:
        return replace(self._book.sheet.of(clip).by_hand, hits=hits)

    def _change(
        self, words: str, changes: Mapping[ClipKey, dict[HitPoint, HitPoint]], *, series: object
    ) -> bool:
        edits, selected = changed_hits(self._book, changes)
        return self._book.commit(words, edits, selected, series=series)


def changed_hits(
    book: HitBook,
    changes: Mapping[ClipKey, dict[HitPoint, HitPoint]],
    before: Mapping[ClipKey, HandEdits] = {},
) -> tuple[dict[ClipKey, HandEdits], frozenset[HitMark]]:
    """What is set by hand where hits become others, and those others, to be selected.

    Args:
        before: what to change, where a preview shows otherwise already.
    """
    edits: dict[ClipKey, HandEdits] = {}
    for clip, change in changes.items():
        hits = book.sheet.of(clip)
        by_hand = before.get(clip, hits.by_hand)
        old = by_hand.hits if by_hand.hits is not None else hits.detected or ()
        edits[clip] = replace(by_hand, hits=replaced(old, change))
    return edits, frozenset(HitMark(clip, point) for clip in changes for point in changes[clip].values())
