"""The last line of the window: how the engine stands, what runs, and a way to stop it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton

from foley_plugin.ui import theme
from foley_plugin.ui.eliding_label import ElidingLabel
from foley_plugin.ui.palette import Tone


class StatusStrip(QFrame):
    cancel_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setFixedHeight(30)
        self._lamp = QLabel("●")
        self._lamp.setObjectName("lamp")
        self._engine = QLabel()
        self._engine.setTextFormat(Qt.TextFormat.PlainText)
        self._engine.setObjectName("dim")
        self._message = ElidingLabel(takes_rest=True)
        self._message.setObjectName("dim")
        self.job_label = ElidingLabel()
        self.job_label.setObjectName("dim")
        self.progress_bar = QProgressBar()
        self.progress_bar.setTextVisible(False)
        self.progress_bar.setFixedWidth(180)
        self.progress_bar.setRange(0, 1000)
        self.progress_bar.setAccessibleName(self.tr("Progress of the running job"))
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setToolTip(
            self.tr("Stop the running job and those behind it; finished takes stay (Shift+Esc)")
        )
        self.cancel_button.setStyleSheet("padding: 1px 10px;")
        self.cancel_button.clicked.connect(self.cancel_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 8, 3)
        layout.setSpacing(8)
        layout.addWidget(self._lamp)
        layout.addWidget(self._engine)
        layout.addSpacing(16)
        layout.addWidget(self._message, stretch=1)
        for widget in (self.job_label, self.progress_bar, self.cancel_button):
            layout.addWidget(widget)
        self.show_idle()

    def show_engine(self, words: str, tone: Tone = Tone.FAINT) -> None:
        self._engine.setText(words)
        theme.set_tone(self._lamp, tone)

    def show_message(self, words: str) -> None:
        self._message.setText(words)

    def show_job(self, words: str, fraction: float) -> None:
        self.job_label.setText(words)
        self.progress_bar.setValue(round(fraction * 1000))
        for widget in (self.progress_bar, self.cancel_button):
            widget.show()

    def show_idle(self) -> None:
        self.job_label.clear()
        for widget in (self.progress_bar, self.cancel_button):
            widget.hide()
