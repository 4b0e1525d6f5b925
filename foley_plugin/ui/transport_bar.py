"""Under the viewer: where the playhead is, the buttons that move it, how it is listened to, the marked range."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from foley_plugin.ui import theme
from foley_plugin.ui.actions import Actions
from foley_plugin.ui.timecode_field import TimecodeField
from foley_plugin.ui.timeline_panel import tool_button

BUTTONS = ("mark_in", "previous_edit", "frame_back", "play", "frame_forward", "next_edit", "mark_out")
BETWEEN_PX = 3


class FittingLabel(QLabel):
    """The longest of its words that there is room for; all of them in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._choices: tuple[str, ...] = ()
        self.setFont(theme.timecode_font(12))
        self.setObjectName("dim")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_words(self, *choices: str) -> None:
        """The longest first."""
        self._choices = choices
        self.setToolTip(choices[0])
        self.setAccessibleName(choices[0])
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        fitting = (words for words in self._choices if self._room_px(words) <= self.width())
        self.setText(next(fitting, ""))

    def _room_px(self, words: str) -> int:
        return self.fontMetrics().horizontalAdvance(words)


class TransportBar(QFrame):
    """In a narrow window the buttons for listening stand in the menu alone, beside the tracks' own."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setFixedHeight(38)
        self._actions = actions
        self.position = TimecodeField()
        self._range = FittingLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 14, 0)
        row.setSpacing(BETWEEN_PX)
        left = QHBoxLayout()
        left.addWidget(self.position)
        left.addStretch()
        row.addLayout(left, stretch=1)
        for name in BUTTONS:
            row.addWidget(tool_button(actions[name], 20 if name == "play" else 16))
        row.addSpacing(8)
        row.addWidget(self._lit(tool_button(actions["loop"])))
        right = QHBoxLayout()
        right.setSpacing(BETWEEN_PX)
        self._listening = QWidget()
        listening = QHBoxLayout(self._listening)
        listening.setContentsMargins(8, 0, 0, 0)
        listening.setSpacing(BETWEEN_PX)
        listening.addWidget(self._lit(self._worded("solo_foley", self.tr("Foley solo"))))
        listening.addWidget(self._lit(self._worded("dim_production", self.tr("Dim"))))
        right.addWidget(self._listening)
        right.addWidget(self._range, stretch=1)
        row.addLayout(right, stretch=1)

    def show_position(self, timecode: str) -> None:
        self.position.show_position(timecode)

    def show_range(self, words: str, short: str = "") -> None:
        """`short` stands where there is no room for all."""
        self._range.show_words(words, short)

    def show_playing(self, is_playing: bool) -> None:
        self._actions["play"].setIcon(theme.icon("pause" if is_playing else "play"))

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint() - QSize(self._listening_px, 0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        whole_px = super().minimumSizeHint().width() - self._listening_px + self._listening_room_px
        self._listening.setVisible(self.width() >= whole_px)

    @property
    def _listening_px(self) -> int:
        """What the buttons for listening take now."""
        return 0 if self._listening.isHidden() else self._listening_room_px

    @property
    def _listening_room_px(self) -> int:
        return self._listening.sizeHint().width() + BETWEEN_PX

    def _worded(self, name: str, words: str) -> QToolButton:
        """A button with a short word instead of an icon; what it does stands in its tooltip and its name."""
        button = tool_button(self._actions[name])
        self._actions[name].setIconText(words)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        return button

    def _lit(self, button: QToolButton) -> QToolButton:
        button.setObjectName("lit")
        return button
