"""What the picture suggests, one press away; or the offer to look at it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from foley_plugin.qtmodels.sound_words import Guess, spoken

MAX_CHIPS = 3
SPACING_PX = 5


class SuggestionRow(QWidget):
    """As many chips as there is room for; all suggestions are in the field's list too."""

    label_taken = pyqtSignal(str)
    look_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._words = QLabel()
        self._words.setObjectName("faint")
        self.look_button = QPushButton()
        self.look_button.setObjectName("chip")
        self.look_button.setToolTip(
            self.tr("Find the hits and guess what makes the sound, without making any (H)")
        )
        self.look_button.clicked.connect(lambda: self.look_asked.emit())
        self.chips = [self._chip() for _ in range(MAX_CHIPS)]
        self._labels: list[str] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING_PX)
        row.addWidget(self._words)
        row.addWidget(self.look_button)
        for chip in self.chips:
            row.addWidget(chip)
        row.addStretch()
        self.show_words("", can_look=False)

    def show_words(self, words: str, *, can_look: bool, is_one: bool = True) -> None:
        """No suggestions: why, or a button that gets them, from one picture or from several."""
        self.look_button.setText(
            self.tr("Look at the picture") if is_one else self.tr("Look at the pictures")
        )
        self._labels = []
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self.look_button.setVisible(can_look)
        self._show_fitting()

    def show_guesses(self, guesses: Sequence[Guess], chosen: Sequence[str]) -> None:
        self._words.hide()
        self.look_button.hide()
        self._labels = [guess.label for guess in guesses[:MAX_CHIPS]]
        for chip, guess in zip(self.chips, guesses, strict=False):
            chip.setText(f"{spoken(guess.label)}  {guess.probability:.0%}")
            chip.setChecked(guess.label in chosen)
            words = self.tr("Suggested by the picture: {}, {:.0%} sure")
            chip.setAccessibleName(words.format(spoken(guess.label), guess.probability))
            chip.setToolTip(chip.accessibleName())
        self._show_fitting()

    def minimumSizeHint(self) -> QSize:
        """A chip that finds no room is left out, so none of them widens the panel."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._show_fitting()

    def _chip(self) -> QPushButton:
        chip = QPushButton()
        chip.setObjectName("chip")
        chip.setCheckable(True)
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.clicked.connect(lambda: self.label_taken.emit(self._labels[self.chips.index(chip)]))
        return chip

    def _show_fitting(self) -> None:
        room = self.width()
        for number, chip in enumerate(self.chips):
            room -= chip.sizeHint().width() + (SPACING_PX if number else 0)
            chip.setVisible(number < len(self._labels) and (number == 0 or room >= 0))
