"""The hits and curves of the open cut: kept in the project, changed through the history, followed by the takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

import msgspec
from PyQt6.QtCore import QObject, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.jobs.generate import DEFAULT_HANDLE, Wish, curve_points, hits_in_clip
from foley_plugin.jobs.hand_hits import (
    ClipHits,
    HandEdits,
    cues_of_clip,
    found_hits,
    is_made_for,
    kept_clip_hits,
    spotted_cues,
    spotting_of,
    wish_with,
    with_onsets,
)
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.recut.carried_hits import carried_hits
from foley_plugin.jobs.repeating import wish_of
from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.hit_sheet import HeardTake, HitMark, HitSheet
from foley_plugin.qtmodels.lanes import ClipKey, LaneItem, clip_key, seconds
from foley_plugin.qtmodels.sound_words import spoken
from foley_plugin.qtmodels.take_shelf import ShelfTake
from foley_plugin.services.media_client import Onset
from foley_plugin.takes.records import Spotting
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import plan_cue
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected, whole_clip

Marks = frozenset[HitMark]


class HitBook(QObject):
    """`sheet` is what is drawn. A drag is a `preview` until it is committed; an edit is stored before it is shown."""

    changed = pyqtSignal()
    """Something of the sheet; paint it again."""
    edited = pyqtSignal(object)
    """A `ClipKey`: its hits or its curve are others now, by hand or by undoing."""

    def __init__(self, history: EditHistory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._desk: FoleyDesk | None = None
        self._store: Store | None = None
        self._cut: CutRecord | None = None
        self._clips: dict[ClipKey, ClipRecord] = {}
        self._cue_ids: dict[tuple[ClipKey, frozenset[str]], list[int]] = {}
        self._placed: dict[ClipKey, list[ShelfTake]] = {}
        """Takes on the timeline that follow the clip's hits: those of its first layer."""
        self._pictures: dict[ClipKey, tuple[float, int]] = {}
        self._resting: dict[ClipKey, ClipHits] = {}
        """What is kept of the clips that a preview shows otherwise."""
        self._selected_before: Marks = frozenset()
        self.sheet = HitSheet()

    # The open cut

    def attach(self, desk: FoleyDesk, store: Store, cut: CutRecord) -> None:
        """Read what is kept; from now on the desk asks what a clip's takes are made for."""
        self._desk, self._store, self._cut = desk, store, cut
        self._clips = {clip_key(clip): clip for clip in cut.clips}
        for known in (self._cue_ids, self._placed, self._pictures, self._resting):
            known.clear()
        self.sheet = HitSheet(
            starts_s={key: seconds(clip.record_in) for key, clip in self._clips.items()},
            durations_s={
                key: seconds(clip.record_out) - seconds(clip.record_in) for key, clip in self._clips.items()
            },
        )
        cues = spotted_cues(store)
        kept = kept_clip_hits(cues, cut)
        kept += carried_hits(store, cues, cut, {(clip.track, clip.index) for clip, _ in kept})
        for clip, hits in kept:
            self._show(clip_key(clip), hits)
        desk.spotted.connect(self._on_spotted)
        desk.heard.connect(self._on_heard)
        desk.wish_for = self._wish_for
        desk.is_stale = self.is_stale
        self.follow_takes()

    def detach(self) -> None:
        self._desk = self._store = self._cut = None
        self.sheet = HitSheet()

    def can_edit(self, clip: ClipKey) -> bool:
        return self._store is not None and clip in self._clips and self._clips[clip].eligible

    def follow_takes(self) -> None:
        """The takes that lie on the timeline now: what they are made for, and what is heard in them."""
        if self._desk is None or self._cut is None:
            return
        shelf, rate = self._desk.shelf, Fraction(*self._cut.rate)
        takes = [take for take in shelf.placed() if take.clip in self._clips]
        self.sheet.lay(_heard_take(shelf.item(take, rate), take) for take in takes)
        self._cue_ids.clear()  # a take of another label has a cue of its own
        before, self._placed = self._placed, {}
        for take in takes:
            if take.slot.layer == 0:
                self._placed.setdefault(take.clip, []).append(take)
                self._learn_from(take)
        for key in before.keys() | self._placed.keys():
            if before.get(key) != self._placed.get(key):
                self._tell_status(key)
        self.changed.emit()

    # Edits

    def preview(self, edits: Mapping[ClipKey, HandEdits], selected: Marks | None = None) -> None:
        """Show what a drag would come to; nothing is stored."""
        if not self._resting:
            self._selected_before = self.sheet.selected
        for key, by_hand in edits.items():
            self._resting.setdefault(key, self.sheet.of(key))
            self._show(key, replace(self._resting[key], by_hand=by_hand))
        if selected is not None:
            self.sheet.selected = selected
        self.changed.emit()

    def drop_preview(self) -> None:
        """As it was before the drag."""
        if not self._resting:
            return
        for key, hits in self._resting.items():
            self._show(key, hits)
        self.sheet.selected = self._selected_before
        self._resting.clear()
        self.changed.emit()

    def commit_preview(self, words: str) -> bool:
        """Keep what a drag has come to, as one step of the history."""
        after = {key: self.sheet.of(key).by_hand for key in self._resting}
        selected = self.sheet.selected
        self.drop_preview()
        return self.commit(words, after, selected)

    def commit(
        self,
        words: str,
        edits: Mapping[ClipKey, HandEdits],
        selected: Marks | None = None,
        *,
        series: object = None,
    ) -> bool:
        """Keep hits and curves set by hand; whether anything has changed.

        Args:
            selected: the hits that are selected afterwards; as they are where None.
            series: see `EditHistory.do`.
        """
        before = {key: self.sheet.of(key).by_hand for key in edits}
        if before == dict(edits):
            return False
        was_selected = self.sheet.selected
        then = was_selected if selected is None else selected
        return self._history.do(
            words,
            lambda: self._keep(edits, then),
            lambda: self._keep(before, was_selected),
            series=series,
        )

    def select(self, marks: Marks) -> None:
        """What follows is a step of its own."""
        if marks != self.sheet.selected:
            self._history.end_series()
            self.sheet.selected = marks
            self.changed.emit()

    def num_curve_points(self, clip: ClipKey) -> int:
        return self._picture(clip)[1]

    def head_s(self, clip: ClipKey) -> float:
        """How long before the clip its picture begins, and with it its curve."""
        return self._picture(clip)[0]

    def _picture(self, clip: ClipKey) -> tuple[float, int]:
        """Head handle in seconds, and the points of a curve over the whole picture."""
        if clip not in self._pictures and self._cut is not None:
            plan = plan_cue(self._cut, whole_clip(self._clips[clip]), handle_s=DEFAULT_HANDLE)
            self._pictures[clip] = seconds(plan.head), curve_points(plan)
        return self._pictures[clip]

    def hear(self, wav: str, onsets: tuple[Onset, ...]) -> None:
        """What was measured in a take's file."""
        self.sheet.heard[wav] = onsets
        self.changed.emit()

    # Takes

    def is_stale(self, clip: ClipKey) -> bool:
        """Whether a take of the clip lies on the timeline that was made for other hits or another curve."""
        return bool(self.stale_takes(clip))

    def stale_takes(self, clip: ClipKey) -> list[ShelfTake]:
        if self._desk is None or self._store is None or self._cut is None:
            return []
        hits = self.sheet.of(clip)
        return [
            each
            for each in self._placed.get(clip, ())
            if each.job is not None and not is_made_for(hits, each.job, each.take, self._cut)
        ]

    def make_again(self, clip: ClipKey) -> list[Job]:
        """Make the clip's stale takes anew, for what its hits and curve are now."""
        jobs: list[Job] = []
        for take in self.stale_takes(clip):
            assert self._desk is not None and take.job is not None
            wish = msgspec.structs.replace(wish_of(take.job, take.take), hits=None, original=None)
            jobs += self._desk.generate([take.job.selected], wish)
        return jobs

    def open_jobs(self, clip: ClipKey) -> list[Job]:
        """What is being made for a clip, or waits to be."""
        if self._desk is None:
            return []
        jobs = (*self._desk.queue.running, *self._desk.queue.waiting)
        return [job for job in jobs if clip_key(job.selected.clip) == clip]

    def cancel(self, jobs: Iterable[Job]) -> None:
        if self._desk is not None:
            self._desk.cancel(list(jobs))

    # within

    def _show(self, key: ClipKey, hits: ClipHits) -> None:
        self.sheet.put(key, hits)
        if hits.curve:
            self.sheet.heads_s[key] = self.head_s(key)

    def _keep(self, edits: Mapping[ClipKey, HandEdits], selected: Marks) -> None:
        """Store first: where that fails, what is drawn is what is kept."""
        self.drop_preview()
        for key, by_hand in edits.items():
            self._store_hits(key, replace(self.sheet.of(key), by_hand=by_hand))
        self.sheet.selected = frozenset(
            mark for mark in selected if mark.point in self.sheet.of(mark.clip).hits
        )
        self.changed.emit()
        for key in edits:
            self._tell_status(key)
            self.edited.emit(key)

    def _learn_from(self, take: ShelfTake) -> None:
        """Where nobody has spotted a clip, its take tells what was found for it; it is kept with the cue already."""
        hits, job = self.sheet.of(take.clip), take.job
        if hits.detected is not None or job is None or job.request.hits is not None:
            return
        if job.selected == whole_clip(self._clips[take.clip]):
            self._show(take.clip, found_hits(Spotting(take.take.hits), hits.by_hand))

    def _store_hits(self, key: ClipKey, hits: ClipHits) -> None:
        """
        Raises:
            ProjectError: the project cannot be written.
        """
        if self._store is None or self._desk is None:
            return  # the cut was closed; its history goes with it
        labels = frozenset(take.take.label for take in self._desk.shelf.takes_of(key))
        if (key, labels) not in self._cue_ids:
            self._cue_ids[key, labels] = cues_of_clip(self._store, whole_clip(self._clips[key]), labels)
        for cue_id in self._cue_ids[key, labels]:
            self._store.set_spotting(cue_id, spotting_of(hits))
        self._show(key, hits)

    def _tell_status(self, key: ClipKey) -> None:
        if self._desk is not None:
            self._desk.tell_status(key)

    def _wish_for(self, selected: Selected, wish: Wish) -> Wish:
        """Takes of the first layer follow what was set by hand."""
        if wish.layer != 0:
            return wish
        return wish_with(wish, self.sheet.of(clip_key(selected.clip)).by_hand)

    def _on_spotted(self, selected: Selected, spotting: Spotting) -> None:
        """What was set by hand stays; what was found is only shown beside it, so that there is nothing to undo."""
        key = clip_key(selected.clip)
        hits = self.sheet.of(key)
        fresh = found_hits(spotting, hits.by_hand)
        if selected != whole_clip(selected.clip):
            fresh = _joined(hits, selected, spotting)
        if key in self._resting:
            self._resting[key] = fresh  # a drag goes on over what was found meanwhile
        try:
            self._store_hits(key, fresh)
        except FoleyError as error:
            self._history.failed.emit(error.sentence)
        self.changed.emit()
        self._tell_status(key)

    def _on_heard(self, selected: Selected, spotting: Spotting) -> None:
        """Onsets of the production sound join the hits as if they were set by hand, so that they can be undone."""
        key = clip_key(selected.clip)
        onsets = hits_in_clip(spotting.sound_hits, selected)
        if not onsets:
            words = self.tr(
                "Nothing is heard in the production sound of “{}”, so that its hits stay as they are."
            )
            self._history.failed.emit(words.format(selected.clip.name))
            return
        hits = self.sheet.of(key)
        edits = {key: replace(hits.by_hand, hits=with_onsets(hits.hits, onsets))}
        self.commit(self.tr("joining the production sound"), edits, series="production sound")


def _joined(before: ClipHits, selected: Selected, spotting: Spotting) -> ClipHits:
    """Hits found in a part of a clip, with those found before in the rest of it."""
    start_s = float(selected.record_in) - seconds(selected.clip.record_in)
    end_s = float(selected.record_out) - seconds(selected.clip.record_in)
    rest = [] if before.found is None else before.found.hits
    kept = [hit for hit in rest if not start_s <= hit.time_s < end_s]
    hits = sorted([*kept, *hits_in_clip(spotting.hits, selected)], key=lambda hit: hit.time_s)
    curve = None if before.found is None else before.found.curve
    found = Spotting(hits, curve, spotting.labels)
    return found_hits(found, before.by_hand)


def _heard_take(item: LaneItem, take: ShelfTake) -> HeardTake:
    return HeardTake(
        take.take_id,
        take.clip,
        item.media or "",
        item.record_in_s,
        item.record_out_s,
        item.wave_in_s,
        spoken(take.take.label),
    )
