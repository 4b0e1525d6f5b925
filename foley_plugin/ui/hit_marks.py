"""The marks that hits are drawn with, each painted once: handles, ghosts, diamonds, notches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from enum import Enum

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from foley_plugin.ui import theme
from foley_plugin.ui.timeline_colours import colours

TOP_PX, FOOT_PX = 6.0, 11.0
"""From the body's top to a hit of full strength, and from its bottom to where all stems stand."""

HANDLE_PX = 3.5
DIAMOND_PX = 4.0
NOTCH_ROWS = ((0, 7, 2), (2, 5, 1), (3, 3, 2), (5, 1, 1))
"""Of a notch, from its top: distance from there, width and height in pixels."""


class HitSign(Enum):
    """What a mark says; each has a shape of its own."""

    DETECTED = "detected"
    BY_HAND = "by hand"
    SELECTED_DETECTED = "selected, detected"
    SELECTED_BY_HAND = "selected, by hand"
    GHOST = "ghost"
    HEARD = "heard"
    OFF = "heard off its hit"
    STRAY = "heard where no hit is"


class HitMarks:
    """Pixmaps by sign, size, palette and pixel ratio: stroking circles at each paint is what costs."""

    def __init__(self) -> None:
        self._pixmaps: dict[tuple[object, ...], QPixmap] = {}

    def draw(self, painter: QPainter, sign: HitSign, x: float, y: float, *, is_large: bool = False) -> None:
        """With its middle at a place."""
        mark = self._mark(painter, sign, is_large)
        half = mark.width() / mark.devicePixelRatio() / 2
        painter.drawPixmap(QPointF(round(x) - half, round(y) - half), mark)

    def _mark(self, painter: QPainter, sign: HitSign, is_large: bool) -> QPixmap:
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        key = (sign, is_large, theme.palette().scheme, ratio)
        if key not in self._pixmaps:
            size_px = 24
            mark = QPixmap(math.ceil(size_px * ratio), math.ceil(size_px * ratio))
            mark.setDevicePixelRatio(ratio)
            mark.fill(Qt.GlobalColor.transparent)
            with QPainter(mark) as on_mark:
                on_mark.setRenderHint(QPainter.RenderHint.Antialiasing)
                on_mark.translate(size_px / 2, size_px / 2)
                _PAINT[sign](on_mark, 1.5 if is_large else 0.0)
            self._pixmaps[key] = mark
        return self._pixmaps[key]


def _handle(painter: QPainter, larger_px: float, colour: QColor, inside: QColor) -> None:
    radius = HANDLE_PX + larger_px
    painter.setPen(QPen(colours().hit_outline, 4.2))
    painter.drawEllipse(QPointF(), radius, radius)
    painter.setPen(QPen(colour, 1.6))
    painter.setBrush(inside)
    painter.drawEllipse(QPointF(), radius, radius)


def _detected(painter: QPainter, larger_px: float) -> None:
    _handle(painter, larger_px, colours().hit, colours().hit_hollow)


def _by_hand(painter: QPainter, larger_px: float) -> None:
    _handle(painter, larger_px, colours().hit, colours().hit)


def _selected(painter: QPainter, larger_px: float, inside: QColor) -> None:
    """With a ring about it, so that colour is not the only sign."""
    radius = HANDLE_PX + larger_px + 2.8
    painter.setPen(QPen(colours().hit_outline, 4.0))
    painter.drawEllipse(QPointF(), radius, radius)
    _handle(painter, larger_px, colours().selected, inside)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours().selected, 1.4))
    painter.drawEllipse(QPointF(), radius, radius)


def _selected_detected(painter: QPainter, larger_px: float) -> None:
    _selected(painter, larger_px, colours().hit_hollow)


def _selected_by_hand(painter: QPainter, larger_px: float) -> None:
    _selected(painter, larger_px, colours().selected)


def _ghost(painter: QPainter, larger_px: float) -> None:
    painter.setPen(QPen(colours().hit_outline, 3.0))
    painter.drawEllipse(QPointF(), HANDLE_PX, HANDLE_PX)
    pen = QPen(colours().hit, 1.2)
    pen.setDashPattern([1.6, 2.0])
    painter.setPen(pen)
    painter.drawEllipse(QPointF(), HANDLE_PX, HANDLE_PX)


def _heard(painter: QPainter, larger_px: float) -> None:
    _diamond(painter, colours().heard)


def _off(painter: QPainter, larger_px: float) -> None:
    _diamond(painter, colours().late)


def _stray(painter: QPainter, larger_px: float) -> None:
    _diamond(painter, colours().hit_hollow, colours().heard)


def _diamond(painter: QPainter, inside: QColor, edge: QColor | None = None) -> None:
    corners = ((-DIAMOND_PX, 0), (0, -DIAMOND_PX), (DIAMOND_PX, 0), (0, DIAMOND_PX))
    shape = QPolygonF([QPointF(x, y) for x, y in corners])
    painter.setPen(QPen(colours().hit_outline, 1.2 if edge is None else 3.0))
    painter.setBrush(inside)
    painter.drawPolygon(shape)
    if edge is not None:
        painter.setPen(QPen(edge, 1.2))
        painter.drawPolygon(shape)


def draw_notches(painter: QPainter, places: Iterable[tuple[float, float]]) -> None:
    """Small notches that hang from these places, all in one call: there may be hundreds of them."""
    rows = [
        QRectF(round(x) - width / 2, y + below, width, height)
        for x, y in places
        for below, width, height in NOTCH_ROWS
    ]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours().hit)
    painter.drawRects(*rows)


_PAINT: dict[HitSign, Callable[[QPainter, float], None]] = {
    HitSign.DETECTED: _detected,
    HitSign.BY_HAND: _by_hand,
    HitSign.SELECTED_DETECTED: _selected_detected,
    HitSign.SELECTED_BY_HAND: _selected_by_hand,
    HitSign.GHOST: _ghost,
    HitSign.HEARD: _heard,
    HitSign.OFF: _off,
    HitSign.STRAY: _stray,
}


def stem_top(body: QRectF, strength: float) -> float:
    """Where a hit of this strength, or a curve of this level, lies in a clip's body."""
    foot, top = body.bottom() - FOOT_PX, body.top() + TOP_PX
    return foot - strength * (foot - top)


def strength_at(body: QRectF, y_px: float) -> float:
    """What `stem_top` draws at this height, 0 to 1."""
    foot, top = body.bottom() - FOOT_PX, body.top() + TOP_PX
    return min(1.0, max(0.0, (foot - y_px) / max(1.0, foot - top)))
