"""Under the viewer: where the playhead is, the buttons that move it, how it is listened to, the marked range."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton

from foley_plugin.ui import theme
from foley_plugin.ui.actions import Actions
from foley_plugin.ui.timecode_field import TimecodeField
from foley_plugin.ui.timeline_panel import tool_button

BUTTONS = ("mark_in", "previous_edit", "frame_back", "play", "frame_forward", "next_edit", "mark_out")


class TransportBar(QFrame):
    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setFixedHeight(38)
        self._actions = actions
        self.position = TimecodeField()
        self._range = QLabel()
        self._range.setFont(theme.timecode_font(12))
        self._range.setObjectName("dim")
        self._range.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._range.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 14, 0)
        row.setSpacing(3)
        left = QHBoxLayout()
        left.addWidget(self.position)
        left.addStretch()
        row.addLayout(left, stretch=1)
        for name in BUTTONS:
            row.addWidget(tool_button(actions[name], 20 if name == "play" else 16))
        row.addSpacing(8)
        row.addWidget(self._lit(tool_button(actions["loop"])))
        right = QHBoxLayout()
        right.setSpacing(3)
        right.addSpacing(8)
        right.addWidget(self._lit(self._worded("solo_foley", self.tr("Foley solo"))))
        right.addWidget(self._lit(self._worded("dim_production", self.tr("Dim"))))
        right.addWidget(self._range, stretch=1)
        row.addLayout(right, stretch=1)

    def show_position(self, timecode: str) -> None:
        self.position.show_position(timecode)

    def show_range(self, words: str) -> None:
        self._range.setText(words)
        self._range.setToolTip(words)

    def show_playing(self, is_playing: bool) -> None:
        self._actions["play"].setIcon(theme.icon("pause" if is_playing else "play"))

    def _worded(self, name: str, words: str) -> QToolButton:
        """A button with a short word instead of an icon; what it does stands in its tooltip and its name."""
        button = tool_button(self._actions[name])
        self._actions[name].setIconText(words)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        return button

    def _lit(self, button: QToolButton) -> QToolButton:
        button.setObjectName("lit")
        return button
