"""Under the viewer: where the playhead is, the buttons that move it, and the marked range."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel

from foley_plugin.ui import theme
from foley_plugin.ui.actions import Actions
from foley_plugin.ui.timeline_panel import tool_button

BUTTONS = ("mark_in", "previous_edit", "frame_back", "play", "frame_forward", "next_edit", "mark_out")


class TransportBar(QFrame):
    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setFixedHeight(38)
        self._actions = actions
        self.position = QLabel("00:00:00:00")
        self.position.setFont(theme.timecode_font(15))
        self.position.setAccessibleName(self.tr("Playhead timecode"))
        self._range = QLabel()
        self._range.setFont(theme.timecode_font(12))
        self._range.setObjectName("dim")
        self._range.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(3)
        row.addWidget(self.position, stretch=1)
        for name in BUTTONS:
            row.addWidget(tool_button(actions[name], 20 if name == "play" else 16))
        row.addWidget(self._range, stretch=1)

    def show_position(self, timecode: str) -> None:
        self.position.setText(timecode)

    def show_range(self, words: str) -> None:
        self._range.setText(words)

    def show_playing(self, is_playing: bool) -> None:
        self._actions["play"].setIcon(theme.icon("pause" if is_playing else "play"))
