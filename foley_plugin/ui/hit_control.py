"""Hits and curves: from the mouse, the keys and the menus to the book, and what is heard from the takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QMenu

from foley_plugin.qtmodels.heard_onsets import HeardOnsets
from foley_plugin.qtmodels.hit_commands import STRENGTH_STEP, HitCommands
from foley_plugin.qtmodels.lanes import ClipKey, clip_key
from foley_plugin.qtmodels.regeneration import Regeneration
from foley_plugin.ui.hit_mouse import HitMouse

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

FAR_FRAMES = 5
"""With Shift, a nudge moves so many frames."""


class HitControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session, self._view, self._playback = window.session, window.view, window.playback
        self.actions = window.actions_
        self.book = window.session.hit_book
        self.commands = HitCommands(self.book)
        self.mouse = HitMouse(self._view, self.book, self.commands, self._show_frame)
        self.regeneration = Regeneration(self.book, self)
        self._heard = HeardOnsets(window.surroundings.media, self)
        self._heard.arrived.connect(self.book.hear)
        self._view.hit_mouse = self.mouse
        self.book.changed.connect(self._view.update)
        self._view.selection_changed.connect(self._on_selection)
        self._session.takes_changed.connect(self._listen)
        self._session.opened.connect(self._listen)
        self._session.take_landed.connect(lambda _: self.regeneration.settle_again())
        for another_cut in (self._session.shown, self._session.opened):
            another_cut.connect(self.regeneration.forget)
        self._playback.playing_changed.connect(lambda _: self.commands.begin_taps())
        self._connect_actions()

    def delete_selected(self) -> bool:
        """Whether hits were selected, and are deleted."""
        return self.commands.delete_selected()

    def add_to(self, menu: QMenu) -> None:
        """What the right mouse button offers over a clip that is selected."""
        clips = self._targets()
        if not clips or not self._view.scene.selected_clips:
            return
        menu.addSeparator()
        at = self._view.context_at
        place = None if at is None else self.mouse.place_at(at)
        if place is not None:
            time_s = self._view.scene.on_frame_s(self.book.sheet.starts_s[place.clip] + place.time_s)
            clip_s = max(0.0, time_s - self.book.sheet.starts_s[place.clip])
            words = self.tr("Add &hit at {}").format(self._view.scene.ruler.text(time_s))
            action = menu.addAction(words)
            assert action is not None
            action.triggered.connect(lambda: self.commands.add(place.clip, clip_s))
        names = ["select_hits"]
        if self.book.sheet.selected:
            names.append("delete_hits")
        if any(self.book.sheet.of(clip).by_hand.hits is not None for clip in clips):
            names.append("revert_hits")
        if any(self.book.sheet.of(clip).by_hand.curve is not None for clip in clips):
            names.append("revert_curve")
        for name in names:
            menu.addAction(self.actions[name])

    def _connect_actions(self) -> None:
        commands, actions = self.commands, self.actions
        actions.keys_changed.connect(self._add_tips)
        self._add_tips()
        actions["tap"].triggered.connect(self._tap)
        actions["delete_hits"].triggered.connect(lambda: commands.delete_selected())
        for name, frames in (
            ("hits_earlier", -1),
            ("hits_later", 1),
            ("hits_far_earlier", -FAR_FRAMES),
            ("hits_far_later", FAR_FRAMES),
        ):
            actions[name].triggered.connect(lambda _, frames=frames: self._nudge(frames))
        actions["hits_stronger"].triggered.connect(lambda: commands.strengthen(STRENGTH_STEP))
        actions["hits_weaker"].triggered.connect(lambda: commands.strengthen(-STRENGTH_STEP))
        actions["next_hit"].triggered.connect(lambda: self._jump(1))
        actions["previous_hit"].triggered.connect(lambda: self._jump(-1))
        actions["select_hits"].triggered.connect(lambda: commands.select_all(self._targets()))
        actions["revert_hits"].triggered.connect(lambda: commands.revert_hits(self._targets()))
        actions["revert_curve"].triggered.connect(lambda: commands.revert_curve(self._targets()))
        actions["draw_curve"].toggled.connect(self._set_drawing)
        actions["regenerate_after_edits"].toggled.connect(self.regeneration.set_on)

    def _add_tips(self) -> None:
        """More than the name, under the name and the keys that the commands show."""
        tips = {
            "tap": self.tr(
                "Tap along while the cut plays, or where it stands. The hits that are there stay."
            ),
            "spot_with_sound": self.tr(
                "What is heard in the clip's own sound joins the hits, and sets the time of those that are seen too."
            ),
            "draw_curve": self.tr("Drag over the selected clip; with Alt, back to what was detected."),
            "regenerate_after_edits": self.tr(
                "The take is made anew, with its own seed, when its hits or its curve were changed."
            ),
        }
        for name, tip in tips.items():
            self.actions[name].setToolTip(f"{self.actions[name].toolTip()}\n{tip}")

    def _targets(self) -> list[ClipKey]:
        """The selected clips that can have foley, else the topmost one at the playhead."""
        chosen = [clip_key(clip) for clip in self._session.selected_clips]
        return [key for key in chosen if self.book.can_edit(key)] if chosen else self._seen()

    def _seen(self) -> list[ClipKey]:
        """The topmost clip at the playhead, if it can have foley."""
        clip, _ = self._session.picture_at(self._playback.position_s)
        return [clip_key(clip)] if clip is not None and self.book.can_edit(clip_key(clip)) else []

    def _tap(self) -> None:
        """A hit where the playhead is now. No latency is taken off: the playhead is what is heard at this moment,
        and whether a hand comes before or after what it follows depends on the hand.
        """
        if self._session.desk is None:
            self._session.tell_hindrance()
            return
        record_s, starts_s = self._playback.position_s, self.book.sheet.starts_s
        under = [clip for clip in (*self._targets(), *self._seen()) if self._is_under(clip, record_s)]
        if under:
            clip = under[0]
            self.commands.tap(clip, record_s - starts_s[clip], is_playing=self._playback.is_playing)
            return
        words = self.tr("No clip at the playhead can have foley, so there is nothing to tap a hit on.")
        self._session.noticed.emit(words)

    def _is_under(self, clip: ClipKey, record_s: float) -> bool:
        sheet = self.book.sheet
        return 0 <= record_s - sheet.starts_s[clip] < sheet.durations_s[clip]

    def _nudge(self, frames: int) -> None:
        """The playhead goes along where it stands on the hit, so that its new picture is seen."""
        sheet, frame_s = self.book.sheet, self._view.scene.ruler.frame_s
        goes_along = len(sheet.selected) == 1 and any(
            abs(sheet.record_s(mark) - self._playback.position_s) < frame_s / 2 for mark in sheet.selected
        )
        one_more_s = frame_s if frames > 0 else -frame_s
        if self.commands.nudge(frames * frame_s, step_s=one_more_s) and goes_along:
            for mark in self.book.sheet.selected:
                self._show_frame(self.book.sheet.record_s(mark))

    def _jump(self, direction: int) -> None:
        found = self.commands.beside(self._targets(), self._playback.position_s, direction)
        if found is not None:
            self._playback.stop()
            self._playback.seek(self.book.sheet.record_s(found))
            self._view.set_scale(self._view.scale.revealing(self._playback.position_s))

    def _show_frame(self, record_s: float) -> None:
        if not self._playback.is_playing:
            self._playback.seek(record_s)

    def _set_drawing(self, is_drawing: bool) -> None:
        self.mouse.is_drawing_curve = is_drawing

    def _on_selection(self) -> None:
        """Hits of clips that are not selected any more cannot be seen, so they are not selected either."""
        clips = self._view.scene.selected_clips
        self.book.select(frozenset(mark for mark in self.book.sheet.selected if mark.clip in clips))
        self._listen()

    def hear(self, wavs: Iterable[str]) -> None:
        """Measure these takes too, such as those that are compared; `book.sheet.heard` holds what was found."""
        for wav in wavs:
            if wav not in self.book.sheet.heard:
                self._heard.want(wav)

    def _listen(self) -> None:
        """Measure the takes that are looked at; the others are not worth the work."""
        clips = {clip_key(clip) for clip in self._session.selected_clips}
        for take in list(self.book.sheet.takes.values()):
            if take.clip in clips and take.wav not in self.book.sheet.heard:
                self._heard.want(take.wav)
