"""Beside the picture: the clip, what sound to make for it, and the takes that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from foley_plugin.ui import theme
from foley_plugin.ui.field_keys import FieldKeys
from foley_plugin.ui.palette import Tone
from foley_plugin.ui.sound_form import SoundForm

TAKE_ID_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class TakeRow:
    take_id: str
    words: str
    is_placed: bool


class SidePanel(QFrame):
    take_chosen = pyqtSignal(str)

    def __init__(self, generate: QAction) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setMinimumWidth(270)
        self._clip_name = QLabel()
        self._clip_name.setFont(theme.ui_font(14, bold=True))
        self._clip_name.setTextFormat(Qt.TextFormat.PlainText)
        self._clip_facts = QLabel()
        self._clip_facts.setObjectName("dim")
        self._clip_state = QLabel()
        for label in (self._clip_name, self._clip_facts, self._clip_state):
            label.setWordWrap(True)
        self.sound_form = SoundForm()
        self.generate_button = _generate_button(self, generate)
        self._take_list = QListWidget()
        self._take_list.setObjectName("takes")
        self._take_list.setAccessibleName(self.tr("Takes of this clip"))
        self._take_list.currentItemChanged.connect(self._on_take)
        self._no_takes = QLabel()
        self._no_takes.setObjectName("faint")
        keys = FieldKeys(self)
        self._take_list.installEventFilter(keys)
        self._lay_out()

    # What is shown

    def show_clip(self, name: str, facts: str, state: str, tone: Tone) -> None:
        self._clip_name.setText(name)
        self._clip_facts.setText(facts)
        self._clip_facts.setVisible(bool(facts))
        self._clip_state.setText(state)
        self._clip_state.setVisible(bool(state))
        theme.set_tone(self._clip_state, tone)

    def show_takes(self, rows: Sequence[TakeRow], words: str) -> None:
        """The takes, or why none are shown."""
        self._no_takes.setText(words)
        self._take_list.blockSignals(True)
        self._take_list.clear()
        for row in rows:
            item = QListWidgetItem(row.words)
            item.setData(TAKE_ID_ROLE, row.take_id)
            item.setIcon(theme.icon("placed" if row.is_placed else "blank"))
            self._take_list.addItem(item)
            if row.is_placed:
                self._take_list.setCurrentItem(item)
        self._take_list.blockSignals(False)
        self._take_list.setVisible(bool(rows))
        self._no_takes.setVisible(not rows)

    def _on_take(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.take_chosen.emit(str(item.data(TAKE_ID_ROLE)))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(6)
        for widget in (self._clip_name, self._clip_facts, self._clip_state):
            layout.addWidget(widget)
        layout.addWidget(_rule())
        layout.addWidget(self.sound_form)
        layout.addSpacing(4)
        layout.addWidget(self.generate_button)
        layout.addWidget(_rule())
        layout.addWidget(_heading(self.tr("Takes")))
        layout.addWidget(self._no_takes)
        layout.addWidget(self._take_list, stretch=1)
        layout.addStretch()


def _generate_button(panel: SidePanel, generate: QAction) -> QPushButton:
    button = QPushButton(panel.tr("Generate foley"))
    button.setObjectName("primary")
    button.setIcon(theme.icon("generate-on-accent"))
    button.setIconSize(QSize(16, 16))
    button.setMinimumHeight(28)
    button.setToolTip(generate.toolTip())
    button.clicked.connect(generate.trigger)
    generate.changed.connect(lambda: button.setEnabled(generate.isEnabled()))
    return button


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("heading")
    return label


def _rule() -> QWidget:
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line
