"""Paints hits and curves over clips and takes: found hollow, set by hand filled, heard as diamonds.

On a clip that is selected:

      o        *        handles: hollow as it was found, filled where set by hand
      |   :    |        stems as high as the hit is strong; dotted where something was found and changed
    __|___:____|____
      <>     |--<>      diamonds: heard in the take, hollow where no hit is; a stroke leads from the hit to one that
                        is late or early
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from foley_plugin.jobs.generate import CURVE_RATE
from foley_plugin.jobs.hand_hits import HitPoint
from foley_plugin.qtmodels.hit_sheet import HeardHit, HitMark, HitSheet
from foley_plugin.qtmodels.lanes import ClipKey, LaneItem
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui.hit_marks import FOOT_PX, HitMarks, HitSign, draw_notches, stem_top
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.timeline_colours import colours

REACH_PX = 12.0
"""Of the largest mark."""
STEP_PX = 2.5
"""Between two points of a curve."""
DETAIL_PX = 80.0
"""A narrower clip shows notches alone."""
MANY_CLIPS, DETAIL_OF_MANY_PX = 12, 240.0
"""Where more clips are selected, they must be this wide."""
DENSE_PX = 9.0
"""Hits that lie nearer to each other than this on the mean are drawn as notches."""


class HitsPainter:
    """Holds the marks, and between `paint` and `finish` the notches of a lane; the rest is in the scene's sheet."""

    def __init__(self) -> None:
        self._marks = HitMarks()
        self._notches: list[tuple[float, float]] = []

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
        if item.take_id is not None:
            self._paint_take(painter, body, item, scene, scale)
        elif not scene.sheet.clips:
            return
        elif body.width() < _least_width_px(scene) or not scene.is_selected(item):
            self._add_notches(body, scene.hits_of(item), scale)
        else:
            painter.save()
            painter.setClipRect(body.intersected(QRectF(dirty)))
            for key in item.clip_keys:
                self._paint_clip(painter, dirty, body, key, scene, scale)
            painter.restore()

    def finish(self, painter: QPainter) -> None:
        """After the items of a lane: what is drawn in one call for all of them."""
        if self._notches:
            draw_notches(painter, self._notches)
            self._notches = []

    def _paint_take(
        self, painter: QPainter, body: QRectF, item: LaneItem, scene: TimelineScene, scale: TimeScale
    ) -> None:
        self._add_notches(body, scene.hits_of(item), scale)
        take = scene.sheet.takes.get(item.take_id or "")
        if take is not None and (take.clip in scene.selected_clips or scene.is_selected(item)):
            y = body.bottom() - FOOT_PX / 2 - 1
            self._paint_heard(painter, body, scene.sheet.heard_in(take), y, scale, scene.ruler.frame_s)

    def _paint_clip(
        self,
        painter: QPainter,
        dirty: QRect,
        body: QRectF,
        key: ClipKey,
        scene: TimelineScene,
        scale: TimeScale,
    ) -> None:
        sheet, start_s = scene.sheet, scene.sheet.starts_s.get(key)
        if start_s is None:
            return
        _paint_curve(painter, dirty, body, key, sheet, scale)
        hits = sheet.seen(key)
        if len(hits) * DENSE_PX > scale.pixels_per_s * sheet.durations_s[key]:
            self._add_notches(body, [start_s + hit.time_s for hit in hits], scale)
            return
        for ghost in sheet.ghosts(key):
            self._paint_ghost(painter, body, _x(scale, start_s + ghost.time_s), ghost.strength)
        self._paint_stems(painter, dirty, body, key, hits, sheet, scale)
        y = body.bottom() - FOOT_PX / 2 - 0.5
        for take in sheet.takes_of(key):
            self._paint_heard(painter, body, sheet.heard_in(take), y, scale, scene.ruler.frame_s)

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
        plain = HitSign.BY_HAND if by_hand else HitSign.DETECTED
        chosen = HitSign.SELECTED_BY_HAND if by_hand else HitSign.SELECTED_DETECTED
        start_s, selected = sheet.starts_s[key], sheet.selected_in(key)
        for hit in hits:
            x = _x(scale, start_s + hit.time_s)
            if dirty.left() - REACH_PX <= x <= dirty.right() + REACH_PX:
                is_selected = hit in selected
                _paint_stem(painter, body, x, hit.strength, is_selected)
                is_hovered = sheet.hovered is not None and sheet.hovered == HitMark(key, hit)
                top = stem_top(body, hit.strength)
                self._marks.draw(painter, chosen if is_selected else plain, x, top, is_large=is_hovered)

    def _paint_ghost(self, painter: QPainter, body: QRectF, x: float, strength: float) -> None:
        """Where something was found that a person has changed: dotted and hollow."""
        top, foot = round(stem_top(body, strength)), round(body.bottom() - FOOT_PX)
        painter.fillRect(QRectF(round(x) - 1.5, top, 3, foot - top), colours().hit_outline)
        for y in range(top + 5, foot, 4):
            painter.fillRect(QRectF(round(x) - 0.5, y, 1, 2), colours().hit)
        self._marks.draw(painter, HitSign.GHOST, x, top)

    def _paint_heard(
        self,
        painter: QPainter,
        body: QRectF,
        heard: Iterable[HeardHit],
        y: float,
        scale: TimeScale,
        frame_s: float,
    ) -> None:
        """A diamond at each onset; one that is more than a frame off its hit is tied to it, in the warning colour."""
        for each in heard:
            x = _x(scale, each.heard_s)
            if not body.left() - REACH_PX <= x <= body.right() + REACH_PX:
                continue
            is_off = each.hit_s is not None and abs(each.late_s) > frame_s
            if is_off and each.hit_s is not None:
                hit_x = round(_x(scale, each.hit_s))
                tie = QRectF(min(hit_x, x), round(y) - 1, abs(hit_x - x), 2)
                end = QRectF(hit_x - 1, round(y) - 4, 2, 8)
                for part in (tie, end):
                    painter.fillRect(part.adjusted(-1, -1, 1, 1), colours().hit_outline)
                for part in (tie, end):
                    painter.fillRect(part, colours().late)
            sign = HitSign.OFF if is_off else HitSign.HEARD
            self._marks.draw(painter, HitSign.STRAY if each.hit_s is None else sign, x, y)

    def _add_notches(self, body: QRectF, hits_s: Sequence[float], scale: TimeScale) -> None:
        """A small notch at the top of the body for each moment of contact."""
        left, right, top = body.left(), body.right(), body.top()
        places = (_x(scale, hit_s) for hit_s in hits_s)
        self._notches += [(x, top) for x in places if left <= x <= right]


def _least_width_px(scene: TimelineScene) -> float:
    return DETAIL_PX if len(scene.selected_clips) <= MANY_CLIPS else DETAIL_OF_MANY_PX


def _x(scale: TimeScale, record_s: float) -> float:
    return HEADER_PX + scale.x_of(record_s)


def _paint_stem(painter: QPainter, body: QRectF, x: float, strength: float, is_selected: bool) -> None:
    """From the foot up; its handle is a mark."""
    top, foot = round(stem_top(body, strength)), round(body.bottom() - FOOT_PX)
    half = 1.5 if is_selected else 1.0
    stem = QRectF(round(x) - half, top, 2 * half, foot - top)
    painter.fillRect(stem.adjusted(-1, 0, 1, 1), colours().hit_outline)
    painter.fillRect(stem, colours().selected if is_selected else colours().hit)


def _paint_curve(
    painter: QPainter, dirty: QRect, body: QRectF, key: ClipKey, sheet: HitSheet, scale: TimeScale
) -> None:
    """Translucent, under the hits; its upper edge stronger, and dashed where it is the spotter's."""
    curve = sheet.curves.get(key)
    left, right = max(body.left(), dirty.left() - 2.0), min(body.right(), dirty.right() + 2.0)
    if curve is None or right <= left:
        return
    before_s = sheet.heads_s.get(key, 0.0) - sheet.starts_s[key]
    points = _curve_points(curve, before_s, left, right, body, scale)
    foot = body.bottom() - FOOT_PX
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours().curve_fill)
    painter.drawPolygon(QPolygonF([QPointF(left, foot), *points, QPointF(right, foot)]))
    line = QPolygonF(points)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours().hit_outline, 1.0))
    for beside_px in (-1.2, 1.2):
        painter.drawPolyline(line.translated(0, beside_px))
    pen = QPen(colours().curve_edge, 1.4)
    if sheet.of(key).by_hand.curve is None:
        pen.setDashPattern([4.0, 3.0])
    painter.setPen(pen)
    painter.drawPolyline(line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _curve_points(
    curve: NDArray[np.float32], before_s: float, left: float, right: float, body: QRectF, scale: TimeScale
) -> list[QPointF]:
    """One point every few pixels, so that a long curve costs no more than it is wide."""
    x = np.linspace(left, right, max(2, int((right - left) / STEP_PX)))
    places = (scale.time_at(0.0) + (x - HEADER_PX) / scale.pixels_per_s + before_s) * CURVE_RATE - 0.5
    first = max(0, int(places[0]))
    seen = curve[first : int(places[-1]) + 2]
    if not seen.size:
        return [QPointF(left, stem_top(body, 0.0)), QPointF(right, stem_top(body, 0.0))]
    levels = np.interp(places, np.arange(first, first + seen.size), seen)
    foot, top = stem_top(body, 0.0), stem_top(body, 1.0)
    return list(map(QPointF, x.tolist(), (foot + levels * (top - foot)).tolist()))
