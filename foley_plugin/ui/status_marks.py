"""Small marks of a clip's state: shapes, so that colour is never the only sign."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.ui.timeline_colours import colours

MARK_PX = 10


def paint_mark(painter: QPainter, box: QRectF, status: ClipStatus) -> bool:
    """Paint the mark of `status` into `box`; False where the state has none (ready)."""
    paint = _MARKS.get(status.state)
    if paint is None:
        return False
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    paint(painter, box, status)
    painter.restore()
    return True


def _cannot(painter: QPainter, box: QRectF, status: ClipStatus) -> None:
    painter.setPen(QPen(colours().text_dim, 1.4))
    painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    painter.drawLine(box.topLeft() + QPointF(2.4, 2.4), box.bottomRight() - QPointF(2.4, 2.4))


def _checking(painter: QPainter, box: QRectF, status: ClipStatus) -> None:
    pen = QPen(colours().text_dim, 1.4)
    pen.setDashPattern([1.5, 1.8])
    painter.setPen(pen)
    painter.drawEllipse(box.adjusted(1, 1, -1, -1))


def _queued(painter: QPainter, box: QRectF, status: ClipStatus) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours().text)
    for place in (1.5, 5.0, 8.5):
        painter.drawEllipse(QPointF(box.left() + place, box.center().y()), 1.2, 1.2)


def _generating(painter: QPainter, box: QRectF, status: ClipStatus) -> None:
    ring = box.adjusted(1, 1, -1, -1)
    painter.setPen(QPen(colours().edge, 2))
    painter.drawEllipse(ring)
    painter.setPen(QPen(colours().accent, 2))
    painter.drawArc(ring, 90 * 16, -round(360 * 16 * max(0.06, status.progress)))


def _done(painter: QPainter, box: QRectF, status: ClipStatus) -> None:
    painter.setPen(QPen(colours().ok, 1.8))
    painter.drawPolyline(
        QPolygonF([box.topLeft() + QPointF(x, y) for x, y in ((1.5, 5.2), (4.2, 8.0), (8.8, 2.4))])
    )


def _stale(painter: QPainter, box: QRectF, status: ClipStatus) -> None:
    """The tick, with a stroke under it: made, but not for this."""
    painter.setPen(QPen(colours().accent, 1.8))
    tick = ((1.5, 3.2), (4.2, 6.0), (8.8, 0.6))
    painter.drawPolyline(QPolygonF([box.topLeft() + QPointF(x, y) for x, y in tick]))
    painter.drawLine(box.topLeft() + QPointF(1.5, 9.0), box.topLeft() + QPointF(8.8, 9.0))


def _failed(painter: QPainter, box: QRectF, status: ClipStatus) -> None:
    middle = box.center().x()
    painter.setPen(QPen(colours().error, 2, cap=Qt.PenCapStyle.RoundCap))
    painter.drawLine(QPointF(middle, box.top() + 1.5), QPointF(middle, box.top() + 5.8))
    painter.drawPoint(QPointF(middle, box.bottom() - 1.2))


_MARKS = {
    ClipState.CANNOT: _cannot,
    ClipState.CHECKING: _checking,
    ClipState.QUEUED: _queued,
    ClipState.SPOTTING: _generating,
    ClipState.GENERATING: _generating,
    ClipState.DONE: _done,
    ClipState.STALE: _stale,
    ClipState.FAILED: _failed,
}
