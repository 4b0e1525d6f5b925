"""M and S in the header of a track that sounds: where they are, and how they are painted."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from foley_plugin.qtmodels.lanes import LaneKind
from foley_plugin.qtmodels.listening import Listening
from foley_plugin.ui import theme
from foley_plugin.ui.timeline_colours import colours

SIZE_PX = 17
GAP_PX = 3
MARGIN_PX = 8
ROOM_PX = 2 * SIZE_PX + GAP_PX + MARGIN_PX + 4
"""What the buttons take of a header, on its right."""


class TrackButton(Enum):
    MUTE = "M"
    SOLO = "S"


def button_boxes(header: QRectF, kind: LaneKind) -> Iterator[tuple[TrackButton, QRectF]]:
    """The buttons of a header; none on picture."""
    if kind is LaneKind.VIDEO:
        return
    left = header.right() - MARGIN_PX - 2 * SIZE_PX - GAP_PX
    top = round(header.center().y() - SIZE_PX / 2)
    for number, button in enumerate(TrackButton):
        yield button, QRectF(left + number * (SIZE_PX + GAP_PX), top, SIZE_PX, SIZE_PX)


def button_at(at: QPointF, header: QRectF, kind: LaneKind) -> TrackButton | None:
    return next((button for button, box in button_boxes(header, kind) if box.contains(at)), None)


def paint_buttons(
    painter: QPainter, header: QRectF, track: str, kind: LaneKind, listening: Listening
) -> None:
    """Filled where on: a mute in red, a solo in the accent."""
    worn = theme.palette()
    for button, box in button_boxes(header, kind):
        is_mute = button is TrackButton.MUTE
        is_on = track in (listening.muted if is_mute else listening.soloed)
        fill = QColor(worn.error if is_mute else worn.accent) if is_on else QColor(worn.raised)
        edge = fill if is_on else colours().line
        painter.setPen(QPen(edge, 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(QColor(worn.on_accent) if is_on else colours().text_dim)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, button.value)
    painter.setBrush(Qt.BrushStyle.NoBrush)
