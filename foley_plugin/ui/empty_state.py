"""What is shown while no cut is open: two ways in, the cuts of late, and a place to drop a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.services.settings import without_home
from foley_plugin.ui import theme
from foley_plugin.ui.actions import name_in_menu
from foley_plugin.ui.icon_label import IconLabel
from foley_plugin.ui.palette import Tone

COLUMN_PX = 560
ROW_AROUND_TEXT_PX = 48
"""Of a row: its icon and its margins."""
RECENT_ROW_PX = 28


class EmptyState(QWidget):
    open_asked = pyqtSignal()
    demo_asked = pyqtSignal()
    recent_asked = pyqtSignal(str)
    """A cut's path."""

    def __init__(self) -> None:
        super().__init__()
        self.drop_zone = QFrame()
        self.drop_zone.setObjectName("drop")
        self.drop_zone.setFixedWidth(COLUMN_PX)
        inside = QVBoxLayout(self.drop_zone)
        inside.setContentsMargins(28, 26, 28, 22)
        inside.setSpacing(12)
        for label in (IconLabel("foley", 64), self._title(), self._words()):
            inside.addWidget(label, alignment=Qt.AlignmentFlag.AlignHCenter)
        inside.addSpacing(6)
        inside.addLayout(self._buttons())
        self._hint = QLabel(self.tr("or drop a timeline here"))
        theme.set_tone(self._hint, Tone.FAINT)
        inside.addWidget(self._hint, alignment=Qt.AlignmentFlag.AlignHCenter)
        self._recent = QWidget()
        self._recent.setFixedWidth(COLUMN_PX)
        self._rows = QVBoxLayout(self._recent)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(18)
        layout.addStretch(2)
        for part in (self.drop_zone, self._recent):
            middle = QHBoxLayout()  # and no alignment, which would forget how high wrapped words are
            middle.addStretch()
            middle.addWidget(part)
            middle.addStretch()
            layout.addLayout(middle)
        layout.addStretch(3)
        self.show_recent([])

    def show_recent(self, cuts: Iterable[str]) -> None:
        """List these cuts, newest first; nothing at all where there are none."""
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.recent_buttons = [self._recent_button(cut) for cut in cuts]
        self._recent.setVisible(bool(self.recent_buttons))
        if not self.recent_buttons:
            return
        heading = QLabel(self.tr("Open again"))
        heading.setObjectName("heading")
        self._rows.addWidget(heading)
        for button in self.recent_buttons:
            self._rows.addWidget(button)

    def light_up(self, is_lit: bool) -> None:
        """A file is held over the window and may be let go."""
        self._hint.setText(self.tr("Let go to open it") if is_lit else self.tr("or drop a timeline here"))
        theme.set_tone(self._hint, Tone.ACCENT if is_lit else Tone.FAINT)
        self.drop_zone.setProperty("lit", is_lit)
        style = self.drop_zone.style()
        if style is not None:
            style.polish(self.drop_zone)

    def _title(self) -> QLabel:
        title = QLabel(self.tr("Foley that hits the picture"))
        title.setFont(theme.ui_font(21, bold=True))
        return title

    def _words(self) -> QLabel:
        words = QLabel(
            self.tr(
                "Open a timeline that your editor exported, pick clips, and hear them.\n"
                "Everything is made on this machine; your timeline is never changed."
            )
        )
        theme.set_tone(words, Tone.DIM)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words.setWordWrap(True)
        words.setMinimumWidth(COLUMN_PX - 60)
        return words

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

    def _recent_button(self, cut: str) -> QToolButton:
        path = Path(cut)
        button = QToolButton()
        button.setObjectName("row")
        room_px = COLUMN_PX - ROW_AROUND_TEXT_PX
        metrics = QFontMetrics(theme.ui_font())
        words = f"{path.name}    {without_home(str(path.parent))}"
        button.setText(name_in_menu(metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, room_px)))
        button.setIcon(theme.icon("open"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setToolTip(plain_tip(cut))
        button.setAccessibleName(self.tr("Open {}").format(path.name))
        button.setFixedSize(COLUMN_PX, RECENT_ROW_PX)
        button.clicked.connect(lambda: self.recent_asked.emit(cut))
        return button
