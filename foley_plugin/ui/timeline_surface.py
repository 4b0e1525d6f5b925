"""What the mouse may do to the timeline view; keeps gestures apart from painting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from PyQt6.QtCore import QPointF, QRectF, Qt

from foley_plugin.qtmodels.lanes import LaneItem


class TimelineSurface(Protocol):
    def frame_time_at(self, x_px: float) -> float:
        """The frame edge nearest to `x_px` of the widget, seconds from the timeline's start."""

    def item_at(self, at: QPointF) -> LaneItem | None: ...

    def opposite_mark_s(self, x_px: float, within_px: float) -> float | None:
        """The other end of the marked range where one end lies at `x_px`."""

    def move_playhead(self, time_s: float) -> None: ...

    def mark_range(self, from_s: float, to_s: float) -> None: ...

    def pan(self, by: QPointF) -> None: ...

    def draw_band(self, band: QRectF, modifiers: Qt.KeyboardModifier) -> None: ...

    def drop_band(self) -> None: ...

    def select(self, items: Iterable[LaneItem]) -> None: ...

    def toggle(self, item: LaneItem) -> None: ...

    def select_through(self, first: LaneItem, last: LaneItem) -> None:
        """Everything from one item to another, on the lanes between them."""
