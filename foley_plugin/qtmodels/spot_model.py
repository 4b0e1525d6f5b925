"""The spot list as a table that a view shows, sorts and edits; every cell says itself to a screen reader."""

from __future__ import annotations

from collections.abc import Sequence, Set
from enum import IntEnum

from PyQt6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    Qt,
    pyqtSignal,
)

from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.qtmodels.spot_rows import SpotRow
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
HITS_TOLD = 12


class Column(IntEnum):
    IN = 0
    OUT = 1
    LENGTH = 2
    CLIP = 3
    TRACK = 4
    SOUND = 5
    HITS = 6
    TAKE = 7
    STATE = 8
    NOTE = 9


RIGHT = (Column.LENGTH, Column.HITS)
EDITED = (Column.SOUND, Column.NOTE)
_PLAIN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_EDITABLE = _PLAIN | Qt.ItemFlag.ItemIsEditable
"""Made once: a view asks for them at every cell of a selection."""


class SpotModel(QAbstractTableModel):
    sound_typed = pyqtSignal(object, str)
    """A `SpotRow` and what it shall sound like, in words."""
    note_typed = pyqtSignal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[SpotRow] = []
        self._rows: list[SpotRow] = []
        self._ruler: TimecodeRuler | None = None
        self._headings = headings()
        self._wanted: list[str] = []
        self._sorted_by, self._is_descending = Column.IN, False

    @property
    def rows(self) -> list[SpotRow]:
        """As they are shown: those that the filter finds, in the order that was asked for."""
        return self._rows

    @property
    def whole_count(self) -> int:
        return len(self._all)

    def has_cues_of(self, rows: Sequence[SpotRow], ruler: TimecodeRuler) -> bool:
        """Whether these are the cues it shows, so that they can change where they stand."""
        before = {(row.clip, row.slot) for row in self._all}
        return ruler == self._ruler and before == {(row.clip, row.slot) for row in rows}

    def show_rows(self, rows: Sequence[SpotRow], ruler: TimecodeRuler) -> None:
        """The same cues as before change where they stand, so that nothing moves under an editor's hand.

        Others begin a new table.
        """
        place_of = {(row.clip, row.slot): number for number, row in enumerate(self._rows)}
        is_same = self.has_cues_of(rows, ruler)
        self._all, self._ruler = list(rows), ruler
        if not is_same:
            self._lay_out()
            return
        for row in rows:
            number = place_of.get((row.clip, row.slot))
            if number is not None and self._rows[number] != row:
                self._rows[number] = row
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(Column) - 1))

    def set_filter(self, query: str) -> None:
        """Show rows that hold every word of the query, anywhere."""
        self._wanted = query.casefold().split()
        self._lay_out()

    def places_of(self, clips: Set[ClipKey]) -> list[int]:
        """Rows of these clips, in order."""
        return [number for number, row in enumerate(self._rows) if row.clip in clips]

    def _lay_out(self) -> None:
        """Sorted and filtered here: with thousands of rows a proxy asks for each cell too often."""
        found = [row for row in self._all if all(wanted in row.words for wanted in self._wanted)]
        self.beginResetModel()
        self._rows = sorted(found, key=self._order, reverse=self._is_descending)
        self.endResetModel()

    def row(self, index: QModelIndex) -> SpotRow | None:
        return self._rows[index.row()] if index.isValid() else None

    # QAbstractTableModel

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        return self._headings[section] if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _EDITABLE if index.column() in EDITED else _PLAIN

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if row is None:
            return None
        column = Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.EditRole:
                return (row.sound or "") if column is Column.SOUND else self._text(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(tip) if (tip := self._tip(row, column)) else None
            case Qt.ItemDataRole.AccessibleTextRole:
                text = self._text(row, column) or self.tr("none")
                return f"{self._headings[column]}: {text}"
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return self._tip(row, column)
            case _ if role == ROW_ROLE:
                return row
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by, self._is_descending = Column(column), order is Qt.SortOrder.DescendingOrder
        self._lay_out()

    def setData(self, index: QModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Says what was typed; the row changes when it has been kept."""
        row = self.row(index)
        if row is None or role != Qt.ItemDataRole.EditRole or value == self.data(index, role):
            return False
        if index.column() == Column.SOUND:
            self.sound_typed.emit(row, str(value))
        elif index.column() == Column.NOTE:
            self.note_typed.emit(row, str(value).strip())
        return True

    def _text(self, row: SpotRow, column: Column) -> str:
        assert self._ruler is not None
        match column:
            case Column.IN:
                return self._ruler.text(row.record_in_s)
            case Column.OUT:
                return self._ruler.text(row.record_out_s)
            case Column.LENGTH:
                return self.tr("{:.2f} s").format(row.record_out_s - row.record_in_s)
            case Column.CLIP:
                return row.name
            case Column.TRACK:
                return row.clip.track
            case Column.SOUND:
                if row.is_dropped:
                    return self.tr("Nothing any more")
                if row.sound is None and row.guess is not None:
                    return self.tr("From the picture: {}").format(row.guess)
                return row.sound or self.tr("From the picture")
            case Column.HITS:
                return "" if row.hits_s is None else str(len(row.hits_s))
            case Column.TAKE:
                if row.take is None and row.num_takes:
                    return self.tr("{} made, none on the timeline").format(row.num_takes)
                return row.take or ""
            case Column.STATE:
                return row.status.words
            case Column.NOTE:
                return row.note

    def _tip(self, row: SpotRow, column: Column) -> str | None:
        assert self._ruler is not None
        if column is Column.HITS and row.hits_s is None:
            return self.tr("Nobody has looked for hits yet: press H")
        if column is Column.HITS and row.hits_s:
            told = [self._ruler.text(row.record_in_s + hit_s) for hit_s in row.hits_s[:HITS_TOLD]]
            return "\n".join(told + ["…"] * (len(row.hits_s) > HITS_TOLD))
        if column is Column.TAKE and row.take is not None:
            return self.tr("{}, seed {}; {} takes in all").format(row.take, row.seed, row.num_takes)
        return self._text(row, column) or None

    def _order(self, row: SpotRow) -> tuple[float | str, float]:
        """What the sorted column sorts by; where that is the same, the timeline."""
        return self._worth(row), row.record_in_s

    def _worth(self, row: SpotRow) -> float | str:
        match self._sorted_by:
            case Column.IN:
                return row.record_in_s
            case Column.OUT:
                return row.record_out_s
            case Column.LENGTH:
                return row.record_out_s - row.record_in_s
            case Column.HITS:
                return -1 if row.hits_s is None else len(row.hits_s)
            case Column.STATE:
                return int(row.status.state)
            case column:
                return self._text(row, column).casefold()


def headings() -> list[str]:
    return [
        QCoreApplication.translate("SpotModel", "In"),
        QCoreApplication.translate("SpotModel", "Out"),
        QCoreApplication.translate("SpotModel", "Length"),
        QCoreApplication.translate("SpotModel", "Clip"),
        QCoreApplication.translate("SpotModel", "Track"),
        QCoreApplication.translate("SpotModel", "Sound"),
        QCoreApplication.translate("SpotModel", "Hits"),
        QCoreApplication.translate("SpotModel", "Take"),
        QCoreApplication.translate("SpotModel", "State"),
        QCoreApplication.translate("SpotModel", "Note"),
    ]


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
