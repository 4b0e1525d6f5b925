"""What is drawn on one item that is wide enough for it: pictures, name, mark, progress. Keeps what it has made."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPixmap, QStaticText

from foley_plugin.qtmodels.clip_status import ClipStatus
from foley_plugin.qtmodels.lanes import LaneItem
from foley_plugin.qtmodels.picture_time import SeenPicture
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.qtmodels.waveform import Waveform
from foley_plugin.ui import theme
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.status_marks import MARK_PX, paint_mark
from foley_plugin.ui.timeline_colours import colours

Thumbnails = Callable[[SeenPicture], QImage | None]
Waves = Callable[[LaneItem], Waveform | None]
K = TypeVar("K")
V = TypeVar("V")

STRIP_PX = 16
"""On top of an item: its name and its mark."""
NAME_PX = 26
"""An item with less room for it shows no name."""
MARKED_PX = MARK_PX + 14
"""A narrower item shows no mark and no hits."""
PICTURE_PX = 30
"""A narrower item shows no picture: nobody could tell what it is."""
DEFAULT_ASPECT = 16 / 9
PROGRESS_STEPS = 24
MAX_TILES = 3000
MAX_NAMES = 4000


def thumbnail_step_s(tile_s: float) -> float:
    """The grid on which thumbnails are asked for: a power of two seconds, so that zooming reuses them."""
    return float(2.0 ** max(-2, math.ceil(math.log2(max(tile_s, 1e-6)))))


class ItemPainter:
    """Holds fonts, and names, marks and tiles as they were drawn last; no state of the cut."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        self._thumbnails = thumbnails
        self.name_font = theme.ui_font(11)
        self._name_metrics = QFontMetricsF(self.name_font)
        self._names: OrderedDict[tuple[str, int], QStaticText] = OrderedDict()
        self._tiles: OrderedDict[tuple[int, int, int], QPixmap] = OrderedDict()
        self._marks: dict[tuple[object, ...], QPixmap | None] = {}

    def paint_name(self, painter: QPainter, strip: QRectF, item: LaneItem, status: ClipStatus | None) -> None:
        """The name, and after it the mark of the state if it has one. The painter has the font and the pen."""
        left = max(strip.left(), HEADER_PX)
        room = strip.right() - left - 9
        if status is not None and item.clip_keys:
            mark = self._mark(status, painter)
            if mark is not None:
                painter.drawPixmap(QPointF(strip.right() - MARK_PX - 5, strip.top() + 3), mark)
                room -= MARK_PX + 5
        if room < NAME_PX:
            return
        name = item.name if item.kind != "nest" else f"{item.name} (nest)"
        text = self._name(name, round(room))
        painter.drawStaticText(
            QPointF(left + 5, strip.top() + (strip.height() - text.size().height()) / 2), text
        )

    def paint_pictures(
        self,
        painter: QPainter,
        dirty: QRectF,
        body: QRectF,
        item: LaneItem,
        scene: TimelineScene,
        scale: TimeScale,
    ) -> None:
        tile_px = max(1, round(body.height() * DEFAULT_ASPECT))
        step_s = thumbnail_step_s(scale.duration_of(tile_px))
        first = max(0, int((dirty.left() - body.left()) // tile_px))
        left = body.left() + first * tile_px
        while left < min(body.right(), dirty.right() + 1):
            width = min(tile_px - 1.0, body.right() - left)
            middle_s = scale.time_at(left + width / 2 - HEADER_PX)
            middle_s = min(max(middle_s, item.record_in_s), item.record_out_s - 1e-3)
            picture = scene.picture_at(item, middle_s)
            if picture is not None:
                on_grid_s = math.floor(picture.time_s / step_s) * step_s
                image = self._thumbnails(SeenPicture(picture.media, on_grid_s))
                if image is not None:
                    tile = self._tile(image, QSize(tile_px - 1, round(body.height())), painter)
                    ratio = tile.devicePixelRatio()
                    seen = QRectF(0, 0, width * ratio, body.height() * ratio)
                    painter.drawPixmap(QPointF(left, body.top()), tile, seen)
            left += tile_px

    def _name(self, name: str, room_px: int) -> QStaticText:
        key = (name, room_px)
        text = self._names.get(key)
        if text is None:
            elided = self._name_metrics.elidedText(name, Qt.TextElideMode.ElideRight, room_px)
            text = QStaticText(elided)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(font=self.name_font)
            _keep(self._names, key, text, MAX_NAMES)
        return text

    def _tile(self, image: QImage, size: QSize, painter: QPainter) -> QPixmap:
        """The picture scaled and cropped once: scaling at each paint is what costs."""
        key = (image.cacheKey(), size.width(), size.height())
        tile = self._tiles.get(key)
        if tile is None:
            ratio = _ratio(painter)
            wanted = QSize(round(size.width() * ratio), round(size.height() * ratio))
            scaled = image.scaled(
                wanted,
                Qt.AspectRatioMode.KeepAspectRatioByExpanding,
                Qt.TransformationMode.SmoothTransformation,
            )
            left = (scaled.width() - wanted.width()) // 2
            top = (scaled.height() - wanted.height()) // 2
            tile = QPixmap.fromImage(scaled.copy(left, top, wanted.width(), wanted.height()))
            tile.setDevicePixelRatio(ratio)
            _keep(self._tiles, key, tile, MAX_TILES)
        return tile

    def _mark(self, status: ClipStatus, painter: QPainter) -> QPixmap | None:
        step = round(status.progress * PROGRESS_STEPS) if status.is_running else 0
        ratio = _ratio(painter)
        key = (status.state, step, theme.palette().scheme, ratio)
        if key not in self._marks:
            size = math.ceil(MARK_PX * ratio)
            mark = QPixmap(size, size)
            mark.setDevicePixelRatio(ratio)
            mark.fill(Qt.GlobalColor.transparent)
            with QPainter(mark) as on_mark:
                shown = ClipStatus(status.state, step / PROGRESS_STEPS)
                is_marked = paint_mark(on_mark, QRectF(0, 0, MARK_PX, MARK_PX), shown)
            self._marks[key] = mark if is_marked else None
        return self._marks[key]


def paint_progress(painter: QPainter, body: QRectF, progress: float) -> None:
    track = QRectF(body.left(), body.bottom() - 5, body.width() - 1, 5)
    painter.fillRect(track, QColor(0, 0, 0, 170))
    track.setWidth(track.width() * min(1.0, max(0.0, progress)))
    painter.fillRect(track, colours().accent)


def _ratio(painter: QPainter) -> float:
    device = painter.device()
    return device.devicePixelRatio() if device is not None else 1.0


def _keep(kept: OrderedDict[K, V], key: K, value: V, at_most: int) -> None:
    kept[key] = value
    if len(kept) > at_most:
        kept.popitem(last=False)
