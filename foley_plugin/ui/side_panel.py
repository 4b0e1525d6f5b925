"""Beside the picture: the clip, what sound to make for it, and the takes that there are."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from foley_plugin.ui import theme
from foley_plugin.ui.field_keys import FieldKeys
from foley_plugin.ui.palette import Tone

MAX_TAKES = 9
AUTO_SEED = -1
MAX_SEED = 2**31 - 1
FROM_PICTURE = "From the picture"


class SidePanel(QFrame):
    """The form above, the lanes of takes below."""

    def __init__(self, generate: QAction, lanes: QWidget) -> None:
        super().__init__()
        self._lanes = lanes
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
        self._label = _label_box(self)
        self._takes = _takes_box(self)
        self._seed = _seed_box(self)
        self.generate_button = _generate_button(self, generate)
        keys = FieldKeys(self)
        for field in (self._label, self._label.lineEdit(), self._takes, self._seed):
            if field is not None:
                field.installEventFilter(keys)
        self._lay_out()

    # What is asked for

    @property
    def label(self) -> str | None:
        """What sound; None takes it from the picture."""
        text = self._label.currentText().strip()
        return None if not text or text == self.tr(FROM_PICTURE) else text

    @property
    def num_takes(self) -> int:
        return self._takes.value()

    @property
    def seed(self) -> int | None:
        return None if self._seed.value() == AUTO_SEED else self._seed.value()

    def knows_label(self, label: str) -> bool:
        return self._label.findText(label, Qt.MatchFlag.MatchFixedString) >= 0

    def set_labels(self, labels: Sequence[str]) -> None:
        """The model's labels; the choice made so far stays."""
        chosen = self._label.currentText()
        self._label.clear()
        self._label.addItem(self.tr(FROM_PICTURE))
        self._label.addItems(sorted(labels))
        self._label.setCurrentText(chosen or self.tr(FROM_PICTURE))
        self._label.setEnabled(bool(labels))

    def set_label(self, label: str | None) -> None:
        self._label.setCurrentText(label or self.tr(FROM_PICTURE))

    def set_seed(self, seed: int | None) -> None:
        self._seed.setValue(AUTO_SEED if seed is None else seed)

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
        layout.addWidget(_heading(self.tr("Sound")))
        layout.addWidget(self._label)
        layout.addLayout(self._numbers())
        layout.addSpacing(4)
        layout.addWidget(self.generate_button)
        layout.addWidget(_rule())
        layout.addWidget(self._lanes, stretch=1)

    def _numbers(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for column, (words, box) in enumerate(
            ((self.tr("Takes"), self._takes), (self.tr("Seed"), self._seed))
        ):
            label = QLabel(words)
            label.setObjectName("dim")
            label.setBuddy(box)
            grid.addWidget(label, 0, column)
            grid.addWidget(box, 1, column)
        grid.setColumnStretch(1, 1)
        return grid


def _label_box(panel: SidePanel) -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setAccessibleName(panel.tr("What makes the sound"))
    box.setToolTip(panel.tr("What makes the sound; type to search. “From the picture” lets the model guess."))
    box.setMaxVisibleItems(18)
    box.addItem(panel.tr(FROM_PICTURE))
    completer = box.completer()
    if completer is not None:
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    line = box.lineEdit()
    if line is not None:
        line.returnPressed.connect(box.clearFocus)
    return box


def _takes_box(panel: SidePanel) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, MAX_TAKES)
    box.setAccessibleName(panel.tr("Number of takes"))
    box.setToolTip(panel.tr("How many takes to make, each with a seed of its own"))
    box.setMinimumWidth(64)
    return box


def _seed_box(panel: SidePanel) -> QSpinBox:
    box = QSpinBox()
    box.setRange(AUTO_SEED, MAX_SEED)
    box.setValue(AUTO_SEED)
    box.setSpecialValueText(panel.tr("New each time"))
    box.setAccessibleName(panel.tr("Seed"))
    box.setToolTip(panel.tr("The same seed, sound and picture give the same take"))
    return box


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
