"""The takes of one clip as a list that can be read aloud, renamed in place and dragged into another program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PyQt6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, Qt, QUrl, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.qtmodels.take_rows import TakeRow

ROW_ROLE = Qt.ItemDataRole.UserRole
"""The `TakeRow` itself, for who paints it."""


class TakeListModel(QAbstractListModel):
    """Rows as they are; whoever changes takes listens to the signals.

    `wav_of` gives the file that is dragged out; it may raise a `FoleyError`, which `failed` tells.
    """

    renamed = pyqtSignal(str, str)
    """A take's id and its new name."""
    failed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[TakeRow] = []
        self.wav_of: Callable[[str], Path] | None = None

    @property
    def rows(self) -> Sequence[TakeRow]:
        return self._rows

    def show(self, rows: Sequence[TakeRow]) -> None:
        """The same takes in the same order keep what is selected and edited."""
        before, self_rows = [row.take_id for row in self._rows], list(rows)
        after = [row.take_id for row in self_rows]
        if before == after:
            changed = [n for n, (old, new) in enumerate(zip(self._rows, rows, strict=True)) if old != new]
            self._rows = self_rows
            for number in changed:
                self.dataChanged.emit(self.index(number), self.index(number))
        elif after[: len(before)] == before:
            self.beginInsertRows(QModelIndex(), len(before), len(after) - 1)
            self._rows = self_rows
            self.endInsertRows()
            if before:
                self.dataChanged.emit(self.index(0), self.index(len(before) - 1))
        else:
            self.beginResetModel()
            self._rows = self_rows
            self.endResetModel()

    def row_at(self, index: QModelIndex) -> TakeRow | None:
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def index_of(self, take_id: str | None) -> QModelIndex:
        """Invalid where the take is not listed."""
        for number, row in enumerate(self._rows):
            if row.take_id == take_id:
                return self.index(number)
        return QModelIndex()

    # Qt

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return row.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self.spoken(row)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self.told(row))
            case _:
                return row if role == ROW_ROLE else None

    def setData(self, index: QModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.row_at(index)
        if row is None or role != Qt.ItemDataRole.EditRole:
            return False
        if str(value).strip() != row.name:
            self.renamed.emit(row.take_id, str(value))
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid():
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def supportedDragActions(self) -> Qt.DropAction:
        """Never a move: the take stays in its project."""
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData | None:
        """The takes' WAVs, slipped as they lie; None where a file cannot be had."""
        rows = [row for row in map(self.row_at, indexes) if row is not None]
        if self.wav_of is None or not rows:
            return None
        data = QMimeData()
        try:
            data.setUrls([QUrl.fromLocalFile(str(self.wav_of(row.take_id))) for row in rows])
        except FoleyError as error:
            self.failed.emit(error.sentence)
            return None
        return data

    # Words

    def sync_words(self, row: TakeRow) -> str:
        """Such as “sync 0.92, 12 ms late”; "" where it was not measured."""
        if row.sync is None:
            return ""
        if row.sync.offset_ms is None:
            return self.tr("sync {:.2f}").format(row.sync.f1_100ms)
        late_ms = round(row.sync.offset_ms)
        if late_ms == 0:
            return self.tr("sync {:.2f}, on time").format(row.sync.f1_100ms)
        words = self.tr("sync {:.2f}, {} ms late") if late_ms > 0 else self.tr("sync {:.2f}, {} ms early")
        return words.format(row.sync.f1_100ms, abs(late_ms))

    def slip_words(self, row: TakeRow) -> str:
        """Such as “slipped +2 frames”; "" where it was not slipped."""
        if not row.slip_frames:
            return ""
        whole = round(row.slip_frames)
        if abs(row.slip_frames - whole) < 1e-3:
            return self.tr("slipped {:+d} frames").format(whole)
        return self.tr("slipped {:+.2f} frames").format(row.slip_frames)

    def spoken(self, row: TakeRow) -> str:
        """The whole row in words, for a screen reader."""
        parts = [self.tr("Take {}").format(row.number) if row.number else "", row.name]
        parts += [
            self.tr("on the timeline") if row.is_placed else "",
            self.tr("favourite") if row.is_favourite else "",
            self.tr("in the trash") if row.is_trashed else "",
            self.sync_words(row),
            self.tr("rank {}").format(row.rank) if row.rank else "",
            self.slip_words(row),
        ]
        return ", ".join(part for part in parts if part)

    def told(self, row: TakeRow) -> str:
        """What rests under the mouse: all that is known, and what can be done."""
        lines = [row.name, self.sync_words(row), self.slip_words(row)]
        if row.number:
            lines.append(
                self.tr("Press {} to hear it on the timeline; drag it out to copy its WAV").format(row.number)
            )
        return "\n".join(line for line in lines if line)
