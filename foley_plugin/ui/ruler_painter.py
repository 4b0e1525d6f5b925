"""Paints what frames the lanes: the ruler with the marked range, the track headers, the playhead."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX, LaneKind, PlacedLane
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui import theme
from foley_plugin.ui.timeline_colours import colours
from foley_plugin.ui.track_buttons import ROOM_PX, TrackButton, button_at, paint_buttons

HEADER_PX = 132
MIN_LABEL_GAP_PX = 96
PLAYHEAD_HEAD_PX = 11


@dataclass
class Look:
    """Where the view stands; `scroll_y_px` moves the lanes up under the ruler."""

    scale: TimeScale
    scroll_y_px: int = 0
    band: QRectF | None = None


def playhead_x(scene: TimelineScene, look: Look) -> int:
    return round(HEADER_PX + look.scale.x_of(scene.playhead_s))


def track_button_at(at: QPointF, scene: TimelineScene, look: Look) -> tuple[str, TrackButton] | None:
    """The button of a track header under the mouse."""
    if at.x() >= HEADER_PX or at.y() < RULER_HEIGHT_PX:
        return None
    placed = scene.stack.lane_at(at.y() - RULER_HEIGHT_PX + look.scroll_y_px)
    if placed is None:
        return None
    top = RULER_HEIGHT_PX + placed.top_px - look.scroll_y_px
    button = button_at(at, QRectF(0, top, HEADER_PX, placed.lane.height_px), placed.lane.kind)
    return None if button is None else (placed.lane.track, button)


class RulerPainter:
    """Holds the fonts of the frame around the lanes."""

    def __init__(self) -> None:
        self._name_font = theme.ui_font(11)
        self._button_font = theme.ui_font(10, bold=True)
        self._small_font = theme.timecode_font(10)
        self._clock_font = theme.timecode_font(17)
        self._title_font = theme.ui_font(12, bold=True)
        self._name_metrics = QFontMetricsF(self._name_font)

    def paint(self, painter: QPainter, dirty: QRect, size: QRect, scene: TimelineScene, look: Look) -> None:
        self._paint_ruler(painter, dirty, size, scene, look)
        self._paint_headers(painter, dirty, size, scene, look)
        self._paint_playhead(painter, size, scene, look)

    def _paint_ruler(
        self, painter: QPainter, dirty: QRect, size: QRect, scene: TimelineScene, look: Look
    ) -> None:
        ruler = QRect(HEADER_PX, 0, size.width() - HEADER_PX, RULER_HEIGHT_PX)
        if not dirty.intersects(ruler):
            return
        scale = look.scale
        painter.save()
        painter.setClipRect(dirty & ruler)
        painter.fillRect(ruler, colours().ruler)
        self._paint_range(painter, scene, scale)
        painter.setFont(self._small_font)
        from_s = scale.time_at(dirty.left() - HEADER_PX - MIN_LABEL_GAP_PX)
        to_s = scale.time_at(dirty.right() - HEADER_PX + MIN_LABEL_GAP_PX)
        gap_s = scale.duration_of(MIN_LABEL_GAP_PX)
        for tick in scene.ruler.ticks(max(0.0, from_s), to_s, gap_s):
            x = round(HEADER_PX + scale.x_of(tick.time_s))
            long = tick.label is not None
            painter.setPen(colours().tick if long else colours().tick_small)
            painter.drawLine(x, RULER_HEIGHT_PX - (9 if long else 4), x, RULER_HEIGHT_PX - 1)
            if tick.label is not None:
                painter.setPen(colours().text_dim)
                painter.drawText(x + 5, RULER_HEIGHT_PX - 11, tick.label)
        painter.setPen(colours().line)
        painter.drawLine(ruler.left(), ruler.bottom(), ruler.right(), ruler.bottom())
        painter.restore()

    def _paint_range(self, painter: QPainter, scene: TimelineScene, scale: TimeScale) -> None:
        marked = scene.marked_range_s
        if marked is None:
            return
        in_x, out_x = (HEADER_PX + scale.x_of(edge) for edge in marked)
        painter.fillRect(QRectF(in_x, 0, out_x - in_x, RULER_HEIGHT_PX), colours().range)
        painter.setPen(QPen(colours().accent, 2))
        for x, inward in ((in_x + 1, 5), (out_x - 1, -5)):
            painter.drawLine(QPointF(x, 3), QPointF(x, RULER_HEIGHT_PX - 3))
            painter.drawLine(QPointF(x, 3), QPointF(x + inward, 3))
            painter.drawLine(QPointF(x, RULER_HEIGHT_PX - 3), QPointF(x + inward, RULER_HEIGHT_PX - 3))

    def _paint_headers(
        self, painter: QPainter, dirty: QRect, size: QRect, scene: TimelineScene, look: Look
    ) -> None:
        column = QRect(0, 0, HEADER_PX, size.height())
        if not dirty.intersects(column):
            return
        below = column.adjusted(0, RULER_HEIGHT_PX, 0, 0)
        if dirty.intersects(below):
            self._paint_track_headers(painter, dirty & below, scene, look)
        self._paint_clock(painter, scene)
        painter.setPen(colours().line)
        painter.drawLine(0, RULER_HEIGHT_PX - 1, HEADER_PX, RULER_HEIGHT_PX - 1)
        painter.drawLine(HEADER_PX - 1, 0, HEADER_PX - 1, size.height())

    def _paint_track_headers(self, painter: QPainter, dirty: QRect, scene: TimelineScene, look: Look) -> None:
        painter.save()
        painter.setClipRect(dirty)
        painter.fillRect(dirty, colours().header)
        for placed in scene.stack.lanes:
            top = RULER_HEIGHT_PX + placed.top_px - look.scroll_y_px
            box = QRectF(0, top, HEADER_PX, placed.lane.height_px)
            self._paint_header(painter, box, placed)
            painter.setFont(self._button_font)
            paint_buttons(painter, box, placed.lane.track, placed.lane.kind, scene.listening)
        painter.restore()

    def _paint_clock(self, painter: QPainter, scene: TimelineScene) -> None:
        painter.fillRect(QRect(0, 0, HEADER_PX, RULER_HEIGHT_PX), colours().ruler)
        painter.setFont(self._clock_font)
        painter.setPen(colours().text)
        clock = QRectF(0, 0, HEADER_PX - 1, RULER_HEIGHT_PX)
        painter.drawText(clock, Qt.AlignmentFlag.AlignCenter, scene.ruler.text(scene.playhead_s))

    def _paint_header(self, painter: QPainter, box: QRectF, placed: PlacedLane) -> None:
        lane = placed.lane
        painter.fillRect(box, colours().header_raised)
        painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), colours().lanes[lane.kind].wave)
        painter.setFont(self._title_font)
        painter.setPen(colours().text)
        inner = box.adjusted(12, 0, -8, 0)
        if lane.kind is LaneKind.VIDEO:
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, lane.track)
            room = inner.adjusted(30, 0, 0, 0)
        else:  # two lines beside the buttons
            inner = inner.adjusted(0, 0, -ROOM_PX + 8, 0)
            middle = round(box.center().y())
            has_title = bool(lane.title) and lane.title != lane.track
            upper = inner if not has_title else QRectF(inner.left(), middle - 17, inner.width(), 17)
            painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, lane.track)
            room = QRectF(inner.left(), middle - 1, inner.width(), 16)
        if lane.title and lane.title != lane.track:
            painter.setFont(self._name_font)
            painter.setPen(colours().text_dim)
            text = self._name_metrics.elidedText(lane.title, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_playhead(self, painter: QPainter, size: QRect, scene: TimelineScene, look: Look) -> None:
        x = playhead_x(scene, look)
        if not HEADER_PX <= x < size.width():
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours().accent)
        top = RULER_HEIGHT_PX - PLAYHEAD_HEAD_PX
        half = PLAYHEAD_HEAD_PX / 2
        head = [(-half, top), (half, top), (half, top + 4), (0, RULER_HEIGHT_PX), (-half, top + 4)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPolygon(QPolygonF([QPointF(x + 0.5 + dx, y) for dx, y in head]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(x, RULER_HEIGHT_PX - 1, 1, size.height()), colours().accent)
