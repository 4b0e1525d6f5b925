"""The picture in the viewer: it follows the playhead, which follows the sound."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from foley_plugin.qtmodels.cut_session import CutSession
from foley_plugin.qtmodels.picture_time import SeenPicture
from foley_plugin.qtmodels.playback import Playback
from foley_plugin.qtmodels.route import Due
from foley_plugin.qtmodels.viewer_feed import DuePicture, ViewerFeed
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.ui.viewer import Viewer

MAX_KNOWN = 500
FRAMES_AHEAD = 24
"""Told to the feed, which asks for few of them: a slow answer must be asked for long before."""


class PictureControl(QObject):
    def __init__(self, session: CutSession, playback: Playback, feed: ViewerFeed, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._session, self._playback, self._feed, self._viewer = session, playback, feed, viewer
        self._last_due: list[Due] = []
        self._known: dict[int, tuple[ClipRecord | None, SeenPicture | None]] = {}
        feed.arrived.connect(viewer.show_picture)
        feed.failed.connect(viewer.show_words)
        feed.came.connect(self._on_came)
        session.shown.connect(self._on_shown)
        session.opened.connect(self._known.clear)

    def show(self, time_s: float) -> None:
        """What is seen where the playhead is now; while it plays, what comes next is asked for too."""
        if self._playback.is_playing:
            self._play()
            return
        self._last_due = []
        clip, picture = self._seen(self._session.scene.ruler.frame_at(time_s))
        if picture is not None:
            self._feed.want(picture, self._viewer.picture_height_px())
            return
        self._feed.forget()
        self._viewer.show_words(_reason(clip))

    def _on_shown(self) -> None:
        self._known.clear()
        self._feed.forget()

    def _on_came(self) -> None:
        if self._playback.is_playing:
            self._play(has_come=True)

    def _play(self, *, has_come: bool = False) -> None:
        ruler, speed = self._session.scene.ruler, abs(self._playback.speed)
        step = max(1, round(speed))
        period_s = ruler.frame_s * step / speed
        now = self._playback.due_frames(0.0, ruler.frame_at, step)[:1]
        if now == self._last_due and not has_come:
            return
        self._last_due = now
        due = self._playback.due_frames(FRAMES_AHEAD * period_s, ruler.frame_at, step)
        if not due:
            return
        coming = [
            DuePicture(each, self._seen(each.frame)[1], number * period_s) for number, each in enumerate(due)
        ]
        if coming[0].picture is None:
            self._viewer.show_words(_reason(self._seen(due[0].frame)[0]))
        self._feed.play(coming, self._viewer.picture_height_px())

    def _seen(self, frame: int) -> tuple[ClipRecord | None, SeenPicture | None]:
        """The clip at a frame, and its picture where it has one to show; while playing each is asked for often."""
        if frame not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[frame] = self._look_up(frame)
        return self._known[frame]

    def _look_up(self, frame: int) -> tuple[ClipRecord | None, SeenPicture | None]:
        ruler = self._session.scene.ruler
        clip, picture = self._session.picture_at(ruler.time_of(frame) + ruler.frame_s / 4)
        return clip, picture if clip is not None and clip.eligible else None


def _reason(clip: ClipRecord | None) -> str:
    return (clip.reason or "") if clip is not None else ""
