"""What the preflight found, a row each: how bad, what, what to do, and a mend where there is one."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from foley_plugin.qtmodels.export_plan import MendBoard
from foley_plugin.qtmodels.plain_tip import plain_tip
from foley_plugin.timeline.preflight.findings import Mend
from foley_plugin.ui import theme
from foley_plugin.ui.export_words import SEVERITY_ICONS, mend_words, severity_words
from foley_plugin.ui.panel_words import in_the_panel

SEVERITY, WHAT, REMEDY, MEND = range(4)
REMEDY_PX = 210
PADDING_PX = 18
"""Of a cell, both sides together, with the room that Qt leaves beside words."""
BOX_PX = 48
"""A check box and the room around it."""


class FindingsTable(QTableWidget):
    """A mend is ticked in its row, by mouse or by the space bar."""

    ticked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__(0, 4)
        self.board = MendBoard()
        headings = [self.tr("How bad"), self.tr("What"), self.tr("What to do"), self.tr("Mend")]
        self.setHorizontalHeaderLabels(headings)
        self.setAccessibleName(self.tr("What the preflight found"))
        self.setWordWrap(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_columns()
        self.itemChanged.connect(self._on_item)

    def show_board(self, board: MendBoard) -> None:
        self.blockSignals(True)
        self.board = board
        self.setRowCount(len(board.findings))
        for row in range(len(board.findings)):
            self._fill(row)
        self.blockSignals(False)
        self._fit_rows()

    def _fill(self, row: int) -> None:
        found = self.board.findings[row]
        severity = QTableWidgetItem(severity_words(found.severity))
        severity.setIcon(theme.icon(SEVERITY_ICONS[found.severity]))
        mend = QTableWidgetItem(mend_words(found.mend) if found.mend is not None else "")
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self.board.can_mend(row):
            mend.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
            is_ticked = self.board.is_ticked(row)
            mend.setCheckState(Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked)
        items = (
            severity,
            QTableWidgetItem(in_the_panel(found.what)),
            QTableWidgetItem(in_the_panel(found.remedy)),
            mend,
        )
        for column, item in enumerate(items):
            if item is not mend:
                item.setFlags(flags)
            item.setToolTip(plain_tip(item.text()))
            self.setItem(row, column, item)

    def _fit_rows(self) -> None:
        """As high as the wrapped words need; Qt's own way forgets the style sheet's padding."""
        metrics, flags = self.fontMetrics(), Qt.TextFlag.TextWordWrap.value
        for row in range(self.rowCount()):
            heights_px = []
            for column in (WHAT, REMEDY):
                item, width_px = self.item(row, column), self.columnWidth(column) - PADDING_PX
                words = item.text() if item is not None else ""
                heights_px.append(metrics.boundingRect(0, 0, width_px, 10_000, flags, words).height())
            self.setRowHeight(row, max(*heights_px, metrics.height()) + PADDING_PX)

    def _set_columns(self) -> None:
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None and columns is not None
        rows.hide()
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        columns.setSectionResizeMode(SEVERITY, QHeaderView.ResizeMode.ResizeToContents)
        self.setColumnWidth(REMEDY, REMEDY_PX)
        widest_px = max(self.fontMetrics().horizontalAdvance(mend_words(mend)) for mend in Mend)
        self.setColumnWidth(MEND, widest_px + BOX_PX)
        columns.sectionResized.connect(self._fit_rows)

    def _on_item(self, item: QTableWidgetItem) -> None:
        if item.column() == MEND:
            self.board.tick(item.row(), item.checkState() is Qt.CheckState.Checked)
            self.ticked.emit()
