"""The rows of `sound_words` as a list that a view shows."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from foley_plugin.qtmodels.sound_words import RowKind, SoundRow

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
CHOSEN_ROLE = ROW_ROLE + 1


class SoundList(QAbstractListModel):
    """Headings cannot be chosen; rows that are chosen now carry a mark."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[SoundRow] = []
        self._chosen: frozenset[str] = frozenset()

    def show_rows(self, rows: Sequence[SoundRow], chosen: frozenset[str]) -> None:
        """`chosen` holds labels and names of casts; "" is the picture."""
        self.beginResetModel()
        self._rows, self._chosen = list(rows), chosen
        self.endResetModel()

    def row(self, index: QModelIndex) -> SoundRow | None:
        return self._rows[index.row()] if index.isValid() else None

    def first_choice(self, *, prefer_chosen: bool) -> QModelIndex:
        """The row that Enter takes: the first that can be, or the first that is chosen already."""
        able = [number for number, row in enumerate(self._rows) if row.kind is not RowKind.HEADING]
        chosen = [number for number in able if self._rows[number].name in self._chosen]
        return self.index(((prefer_chosen and chosen) or able or [-1])[0])

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        row = self.row(index)
        if row is None or row.kind is RowKind.HEADING:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if row is None:
            return None
        is_chosen = row.kind is not RowKind.HEADING and row.name in self._chosen
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.words
            case Qt.ItemDataRole.AccessibleTextRole:
                likely = "" if row.probability is None else f", {row.probability:.0%}"
                return row.words + likely + (self.tr(", chosen") if is_chosen else "")
            case _ if role == ROW_ROLE:
                return row
            case _ if role == CHOSEN_ROLE:
                return is_chosen
        return None
