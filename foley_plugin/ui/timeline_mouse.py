"""What the mouse does on the timeline: scrub, mark a range, select, rubber band, pan."""

from __future__ import annotations

from enum import Enum

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QMouseEvent

from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX, LaneItem
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.timeline_surface import TimelineSurface

GRIP_PX = 5
"""How near to an in or out mark a press must be to take hold of it."""

BAND_STARTS_PX = 4


class Drag(Enum):
    NONE = "none"
    SCRUB = "scrub"
    MARK = "mark"
    BAND = "band"
    PAN = "pan"


class TimelineMouse:
    """Turns presses, moves and releases into edits of the scene.

    On the ruler a drag scrubs; with Shift, or on a mark, it marks the range. On the lanes a press selects
    and a drag from empty ground draws a rubber band; the middle button pans.
    """

    def __init__(self, surface: TimelineSurface) -> None:
        self._surface = surface
        self._drag = Drag.NONE
        self._from = QPointF()
        self._anchor_s = 0.0
        self._anchor_item: LaneItem | None = None

    def begin_cut(self) -> None:
        """Shift and a click reach from nothing of the cut before."""
        self._anchor_item = None

    def press(self, event: QMouseEvent) -> None:
        at = event.position()
        self._from = at
        if event.button() is Qt.MouseButton.MiddleButton:
            self._drag = Drag.PAN
        elif event.button() is not Qt.MouseButton.LeftButton or at.x() < HEADER_PX:
            return
        elif at.y() < RULER_HEIGHT_PX:
            self._press_ruler(event)
        else:
            self._press_lanes(event)

    def move(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._drag is Drag.SCRUB:
            self._surface.move_playhead(self._surface.frame_time_at(at.x()))
        elif self._drag is Drag.MARK:
            self._surface.mark_range(self._anchor_s, self._surface.frame_time_at(at.x()))
        elif self._drag is Drag.PAN:
            self._surface.pan(at - self._from)
            self._from = at
        elif self._drag is Drag.BAND and (at - self._from).manhattanLength() >= BAND_STARTS_PX:
            self._surface.draw_band(QRectF(self._from, at).normalized(), event.modifiers())

    def release(self) -> None:
        if self._drag is Drag.BAND:
            self._surface.drop_band()
        self._drag = Drag.NONE

    def _press_ruler(self, event: QMouseEvent) -> None:
        time_s = self._surface.frame_time_at(event.position().x())
        grip_s = self._surface.opposite_mark_s(event.position().x(), GRIP_PX)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._drag, self._anchor_s = Drag.MARK, time_s
        elif grip_s is not None:
            self._drag, self._anchor_s = Drag.MARK, grip_s
        else:
            self._drag = Drag.SCRUB
            self._surface.move_playhead(time_s)

    def _press_lanes(self, event: QMouseEvent) -> None:
        item = self._surface.item_at(event.position())
        modifiers = event.modifiers()
        if item is None:
            self._drag = Drag.BAND
            if not modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier):
                self._surface.select([])
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._surface.toggle(item)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier and self._anchor_item is not None:
            self._surface.select_through(self._anchor_item, item)
            return
        else:
            self._surface.select([item])
        self._anchor_item = item
