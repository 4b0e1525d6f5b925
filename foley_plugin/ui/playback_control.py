"""Ties the playhead together: keys and mouse, timecode, loop; sound and picture have controls of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QKeySequence, QShortcut

from engine.errors import FoleyError
from foley_plugin.qtmodels.lanes import LaneItem
from foley_plugin.qtmodels.mix import MixedSound
from foley_plugin.qtmodels.timecode_entry import inside, typed_frame
from foley_plugin.qtmodels.viewer_feed import ViewerFeed
from foley_plugin.ui.listening_control import ListeningControl
from foley_plugin.ui.mix_control import Comparison, MixControl
from foley_plugin.ui.picture_control import PictureControl
from foley_plugin.ui.shuttle_keys import ShuttleKeys

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


class PlaybackControl(QObject):
    """The playback's position is the one truth; timeline, viewer and timecode follow it."""

    def __init__(self, window: MainWindow, feed: ViewerFeed) -> None:
        super().__init__(window)
        session, playback = window.session, window.playback
        self._session, self._playback = session, playback
        self._view, self._transport = window.view, window.transport_bar
        self._actions = window.actions_
        self.listening = ListeningControl(session, window.view, window.actions_)
        surroundings = window.surroundings
        self.sound = MixControl(
            session, playback, surroundings.media, surroundings.background, self.listening, self
        )
        self.picture = PictureControl(session, playback, feed, window.viewer)
        playback.position_changed.connect(self._on_position)
        playback.playing_changed.connect(self._on_playing)
        playback.playing_changed.connect(window.level_meter.show_playing)
        window.view.playhead_moved.connect(playback.seek)
        window.view.range_changed.connect(self._show_range)
        window.view.range_changed.connect(self._set_loop)
        window.view.selection_changed.connect(self._set_loop)
        session.shown.connect(self._on_shown)
        session.opened.connect(self._on_opened)
        self._connect_keys()
        self._shuttle_keys = ShuttleKeys(playback, self._actions, window)

    @property
    def sounds(self) -> dict[str, MixedSound]:
        """What is loaded, by take."""
        return self.sound.sounds

    def also_load(self, items: Mapping[str, LaneItem]) -> None:
        """Takes that are not on the timeline, read ahead; see `MixControl`."""
        self.sound.also_load(items)

    def set_comparison(self, comparison: Comparison | None) -> None:
        """A take that is heard instead of another, for listening alone; see `MixControl`."""
        self.sound.set_comparison(comparison)

    def _connect_keys(self) -> None:
        playback, actions, transport = self._playback, self._actions, self._transport
        moves: dict[str, Callable[[], float]] = {
            "frame_back": lambda: self._frames_from_here(-1),
            "frame_forward": lambda: self._frames_from_here(1),
            "second_back": lambda: self._frames_from_here(-self._view.scene.ruler.nominal_rate),
            "second_forward": lambda: self._frames_from_here(self._view.scene.ruler.nominal_rate),
            "previous_edit": lambda: self._view.scene.edge_before_s(playback.position_s),
            "next_edit": lambda: self._view.scene.edge_after_s(playback.position_s),
            "to_start": lambda: 0.0,
            "to_end": lambda: self._view.scene.duration_s,
        }
        for name, target in moves.items():
            actions[name].triggered.connect(lambda _, target=target: self._jump(target()))
        actions["play"].triggered.connect(lambda: playback.toggle())
        actions["loop"].toggled.connect(self._set_loop)
        actions["enter_timecode"].triggered.connect(lambda: transport.position.begin())
        self._view.digit_typed.connect(transport.position.begin)
        for digit in "0123456789":  # of the number pad, whatever the digits above the letters do
            pad = QShortcut(QKeySequence(f"Num+{digit}"), self._view.window())
            pad.activated.connect(lambda digit=digit: self._begin_timecode(digit))
        transport.position.entered.connect(self._go_to)
        transport.position.left.connect(lambda: self._view.setFocus(Qt.FocusReason.OtherFocusReason))

    def _jump(self, time_s: float) -> None:
        self._playback.stop()
        self._playback.seek(time_s)
        self._view.set_scale(self._view.scale.revealing(self._playback.position_s))

    def _frames_from_here(self, frames: int) -> float:
        ruler = self._view.scene.ruler
        return ruler.time_of(ruler.frame_at(self._playback.position_s) + frames)

    def _begin_timecode(self, typed: str) -> None:
        if self._session.cut is not None:
            self._transport.position.begin(typed)

    def _go_to(self, typed: str) -> None:
        """Where the typed timecode is; while it plays, it plays on from there."""
        scene = self._session.scene
        try:
            frame = typed_frame(typed, scene.ruler, scene.ruler.frame_at(self._playback.position_s))
            target_s = scene.ruler.time_of(inside(frame, scene.ruler, scene.duration_s))
        except FoleyError as error:
            self._session.failed.emit(error.sentence)
            self._transport.position.refuse()
            return
        self._playback.seek(target_s)
        self._view.set_scale(self._view.scale.revealing(self._playback.position_s))

    # The loop

    def _set_loop(self) -> None:
        self._playback.set_loop(self._loop_s() if self._actions["loop"].isChecked() else None)

    def _loop_s(self) -> tuple[float, float]:
        """The marked range, else what is selected, else the whole cut."""
        scene = self._session.scene
        if scene.marked_range_s is not None:
            return scene.marked_range_s
        items = (item for placed in scene.stack.lanes for item in placed.lane.items)
        selected = [item for item in items if scene.is_selected(item)]
        if not selected:
            return 0.0, scene.duration_s
        return min(item.record_in_s for item in selected), max(item.record_out_s for item in selected)

    # What follows the playhead

    def _on_shown(self) -> None:
        self._playback.stop()
        self._playback.set_end(self._session.scene.duration_s)
        self._set_loop()
        self._playback.seek(0.0)
        self._show_range()

    def _on_opened(self) -> None:
        self._playback.set_end(self._session.scene.duration_s)
        self._set_loop()
        self.refresh_picture()

    def _on_position(self, time_s: float) -> None:
        self._view.show_playhead(time_s, follow=self._playback.is_playing)
        self._transport.show_position(self._session.scene.ruler.text(time_s))
        self.picture.show(time_s)

    def _on_playing(self, is_playing: bool) -> None:
        self._transport.show_playing(is_playing)
        if not is_playing:
            self.refresh_picture()

    def refresh_picture(self) -> None:
        """Ask again, for another size."""
        self._on_position(self._playback.position_s)

    def _show_range(self) -> None:
        scene = self._session.scene
        marked = scene.marked_range_s
        if marked is None:
            duration = scene.ruler.duration_text(scene.duration_s)
            self._transport.show_range(self.tr("Duration  {}").format(duration), duration)
            return
        frames = scene.ruler.frame_at(marked[1]) - scene.ruler.frame_at(marked[0])
        duration_s = frames * scene.ruler.frame_s
        edges = f"{scene.ruler.text(marked[0])} – {scene.ruler.text(marked[1])}"
        self._transport.show_range(f"{edges}   ({duration_s:.2f} s)", f"{duration_s:.2f} s")
