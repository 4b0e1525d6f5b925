"""The timeline with what stands around it: its tools and its scroll bars."""

from __future__ import annotations

import math

from PyQt6.QtCore import QSignalBlocker, QSize, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QScrollBar,
    QSlider,
    QToolButton,
    QWidget,
)

from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX
from foley_plugin.ui.eliding_label import ElidingLabel
from foley_plugin.ui.field_keys import SLIDER_KEYS, FieldKeys
from foley_plugin.ui.timeline_view import TimelineView

UNITS_PER_S = 100
"""The scroll bar counts in whole numbers."""

ZOOM_SLIDER_STEPS = 200
MIN_SLIDER_PIXELS_PER_S = 0.1
MAX_SLIDER_PIXELS_PER_S = 1500.0
ROOM_UNDER_LANES_PX = 70
ROOM_AFTER_END = 0.25
"""Part of the view that may be scrolled past the cut's end."""


class TimelinePanel(QWidget):
    """Keeps scroll bars, zoom slider and view in step."""

    def __init__(self, view: TimelineView, actions: list[QAction]) -> None:
        super().__init__()
        self._view = view
        self._selection_words = ElidingLabel(takes_rest=True)
        self._selection_words.setObjectName("dim")
        self._zoom = self._zoom_slider()
        self._horizontal = QScrollBar(Qt.Orientation.Horizontal)
        self._vertical = QScrollBar(Qt.Orientation.Vertical)
        self._horizontal.setAccessibleName(self.tr("Scroll through the time"))
        self._vertical.setAccessibleName(self.tr("Scroll through the tracks"))
        self._horizontal.valueChanged.connect(self._on_horizontal)
        self._vertical.valueChanged.connect(view.set_scroll_y)
        view.look_changed.connect(self._follow_view)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(view, 1, 0)
        layout.addWidget(self._vertical, 1, 1)
        layout.addWidget(self._horizontal, 2, 0)
        layout.setColumnStretch(0, 1)
        layout.setRowStretch(1, 1)
        self.tools = self._tool_line(actions)
        """Stands beside the tabs above; the panel that owns the tabs shows it."""
        self._follow_view()

    @property
    def wanted_height_px(self) -> int:
        """With this height every lane is seen."""
        around = self.height() - self._view.height()
        return around + RULER_HEIGHT_PX + self._view.scene.stack.height_px + ROOM_UNDER_LANES_PX

    def show_selection_words(self, words: str) -> None:
        self._selection_words.setText(words)
        self._view.setAccessibleDescription(words)

    def _tool_line(self, actions: list[QAction]) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._selection_words, stretch=1)
        for action in actions:
            row.addWidget(tool_button(action))
        row.addWidget(self._zoom)
        return bar

    def _zoom_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, ZOOM_SLIDER_STEPS)
        slider.setFixedWidth(130)
        slider.setAccessibleName(self.tr("Zoom"))
        slider.setToolTip(self.tr("Zoom"))
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.installEventFilter(FieldKeys(self, SLIDER_KEYS))
        slider.valueChanged.connect(self._on_zoom)
        return slider

    def _on_zoom(self, value: int) -> None:
        span = math.log(MAX_SLIDER_PIXELS_PER_S / MIN_SLIDER_PIXELS_PER_S)
        wanted = MIN_SLIDER_PIXELS_PER_S * math.exp(span * value / ZOOM_SLIDER_STEPS)
        self._view.zoom(wanted / self._view.scale.pixels_per_s)

    def _on_horizontal(self, value: int) -> None:
        self._view.set_scale(self._view.scale.scrolled_to(value / UNITS_PER_S))

    def _follow_view(self) -> None:
        scale, view = self._view.scale, self._view
        farthest_s = view.scene.duration_s - (1 - ROOM_AFTER_END) * scale.visible_s
        # A control moved by the program must not answer as if a hand had moved it.
        with QSignalBlocker(self._horizontal), QSignalBlocker(self._vertical), QSignalBlocker(self._zoom):
            maximum = max(0, round(UNITS_PER_S * max(farthest_s, scale.left_s)))
            if scale.left_s == 0 and view.scene.duration_s <= scale.visible_s:
                maximum = 0
            self._horizontal.setRange(0, maximum)
            self._horizontal.setPageStep(max(1, round(UNITS_PER_S * scale.visible_s)))
            self._horizontal.setSingleStep(max(1, round(UNITS_PER_S * scale.visible_s / 20)))
            self._horizontal.setValue(round(UNITS_PER_S * scale.left_s))
            self._vertical.setRange(0, view.max_scroll_y_px)
            self._vertical.setPageStep(max(1, view.height() - RULER_HEIGHT_PX))
            self._vertical.setValue(view.scroll_y_px)
            self._vertical.setVisible(view.max_scroll_y_px > 0)
            span = math.log(MAX_SLIDER_PIXELS_PER_S / MIN_SLIDER_PIXELS_PER_S)
            place = math.log(scale.pixels_per_s / MIN_SLIDER_PIXELS_PER_S) / span
            self._zoom.setValue(round(ZOOM_SLIDER_STEPS * min(1.0, max(0.0, place))))


def tool_button(action: QAction, size_px: int = 16) -> QToolButton:
    """A flat button for an action, named for screen readers."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(size_px, size_px))
    button.setAccessibleName(action.text().replace("&", ""))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
