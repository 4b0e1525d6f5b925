"""Beside the picture: the clip, what sound to make for it, and the takes that there are."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication, QSize, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from foley_plugin.ui import theme
from foley_plugin.ui.eliding_label import ElidingLabel
from foley_plugin.ui.palette import Tone
from foley_plugin.ui.sound_form import SoundForm
from foley_plugin.ui.tight_scroll import TightScroll

LEAST_LANES_PX = 112
LEAST_FORM_PX = 120
"""In a low window; what does not fit scrolls."""


class SidePanel(QFrame):
    """The form above, the lanes of takes below."""

    def __init__(self, generate: QAction, lanes: QWidget) -> None:
        super().__init__()
        self._lanes = lanes
        self.setObjectName("panel")
        self.setMinimumWidth(270)
        self._clip_name = ElidingLabel(takes_rest=True, mode=Qt.TextElideMode.ElideMiddle)
        self._clip_name.setFont(theme.ui_font(14, bold=True))
        self._clip_facts = QLabel()
        self._clip_facts.setObjectName("dim")
        self._clip_state = QLabel()
        for label in (self._clip_facts, self._clip_state):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            # A long name in a sentence must not make the panel wider than its room.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sound_form = SoundForm()
        self.generate_button = _generate_button(generate)
        self._lay_out()

    # What is shown

    def show_clip(self, name: str, facts: str, state: str, tone: Tone) -> None:
        self._clip_name.setText(name)
        self._clip_facts.setText(facts)
        self._clip_facts.setVisible(bool(facts))
        self._clip_state.setText(state)
        self._clip_state.setVisible(bool(state))
        theme.set_tone(self._clip_state, tone)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(6)
        for widget in (self._clip_name, self._clip_facts, self._clip_state):
            layout.addWidget(widget)
        layout.addWidget(_rule())
        layout.addWidget(TightScroll(self.sound_form, LEAST_FORM_PX))
        layout.addSpacing(4)
        layout.addWidget(self.generate_button)
        layout.addWidget(_rule())
        # The form is shown whole before the lanes get more than they need.
        self._lanes.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._lanes.setMinimumHeight(LEAST_LANES_PX)
        layout.addWidget(self._lanes, stretch=1)


def _generate_button(generate: QAction) -> QPushButton:
    button = QPushButton(QCoreApplication.translate("SidePanel", "Generate foley"))
    button.setObjectName("primary")
    button.setIcon(theme.icon("generate-on-accent"))
    button.setIconSize(QSize(16, 16))
    button.setMinimumHeight(28)
    button.setToolTip(generate.toolTip())
    button.clicked.connect(generate.trigger)
    generate.changed.connect(lambda: button.setEnabled(generate.isEnabled()))
    return button


def _rule() -> QWidget:
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line
