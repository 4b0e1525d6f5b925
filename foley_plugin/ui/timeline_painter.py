"""Paints the timeline by hand from sorted arrays; the cost follows the pixels, not the number of clips."""

from __future__ import annotations

import math
from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.qtmodels.lanes import (
    LESS_DETAIL_PX,
    RULER_HEIGHT_PX,
    LaneItem,
    LaneKind,
    PlacedLane,
)
from foley_plugin.qtmodels.picture_time import SeenPicture
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.qtmodels.waveform import Waveform
from foley_plugin.ui import theme
from foley_plugin.ui.hits_painter import HitsPainter
from foley_plugin.ui.ruler_painter import HEADER_PX, Look, RulerPainter
from foley_plugin.ui.status_marks import MARK_PX, paint_mark
from foley_plugin.ui.timeline_colours import colours

STRIP_PX = 16
DETAIL_PX = 14
"""Narrower items are plain blocks: no name, picture or wave."""
NAME_PX = 26
EDGE_PX = 1
"""Of background between neighbours, so that every edit is seen."""
DEFAULT_ASPECT = 16 / 9

Thumbnails = Callable[[SeenPicture], QImage | None]
Waves = Callable[[LaneItem], Waveform | None]


def thumbnail_step_s(tile_s: float) -> float:
    """The grid on which thumbnails are asked for: a power of two seconds, so that zooming reuses them."""
    return float(2.0 ** max(-2, math.ceil(math.log2(max(tile_s, 1e-6)))))


class TimelinePainter:
    """Paints one frame of the timeline. Holds fonts and sources, no state of the cut."""

    def __init__(self, thumbnails: Thumbnails, waves: Waves) -> None:
        self._thumbnails = thumbnails
        self._waves = waves
        self._name_font = theme.ui_font(11)
        self._ruler = RulerPainter()
        self._hits = HitsPainter()
        self._name_metrics = QFontMetricsF(self._name_font)

    def paint(self, painter: QPainter, dirty: QRect, size: QRect, scene: TimelineScene, look: Look) -> None:
        painter.fillRect(dirty, colours().background)
        area = QRect(HEADER_PX, RULER_HEIGHT_PX, size.width() - HEADER_PX, size.height() - RULER_HEIGHT_PX)
        self._paint_lanes(painter, dirty & area, area, scene, look)
        self._ruler.paint(painter, dirty, size, scene, look)
        if look.band is not None:
            painter.setPen(colours().band_edge)
            painter.setBrush(colours().band_fill)
            painter.drawRect(look.band)

    # Lanes

    def _paint_lanes(
        self, painter: QPainter, dirty: QRect, area: QRect, scene: TimelineScene, look: Look
    ) -> None:
        if dirty.isEmpty():
            return
        painter.save()
        painter.setClipRect(dirty)
        for placed in scene.stack.lanes:
            top = area.top() + placed.top_px - look.scroll_y_px
            if top >= dirty.bottom() + 1 or top + placed.lane.height_px <= dirty.top():
                continue
            band = QRectF(area.left(), top, area.width(), placed.lane.height_px)
            painter.fillRect(band, colours().lane_background)
            self._paint_lane(painter, dirty, band, placed, scene, look)
            if placed.lane.kind is LaneKind.FOLEY and not placed.lane.items:
                self._paint_hint(painter, band)
        self._paint_outside_range(painter, area, scene, look)
        painter.restore()

    def _paint_lane(
        self,
        painter: QPainter,
        dirty: QRect,
        band: QRectF,
        placed: PlacedLane,
        scene: TimelineScene,
        look: Look,
    ) -> None:
        lane, scale = placed.lane, look.scale
        from_s = scale.time_at(dirty.left() - HEADER_PX - 2)
        to_s = scale.time_at(dirty.right() + 3 - HEADER_PX)
        less_detail_s = scale.duration_of(LESS_DETAIL_PX)
        blocks: dict[tuple[bool, ClipState], list[QRectF]] = {}
        for first, last in lane.blocks(from_s, to_s, less_detail_s):
            item = lane.items[first]
            left = HEADER_PX + round(scale.x_of(item.record_in_s))
            right = HEADER_PX + round(scale.x_of(lane.items[last].record_out_s))
            box = QRectF(left, band.top(), max(1, right - left - EDGE_PX), band.height())
            if box.width() >= DETAIL_PX and first == last:
                self._paint_item(painter, dirty, box, item, lane.kind, scene, scale)
                continue
            state = scene.status_of(item).state
            blocks.setdefault((scene.is_selected(item), state), []).append(box)
        for (selected, state), boxes in blocks.items():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_block_colour(lane.kind, selected, state))
            painter.drawRects(*boxes)

    def _paint_hint(self, painter: QPainter, band: QRectF) -> None:
        words = QCoreApplication.translate("Timeline", "Foley lands here: select a clip and press G")
        painter.setFont(self._name_font)
        painter.setPen(colours().text_faint)
        painter.drawText(band.adjusted(12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_item(
        self,
        painter: QPainter,
        dirty: QRect,
        box: QRectF,
        item: LaneItem,
        kind: LaneKind,
        scene: TimelineScene,
        scale: TimeScale,
    ) -> None:
        status = scene.status_of(item)
        cannot = kind is LaneKind.VIDEO and (status.state is ClipState.CANNOT or not item.clip_keys)
        palette = colours().cannot if cannot else colours().lanes[kind]
        selected = scene.is_selected(item)
        painter.fillRect(box, palette.body)
        body = box.adjusted(0, STRIP_PX, 0, 0)
        if kind is LaneKind.VIDEO:
            self._paint_pictures(painter, dirty, body, item, scene, scale)
        else:
            self._paint_wave(painter, dirty, body, item, scale, palette.wave)
        if cannot:
            painter.fillRect(body, QBrush(colours().hatch, Qt.BrushStyle.BDiagPattern))
        strip = QRectF(box.left(), box.top(), box.width(), STRIP_PX)
        painter.fillRect(strip, palette.strip.lighter(135) if selected else palette.strip)
        self._paint_name(painter, strip, item, kind, status, cannot)
        self._hits.paint(painter, dirty, body, item, scene, scale)
        if status.is_running:
            self._paint_progress(painter, body, status.progress)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if selected:
            painter.setPen(QPen(colours().selected, 2))
            painter.drawRect(box.adjusted(1, 1, -1, -1))

    def _paint_name(
        self,
        painter: QPainter,
        strip: QRectF,
        item: LaneItem,
        kind: LaneKind,
        status: ClipStatus,
        cannot: bool,
    ) -> None:
        left = max(strip.left(), HEADER_PX)
        room = strip.right() - left - 9
        if kind is LaneKind.VIDEO and item.clip_keys and room > MARK_PX + 4:
            spot = QRectF(strip.right() - MARK_PX - 5, strip.top() + 3, MARK_PX, MARK_PX)
            if paint_mark(painter, spot, status):
                room -= MARK_PX + 5
        if room < NAME_PX:
            return
        painter.setFont(self._name_font)
        painter.setPen(colours().text_dim if cannot else colours().text)
        name = item.name if item.kind != "nest" else f"{item.name} (nest)"
        text = self._name_metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(
            QRectF(left + 5, strip.top(), room, strip.height()), Qt.AlignmentFlag.AlignVCenter, text
        )

    def _paint_pictures(
        self,
        painter: QPainter,
        dirty: QRect,
        body: QRectF,
        item: LaneItem,
        scene: TimelineScene,
        scale: TimeScale,
    ) -> None:
        if not item.clip_keys or body.height() < 20:
            return
        tile_px = body.height() * DEFAULT_ASPECT
        step_s = thumbnail_step_s(scale.duration_of(tile_px))
        first = max(0, int((dirty.left() - body.left()) // tile_px))
        left = body.left() + first * tile_px
        painter.save()
        painter.setClipRect(body.intersected(QRectF(dirty)))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        while left < min(body.right(), dirty.right() + 1):
            middle_s = scale.time_at(left + min(tile_px, body.right() - left) / 2 - HEADER_PX)
            middle_s = min(max(middle_s, item.record_in_s), item.record_out_s - 1e-3)
            picture = scene.picture_at(item, middle_s)
            if picture is not None:
                on_grid_s = math.floor(picture.time_s / step_s) * step_s
                image = self._thumbnails(SeenPicture(picture.media, on_grid_s))
                if image is not None:
                    tile = QRectF(left, body.top(), tile_px - 1, body.height())
                    painter.drawImage(tile, image, _crop(image, tile_px / body.height()))
            left += tile_px
        painter.restore()

    def _paint_wave(
        self, painter: QPainter, dirty: QRect, body: QRectF, item: LaneItem, scale: TimeScale, colour: QColor
    ) -> None:
        wave = self._waves(item)
        if wave is None:
            return
        left = int(max(body.left(), dirty.left() - 1))
        right = int(min(body.right(), dirty.right() + 2))
        count = right - left
        if count <= 0:
            return
        from_s = scale.time_at(left - HEADER_PX) - item.record_in_s + item.wave_in_s
        peaks = wave.peaks(from_s, scale.duration_of(1), count)
        middle = body.center().y()
        reach = body.height() / 2 - 3
        upper = [QPointF(left + i, middle - peak * reach) for i, peak in enumerate(peaks)]
        lower = [QPointF(left + i, middle + max(0.5, peak * reach)) for i, peak in enumerate(peaks)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(upper + lower[::-1]))

    def _paint_progress(self, painter: QPainter, body: QRectF, progress: float) -> None:
        track = QRectF(body.left(), body.bottom() - 5, body.width() - 1, 5)
        painter.fillRect(track, QColor(0, 0, 0, 170))
        track.setWidth(track.width() * min(1.0, max(0.0, progress)))
        painter.fillRect(track, colours().accent)

    def _paint_outside_range(self, painter: QPainter, area: QRect, scene: TimelineScene, look: Look) -> None:
        marked = scene.marked_range_s
        if marked is None:
            return
        in_x = HEADER_PX + look.scale.x_of(marked[0])
        out_x = HEADER_PX + look.scale.x_of(marked[1])
        height = area.height()
        painter.fillRect(QRectF(HEADER_PX, area.top(), in_x - HEADER_PX, height), colours().outside)
        painter.fillRect(
            QRectF(out_x, area.top(), max(0.0, area.right() + 1 - out_x), height), colours().outside
        )


def _block_colour(kind: LaneKind, selected: bool, state: ClipState) -> QColor:
    if selected:
        return colours().selected
    if state >= ClipState.SPOTTING:
        return colours().accent
    if state is ClipState.CANNOT:
        return colours().cannot.strip
    return colours().lanes[kind].strip


def _crop(image: QImage, aspect: float) -> QRectF:
    """The largest part of `image` in the middle that has `aspect`."""
    width, height = float(image.width()), float(image.height())
    if width / height > aspect:
        wanted = height * aspect
        return QRectF((width - wanted) / 2, 0, wanted, height)
    wanted = width / aspect
    return QRectF(0, (height - wanted) / 2, width, wanted)
