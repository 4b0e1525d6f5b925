"""The hits and curves of the open cut: kept in the project, changed through the history, followed by the takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.jobs.generate import DEFAULT_HANDLE, Wish, curve_points, hits_in_clip
from foley_plugin.jobs.hand_hits import (
    ClipHits,
    HandEdits,
    cues_of_clip,
    found_hits,
    is_made_for,
    kept_clip_hits,
    request_of,
    spotting_of,
    whole,
    wish_again,
    wish_with,
)
from foley_plugin.jobs.job import Job
from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.hit_sheet import HeardTake, HitMark, HitSheet
from foley_plugin.qtmodels.lanes import ClipKey, clip_key, seconds
from foley_plugin.qtmodels.take_shelf import ShelfTake
from foley_plugin.services.media_client import Onset
from foley_plugin.takes.records import Spotting
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import SAMPLE_RATE, plan_cue
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected

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
        self._layers: dict[int, int] = {}
        self._resting: dict[ClipKey, ClipHits] = {}
        """What is kept of the clips that a preview shows otherwise."""
        self._selected_before: Marks = frozenset()
        self.sheet = HitSheet()

    # The open cut

    def attach(self, desk: FoleyDesk, store: Store, cut: CutRecord) -> None:
        """Read what is kept; from now on the desk asks what a clip's takes are made for."""
        self._desk, self._store, self._cut = desk, store, cut
        self._clips = {clip_key(clip): clip for clip in cut.clips}
        for known in (self._cue_ids, self._layers, self._placed):
            known.clear()
        self._resting.clear()
        self.sheet = HitSheet(
            starts_s={key: seconds(clip.record_in) for key, clip in self._clips.items()},
            durations_s={
                key: seconds(clip.record_out) - seconds(clip.record_in) for key, clip in self._clips.items()
            },
        )
        for clip, hits in kept_clip_hits(store, cut):
            self._show(clip_key(clip), hits)
        desk.spotted.connect(self._on_spotted)
        desk.takes_changed.connect(self.follow_takes)
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
        rate = self._cut.rate[0] / self._cut.rate[1]
        takes = [take for take in self._desk.shelf.placed() if take.clip in self._clips]
        self.sheet.takes = {take.take_id: _heard_take(take, rate) for take in takes}
        before, self._placed = self._placed, {}
        for take in takes:
            if self._layer_of(take) == 0:
                self._placed.setdefault(take.clip, []).append(take)
        for key in before.keys() | self._placed.keys():
            if before.get(key) != self._placed.get(key):
                self._tell_status(key)
        self.changed.emit()

    def _layer_of(self, take: ShelfTake) -> int:
        cue_id = take.take.cue_id
        if cue_id not in self._layers and self._store is not None:
            self._layers[cue_id] = self._store.layer_of(cue_id)
        return self._layers[cue_id]

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
        assert self._cut is not None
        return curve_points(plan_cue(self._cut, whole(self._clips[clip]), handle_s=DEFAULT_HANDLE))

    def head_s(self, clip: ClipKey) -> float:
        """How long before the clip its picture begins, and with it its curve."""
        if clip not in self.sheet.heads_s and self._cut is not None:
            plan = plan_cue(self._cut, whole(self._clips[clip]), handle_s=DEFAULT_HANDLE)
            self.sheet.heads_s[clip] = seconds(plan.head)
        return self.sheet.heads_s.get(clip, 0.0)

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
        found = []
        for each in self._placed.get(clip, ()):
            request = request_of(self._store, each.take)
            part = self.part_of(each)
            if request is not None and not is_made_for(hits, request, each.take, self._cut, part):
                found.append(each)
        return found

    def make_again(self, clip: ClipKey) -> list[Job]:
        """Make the clip's stale takes anew, for what its hits and curve are now."""
        jobs: list[Job] = []
        for take in self.stale_takes(clip):
            assert self._desk is not None and self._store is not None
            request = request_of(self._store, take.take)
            if request is not None:
                jobs += self._desk.generate([self.part_of(take)], wish_again(request, take.take))
        return jobs

    def cancel(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            if self._desk is not None:
                self._desk.cancel(job)

    def part_of(self, take: ShelfTake) -> Selected:
        """What of its clip a take was made for."""
        assert self._cut is not None
        clip = whole(self._clips[take.clip])
        rate_num, rate_den = self._cut.rate
        first = type(clip.record_in)(take.slot.record_frame * rate_den, rate_num)
        last = type(clip.record_in)((take.slot.record_frame + take.slot.duration_frames) * rate_den, rate_num)
        return Selected(clip.clip, max(clip.record_in, first), min(clip.record_out, last))

    # within

    def _show(self, key: ClipKey, hits: ClipHits) -> None:
        self.sheet.clips[key] = hits
        if hits.curve:
            self.head_s(key)

    def _keep(self, edits: Mapping[ClipKey, HandEdits], selected: Marks) -> None:
        """Store first: where that fails, what is drawn is what is kept."""
        for key, by_hand in edits.items():
            self._store_hits(key, replace(self.sheet.of(key), by_hand=by_hand))
        self.sheet.selected = frozenset(
            mark for mark in selected if mark.point in self.sheet.of(mark.clip).hits
        )
        self.changed.emit()
        for key in edits:
            self._tell_status(key)
            self.edited.emit(key)

    def _store_hits(self, key: ClipKey, hits: ClipHits) -> None:
        """
        Raises:
            ProjectError: the project cannot be written.
        """
        if self._store is None or self._desk is None:
            return  # the cut was closed; its history goes with it
        labels = frozenset(take.take.label for take in self._desk.shelf.takes_of(key))
        if (key, labels) not in self._cue_ids:
            self._cue_ids[key, labels] = cues_of_clip(self._store, whole(self._clips[key]), labels)
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
        if selected != whole(selected.clip):
            fresh = _joined(hits, selected, spotting)
        self._store_hits(key, fresh)
        self.changed.emit()
        self._tell_status(key)


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


def _heard_take(take: ShelfTake, rate: float) -> HeardTake:
    where = take.planned
    record_in_s = where.record_frame / rate
    return HeardTake(
        take.take_id,
        take.clip,
        where.wav,
        record_in_s,
        record_in_s + where.duration_frames / rate,
        where.head_frames / rate + take.cut_samples / SAMPLE_RATE,
    )
