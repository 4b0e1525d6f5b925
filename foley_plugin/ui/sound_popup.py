"""The list of sounds under a field: type to search, arrows to choose, Enter to take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QKeyEvent, QPainter
from PyQt6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from foley_plugin.qtmodels.sound_list import CHOSEN_ROLE, ROW_ROLE, SoundList
from foley_plugin.qtmodels.sound_words import RowKind, SoundRow
from foley_plugin.ui import theme
from foley_plugin.ui.field_keys import FieldKeys

HEIGHT_PX = 380
LEAST_WIDTH_PX = 260
ROW_PX = 24
MARK_PX = 12
RowsFor = Callable[[str], Sequence[SoundRow]]


class SoundPopup(QFrame):
    row_taken = pyqtSignal(object, bool)
    """A `SoundRow`, and whether it is to lie beside what is chosen already."""
    row_deleted = pyqtSignal(object)
    """A `SoundRow` of a cast, which is to be no more."""

    def __init__(self, parent: QWidget, *, takes_several: bool) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self._rows_for: RowsFor = lambda query: ()
        self._chosen: frozenset[str] = frozenset()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search sounds"))
        self.search.setAccessibleName(self.tr("Search sounds"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self._keys = FieldKeys(self)
        self.search.installEventFilter(self._keys)
        self.sounds = SoundList(self)
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Sounds"))
        self.list.setModel(self.sounds)
        self.list.setItemDelegate(_RowDelegate(self))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.clicked.connect(self._on_clicked)
        selection = self.list.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(lambda: self._on_current())
        self._nothing = QLabel()
        self._nothing.setObjectName("dim")
        self._nothing.setWordWrap(True)
        self._nothing.setContentsMargins(8, 8, 8, 8)
        self._hint = QLabel()
        self._hint.setObjectName("faint")
        self._hint.setVisible(takes_several)
        self._takes_several = takes_several
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(5)
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.list, stretch=1)
        column.addWidget(self._hint)

    def open_under(self, field: QWidget, rows_for: RowsFor, chosen: frozenset[str], empty_words: str) -> None:
        """
        Args:
            rows_for: the rows that a query finds.
            chosen: labels and casts that are chosen now; "" is the picture.
            empty_words: what is said where there is nothing to choose from.
        """
        self._rows_for, self._chosen = rows_for, chosen
        self._nothing.setText(empty_words)
        self.search.clear()
        self._fill()
        width = max(LEAST_WIDTH_PX, field.width())
        at = field.mapToGlobal(QPoint(0, field.height() + 2))
        screen = QGuiApplication.screenAt(at) or QGuiApplication.primaryScreen()
        if screen is not None:
            room = screen.availableGeometry()
            at.setY(max(room.top(), min(at.y(), room.bottom() - HEIGHT_PX)))
            at.setX(max(room.left(), min(at.x(), room.right() - width)))
        self.setGeometry(QRect(at, QSize(width, HEIGHT_PX)))
        self.show()
        self.search.setFocus()

    def take(self, index: QModelIndex, *, beside: bool = False) -> None:
        row = self.sounds.row(index)
        if row is None or row.kind is RowKind.HEADING:
            return
        self.hide()
        self.row_taken.emit(row, beside and self._takes_several)

    def _fill(self) -> None:
        query = self.search.text()
        rows = self._rows_for(query)
        self.sounds.show_rows(rows, self._chosen)
        self.list.setCurrentIndex(self.sounds.first_choice(prefer_chosen=not query))
        if rows and query:
            self.list.scrollToTop()
        self._nothing.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self._on_current()

    def _on_current(self) -> None:
        """The keys that can be pressed now; and, since the search keeps the focus, the row for a screen reader."""
        index = self.list.currentIndex()
        row = self.sounds.row(index)
        words = index.data(Qt.ItemDataRole.AccessibleTextRole)
        self.search.setAccessibleDescription(self._nothing.text() if row is None else str(words))
        is_cast = row is not None and row.kind is RowKind.CAST
        layers, casts = (
            self.tr("Enter takes it · Ctrl+Enter adds a layer"),
            self.tr("Enter takes it · Del deletes it"),
        )
        self._hint.setText(casts if is_cast else layers)

    def _delete(self) -> None:
        row = self.sounds.row(self.list.currentIndex())
        if row is not None and row.kind is RowKind.CAST:
            self.hide()
            self.row_deleted.emit(row)

    def _on_clicked(self, index: QModelIndex) -> None:
        held = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier
        self.take(index, beside=bool(held))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
            if event.key() in step:
                self._move(step[Qt.Key(event.key())])
                return True
            if event.key() == Qt.Key.Key_Delete and self.search.cursorPosition() == len(self.search.text()):
                self._delete()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
                self.take(self.list.currentIndex(), beside=bool(held))
                return True
        return super().eventFilter(watched, event)

    def _move(self, by: int) -> None:
        """To the next row that can be chosen, past headings."""
        count, number = self.sounds.rowCount(), self.list.currentIndex().row()
        number = min(max(0, number + by), count - 1)
        step = 1 if by > 0 else -1
        while 0 <= number < count:
            index = self.sounds.index(number)
            if index.flags() & Qt.ItemFlag.ItemIsSelectable:
                self.list.setCurrentIndex(index)
                return
            number += step


class _RowDelegate(QStyledItemDelegate):
    """A heading in small dim letters; a mark before what is chosen; how likely a suggestion is at its end."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(0, ROW_PX)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if painter is None or not isinstance(row, SoundRow):
            return
        worn, box = theme.palette(), option.rect
        painter.save()
        centre = Qt.AlignmentFlag.AlignVCenter
        if row.kind is RowKind.HEADING:
            painter.setFont(theme.ui_font(11, bold=True))
            painter.setPen(QColor(worn.text_dim))
            painter.drawText(box.adjusted(6, 4, -6, 0), centre, row.words)
            painter.restore()
            return
        ink, faint = worn.text, worn.text_dim
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(worn.accent))
            ink = faint = worn.on_accent
        painter.setFont(theme.ui_font())
        painter.setPen(QColor(ink))
        if index.data(CHOSEN_ROLE):
            painter.setFont(theme.ui_font(bold=True))
            painter.drawText(box.adjusted(7, 0, 0, 0), centre, "✓")
        likely = "" if row.probability is None else f"{row.probability:.0%}"
        room = painter.fontMetrics().horizontalAdvance(likely) + 10
        text_box = box.adjusted(10 + MARK_PX, 0, -room, 0)
        words = painter.fontMetrics().elidedText(row.words, Qt.TextElideMode.ElideRight, text_box.width())
        painter.drawText(text_box, centre, words)
        painter.setPen(QColor(faint))
        painter.drawText(box.adjusted(0, 0, -6, 0), centre | Qt.AlignmentFlag.AlignRight, likely)
        painter.restore()
