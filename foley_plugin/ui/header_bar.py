"""The first line under the menus: which cut is open, and the way out of it."""

from __future__ import annotations

from fractions import Fraction

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from foley_plugin.timeline.records import CutRecord
from foley_plugin.ui import theme
from foley_plugin.ui.actions import Actions
from foley_plugin.ui.eliding_label import ElidingLabel
from foley_plugin.ui.palette import Tone

LEAST_NAME_PX = 160
WIDEST_PX = (1 << 24) - 1
"""Qt's own bound of a widget's width."""


class HeaderBar(QFrame):
    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setFixedHeight(40)
        self._name = ElidingLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._name.setFont(theme.ui_font(13, bold=True))
        self._facts = ElidingLabel()
        self._facts.setObjectName("dim")
        self.reading_mark = QLabel(self.tr("for reading only"))
        theme.set_tone(self.reading_mark, Tone.ACCENT)
        self.reading_mark.hide()
        open_button = QPushButton(" " + self.tr("Open…"))
        open_button.setIcon(theme.icon("open"))
        open_button.clicked.connect(actions["open"].trigger)
        self.export_button = QPushButton(" " + self.tr("Export timeline…"))
        self.export_button.setIcon(theme.icon("export"))
        self.export_button.clicked.connect(actions["export"].trigger)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 10, 0)
        row.setSpacing(10)
        row.addWidget(self._name)
        row.addWidget(self._facts)
        row.addWidget(self.reading_mark)
        row.addStretch()
        for button in (open_button, self.export_button):
            button.setIconSize(QSize(15, 15))
            button.setStyleSheet("padding: 3px 11px;")
            row.addWidget(button)

    def show_cut(self, cut: CutRecord) -> None:
        self._name.setText(cut.name)
        self._name.setToolTip(cut.path)
        rate = f"{float(Fraction(*cut.rate)):.3f}".rstrip("0").rstrip(".")
        able = sum(clip.eligible for clip in cut.clips)
        words = self.tr("{able} of {count} clips ready for foley")
        if any(clip.is_checking for clip in cut.clips):
            words = self.tr("{count} clips, checking their media")
        speed = self.tr("{} fps, drop-frame") if cut.drop_frame else self.tr("{} fps")
        self._facts.setText(f"{speed.format(rate)}   ·   {words.format(able=able, count=len(cut.clips))}")
        self._bound_name()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._bound_name()

    def _bound_name(self) -> None:
        """Of a long name and the facts the name gives way first; a layout would take as much from both."""
        self._name.setMaximumWidth(WIDEST_PX)
        others_px = self.sizeHint().width() - self._name.sizeHint().width()
        self._name.setMaximumWidth(max(LEAST_NAME_PX, self.width() - others_px))
