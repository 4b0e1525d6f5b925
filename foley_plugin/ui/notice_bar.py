"""One calm line for what went wrong or well; never a box in the way."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton

from foley_plugin.ui import theme
from foley_plugin.ui.icon_label import IconLabel
from foley_plugin.ui.panel_words import in_the_panel


class Severity(Enum):
    INFO = "info"
    DONE = "done"
    ERROR = "error"


class NoticeBar(QFrame):
    """Shows the newest notice until it is closed or replaced."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setAccessibleName(self.tr("Notice"))
        self._mark = IconLabel()
        self._sentence = QLabel()
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setAccessibleName(self.tr("What the notice says"))
        self._sentence.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.remedy_button = QPushButton()
        self.remedy_button.setAccessibleName(self.tr("What can be done"))
        self._act: Callable[[], object] | None = None
        self.remedy_button.clicked.connect(self._on_remedy)
        close = QToolButton()
        close.setIcon(theme.icon("close"))
        close.setToolTip(self.tr("Close this notice"))
        close.setAccessibleName(self.tr("Close notice"))
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 8, 7)
        layout.setSpacing(10)
        for widget in (self._mark, self._sentence, self.remedy_button, close):
            layout.addWidget(widget)
        self.hide()

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    def show_notice(
        self, sentence: str, severity: Severity, remedy: tuple[str, Callable[[], object]] | None = None
    ) -> None:
        """`remedy` is the word on a button and what it does."""
        sentence = in_the_panel(sentence)
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        self._mark.show_icon(severity.value)
        words, self._act = remedy if remedy is not None else ("", None)
        self.remedy_button.setText(words)
        self.remedy_button.setAccessibleName(words)
        self.remedy_button.setVisible(remedy is not None)
        self.setProperty("severity", severity.value)
        style = self.style()
        if style is not None:
            style.polish(self)
        self.show()

    def _on_remedy(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
