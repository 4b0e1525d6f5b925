"""Ties the playhead together: keys and mouse, sound, picture, timecode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QImage

from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.cut_session import CutSession
from foley_plugin.qtmodels.lanes import LaneItem
from foley_plugin.qtmodels.mix import MixedSound, read_sound
from foley_plugin.qtmodels.pictures import ViewerFeed
from foley_plugin.qtmodels.playback import Playback
from foley_plugin.ui.actions import Actions
from foley_plugin.ui.timeline_view import TimelineView
from foley_plugin.ui.transport_bar import TransportBar
from foley_plugin.ui.viewer import Viewer


class PlaybackControl(QObject):
    """The playback's position is the one truth; timeline, viewer and timecode follow it."""

    def __init__(
        self,
        session: CutSession,
        playback: Playback,
        feed: ViewerFeed,
        background: Background,
        view: TimelineView,
        viewer: Viewer,
        transport: TransportBar,
        actions: Actions,
    ) -> None:
        super().__init__(view)
        self._session, self._playback = session, playback
        self._feed, self._background = feed, background
        self._view, self._viewer, self._transport = view, viewer, transport
        self._sounds: dict[str, MixedSound] = {}
        self._beside: Mapping[str, LaneItem] = {}
        self._wanted: dict[str, LaneItem] = {}
        self._take_gains: Mapping[str, float] = {}
        playback.position_changed.connect(self._on_position)
        playback.playing_changed.connect(transport.show_playing)
        playback.sound_stalled.connect(self._on_sound_stalled)
        view.playhead_moved.connect(playback.seek)
        view.range_changed.connect(self._show_range)
        feed.arrived.connect(self._on_picture)
        feed.failed.connect(viewer.show_words)
        session.shown.connect(self._on_shown)
        session.opened.connect(self._on_opened)
        session.takes_changed.connect(self._load_sounds)
        self._connect_keys(actions)

    @property
    def sounds(self) -> dict[str, MixedSound]:
        """What is loaded, by take."""
        return self._sounds

    def _connect_keys(self, actions: Actions) -> None:
        playback = self._playback
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
        actions["stop"].triggered.connect(lambda: playback.stop())
        actions["play_forwards"].triggered.connect(lambda: playback.shuttle(1))
        actions["play_backwards"].triggered.connect(lambda: playback.shuttle(-1))

    def _jump(self, time_s: float) -> None:
        self._playback.stop()
        self._playback.seek(time_s)
        self._view.set_scale(self._view.scale.revealing(self._playback.position_s))

    def _frames_from_here(self, frames: int) -> float:
        ruler = self._view.scene.ruler
        return ruler.time_of(ruler.frame_at(self._playback.position_s) + frames)

    def _on_shown(self) -> None:
        self._playback.stop()
        self._sounds.clear()
        self._wanted, self._beside = {}, {}
        self._feed.forget()
        self._playback.set_end(self._session.scene.duration_s)
        self._playback.seek(0.0)
        self._load_sounds()
        self._show_range()

    def _on_opened(self) -> None:
        self._playback.set_end(self._session.scene.duration_s)
        self.refresh_picture()

    def _on_position(self, time_s: float) -> None:
        ruler = self._session.scene.ruler
        self._view.show_playhead(time_s, follow=self._playback.is_playing)
        self._transport.show_position(ruler.text(time_s))
        self._show_picture(ruler.time_of(ruler.frame_at(time_s)))

    def _show_picture(self, frame_s: float) -> None:
        clip, picture = self._session.picture_at(frame_s + self._session.scene.ruler.frame_s / 4)
        if picture is not None and clip is not None and clip.eligible:
            self._feed.want(picture, self._viewer.picture_height_px())
            return
        self._feed.forget()
        self._viewer.show_words(clip.reason or "" if clip is not None else "")

    def _on_picture(self, image: QImage) -> None:
        self._viewer.show_picture(image)

    def refresh_picture(self) -> None:
        """Ask again, for another size."""
        self._on_position(self._playback.position_s)

    def _show_range(self) -> None:
        scene = self._session.scene
        marked = scene.marked_range_s
        if marked is None:
            self._transport.show_range(
                self.tr("Duration  {}").format(scene.ruler.duration_text(scene.duration_s))
            )
            return
        frames = scene.ruler.frame_at(marked[1]) - scene.ruler.frame_at(marked[0])
        duration_s = frames * scene.ruler.frame_s
        edges = f"{scene.ruler.text(marked[0])} – {scene.ruler.text(marked[1])}"
        self._transport.show_range(f"{edges}   ({duration_s:.2f} s)")

    # Sound

    def _load_sounds(self) -> None:
        """Read what is newly placed or lies elsewhere now, away from this thread; forget what was taken off."""
        known = {take_id: _stretch_of(item) for take_id, item in self._wanted.items()}
        self._wanted = {**self._beside, **self._placed()}
        for gone in self._sounds.keys() - self._wanted.keys():
            del self._sounds[gone]
        for take_id, item in self._wanted.items():
            if known.get(take_id) != _stretch_of(item):
                self._load_sound(take_id, item)
        self._hand_over()

    def _placed(self) -> dict[str, LaneItem]:
        lanes = self._session.scene.stack.lanes
        items = (item for placed in lanes for item in placed.lane.items)
        return {item.take_id: item for item in items if item.take_id is not None}

    @property
    def placed_takes(self) -> set[str]:
        """What lies on the timeline."""
        return set(self._placed())

    def also_load(self, items: Mapping[str, LaneItem]) -> None:
        """Takes that are not on the timeline, read ahead so that one is heard at once when it is placed.

        They are silent unless `set_take_gains` says otherwise.
        """
        self._beside = dict(items)
        self._load_sounds()

    def set_take_gains(self, gains: Mapping[str, float]) -> None:
        """Factors by take, for listening alone, such as takes compared at one level; others are heard as made."""
        self._take_gains = gains
        self._hand_over()

    def _hand_over(self) -> None:
        gains = dict.fromkeys(self._placed(), 1.0) | dict(self._take_gains)
        self._playback.set_sounds(
            replace(sound, gain=gains[take_id])
            for take_id, sound in self._sounds.items()
            if gains.get(take_id)
        )

    def _load_sound(self, take_id: str, item: LaneItem) -> None:
        path, where = item.media, (item.record_in_s, item.record_out_s, item.wave_in_s)
        if path is not None:
            self._background.run(
                lambda: read_sound(path, *where),
                lambda sound: self._on_sound(take_id, item, cast(MixedSound, sound)),
                self._session.failed.emit,
            )

    def _on_sound_stalled(self) -> None:
        self._session.noticed.emit(
            self.tr("The audio device takes no sound; the picture plays on in silence. Check the device.")
        )

    def _on_sound(self, take_id: str, item: LaneItem, sound: MixedSound) -> None:
        wanted = self._wanted.get(take_id)
        if wanted is not None and _stretch_of(wanted) == _stretch_of(item):
            self._sounds[take_id] = sound
            self._hand_over()


def _stretch_of(item: LaneItem) -> tuple[str | None, float, float, float]:
    """Which part of which file lies where."""
    return item.media, item.record_in_s, item.record_out_s, item.wave_in_s
