"""The spot list: a table of all cues, and what stands beside its tab."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRectF,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import QColor, QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QCompleter,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.spot_model import ROW_ROLE, Column, SpotModel, headings
from foley_plugin.qtmodels.spot_rows import SpotRow
from foley_plugin.ui import theme
from foley_plugin.ui.cell_editing import KeepingDelegate
from foley_plugin.ui.field_keys import FieldKeys
from foley_plugin.ui.status_marks import MARK_PX, paint_mark

ROW_PX = 25
MARK_ROOM_PX = 20
WIDTHS_PX = {
    Column.IN: 92,
    Column.OUT: 92,
    Column.LENGTH: 66,
    Column.CLIP: 210,
    Column.TRACK: 52,
    Column.SOUND: 170,
    Column.HITS: 46,
    Column.TAKE: 210,
    Column.STATE: 150,
}
_FLAGS = QItemSelectionModel.SelectionFlag
OWN_KEYS = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_F2,
}


class SpotTable(QTableView):
    """F2 edits, Enter or a double click goes there; the arrows move within the table."""

    go_asked = pyqtSignal(object)
    """A `SpotRow`."""
    menu_asked = pyqtSignal(QPoint)
    selection_changed = pyqtSignal()
    edit_ended = pyqtSignal()
    """A cell's editor has closed; what was typed is told already."""

    def __init__(self, spots: SpotModel, labels: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self.spots = spots
        self._is_told = False
        self.setObjectName("spots")
        self.setModel(spots)
        self.setAccessibleName(self.tr("Spot list"))
        self.setAccessibleDescription(self.tr("F2 edits sound and note, Enter moves the playhead to the cue"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.EditKeyPressed | triggers.SelectedClicked)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(KeepingDelegate(self))
        self.setItemDelegateForColumn(Column.STATE, _StateDelegate(self))
        self.setItemDelegateForColumn(Column.SOUND, _SoundDelegate(self, labels))
        self._set_headers()
        self.activated.connect(self._on_activated)
        selection = self.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(self._on_selection)

    @property
    def is_editing(self) -> bool:
        return self.state() is QAbstractItemView.State.EditingState

    def selected_clips(self) -> set[ClipKey]:
        selection = self.selectionModel()
        assert selection is not None
        chosen, rows = selection.selection(), self.spots.rows
        stretches = [chosen[number] for number in range(len(chosen))]
        return {row.clip for each in stretches for row in rows[each.top() : each.bottom() + 1]}

    def select_clips(self, keys: set[ClipKey]) -> None:
        """Show what is selected elsewhere, as far as the filter shows it; tells nobody."""
        if self.selected_clips() == keys & {row.clip for row in self.spots.rows}:
            return
        places = self.spots.places_of(keys)
        wanted = QItemSelection()
        for first, last in _runs(places):
            wanted.select(self.spots.index(first, 0), self.spots.index(last, len(Column) - 1))
        selection = self.selectionModel()
        assert selection is not None
        self._is_told = True
        selection.select(wanted, _FLAGS.ClearAndSelect)
        if places:
            first_index = self.spots.index(places[0], max(0, self.currentIndex().column()))
            selection.setCurrentIndex(first_index, _FLAGS.NoUpdate)
            self.scrollTo(first_index)
        self._is_told = False

    def copy_rows(self) -> None:
        """The selected rows as a spreadsheet takes them, headings first."""
        selection, clipboard = self.selectionModel(), QGuiApplication.clipboard()
        assert selection is not None and clipboard is not None
        chosen = selection.selection()
        numbers = sorted(
            {n for each in range(len(chosen)) for n in range(chosen[each].top(), chosen[each].bottom() + 1)}
        )
        lines = [headings(), *([str(self.spots.index(n, c).data()) for c in Column] for n in numbers)]
        clipboard.setText("\n".join("\t".join(line) for line in lines))

    def _on_selection(self) -> None:
        if not self._is_told:
            self.selection_changed.emit()

    def _on_activated(self, index: QModelIndex) -> None:
        row = self.spots.row(index)
        if row is not None:
            self.go_asked.emit(row)

    def _set_headers(self) -> None:
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None and columns is not None
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_PX)
        columns.setSortIndicator(Column.IN, Qt.SortOrder.AscendingOrder)
        columns.setHighlightSections(False)
        columns.setStretchLastSection(True)
        columns.setSectionsMovable(True)
        for column, width in WIDTHS_PX.items():
            self.setColumnWidth(column, max(width, columns.sectionSizeHint(column)))

    # Qt

    def closeEditor(self, editor: QWidget | None, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self.edit_ended.emit()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        assert event is not None
        self.menu_asked.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.key() in OWN_KEYS
            and not event.modifiers()
            & ~Qt.KeyboardModifier.KeypadModifier
            & ~Qt.KeyboardModifier.ShiftModifier
        ):
            event.accept()
            return True
        return super().event(event)


class SpotTools(QWidget):
    """The filter, how much it finds, and the way out as a cue sheet."""

    filter_typed = pyqtSignal(str)
    sheet_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter"))
        self.filter.setAccessibleName(self.tr("Filter the spot list"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(220)
        self.filter.textChanged.connect(self.filter_typed)
        self._keys = FieldKeys(self)
        self.filter.installEventFilter(self._keys)
        self._words = QLabel()
        self._words.setObjectName("dim")
        self.sheet_button = QPushButton(self.tr("Export cue sheet…"))
        self.sheet_button.setToolTip(
            self.tr("Write the cues that have a take as a table or as a page to print")
        )
        self.sheet_button.setStyleSheet("padding: 1px 10px;")
        self.sheet_button.clicked.connect(lambda: self.sheet_asked.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.filter)
        row.addWidget(self._words)
        row.addStretch()
        row.addWidget(self.sheet_button)

    def show_count(self, shown: int, whole: int) -> None:
        words = self.tr("{} cues").format(whole)
        if shown != whole:
            words = self.tr("{} of {} cues").format(shown, whole)
        self._words.setText(words)


class _StateDelegate(QStyledItemDelegate):
    """The mark of the timeline before the word."""

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if painter is None or not isinstance(row, SpotRow):
            return
        worn, box = theme.palette(), option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.fillRect(box, QColor(worn.line_soft))
        elif index.row() % 2:
            painter.fillRect(box, QColor(worn.panel))
        painter.save()
        mark = QRectF(box.left() + 7, box.center().y() - MARK_PX / 2 + 0.5, MARK_PX, MARK_PX)
        paint_mark(painter, mark, row.status)
        painter.setPen(QColor(worn.text if is_selected else worn.text_dim))
        inner = box.adjusted(MARK_ROOM_PX + 3, 0, -4, -1)
        words = painter.fontMetrics().elidedText(row.status.words, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class _SoundDelegate(KeepingDelegate):
    """A field that completes the model's sounds."""

    def __init__(self, parent: QTableView, labels: Callable[[], Sequence[str]]) -> None:
        super().__init__(parent)
        self._labels = labels

    def createEditor(
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget | None:
        line = QLineEdit(parent)
        line.setAccessibleName(self.tr("What makes the sound"))
        line.setPlaceholderText(self.tr("From the picture"))
        completer = QCompleter(list(self._labels()), line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        line.setCompleter(completer)
        return line


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers in order as first and last of those that follow each other."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
