"""Paints hits and curves over clips and takes: found hollow, set by hand filled, heard as diamonds.

On a clip that is selected:

      o        *        handles: hollow as it was found, filled where set by hand
      |   :    |        stems as high as the hit is strong; dotted where something was found and changed
    __|___:____|____
      <>      <--<>     diamonds: heard in the take; a stroke leads from the hit to an onset that is late
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PyQt6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from foley_plugin.jobs.generate import CURVE_RATE
from foley_plugin.jobs.hand_hits import HitPoint
from foley_plugin.qtmodels.hit_sheet import HeardHit, HitMark, HitSheet
from foley_plugin.qtmodels.lanes import ClipKey, LaneItem
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.timeline_colours import colours

HANDLE_PX = 3.5
DIAMOND_PX = 3.5
TOP_PX, FOOT_PX = 6.0, 9.0
"""From the body's top to a hit of full strength, and from its bottom to where all stems stand."""
DENSE_PX = 5.0
"""Hits that lie nearer to each other than this on the mean are drawn as notches."""


def stem_top(body: QRectF, strength: float) -> float:
    """Where a hit of this strength, or a curve of this level, lies in a clip's body."""
    foot, top = body.bottom() - FOOT_PX, body.top() + TOP_PX
    return foot - strength * (foot - top)


def strength_at(body: QRectF, y_px: float) -> float:
    """What `stem_top` draws at this height, 0 to 1."""
    foot, top = body.bottom() - FOOT_PX, body.top() + TOP_PX
    return min(1.0, max(0.0, (foot - y_px) / max(1.0, foot - top)))


class HitsPainter:
    """Holds nothing; everything is in the scene's sheet."""

    def paint(
        self,
        painter: QPainter,
        dirty: QRect,
        body: QRectF,
        item: LaneItem,
        scene: TimelineScene,
        scale: TimeScale,
    ) -> None:
        """Over the body of one item, already painted; nothing is drawn outside `dirty`."""
        sheet = scene.sheet
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if item.take_id is not None:
            self._paint_take(painter, body, item, scene, scale)
        elif scene.is_selected(item):
            painter.save()
            painter.setClipRect(body.intersected(QRectF(dirty)))
            for key in item.clip_keys:
                self._paint_clip(painter, dirty, body, key, sheet, scale, scene.ruler.frame_s)
            painter.restore()
        elif sheet.clips:
            _paint_notches(painter, body, scene.hits_of(item), scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_take(
        self, painter: QPainter, body: QRectF, item: LaneItem, scene: TimelineScene, scale: TimeScale
    ) -> None:
        _paint_notches(painter, body, scene.hits_of(item), scale)
        take = scene.sheet.takes.get(item.take_id or "")
        if take is None or (take.clip not in scene.selected_clips and not scene.is_selected(item)):
            return
        y = body.bottom() - FOOT_PX / 2 - 1
        _paint_heard(painter, body, scene.sheet.heard_in(take), y, scale, scene.ruler.frame_s)

    def _paint_clip(
        self,
        painter: QPainter,
        dirty: QRect,
        body: QRectF,
        key: ClipKey,
        sheet: HitSheet,
        scale: TimeScale,
        frame_s: float,
    ) -> None:
        start_s = sheet.starts_s.get(key)
        if start_s is None:
            return
        _paint_curve(painter, dirty, body, key, sheet, scale)
        hits = sheet.seen(key)
        if len(hits) * DENSE_PX > scale.pixels_per_s * sheet.durations_s[key]:
            _paint_notches(painter, body, [start_s + hit.time_s for hit in hits], scale)
            return
        for ghost in sheet.ghosts(key):
            _paint_ghost(painter, body, _x(scale, start_s + ghost.time_s), ghost.strength)
        self._paint_stems(painter, dirty, body, key, hits, sheet, scale)
        y = body.bottom() - FOOT_PX / 2
        for take in sheet.takes_of(key):
            _paint_heard(painter, body, sheet.heard_in(take), y, scale, frame_s)

    def _paint_stems(
        self,
        painter: QPainter,
        dirty: QRect,
        body: QRectF,
        key: ClipKey,
        hits: Iterable[HitPoint],
        sheet: HitSheet,
        scale: TimeScale,
    ) -> None:
        by_hand = sheet.of(key).by_hand.hits is not None
        start_s, selected = sheet.starts_s[key], sheet.selected_in(key)
        low, high = dirty.left() - 2 * HANDLE_PX, dirty.right() + 2 * HANDLE_PX
        for hit in hits:
            x = _x(scale, start_s + hit.time_s)
            if low <= x <= high:
                hovered = sheet.hovered == HitMark(key, hit)
                _paint_stem(painter, body, x, hit.strength, by_hand, hit in selected, hovered)


def _x(scale: TimeScale, record_s: float) -> float:
    return HEADER_PX + scale.x_of(record_s)


def _paint_stem(
    painter: QPainter,
    body: QRectF,
    x: float,
    strength: float,
    is_filled: bool,
    is_selected: bool,
    is_hovered: bool,
) -> None:
    foot, top = QPointF(x, body.bottom() - FOOT_PX), QPointF(x, stem_top(body, strength))
    colour = colours().selected if is_selected else colours().hit
    radius = HANDLE_PX + (1.5 if is_hovered else 0.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours().hit_outline, 4.2))
    painter.drawLine(foot, top)
    painter.drawEllipse(top, radius, radius)
    painter.setPen(QPen(colour, 2.2 if is_selected else 1.6))
    painter.drawLine(foot, top)
    painter.setBrush(colour if is_filled else colours().hit_hollow)
    painter.drawEllipse(top, radius, radius)
    if is_selected:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.2))
        painter.drawEllipse(top, radius + 2.6, radius + 2.6)


def _paint_ghost(painter: QPainter, body: QRectF, x: float, strength: float) -> None:
    """Where something was found that a person has changed: dotted and hollow."""
    foot, top = QPointF(x, body.bottom() - FOOT_PX), QPointF(x, stem_top(body, strength))
    stem = QLineF(foot, QPointF(x, top.y() + HANDLE_PX))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours().hit_outline, 3))
    painter.drawLine(stem)
    painter.drawEllipse(top, HANDLE_PX, HANDLE_PX)
    pen = QPen(colours().hit, 1.1)
    pen.setDashPattern([1.5, 2.5])
    painter.setPen(pen)
    painter.drawLine(stem)
    painter.drawEllipse(top, HANDLE_PX, HANDLE_PX)


def _paint_heard(
    painter: QPainter, body: QRectF, heard: Iterable[HeardHit], y: float, scale: TimeScale, frame_s: float
) -> None:
    """A diamond at each onset; one that is more than a frame off its hit is tied to it, in the warning colour."""
    for each in heard:
        x = _x(scale, each.heard_s)
        if not body.left() - DIAMOND_PX <= x <= body.right() + DIAMOND_PX:
            continue
        is_off = each.hit_s is not None and abs(each.late_s) > frame_s
        colour = colours().late if is_off else colours().heard
        if is_off and each.hit_s is not None:
            tie = QLineF(_x(scale, each.hit_s), y, x, y)
            for pen in (QPen(colours().hit_outline, 3.6), QPen(colour, 1.6)):
                painter.setPen(pen)
                painter.drawLine(tie)
                painter.drawLine(QLineF(tie.x1(), y - 3, tie.x1(), y + 3))
        painter.setPen(QPen(colours().hit_outline, 1.2))
        painter.setBrush(colour)
        painter.drawPolygon(_diamond(x, y))


def _diamond(x: float, y: float) -> QPolygonF:
    reach = DIAMOND_PX + 0.5
    return QPolygonF(
        [QPointF(x - reach, y), QPointF(x, y - reach), QPointF(x + reach, y), QPointF(x, y + reach)]
    )


def _paint_curve(
    painter: QPainter, dirty: QRect, body: QRectF, key: ClipKey, sheet: HitSheet, scale: TimeScale
) -> None:
    """Translucent, under the hits; its upper edge stronger, and dashed where it is the spotter's."""
    hits = sheet.of(key)
    curve = hits.curve
    if not curve:
        return
    left, right = max(body.left(), dirty.left() - 2.0), min(body.right(), dirty.right() + 2.0)
    if right <= left:
        return
    before_s = sheet.heads_s.get(key, 0.0) - sheet.starts_s[key]
    points = _curve_points(curve, before_s, left, right, body, scale)
    foot = body.bottom() - FOOT_PX
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours().curve_fill)
    painter.drawPolygon(QPolygonF([QPointF(left, foot), *points, QPointF(right, foot)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours().hit_outline, 3.4))
    painter.drawPolyline(QPolygonF(points))
    pen = QPen(colours().curve_edge, 1.6)
    if hits.by_hand.curve is None:
        pen.setDashPattern([3.0, 2.0])
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF(points))


def _curve_points(
    curve: Sequence[float], before_s: float, left: float, right: float, body: QRectF, scale: TimeScale
) -> list[QPointF]:
    """One point every two pixels at most, so that a long curve costs no more than it is wide."""
    points = []
    steps = max(1, int((right - left) / 2))
    for number in range(steps + 1):
        x = left + (right - left) * number / steps
        place = (scale.time_at(x - HEADER_PX) + before_s) * CURVE_RATE - 0.5
        index = min(max(0, int(place)), len(curve) - 1)
        following = min(index + 1, len(curve) - 1)
        part = min(1.0, max(0.0, place - index))
        points.append(QPointF(x, stem_top(body, curve[index] + part * (curve[following] - curve[index]))))
    return points


def _paint_notches(
    painter: QPainter, body: QRectF, hits_s: Sequence[float], scale: TimeScale, colour: QColor | None = None
) -> None:
    """A small notch at the top of the body for each moment of contact."""
    if not hits_s:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour or colours().hit)
    for hit_s in hits_s:
        x = _x(scale, hit_s)
        if body.left() <= x <= body.right():
            notch = [QPointF(x + dx, body.top() + y) for dx, y in ((-3.5, 0), (3.5, 0), (0, 6))]
            painter.drawPolygon(QPolygonF(notch))
