"""The page of the first start: what was found on this machine, and one button to hear it."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from foley_plugin.services.model_facts import ModelFacts
from foley_plugin.ui import theme
from foley_plugin.ui.icon_label import IconLabel
from foley_plugin.ui.palette import Tone

COLUMN_PX = 600


class FirstRun(QWidget):
    hear_asked = pyqtSignal()
    open_asked = pyqtSignal()
    card_asked = pyqtSignal()
    skipped = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        card = QFrame()
        card.setObjectName("drop")
        card.setProperty("plain", True)
        card.setFixedWidth(COLUMN_PX)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(32, 26, 32, 24)
        inside.setSpacing(14)
        title = QLabel(self.tr("Welcome to foley"))
        title.setFont(theme.ui_font(21, bold=True))
        words = QLabel(
            self.tr(
                "It watches the clips of your cut and makes sounds that hit the picture. Everything happens on this"
                " machine, and nothing is sent anywhere."
            )
        )
        words.setWordWrap(True)
        theme.set_tone(words, Tone.DIM)
        inside.addWidget(title)
        inside.addWidget(words)
        inside.addLayout(self._facts())
        inside.addSpacing(4)
        inside.addLayout(self._buttons())
        middle = QHBoxLayout()  # and no alignment, which would forget how high wrapped words are
        middle.addStretch()
        middle.addWidget(card)
        middle.addStretch()
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addLayout(middle)
        layout.addStretch(3)

    def show_engine(self, words: str, *, is_ready: bool, is_lost: bool = False) -> None:
        """What computes; the sound can be heard when the engine is ready."""
        self._show_fact(self._engine, words, "done" if is_ready else "error" if is_lost else "blank")

    def show_model(self, facts: ModelFacts) -> None:
        megabytes = round(facts.size_bytes / 1e6)
        size = self.tr("{name}, {megabytes} MB").format(name=facts.name, megabytes=megabytes)
        size = size if megabytes else facts.name
        licence = self.tr("licence {}").format(facts.licence) if facts.licence else ""
        self._show_fact(self._model, "  ·  ".join(filter(None, (size, licence))), "done")
        self.card_button.setVisible(facts.card is not None)

    def show_sound(self, device: str | None) -> None:
        words = device or self.tr("No audio device was found; plug one in to hear foley.")
        self._show_fact(self._sound, words, "done" if device else "warning")

    def show_working(self, is_working: bool) -> None:
        self.hear_button.setEnabled(not is_working)
        self.hear_button.setText(self.tr("Making the sound…") if is_working else self.tr("Hear it"))

    def _facts(self) -> QGridLayout:
        self._engine, self._model, self._sound = ((IconLabel(), QLabel()) for _ in range(3))
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        rows = (
            (self.tr("Computes"), self._engine),
            (self.tr("Model"), self._model),
            (self.tr("Sound"), self._sound),
        )
        for row, (name, (mark, words)) in enumerate(rows):
            heading = QLabel(name)
            heading.setObjectName("heading")
            words.setWordWrap(True)
            grid.addWidget(mark, row, 0)
            grid.addWidget(heading, row, 1)
            grid.addWidget(words, row, 2)
        self.card_button = QPushButton(self.tr("Model card"))
        self.card_button.clicked.connect(self.card_asked)
        self.card_button.hide()
        grid.addWidget(self.card_button, 1, 3)
        self._show_fact(self._engine, self.tr("Looking at this machine…"), "blank")
        self._show_fact(self._sound, self.tr("Looking for an audio device…"), "blank")
        return grid

    def _buttons(self) -> QHBoxLayout:
        self.hear_button = QPushButton(self.tr("Hear it"))
        self.hear_button.setObjectName("primary")
        self.hear_button.setToolTip(
            self.tr("Opens the demo cut, makes foley for its first clip, and plays it")
        )
        self.open_button = QPushButton(self.tr("Open a timeline…"))
        self.skip_button = QPushButton(self.tr("Go on"))
        row = QHBoxLayout()
        row.setSpacing(10)
        for button, signal in (
            (self.hear_button, self.hear_asked),
            (self.open_button, self.open_asked),
            (self.skip_button, self.skipped),
        ):
            button.setMinimumSize(130, 30)
            button.clicked.connect(signal)
        row.addWidget(self.hear_button)
        row.addWidget(self.open_button)
        row.addStretch()
        row.addWidget(self.skip_button)
        return row

    def _show_fact(self, fact: tuple[IconLabel, QLabel], words: str, icon: str) -> None:
        mark, label = fact
        mark.show_icon(icon)
        label.setText(words)
