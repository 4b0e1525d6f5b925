"""The frame at the playhead: the newest wish while it stands, and frames asked for ahead while it plays."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QImage

from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.picture_time import SeenPicture
from foley_plugin.qtmodels.pictures import image_of
from foley_plugin.qtmodels.route import Due
from foley_plugin.services.media_client import Rgb

MAX_OPEN = 4
"""Questions at a time while it plays: enough that the process never waits, few enough to be dropped."""
MAX_HELD = 12
"""Frames in the ring and on their way; one of a large viewer takes 8 MB."""
JUMP_FRAMES = 24
"""Further on than this somebody has gone elsewhere."""
SETTLES = 0.4
"""How much the newest answer counts in how long answers take."""


@dataclass(frozen=True)
class DuePicture:
    """What is to be seen, and in how many seconds; `picture` is None where there is none."""

    due: Due
    picture: SeenPicture | None
    in_s: float


class ViewerFeed(QObject):
    """Shows what is due and nothing else: a frame that came too late is dropped, never shown after a later one.

    Standing, `want` asks one question at a time, and only for the newest wish. Playing, `play` is told what
    is due from now on; frames that came before their time wait in a ring.
    """

    arrived = pyqtSignal(QImage)
    """To be shown now."""
    came = pyqtSignal()
    """While playing a frame came in; call `play` again, it may be the one that is due."""
    failed = pyqtSignal(str)

    def __init__(
        self,
        media: MediaProcess,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self._media, self._clock = media, clock
        self._is_open = False
        self._next: tuple[SeenPicture, int] | None = None
        self._shown: tuple[SeenPicture, int] | None = None
        self._ring: dict[Due, QImage | str] = {}
        self._asked: dict[Due, float] = {}
        self._now: Due | None = None
        self._before: Due | None = None
        self._seen: Due | None = None
        self._is_playing = False
        self._frame_takes_s = 0.0
        self._answered: Due | None = None
        self._last_answer_s = 0.0
        self.num_due = self.num_shown = self.num_late = 0

    @property
    def num_dropped(self) -> int:
        """Frames that were due while playing and never shown, because they came too late."""
        return max(0, self.num_due - self.num_shown)

    # Standing

    def want(self, picture: SeenPicture, height: int) -> None:
        self._end_play()
        wish = (picture, height)
        if wish == self._shown:
            return
        self._next = wish
        if not self._is_open:
            self._ask()

    def forget(self) -> None:
        """Nothing is to be seen now; an answer on its way is dropped."""
        self._end_play()
        self._next = self._shown = None

    def _ask(self) -> None:
        if self._next is None:
            return
        wish, self._next = self._next, None
        picture, height = self._shown = wish
        self._is_open = self._media.ask(
            lambda client: client.viewer_frame(
                picture.media,
                picture.time_s,
                height,
                lambda rgb: self._on_picture(wish, rgb),
                self._on_failed,
            )
        )

    def _on_picture(self, wish: tuple[SeenPicture, int], rgb: Rgb) -> None:
        self._is_open = False
        if self._shown == wish and not self._is_playing:
            self.arrived.emit(image_of(rgb))
        self._ask()

    def _on_failed(self, sentence: str) -> None:
        self._is_open = False
        was_wanted = self._shown is not None
        self._shown = None
        if was_wanted:
            self.failed.emit(sentence)
        QTimer.singleShot(0, self._ask)

    # Playing

    def play(self, coming: Sequence[DuePicture], height: int) -> None:
        """Show what is due, the first of `coming`, if it is there, and ask for what follows."""
        if not coming:
            return
        self._begin_play()
        now = coming[0].due
        if now != self._now:
            if self._now is None or not 0 <= _way(self._now, now, coming) <= JUMP_FRAMES:
                self._answered = None
            self.num_due += _steps(self._now, now, coming)
            self._before, self._now = self._now, now
        wanted = {each.due for each in coming}
        self._show_due(now, coming[0].picture, height)
        self._ring = {due: image for due, image in self._ring.items() if due in wanted or due == self._before}
        self._ask_ahead(coming, height)

    def _begin_play(self) -> None:
        if not self._is_playing:
            self._is_playing = True
            self._next = None
            if self._is_open:
                self._shown = None  # what was asked for standing is not shown any more
            self._last_answer_s, self._answered = 0.0, None

    def _end_play(self) -> None:
        if self._is_playing:
            self._is_playing = False
            self._ring.clear()
            self._asked.clear()
            self._now = self._before = self._seen = None

    def _show_due(self, now: Due, picture: SeenPicture | None, height: int) -> None:
        if self._seen == now:
            return
        if picture is None:
            self._shown = None
            self._mark_seen(now)
        elif (picture, height) == self._shown:
            self._mark_seen(now)  # it is on the screen already
        elif now in self._ring:
            self._show(now, self._ring.pop(now), (picture, height))
        elif self._before is not None and self._before in self._ring and self._seen != self._before:
            self.num_late += 1
            self._show(self._before, self._ring.pop(self._before), None)

    def _show(self, due: Due, image: QImage | str, wish: tuple[SeenPicture, int] | None) -> None:
        self._mark_seen(due)
        if isinstance(image, str):
            self._shown = None
            self.failed.emit(image)
        else:
            self._shown = wish
            self.arrived.emit(image)

    def _mark_seen(self, due: Due) -> None:
        self._seen = due
        self.num_shown += 1

    def _ask_ahead(self, coming: Sequence[DuePicture], height: int) -> None:
        """Where answers take longer than frames last, frames that could not come in time are left out."""
        period_s = coming[1].in_s - coming[0].in_s if len(coming) > 1 else 0.0
        for number, each in enumerate(coming):
            if len(self._asked) >= MAX_OPEN or len(self._asked) + len(self._ring) >= MAX_HELD:
                return
            if each.picture is None or each.due in self._asked or each.due in self._ring:
                continue
            if each.due == self._seen:
                continue
            # A decoder goes through all frames up to the wanted one: leaving frames out saves little.
            num_frames = max(len(self._asked) + 1, _distance(self._answered, each.due))
            is_hopeless = each.in_s + period_s < num_frames * self._frame_takes_s
            if is_hopeless and (self._asked or number < len(coming) - 1):
                continue
            if not self._ask_for(each.due, each.picture, height):
                return

    def _ask_for(self, due: Due, picture: SeenPicture, height: int) -> bool:
        self._asked[due] = self._clock()
        return self._media.ask(
            lambda client: client.viewer_frame(
                picture.media,
                picture.time_s,
                height,
                lambda rgb: self._on_ahead(due, image_of(rgb)),
                lambda sentence: self._on_ahead(due, sentence),
            )
        )

    def _on_ahead(self, due: Due, image: QImage | str) -> None:
        asked_s = self._asked.pop(due, None)
        if asked_s is None:
            return  # of a time before playing stopped
        now_s = self._clock()
        if self._answered is not None:  # the first after a jump tells nothing: the decoder had to seek
            took_s = (now_s - max(asked_s, self._last_answer_s)) / max(1, _distance(self._answered, due))
            self._frame_takes_s += SETTLES * (took_s - self._frame_takes_s)
        self._last_answer_s, self._answered = now_s, due
        self._ring[due] = image
        self.came.emit()


def _distance(before: Due | None, due: Due) -> int:
    """Frames of the timeline from one to the other; in another pass of a loop the decoder begins anew."""
    return 1 if before is None or before.leg != due.leg else abs(due.frame - before.frame)


def _way(before: Due, now: Due, coming: Sequence[DuePicture]) -> int:
    """Frames from one to the other in the direction of play; negative against it."""
    if before.leg != now.leg:
        return 0
    is_backwards = len(coming) > 1 and coming[1].due.leg == now.leg and coming[1].due.frame < now.frame
    return before.frame - now.frame if is_backwards else now.frame - before.frame


def _steps(before: Due | None, now: Due, coming: Sequence[DuePicture]) -> int:
    """How many frames have come due since `before`."""
    if before is None or before.leg != now.leg:
        return 1
    following = coming[1].due if len(coming) > 1 else None
    step = abs(following.frame - now.frame) if following is not None and following.leg == now.leg else 1
    return max(1, abs(now.frame - before.frame) // max(1, step))
