"""Says in the side panel and the tool line what is selected."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.qtmodels.cut_session import CutSession
from foley_plugin.qtmodels.lanes import clip_key, seconds
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.ui.hit_words import words_of_selection
from foley_plugin.ui.palette import Tone
from foley_plugin.ui.panel_words import in_the_panel
from foley_plugin.ui.side_panel import SidePanel
from foley_plugin.ui.timeline_panel import TimelinePanel

TONES = {
    ClipState.READY: Tone.DIM,
    ClipState.CANNOT: Tone.DIM,
    ClipState.CHECKING: Tone.DIM,
    ClipState.DONE: Tone.OK,
    ClipState.STALE: Tone.ACCENT,
    ClipState.FAILED: Tone.ERROR,
    ClipState.QUEUED: Tone.TEXT,
    ClipState.SPOTTING: Tone.ACCENT,
    ClipState.GENERATING: Tone.ACCENT,
}


class ClipPresenter(QObject):
    def __init__(self, session: CutSession, side: SidePanel, timeline: TimelinePanel) -> None:
        super().__init__(side)
        self._session, self._side, self._timeline = session, side, timeline

    def show(self) -> None:
        clips = self._session.selected_clips
        of_hits = words_of_selection(self._session.scene.sheet, self._session.scene.ruler)
        self._timeline.show_selection_words(of_hits or self._selection_words(clips))
        if len(clips) == 1:
            self._show_clip(clips[0])
        elif clips:
            self._show_many(clips)
        else:
            self._show_none()

    def _selection_words(self, clips: list[ClipRecord]) -> str:
        if len(clips) == 1:
            return f"{clips[0].track}:{clips[0].index}  {clips[0].name}"
        return self.tr("{} clips selected").format(len(clips)) if clips else ""

    def _show_clip(self, clip: ClipRecord) -> None:
        duration_s = seconds(clip.record_out) - seconds(clip.record_in)
        facts = [f"{clip.track}:{clip.index}", f"{duration_s:.2f} s"]
        if clip.speed_note:
            facts.append(clip.speed_note)
        if clip.nest:
            facts.append(self.tr("in {}").format(clip.nest))
        status = self._session.scene.statuses.get(clip_key(clip), ClipStatus())
        self._side.show_clip(
            clip.name, "   ·   ".join(facts), in_the_panel(status.words), TONES[status.state]
        )

    def _show_many(self, clips: list[ClipRecord]) -> None:
        able = sum(clip.eligible for clip in clips)
        if any(clip.is_checking for clip in clips):
            words = self.tr("Their media is being checked")
            self._side.show_clip(self.tr("{} clips").format(len(clips)), words, "", Tone.DIM)
            return
        words = self.tr("None of them can have foley")
        if able:
            words = (
                self.tr("All can have foley")
                if able == len(clips)
                else self.tr("{} can have foley").format(able)
            )
        self._side.show_clip(self.tr("{} clips").format(len(clips)), words, "", Tone.DIM)

    def _show_none(self) -> None:
        if self._session.scene.marked_range_s is not None:
            words = self.tr("Foley is made for what is seen between in and out.")
            self._side.show_clip(self.tr("Marked range"), words, "", Tone.DIM)
            return
        words = self.tr("Click a clip on the timeline, or mark a range with I and O.")
        self._side.show_clip(self.tr("Nothing selected"), words, "", Tone.DIM)
