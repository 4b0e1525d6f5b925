"""What a newcomer sees: two ways in, and that a file may be dropped."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from foley_plugin.ui import theme


class EmptyState(QWidget):
    open_asked = pyqtSignal()
    demo_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        mark = QLabel()
        mark.setPixmap(theme.icon("foley").pixmap(QSize(72, 72)))
        title = QLabel(self.tr("Foley that hits the picture"))
        title.setFont(theme.ui_font(21, bold=True))
        words = QLabel(
            self.tr(
                "Open a timeline that your editor exported, pick clips, and hear them.\n"
                "Everything is made on this machine; your timeline is never changed."
            )
        )
        words.setObjectName("dim")
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        hint = QLabel(self.tr("or drop a timeline file anywhere in this window"))
        hint.setObjectName("faint")
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(2)
        for label in (mark, title, words):
            layout.addWidget(label, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(6)
        layout.addLayout(self._buttons())
        layout.addWidget(hint, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def _buttons(self) -> QHBoxLayout:
        self.open_button = QPushButton(self.tr("Open a timeline…"))
        self.open_button.setObjectName("primary")
        self.open_button.clicked.connect(self.open_asked)
        self.demo_button = QPushButton(self.tr("Try the demo cut"))
        self.demo_button.clicked.connect(self.demo_asked)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addStretch()
        for button in (self.open_button, self.demo_button):
            button.setMinimumWidth(160)
            button.setMinimumHeight(30)
            row.addWidget(button)
        row.addStretch()
        return row
