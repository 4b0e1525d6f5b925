"""The spot list as a table that a view shows, sorts and edits; every cell says itself to a screen reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

from PyQt6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QSortFilterProxyModel,
    Qt,
    pyqtSignal,
)

from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.spot_rows import SpotRow
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
SORT_ROLE = ROW_ROLE + 1
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


class SpotModel(QAbstractTableModel):
    sound_typed = pyqtSignal(object, str)
    """A `SpotRow` and what it shall sound like, in words."""
    note_typed = pyqtSignal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[SpotRow] = []
        self._ruler: TimecodeRuler | None = None
        self._headings = headings()

    def show_rows(self, rows: Sequence[SpotRow], ruler: TimecodeRuler) -> None:
        """The same cues as before change in place; others begin a new table."""
        before, is_same = self.rows, self._ruler == ruler
        if (
            not is_same
            or len(rows) != len(before)
            or any(
                (one.clip, one.slot) != (two.clip, two.slot) for one, two in zip(rows, before, strict=True)
            )
        ):
            self.beginResetModel()
            self.rows, self._ruler = list(rows), ruler
            self.endResetModel()
            return
        self.rows = list(rows)
        changed = [number for number, row in enumerate(rows) if row != before[number]]
        for number in changed:
            self.dataChanged.emit(self.index(number, 0), self.index(number, len(Column) - 1))

    def row(self, index: QModelIndex) -> SpotRow | None:
        return self.rows[index.row()] if index.isValid() else None

    # QAbstractTableModel

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

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
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in EDITED else flags

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
                return self._tip(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                text = self._text(row, column) or self.tr("none")
                return f"{self._headings[column]}: {text}"
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return self._tip(row, column)
            case _ if role == SORT_ROLE:
                return self._order(row, column)
            case _ if role == ROW_ROLE:
                return row
        return None

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

    def _order(self, row: SpotRow, column: Column) -> object:
        match column:
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
            case _:
                return self._text(row, column).casefold()


class SpotOrder(QSortFilterProxyModel):
    """The rows that a filter finds, sorted by any column."""

    def __init__(self, model: SpotModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spots = model
        self._wanted: list[str] = []
        self.setSourceModel(model)
        self.setSortRole(SORT_ROLE)

    def set_filter(self, query: str) -> None:
        """Rows that hold every word of the query, anywhere."""
        self._wanted = query.casefold().split()
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        if not self._wanted:
            return True
        words = self._spots.rows[row].words
        return all(wanted in words for wanted in self._wanted)

    def spot(self, index: QModelIndex) -> SpotRow | None:
        return self._spots.row(self.mapToSource(index))

    def places_of(self, wanted: Callable[[ClipKey], bool]) -> list[int]:
        """Rows as they are shown, in order, of these clips."""
        places = (
            self.mapFromSource(self._spots.index(number, 0)).row()
            for number, row in enumerate(self._spots.rows)
            if wanted(row.clip)
        )
        return sorted(place for place in places if place >= 0)


def headings() -> list[str]:
    tr = QCoreApplication.translate
    return [
        tr("SpotModel", "In"),
        tr("SpotModel", "Out"),
        tr("SpotModel", "Length"),
        tr("SpotModel", "Clip"),
        tr("SpotModel", "Track"),
        tr("SpotModel", "Sound"),
        tr("SpotModel", "Hits"),
        tr("SpotModel", "Take"),
        tr("SpotModel", "State"),
        tr("SpotModel", "Note"),
    ]


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
