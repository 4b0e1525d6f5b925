"""Pictures and waveforms for the window, asked for lazily and kept while they are wanted."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QImage

from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.picture_time import SeenPicture
from foley_plugin.qtmodels.waveform import Waveform, waveform_of_peaks
from foley_plugin.services.media_client import Outline, Rgb

THUMBNAIL_HEIGHT_PX = 72
MAX_THUMBNAILS = 2000
MAX_WANTED = 96
MAX_OPEN_THUMBNAILS = 2
MAX_TRIES = 2
BINS_PER_S = 200
GATHER_MS = 40
"""Arrivals within this time are painted together."""


def image_of(picture: Rgb) -> QImage:
    image = QImage(
        picture.pixels, picture.width, picture.height, 3 * picture.width, QImage.Format.Format_RGB888
    )
    return image.convertToFormat(QImage.Format.Format_RGB32)


class Thumbnails(QObject):
    """Small pictures: what is there at once, the rest later; what was wished for last is served first."""

    arrived = pyqtSignal()

    def __init__(self, media: MediaProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._media = media
        self._images: OrderedDict[SeenPicture, QImage] = OrderedDict()
        self._wanted: OrderedDict[SeenPicture, int] = OrderedDict()
        self._paint_number = 0
        self._times_s: dict[str, list[float]] = {}
        self._open: set[SeenPicture] = set()
        self._tries: dict[SeenPicture, int] = {}
        self._gather = _gathering_timer(self)

    def image(self, picture: SeenPicture) -> QImage | None:
        """The picture; where it is not there it is asked for, and meanwhile a near one is given."""
        image = self._images.get(picture)
        if image is not None:
            self._images.move_to_end(picture)
        elif picture not in self._open and self._tries.get(picture, 0) < MAX_TRIES:
            self._wanted[picture] = self._paint_number
            self._wanted.move_to_end(picture)
            if len(self._wanted) > MAX_WANTED:
                self._wanted.popitem(last=False)
            QTimer.singleShot(0, self._on_painted)
        return image if image is not None else self._nearest(picture)

    def _nearest(self, picture: SeenPicture) -> QImage | None:
        """Something of the same media to show meanwhile."""
        times_s = self._times_s.get(picture.media, [])
        place = bisect_left(times_s, picture.time_s)
        near = times_s[max(0, place - 1) : place + 1]
        if not near:
            return None
        time_s = min(near, key=lambda time_s: abs(time_s - picture.time_s))
        return self._images.get(SeenPicture(picture.media, time_s))

    def _on_painted(self) -> None:
        """What is wished for after this belongs to a later paint."""
        self._paint_number += 1
        self._ask_next()

    def _next(self) -> SeenPicture:
        """The first wish of the latest paint: what is seen now, from the left."""
        latest = max(self._wanted.values())
        picture = next(picture for picture, number in self._wanted.items() if number == latest)
        del self._wanted[picture]
        return picture

    def _ask_next(self) -> None:
        while self._wanted and len(self._open) < MAX_OPEN_THUMBNAILS:
            picture = self._next()
            self._open.add(picture)
            asked = self._media.ask(
                lambda client, picture=picture: client.thumbnail(  # type: ignore[misc]
                    picture.media,
                    picture.time_s,
                    THUMBNAIL_HEIGHT_PX,
                    lambda rgb: self._on_picture(picture, rgb),
                    lambda sentence: self._on_failed(picture),
                )
            )
            if not asked:
                self._open.discard(picture)
                return

    def _on_picture(self, picture: SeenPicture, rgb: Rgb) -> None:
        self._open.discard(picture)
        self._images[picture] = image_of(rgb)
        insort(self._times_s.setdefault(picture.media, []), picture.time_s)
        if len(self._images) > MAX_THUMBNAILS:
            oldest = self._images.popitem(last=False)[0]
            self._times_s[oldest.media].remove(oldest.time_s)
        if not self._gather.isActive():
            self._gather.start()
        self._ask_next()

    def _on_failed(self, picture: SeenPicture) -> None:
        self._open.discard(picture)
        self._tries[picture] = self._tries.get(picture, 0) + 1
        if not self._gather.isActive():
            self._gather.start()
        QTimer.singleShot(0, self._ask_next)


class Waveforms(QObject):
    """Outlines of sounds by path."""

    arrived = pyqtSignal()

    def __init__(self, media: MediaProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._media = media
        self._waves: dict[str, Waveform] = {}
        self._open: set[str] = set()
        self._tries: dict[str, int] = {}
        self._gather = _gathering_timer(self)

    def wave(self, path: str) -> Waveform | None:
        """The outline, or None and it is asked for."""
        if path not in self._waves and path not in self._open and self._tries.get(path, 0) < MAX_TRIES:
            self._open.add(path)
            QTimer.singleShot(0, lambda: self._ask(path))
        return self._waves.get(path)

    def _ask(self, path: str) -> None:
        self._media.ask(
            lambda client: client.waveform(
                path,
                BINS_PER_S,
                lambda outline: self._on_outline(path, outline),
                lambda _: self._on_failed(path),
            )
        )

    def _on_outline(self, path: str, outline: Outline) -> None:
        self._open.discard(path)
        self._waves[path] = waveform_of_peaks(outline.peaks, outline.bins_per_s)
        if not self._gather.isActive():
            self._gather.start()

    def _on_failed(self, path: str) -> None:
        self._open.discard(path)
        self._tries[path] = self._tries.get(path, 0) + 1
        if not self._gather.isActive():
            self._gather.start()


def _gathering_timer(owner: Thumbnails | Waveforms) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(GATHER_MS)
    timer.timeout.connect(owner.arrived)
    return timer
