"""Numbers that may differ between the selected clips: then the field says so."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QSpinBox


class SharedSpinBox(QSpinBox):
    """One value below its range stands for "several", another one for a value that is none."""

    value_set = pyqtSignal(int)
    """By hand; never the value that stands for several."""

    def __init__(self, least: int, most: int, *, several: str, none: str = "") -> None:
        super().__init__()
        self._least, self._several, self._none = least, several, none
        self.setRange(least, most)
        self.setKeyboardTracking(False)
        self.valueChanged.connect(self._on_value)

    @property
    def is_being_typed(self) -> bool:
        """Whether something else stands in the field than its value: it counts with Return or the next field."""
        line = self.lineEdit()
        assert line is not None
        return self.hasFocus() and line.text() != self.textFromValue(self.value())

    def show_value(self, value: int, *, is_mixed: bool) -> None:
        with QSignalBlocker(self):
            self.setMinimum(self._least - 1 if is_mixed else self._least)
            self.setValue(self._least - 1 if is_mixed else value)

    def textFromValue(self, value: int) -> str:
        if value < self._least:
            return self._several
        if self._none and value == self._least:
            return self._none
        return super().textFromValue(value)

    def valueFromText(self, text: str | None) -> int:
        if text == self._several:
            return self._least - 1
        if self._none and text == self._none:
            return self._least
        return super().valueFromText(text)

    def _on_value(self, value: int) -> None:
        if value >= self._least:
            self.value_set.emit(value)
